//! What a cause answers: findings with their grounds, and the rule that turns grounds into a status.

use super::inputs::{Input, Missing};
use crate::case::SymptomId;
use crate::evidence::Citation;
use crate::remedy::{Change, Remedy};

/// How sure a finding is (DESIGN section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Structure and an observation agree, or an observation is conclusive by itself.
    Confirmed,
    /// Structure alone, or observations that fit and contradict each look-alike.
    Likely,
    /// It fits, but a look-alike fits as well, or a deciding input is missing.
    Possible,
}

/// Whether the fault is still there at the end of what the bundle covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Current {
    /// Still there.
    Yes,
    /// Repaired before the bundle was collected.
    No,
    /// The bundle does not say.
    #[default]
    Unknown,
}

/// What a finding is about. Every field that is known is filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The site.
    pub site: Option<String>,
    /// The application's path.
    pub application: Option<String>,
    /// The host name users type.
    pub host_name: Option<String>,
    /// The SPN.
    pub spn: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The machine.
    pub host: Option<String>,
}

/// A statement that a finding rests on, with its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ground {
    /// The statement, as one sentence.
    pub says: String,
    /// Its places. A ground without a place is dropped: nothing is stated without a citation.
    pub from: Vec<Citation>,
}

/// A way to repair it: the steps, and what they change, so that they can be tried on a copy of the case.
#[derive(Clone, Debug, Default)]
pub struct Fix {
    /// The steps and how to verify and undo them.
    pub remedy: Remedy,
    /// What the steps change in directory and configuration.
    pub changes: Vec<Change>,
}

/// A cause found, with its grounds.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// What it is about.
    pub subject: Subject,
    /// What happened here and why, in two or three sentences.
    pub explanation: String,
    /// Why the configuration cannot work.
    pub structure: Vec<Ground>,
    /// What shows that it did fail, for the same endpoint or principal.
    pub observed: Vec<Ground>,
    /// True when what was observed is written by this cause alone.
    pub conclusive: bool,
    /// Places that fit without deciding.
    pub supporting: Vec<Ground>,
    /// Places that speak against it.
    pub contradicting: Vec<Ground>,
    /// Look-alikes that fit as well, with the reason they could not be excluded.
    pub open_look_alikes: Vec<(&'static str, String)>,
    /// Inputs that would decide and are missing.
    pub lacks: Vec<Missing>,
    /// The symptoms it explains.
    pub explains: Vec<SymptomId>,
    /// Ways to repair it, the best one first.
    pub fixes: Vec<Fix>,
    /// Whether it is still there.
    pub current: Current,
    /// What began it: the change and its place.
    pub onset: Option<Ground>,
    /// Highest status that its facts allow, for causes whose facts are themselves unverified.
    pub at_most: Option<Status>,
}

/// What has a finding of its own, where a log may name thousands: the others share one.
const OWN: usize = 5;

impl Finding {
    /// A finding about a subject.
    pub fn about(subject: Subject, explanation: impl Into<String>) -> Self {
        Self {
            subject,
            explanation: explanation.into(),
            ..Self::default()
        }
    }

    /// Adds a structural ground.
    pub fn structure(mut self, says: impl Into<String>, from: &[Citation]) -> Self {
        push(&mut self.structure, says, from);
        self
    }

    /// Adds an observation of the same endpoint or principal.
    pub fn observed(mut self, says: impl Into<String>, from: &[Citation]) -> Self {
        push(&mut self.observed, says, from);
        self
    }

    /// Adds an observation that only this cause writes.
    pub fn conclusive(mut self, says: impl Into<String>, from: &[Citation]) -> Self {
        self.conclusive |= !from.is_empty();
        push(&mut self.observed, says, from);
        self
    }

    /// Adds what fits without deciding.
    pub fn supporting(mut self, says: impl Into<String>, from: &[Citation]) -> Self {
        push(&mut self.supporting, says, from);
        self
    }

    /// Adds what speaks against it.
    pub fn contradicting(mut self, says: impl Into<String>, from: &[Citation]) -> Self {
        push(&mut self.contradicting, says, from);
        self
    }

    /// Names a look-alike that fits as well, and why it could not be excluded.
    pub fn or_else(mut self, cause: &'static str, because: impl Into<String>) -> Self {
        self.open_look_alikes.push((cause, because.into()));
        self
    }

    /// Names an input that would decide and is missing.
    pub fn lacks(mut self, input: Input) -> Self {
        self.lacks.push(input.missing());
        self
    }

    /// Names inputs that would decide, where they are missing.
    pub fn lacks_all(mut self, inputs: impl IntoIterator<Item = Input>) -> Self {
        self.lacks
            .extend(inputs.into_iter().map(|input| input.missing()));
        self
    }

    /// Names the symptoms it explains.
    pub fn explains(mut self, symptoms: impl IntoIterator<Item = SymptomId>) -> Self {
        self.explains.extend(symptoms);
        self
    }

    /// Adds a way to repair it, after those added before.
    pub fn fix(mut self, remedy: Remedy, changes: Vec<Change>) -> Self {
        self.fixes.push(Fix { remedy, changes });
        self
    }

    /// Caps the status; of several caps the lowest holds.
    pub fn at_most(mut self, status: Status) -> Self {
        self.at_most = Some(self.at_most.map_or(status, |cap| cap.max(status)));
        self
    }

    /// The status that the grounds give; `None` when there are no grounds at all.
    pub fn status(&self) -> Option<Status> {
        let (structure, observed) = (!self.structure.is_empty(), !self.observed.is_empty());
        let earned = if !structure && !observed {
            (!self.supporting.is_empty()).then_some(Status::Possible)?
        } else if !self.open_look_alikes.is_empty()
            || !self.lacks.is_empty()
            || !self.contradicting.is_empty()
        {
            Status::Possible
        } else if self.conclusive || (structure && observed) {
            Status::Confirmed
        } else {
            Status::Likely
        };
        Some(self.at_most.map_or(earned, |cap| cap.max(earned)))
    }
}

fn push(grounds: &mut Vec<Ground>, says: impl Into<String>, from: &[Citation]) {
    if !from.is_empty() {
        grounds.push(Ground {
            says: says.into(),
            from: from.to_vec(),
        });
    }
}

/// A cited fact that rules a cause out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuledOut {
    /// The fact, as one sentence.
    pub because: String,
    /// Its places.
    pub from: Vec<Citation>,
}

/// What a cause answers. Nothing at all means that it does not apply to this case.
#[derive(Clone, Debug, Default)]
pub struct Assessment {
    /// Findings.
    pub findings: Vec<Finding>,
    /// Facts that rule it out. They count only where nothing was found and no deciding input is missing.
    pub ruled_out: Vec<RuledOut>,
    /// Inputs that would decide and are missing. They count only where nothing was found.
    pub missing: Vec<Missing>,
}

impl Assessment {
    /// Adds a finding.
    pub fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// A finding for each of the first few, and one for all the others together: a log may name thousands. `told` gives the
    /// name of one of the others, and its places.
    pub fn find_each<T>(
        &mut self,
        all: &[T],
        one: impl Fn(&T) -> Option<Finding>,
        told: impl Fn(&T) -> (String, Vec<Citation>),
    ) {
        let (own, rest) = all.split_at(all.len().min(OWN));
        self.findings.extend(own.iter().filter_map(one));
        let shown: Vec<(String, Vec<Citation>)> = rest.iter().take(OWN).map(told).collect();
        if let Some((_, from)) = shown.first() {
            let names: Vec<&str> = shown.iter().map(|(name, _)| name.as_str()).collect();
            let says = format!(
                "The same fits {} more: {}{}.",
                rest.len(),
                names.join(", "),
                if rest.len() > names.len() {
                    ", …"
                } else {
                    ""
                }
            );
            self.find(
                Finding::about(Subject::default(), says)
                    .supporting("this is the first of them", from),
            );
        }
    }

    /// Rules the cause out, where the fact has a place.
    pub fn rule_out(&mut self, because: impl Into<String>, from: &[Citation]) {
        if !from.is_empty() {
            self.ruled_out.push(RuledOut {
                because: because.into(),
                from: from.to_vec(),
            });
        }
    }

    /// Names inputs that would decide, where they are missing.
    pub fn lack_all(&mut self, inputs: impl IntoIterator<Item = Input>) {
        inputs.into_iter().for_each(|input| self.lack(input));
    }

    /// Names an input that would decide and is missing.
    pub fn lack(&mut self, input: Input) {
        let missing = input.missing();
        if !self.missing.contains(&missing) {
            self.missing.push(missing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ArtifactId;

    fn at(line: u32) -> Vec<Citation> {
        vec![Citation::line(ArtifactId(0), line, "x")]
    }

    #[test]
    fn the_rules_of_evidence() {
        let finding = || Finding::about(Subject::default(), "x");
        assert_eq!(finding().status(), None);
        assert_eq!(
            finding().structure("s", &[]).status(),
            None,
            "nothing is stated without a place"
        );
        assert_eq!(
            finding().supporting("s", &at(1)).status(),
            Some(Status::Possible)
        );
        assert_eq!(
            finding().structure("s", &at(1)).status(),
            Some(Status::Likely)
        );
        assert_eq!(
            finding().observed("o", &at(1)).status(),
            Some(Status::Likely)
        );
        assert_eq!(
            finding()
                .structure("s", &at(1))
                .observed("o", &at(2))
                .status(),
            Some(Status::Confirmed)
        );
        assert_eq!(
            finding().conclusive("o", &at(2)).status(),
            Some(Status::Confirmed)
        );
        let both = || finding().structure("s", &at(1)).observed("o", &at(2));
        assert_eq!(
            both().or_else("SPN-06", "").status(),
            Some(Status::Possible)
        );
        assert_eq!(
            both().lacks(Input::ClientSystemLog).status(),
            Some(Status::Possible)
        );
        assert_eq!(
            both().contradicting("c", &at(3)).status(),
            Some(Status::Possible)
        );
        assert_eq!(
            both().at_most(Status::Likely).status(),
            Some(Status::Likely)
        );
    }
}
