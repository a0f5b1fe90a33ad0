//! The long forms of appcmd: `/xml`, `/text:*` and the fragments of `list config`, found among other lines and read as
//! elements.

use std::sync::Arc;

use super::super::console::{Command, Line};
use super::super::iis_config::{AppcmdOutput, Node, split_bindings};
use super::short::site_and_path;
use super::{Found, IisState, Pool, Request, Site};

/// Objects in the form `/text:*`, alone on their line.
const TEXT_OBJECTS: [&str; 8] = [
    "SITE", "APP", "VDIR", "APPPOOL", "WP", "REQUEST", "MODULE", "CONFIG",
];

/// The three long forms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `<appcmd> … </appcmd>`.
    Xml,
    /// `<system.webServer> … </system.webServer>`, again and again.
    Fragments,
    /// `SITE`, then indented `SITE.NAME:"x"`.
    Text,
}

fn form<'a>(mut lines: impl Iterator<Item = &'a str>) -> Option<Form> {
    let first = lines.next()?.trim_end();
    let shown = first.trim_start();
    if shown.starts_with("<appcmd") {
        return Some(Form::Xml);
    }
    if shown.starts_with("<?xml") {
        let inside = shown.contains("<appcmd");
        let next = lines.map(str::trim_start).find(|line| !line.is_empty());
        return (inside || next.is_some_and(|line| line.starts_with("<appcmd")))
            .then_some(Form::Xml);
    }
    if first.starts_with("<system.webServer>")
        || first.starts_with("<system.web>")
        || first.starts_with("<system.applicationHost>")
    {
        return Some(Form::Fragments);
    }
    if TEXT_OBJECTS.contains(&first) {
        let next = lines.next()?;
        let name = next.trim_start();
        let indented = next.len() > name.len();
        return (indented && name.contains(":\"")).then_some(Form::Text);
    }
    None
}

/// Reads a long form that begins with the first line; how many lines it has.
pub(super) fn take(
    found: &mut Found,
    command: Option<&Command>,
    lines: &[Line<'_>],
) -> Option<usize> {
    let form = form(lines.iter().map(|line| line.text))?;
    let taken = length(form, lines);
    let own = lines.get(..taken).unwrap_or(lines);
    let numbered: Vec<(u32, &str)> = own.iter().map(|line| (line.number, line.text)).collect();
    let asked = (form == Form::Fragments).then(|| command.and_then(asked_path));
    let (output, problems) = AppcmdOutput::read(found.artifact, &numbered, asked.flatten());
    found.problems.extend(problems);
    for object in output.objects() {
        if let Some(state) = state(object) {
            found.cited(state, object.cite(found.artifact));
        }
    }
    let first = output
        .objects()
        .next()
        .map(|first| first.cite(found.artifact));
    if let Some(from) = first.filter(|_| output.holds_configuration()) {
        found.cited(IisState::Configuration(Arc::new(output)), from);
    }
    Some(taken)
}

fn length(form: Form, lines: &[Line<'_>]) -> usize {
    match form {
        Form::Xml => lines
            .iter()
            .position(|line| line.text.contains("</appcmd>"))
            .map_or(lines.len(), |at| at + 1),
        Form::Fragments => {
            let xml = |line: &Line<'_>| {
                let shown = line.text.trim_start();
                shown.is_empty()
                    || (shown.starts_with('<')
                        && !shown.starts_with("<appcmd")
                        && !shown.starts_with("<?xml"))
            };
            lines
                .iter()
                .position(|line| !xml(line))
                .unwrap_or(lines.len())
        }
        Form::Text => {
            let own = |line: &Line<'_>| {
                line.is_blank()
                    || line.text.starts_with([' ', '\t'])
                    || TEXT_OBJECTS.contains(&line.text.trim_end())
            };
            lines
                .iter()
                .position(|line| !own(line))
                .unwrap_or(lines.len())
        }
    }
}

/// The path in `appcmd list config "Site/app" -section:…`; empty for the server.
fn asked_path(command: &Command) -> Option<String> {
    if command.name != "appcmd" {
        return None;
    }
    let mut words = command.arguments.iter();
    words.find(|word| word.eq_ignore_ascii_case("config"))?;
    let path = words.find(|word| !word.starts_with(['-', '/']));
    Some(path.cloned().unwrap_or_default())
}

/// What an object says beside its configuration.
fn state(object: Node<'_>) -> Option<IisState> {
    let text = |name: &str| object.attribute(name).map(str::to_owned);
    let shown = |name: &str| text(name).filter(|value| !value.is_empty());
    match object.name() {
        "SITE" => Some(IisState::Site(Site {
            name: shown("SITE.NAME")?,
            id: shown("SITE.ID").and_then(|id| id.parse().ok()),
            state: shown("state"),
            bindings: split_bindings(object.attribute("bindings").unwrap_or_default())
                .map(|(protocol, information)| (protocol.to_owned(), information.to_owned()))
                .collect(),
        })),
        "APP" => {
            let (site, path) = site_and_path(&shown("APP.NAME")?);
            Some(IisState::Application {
                site: Some(site),
                path,
                pool: shown("APPPOOL.NAME")?,
            })
        }
        "APPPOOL" => {
            let models: Vec<Node<'_>> = object.below(&["add", "processModel"]);
            let of_model = |name: &str| models.first().and_then(|model| model.attribute(name));
            let identity = match of_model("identityType") {
                Some("SpecificUser") => of_model("userName"),
                other => other,
            };
            Some(IisState::Pool(Pool {
                name: shown("APPPOOL.NAME")?,
                state: shown("state"),
                runtime: text("RuntimeVersion"),
                pipeline: shown("PipelineMode"),
                identity: identity.map(str::to_owned),
            }))
        }
        "WP" => Some(IisState::WorkerProcess {
            pid: shown("WP.NAME")?.parse().ok()?,
            pool: shown("APPPOOL.NAME")?,
        }),
        "REQUEST" => {
            let url = [shown("Verb"), shown("Url")];
            let url = url.into_iter().flatten().collect::<Vec<_>>().join(" ");
            Some(IisState::Request(Request {
                url: url.split('?').next().unwrap_or_default().to_owned(),
                stage: shown("PipelineState"),
                module: shown("CurrentModule"),
                milliseconds: shown("TimeElapsed").and_then(|time| time.parse().ok()),
            }))
        }
        "MODULE" => Some(IisState::Module(shown("MODULE.NAME")?)),
        _ => None,
    }
}
