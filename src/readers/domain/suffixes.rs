//! `netdom trust <trusting> /namesuffixes:<trusted>`.

use super::{DomainRecords, NameSuffix, Routing};
use crate::bundle::{Tool, suffix_line};
use crate::evidence::{ArtifactId, Cited, Known};
use crate::readers::console::Section;

pub(super) fn read(artifact: ArtifactId, section: &Section<'_>, records: &mut DomainRecords) {
    let command = section.commands_of(Tool::Domain).next();
    let arguments = || command.into_iter().flat_map(|command| &command.arguments);
    // Other lists of `netdom` have rows with commas, too.
    let lists_others = command.is_some_and(|c| c.name != "netdom")
        || arguments().any(|word| word.eq_ignore_ascii_case("query"));
    if lists_others {
        return;
    }
    let trust = arguments().find_map(|word| {
        let (option, value) = word.split_once(':')?;
        let option = option.trim_start_matches(['/', '-']);
        option
            .eq_ignore_ascii_case("namesuffixes")
            .then(|| value.to_owned())
    });
    let of = arguments()
        .nth(1)
        .filter(|word| !word.starts_with(['/', '-']));
    for line in &section.lines {
        let Some(parts) = suffix_line(line.text) else {
            continue;
        };
        let [name, _, state, notes @ ..] = parts.as_slice() else {
            continue;
        };
        let from = line.cite(artifact);
        let routed = match state.to_ascii_lowercase().as_str() {
            "enabled" => Some(Routing::Enabled),
            word if word.contains("conflict") => Some(Routing::Conflicting),
            word if word.contains("disabled") => Some(Routing::Disabled),
            _ => None,
        };
        records.suffixes.push(NameSuffix {
            of: of.cloned(),
            trust: trust.clone(),
            name: (*name).to_owned(),
            routed: routed.map_or(Known::Unknown, |routed| {
                Known::Present(Cited::new(routed, from.clone()))
            }),
            notes: notes.first().map(|notes| (*notes).to_owned()),
            from,
        });
    }
}
