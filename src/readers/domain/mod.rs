//! What lies between domains and between domain controllers: `netdom trust … /namesuffixes`, `netdom query`, `repadmin
//! /showrepl`, `repadmin /replsummary`.
//!
//! ```text
//! C:\>netdom trust corp.example /namesuffixes:partner.example
//! Name, Type, Status, Notes
//!
//! 1. *.partner.example, Name Suffix, Enabled
//! 2. *.lab.partner.example, Name Suffix, Conflicting, With corp.example
//! ```
//!
//! gives two suffixes, the second in conflict. Replication is read by shape and numbers in any language; the state of a
//! suffix is a word, and another language than English leaves it open.

mod replication;
mod suffixes;
#[cfg(test)]
mod tests;

use super::Reading;
use super::console::{Section, Tool};
use crate::bundle::role;
use crate::evidence::{ArtifactId, Certainty, Citation, Cited, Known, Problem, When};

/// What a console file shows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainRecords {
    /// Names that are routed to a trusted forest.
    pub suffixes: Vec<NameSuffix>,
    /// Where each domain controller gets the directory from, and whether that works.
    pub replications: Vec<Replication>,
    /// Failures of replication, summed by domain controller.
    pub summaries: Vec<ReplicationSummary>,
    /// Domain controllers that hold the role of the PDC emulator.
    pub pdcs: Vec<Cited<String>>,
}

/// A name suffix and whether it is routed across a forest trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameSuffix {
    /// The domain that trusts, as the command names it.
    pub of: Option<String>,
    /// The forest that the suffix is routed to, as the command names it.
    pub trust: Option<String>,
    /// The suffix, `*.partner.example`.
    pub name: String,
    /// Whether it is routed; unknown where the word is not known.
    pub routed: Known<Routing>,
    /// What the line adds, `With corp.example`.
    pub notes: Option<String>,
    /// Where it stands.
    pub from: Citation,
}

/// Whether a name suffix is routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Routing {
    /// It is.
    Enabled,
    /// It is turned off.
    Disabled,
    /// It is not, because another forest has it too.
    Conflicting,
}

/// A partition of the directory that one domain controller gets from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replication {
    /// The domain controller that gets it, where shown.
    pub destination: Option<String>,
    /// The domain controller that it comes from.
    pub source: String,
    /// The partition, where shown.
    pub partition: Option<String>,
    /// The Win32 status of the last attempt; 0 is success.
    pub result: u32,
    /// Failures in a row, where shown.
    pub failures: Option<u32>,
    /// When it was tried last, where shown.
    pub attempted: Option<When>,
    /// When it succeeded last, where it did.
    pub succeeded: Option<When>,
    /// The machine on which the command ran, where the prompt names it: its clock shows the times.
    pub host: Option<String>,
    /// How sure the times are, once the case has put them into UTC.
    pub certainty: Certainty,
    /// Where it stands.
    pub from: Citation,
}

/// A row of `repadmin /replsummary`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicationSummary {
    /// The domain controller.
    pub controller: String,
    /// Attempts that failed.
    pub failed: u32,
    /// All of them.
    pub total: u32,
    /// The Win32 status, where one is shown.
    pub error: Option<u32>,
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<DomainRecords> {
    let mut records = DomainRecords::default();
    let mut problems = Vec::new();
    for section in sections.iter().filter(|s| s.tool == Some(Tool::Domain)) {
        let before = records.count();
        suffixes::read(artifact, section, &mut records);
        replication::read(artifact, section, &mut records);
        let roles = || {
            section
                .lines
                .iter()
                .filter(|line| role(line.text).is_some())
        };
        // The five roles have a fixed order: the PDC emulator is the third.
        if let (5, Some(line)) = (roles().count(), roles().nth(2)) {
            let pdc = role(line.text).map(str::to_owned);
            records
                .pdcs
                .extend(pdc.map(|pdc| Cited::new(pdc, line.cite(artifact))));
        }
        let first = section.lines.iter().find(|line| !line.is_blank());
        if let (true, Some(line)) = (before == records.count(), first) {
            let says = "nothing about domains or their replication could be read here; the output was skipped";
            problems.push(Problem::new(artifact, line.place(), says));
        }
    }
    Reading {
        artifact,
        count: u64::try_from(records.count()).unwrap_or(u64::MAX),
        records,
        problems,
    }
}

impl DomainRecords {
    fn count(&self) -> usize {
        let between = self.replications.len() + self.summaries.len();
        self.suffixes.len() + between + self.pdcs.len()
    }
}
