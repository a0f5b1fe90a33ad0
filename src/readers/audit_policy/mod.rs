//! `auditpol`: what is audited of logons and tickets.
//!
//! ```text
//! Kategorie/Unterkategorie                  Einstellung
//! System
//!   Sicherheitssystemerweiterung            Keine Überwachung
//!   …
//! An-/Abmeldung
//!   Anmelden                                Erfolg und Fehler
//! ```
//!
//! or, with `/r`, CSV with the number of every subcategory. Only the subcategories whose events this analysis reads are
//! kept. Names and settings are translated: without numbers the place in the list says which subcategory it is, and the
//! setting that is made of two others says what these are.

mod csv;
mod list;
#[cfg(test)]
mod tests;

use super::Reading;
use super::console::{Line, Section, Tool};
use crate::evidence::{ArtifactId, Citation, Problem};

/// What is audited of one subcategory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSetting {
    /// The machine: named by the report or the prompt; `None` where neither names one.
    pub host: Option<String>,
    /// Of what.
    pub subcategory: Subcategory,
    /// Successes are audited.
    pub success: bool,
    /// Failures are audited.
    pub failure: bool,
    /// Where it stands.
    pub from: Citation,
}

/// The subcategories whose events matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subcategory {
    /// 4624 and 4625.
    Logon,
    /// 4769.
    ServiceTickets,
    /// 4768 and 4771.
    FirstTickets,
    /// 4776.
    CredentialValidation,
}

impl Subcategory {
    /// Its English name.
    pub fn shown(self) -> &'static str {
        let mut all = SUBCATEGORIES.iter();
        all.find(|(own, ..)| *own == self)
            .map_or("", |(_, _, name, ..)| name)
    }
}

/// Settings of auditing: success, failure.
type Audited = (bool, bool);

/// Each subcategory with the start of its number, its English name, and its place in a report of all nine categories:
/// the category, counted from 0, and the row in it.
const SUBCATEGORIES: [(Subcategory, &str, &str, usize, usize); 4] = [
    (Subcategory::Logon, "0CCE9215", "Logon", 1, 0),
    (
        Subcategory::ServiceTickets,
        "0CCE9240",
        "Kerberos Service Ticket Operations",
        8,
        0,
    ),
    (
        Subcategory::FirstTickets,
        "0CCE9242",
        "Kerberos Authentication Service",
        8,
        2,
    ),
    (
        Subcategory::CredentialValidation,
        "0CCE923F",
        "Credential Validation",
        8,
        3,
    ),
];

/// What the words of a report mean, learnt from the words themselves.
#[derive(Default)]
struct Words {
    success: Option<String>,
    failure: Option<String>,
    both: Option<String>,
    known: usize,
}

impl Words {
    /// The setting that begins with one of the others, or ends with one, is the one of both.
    fn learn<'a>(settings: impl Iterator<Item = &'a str>) -> Self {
        let mut all: Vec<String> = settings.map(str::to_lowercase).collect();
        all.sort();
        all.dedup();
        let part = |whole: &str, part: &str| whole.len() > part.len() + 1;
        let begun = |both: &String| {
            all.iter()
                .find(|one| part(both, one) && both.starts_with(one.as_str()))
        };
        let ended = |both: &String| {
            all.iter()
                .find(|one| part(both, one) && both.ends_with(one.as_str()))
        };
        let both = all
            .iter()
            .find(|s| begun(s).is_some() || ended(s).is_some());
        Self {
            success: both.and_then(begun).cloned(),
            failure: both.and_then(ended).cloned(),
            both: both.cloned(),
            known: all.len(),
        }
    }

    fn meaning(&self, setting: &str) -> Option<Audited> {
        match setting {
            "No Auditing" => return Some((false, false)),
            "Success" => return Some((true, false)),
            "Failure" => return Some((false, true)),
            "Success and Failure" => return Some((true, true)),
            _ => {}
        }
        let setting = Some(setting.to_lowercase());
        if setting == self.both && self.both.is_some() {
            Some((true, true))
        } else if setting == self.success {
            Some((true, false))
        } else if setting == self.failure {
            Some((false, true))
        } else {
            // What is left is "no auditing", once both of the others are told.
            let told = self.success.is_some() && (self.failure.is_some() || self.known <= 3);
            told.then_some((false, false))
        }
    }
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<AuditSetting>> {
    let mut records: Vec<AuditSetting> = Vec::new();
    let mut problems = Vec::new();
    for section in sections
        .iter()
        .filter(|s| s.tool == Some(Tool::AuditPolicy))
    {
        let shown = |line: &&Line<'_>| !line.is_blank();
        let found = match section
            .lines
            .iter()
            .any(|line| line.text.contains(",{0CCE92"))
        {
            true => csv::read(artifact, section),
            false => list::read(artifact, section),
        };
        if let (true, Some(line)) = (found.is_empty(), section.lines.iter().find(shown)) {
            let says = "what is audited could not be read here; auditpol /get /category:* /r is read in every language";
            problems.push(Problem::new(artifact, line.place(), says));
        }
        records.extend(found);
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems,
    }
}
