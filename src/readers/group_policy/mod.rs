//! `gpresult /r`, `/v`, `/z`: which policies are in force on a machine, as far as they matter to logons.
//!
//! ```text
//! RSOP data for CORP\uma on WEB01 : Logging Mode
//! -----------------------------------------------
//! …
//!         User Rights
//!         -----------
//!             GPO: Hardening
//!                 Policy:            DenyNetworkLogonRight
//!                 Computer Setting:  CORP\Contractors
//!                                    Guests
//! ```
//!
//! gives the machine, the policies applied to it, who is denied network logons by which policy, and the Kerberos settings.
//! Labels are translated; names of rights and settings, registry paths, numbers and the order of lines are not. `/r` shows
//! no settings: then rights are not known. What `/v` does not list is set by no policy, and the machine's own value counts.

mod settings;
#[cfg(test)]
mod tests;

use super::Reading;
use super::console::{Line, Section, Tool};
use super::directory::times;
use crate::bundle::underlines;
use crate::evidence::{ArtifactId, Citation, Cited, Problem, When};

/// A user right that a policy sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRight {
    /// Its constant, as `SeDenyNetworkLogonRight`.
    pub right: String,
    /// Who has it, as printed: names, or SIDs after a star.
    pub accounts: Vec<Cited<String>>,
    /// The policy that sets it.
    pub policy: Option<String>,
    /// Where it stands.
    pub from: Citation,
}

/// A Kerberos setting of the account policies, such as `MaxClockSkew`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySetting {
    /// Its name: `MaxClockSkew` (minutes), `MaxTicketAge` and `MaxServiceAge` (hours, minutes), `MaxRenewAge` (days).
    pub name: String,
    /// Its value, as printed.
    pub value: Cited<String>,
    /// The policy that sets it.
    pub policy: Option<String>,
}

/// The policies in force, as one run shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyResult {
    /// The machine.
    pub computer: Option<Cited<String>>,
    /// The user of the session.
    pub user: Option<Cited<String>>,
    /// Version of Windows, as `10.0.17763`.
    pub os_version: Option<Cited<String>>,
    /// The machine's site in the directory.
    pub site: Option<Cited<String>>,
    /// The computer's distinguished name.
    pub computer_dn: Option<Cited<String>>,
    /// When the policies were applied to the machine last.
    pub applied_at: Option<Cited<When>>,
    /// The domain controller that they came from.
    pub applied_from: Option<Cited<String>>,
    /// Short name of the machine's domain.
    pub domain: Option<Cited<String>>,
    /// Policies that apply to the machine.
    pub policies: Vec<Cited<String>>,
    /// User rights that policies set.
    pub rights: Vec<PolicyRight>,
    /// Kerberos settings of the account policies.
    pub settings: Vec<PolicySetting>,
    /// `SupportedEncryptionTypes`: which types the machine's policy allows, as bits.
    pub etypes: Option<Cited<u32>>,
    /// The machine, where a prompt names it.
    pub host: Option<String>,
    /// Where the output begins.
    pub from: Citation,
}

impl PolicyResult {
    fn new(from: Citation, host: Option<String>) -> Self {
        Self {
            computer: None,
            user: None,
            os_version: None,
            site: None,
            computer_dn: None,
            applied_at: None,
            applied_from: None,
            domain: None,
            policies: Vec::new(),
            rights: Vec::new(),
            settings: Vec::new(),
            etypes: None,
            host,
            from,
        }
    }

    /// A right, where one policy alone sets it: `/z` shows those that lost as well, without saying which won.
    pub fn right(&self, name: &str) -> Option<&PolicyRight> {
        let mut all = self.rights.iter().filter(|right| right.right == name);
        all.next().filter(|_| all.next().is_none())
    }
}

/// Reads the sections of a console file that hold output of gpresult.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<PolicyResult>> {
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for section in sections
        .iter()
        .filter(|s| s.tool == Some(Tool::GroupPolicy))
    {
        let Some(first) = section.lines.iter().find(|line| !line.is_blank()) else {
            continue;
        };
        let mut result = PolicyResult::new(first.cite(artifact), section.host.clone());
        heading(artifact, &section.lines, &mut result);
        computer(artifact, &section.lines, &mut result);
        settings::take(artifact, &section.lines, &mut result);
        if result.computer.is_some() || !result.rights.is_empty() || result.etypes.is_some() {
            records.push(result);
        } else {
            problems.push(Problem::new(
                artifact,
                first.place(),
                "no machine and no setting could be read here; the output of gpresult was skipped (the HTML report is not read: use gpresult /z)",
            ));
        }
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems,
    }
}

/// The label and the value of `Label:   value`.
fn pair<'a>(line: &Line<'a>) -> Option<(&'a str, &'a str)> {
    let (label, value) = line.text.split_once([':', '：'])?;
    Some((label.trim(), value.trim()))
}

fn is_underlined(lines: &[Line<'_>], at: usize) -> bool {
    let text = |at: usize| lines.get(at).map_or("", |line| line.text);
    underlines(text(at), text(at + 1))
}

/// `RSOP data for CORP\uma on WEB01 : Logging Mode`, and the block below it: the version, then the site.
fn heading(artifact: ArtifactId, lines: &[Line<'_>], result: &mut PolicyResult) {
    let named = |at: &usize| {
        is_underlined(lines, *at) && lines.get(*at).is_some_and(|l| l.text.contains([':', '：']))
    };
    let Some(at) = (0..lines.len()).find(named) else {
        return;
    };
    let Some(line) = lines.get(at) else { return };
    let cite = |value: &str| Some(Cited::new(value.to_owned(), line.cite(artifact)));
    let before = line
        .text
        .rsplit_once([':', '：'])
        .map_or("", |(before, _)| before);
    let words: Vec<&str> = before.split_ascii_whitespace().collect();
    result.computer = words
        .last()
        .filter(|word| !word.contains('\\'))
        .and_then(|w| cite(w));
    // The account's name may hold blanks; what is sure is the part up to the first.
    result.user = words
        .iter()
        .find(|word| word.contains('\\'))
        .and_then(|w| cite(w));
    let block = lines.iter().skip(at + 2).skip_while(|line| line.is_blank());
    let mut version = false;
    for line in block.take_while(|line| !line.is_blank()) {
        let Some((_, value)) = pair(line) else {
            continue;
        };
        let cited = Cited::new(value.to_owned(), line.cite(artifact));
        let dotted = value
            .split('.')
            .filter(|part| part.parse::<u32>().is_ok())
            .count()
            >= 3;
        if version {
            result.site = Some(cited).filter(|site| !site.value.is_empty() && site.value != "N/A");
            return;
        }
        if dotted {
            version = true;
            result.os_version = Some(cited);
        }
    }
}

/// The block of the computer: its distinguished name, then time, domain controller, speed, domain; then, under the first
/// title, the policies that apply.
fn computer(artifact: ArtifactId, lines: &[Line<'_>], result: &mut PolicyResult) {
    let Some(name) = result.computer.as_ref().map(|name| name.value.clone()) else {
        return;
    };
    let own = |line: &Line<'_>| {
        let text = line.text.trim();
        let cn = text
            .get(..3)
            .is_some_and(|key| key.eq_ignore_ascii_case("CN="));
        cn && text.contains("DC=")
            && text
                .get(3..)
                .and_then(|rest| rest.split(',').next())
                .is_some_and(|cn| cn.eq_ignore_ascii_case(&name))
    };
    let Some(at) = lines.iter().position(own) else {
        return;
    };
    let order = times::order(lines.iter().take(at + 8).map(|line| line.text));
    result.computer_dn =
        (lines.get(at)).map(|line| Cited::new(line.text.trim().to_owned(), line.cite(artifact)));
    let below = lines
        .iter()
        .skip(at + 1)
        .take_while(|line| !line.is_blank());
    for (position, line) in below.take(5).enumerate() {
        let Some((_, value)) = pair(line).filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        let cite = || line.cite(artifact);
        match position {
            0 => result.applied_at = applied_at(value, order).map(|when| Cited::new(when, cite())),
            1 => result.applied_from = Some(Cited::new(value.to_owned(), cite())),
            3 => result.domain = Some(Cited::new(value.to_owned(), cite())),
            _ => {}
        }
    }
    let titled = (at..lines.len()).find(|at| is_underlined(lines, *at));
    let Some(titled) = titled else { return };
    let rows = lines
        .iter()
        .skip(titled + 2)
        .take_while(|line| !line.is_blank());
    result.policies = rows
        .map(|line| Cited::new(line.text.trim().to_owned(), line.cite(artifact)))
        .collect();
}

/// `3/2/2026 at 8:44:10 AM`: the word between is translated.
fn applied_at(value: &str, order: Option<times::Order>) -> Option<When> {
    let plain: String = value
        .chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}'))
        .collect();
    let mut words = plain.split_ascii_whitespace();
    let date = words.next()?;
    let rest: Vec<&str> = words.skip_while(|word| !word.contains(':')).collect();
    times::when(&format!("{date} {}", rest.join(" ")), order)
}
