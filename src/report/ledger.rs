//! The report's own cross-references, resolved for the renderings: an evidence id to its place, a symptom to the
//! findings that explain it, missing inputs by the command that collects them.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Evidence, Finding, MissingInput, Report, Status, Symptom};

/// Looks up what the report refers to by id.
pub(crate) struct Ledger<'a> {
    report: &'a Report,
    evidence: BTreeMap<&'a str, &'a Evidence>,
}

/// One command to collect something, and all that it would decide.
#[derive(Debug, PartialEq)]
pub(crate) struct Collection<'a> {
    /// The command; may be empty when there is none.
    pub command: &'a str,
    /// What it brings.
    pub whats: BTreeSet<&'a str>,
    /// The one of these that will do first: what tells more about a symptom, else the plainest.
    pub what: &'a str,
    /// The ids of the symptoms that nothing explains and about which it tells more.
    pub symptoms: Vec<&'a str>,
    /// The ids of the causes that need it, in the order of the report.
    pub causes: Vec<&'a str>,
}

impl<'a> Ledger<'a> {
    /// The ledger of a report.
    pub(super) fn of(report: &'a Report) -> Self {
        let evidence = report.evidence.iter().map(|e| (e.id.as_str(), e)).collect();
        Self { report, evidence }
    }

    /// The evidence with an id.
    pub(super) fn evidence(&self, id: &str) -> Option<&'a Evidence> {
        self.evidence.get(id).copied()
    }

    /// The findings that the verdict names, in the order of the report; all findings when it names none of them.
    pub(super) fn verdict_findings(&self) -> Vec<&'a Finding> {
        let causes = &self.report.verdict.causes;
        let named: Vec<_> = self
            .report
            .findings
            .iter()
            .filter(|finding| causes.contains(&finding.cause))
            .collect();
        if named.is_empty() {
            self.report.findings.iter().collect()
        } else {
            named
        }
    }

    /// Whether a finding is sure enough for its fix to be put forward: what is merely possible is to be decided first.
    pub(super) fn is_worth_fixing(&self, finding: &Finding) -> bool {
        finding.status <= Status::Likely || self.report.verdict.causes.contains(&finding.cause)
    }

    /// The ids of the causes that explain a symptom.
    pub(super) fn explained_by(&self, symptom: &Symptom) -> BTreeSet<&'a str> {
        self.report
            .findings
            .iter()
            .filter(|finding| finding.symptoms.contains(&symptom.id))
            .map(|finding| finding.cause.as_str())
            .collect()
    }

    /// Whether a finding that is more than possible explains a symptom.
    pub(super) fn is_explained(&self, symptom: &Symptom) -> bool {
        let mut sure = self
            .report
            .findings
            .iter()
            .filter(|f| f.status <= Status::Likely);
        sure.any(|finding| finding.symptoms.contains(&symptom.id))
    }

    /// The symptoms that no finding explains.
    pub(super) fn unexplained(&self) -> Vec<&'a Symptom> {
        self.report
            .symptoms
            .iter()
            .filter(|symptom| self.explained_by(symptom).is_empty())
            .collect()
    }
}

/// How much more a cause counts that could explain a symptom which nothing explains.
const OPEN: usize = 20;

/// The missing inputs by the command that collects them, each command once, those that tell most first: what a view of an
/// unexplained symptom lacks, then by the number of causes they bear on, where one that could explain what is unexplained
/// counts most, and one about names twice, because that is what is wrong most often.
pub(crate) fn collections(report: &Report) -> Vec<Collection<'_>> {
    let not_assessed = &report.not_assessed;
    let mut by_command: BTreeMap<&str, Collection<'_>> = BTreeMap::new();
    let mut asked_first: BTreeMap<&str, usize> = BTreeMap::new();
    for symptom in &report.symptoms {
        for missing in &symptom.missing {
            let collection = collection(&mut by_command, missing);
            let place = asked_first.len();
            asked_first.entry(collection.command).or_insert(place);
            if !collection.symptoms.contains(&symptom.id.as_str()) {
                collection.symptoms.push(&symptom.id);
            }
        }
    }
    for cause in not_assessed {
        for missing in &cause.missing {
            let collection = collection(&mut by_command, missing);
            if !collection.causes.contains(&cause.cause.as_str()) {
                collection.causes.push(&cause.cause);
            }
        }
    }
    let mut collections: Vec<_> = by_command.into_values().collect();
    let open: BTreeSet<&str> = not_assessed
        .iter()
        .filter(|n| !n.could_explain.is_empty())
        .map(|n| n.cause.as_str())
        .collect();
    let weight = |cause: &&str| {
        let names = if cause.starts_with("SPN-") { 2 } else { 1 };
        names * if open.contains(cause) { OPEN } else { 1 }
    };
    let order = |cause: Option<&&str>| {
        not_assessed
            .iter()
            .position(|n| Some(&n.cause.as_str()) == cause)
    };
    for collection in &mut collections {
        collection.causes.sort_by_key(|cause| !open.contains(cause));
    }
    collections.sort_by_key(|collection| {
        let weight: usize = collection.causes.iter().map(weight).sum();
        let asked = asked_first.get(collection.command).copied();
        (
            asked.unwrap_or(usize::MAX),
            std::cmp::Reverse(weight),
            order(collection.causes.first()),
        )
    });
    collections
}

/// What one command collects, with one more thing that it brings.
fn collection<'c, 'a>(
    by_command: &'c mut BTreeMap<&'a str, Collection<'a>>,
    missing: &'a MissingInput,
) -> &'c mut Collection<'a> {
    let command = missing.collect_with.trim();
    let collection = by_command.entry(command).or_insert_with(|| Collection {
        command,
        whats: BTreeSet::new(),
        what: missing.what.as_str(),
        symptoms: Vec::new(),
        causes: Vec::new(),
    });
    let what = missing.what.as_str();
    if collection.symptoms.is_empty() && what.len() < collection.what.len() {
        collection.what = what;
    }
    // What names the machines says all that the general request says.
    if !collection.whats.iter().any(|other| other.starts_with(what)) {
        collection.whats.retain(|other| !what.starts_with(other));
        collection.whats.insert(what);
    }
    collection
}

/// Where a piece of evidence stands: `web01/System.evtx record 4711`, `applicationHost.config:412`.
pub(crate) fn place(evidence: &Evidence) -> String {
    match (evidence.line, evidence.record_id) {
        (_, Some(record)) => format!("{} record {record}", evidence.artifact),
        (Some(line), None) => format!("{}:{line}", evidence.artifact),
        (None, None) => evidence.artifact.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{MissingInput, NotAssessed};

    #[test]
    fn a_command_is_asked_for_once_and_the_most_useful_first() {
        let needs = |cause: &str, inputs: &[(&str, &str)]| NotAssessed {
            cause: cause.into(),
            name: String::new(),
            could_explain: Vec::new(),
            missing: inputs
                .iter()
                .map(|(what, with)| MissingInput {
                    what: (*what).into(),
                    collect_with: (*with).into(),
                })
                .collect(),
        };
        let not_assessed = [
            needs("A-01", &[("tickets", "klist"), ("duplicates", "setspn -X")]),
            needs(
                "B-02",
                &[
                    ("duplicates", "setspn -X"),
                    ("SPN duplicates", "setspn -X "),
                ],
            ),
        ];
        let report = Report {
            not_assessed: not_assessed.to_vec(),
            ..Report::default()
        };
        let collections = collections(&report);
        assert_eq!(collections.len(), 2);
        assert_eq!(collections[0].command, "setspn -X");
        assert_eq!(collections[0].causes, ["A-01", "B-02"]);
        assert_eq!(collections[0].whats.len(), 2);
        assert_eq!(collections[1].causes, ["A-01"]);
    }

    #[test]
    fn places_read_as_editors_write_them() {
        let mut evidence = Evidence {
            artifact: "web01/System.evtx".into(),
            record_id: Some(4711),
            ..Evidence::default()
        };
        assert_eq!(place(&evidence), "web01/System.evtx record 4711");
        evidence.record_id = None;
        evidence.line = Some(3);
        assert_eq!(place(&evidence), "web01/System.evtx:3");
        evidence.line = None;
        assert_eq!(place(&evidence), "web01/System.evtx");
    }
}
