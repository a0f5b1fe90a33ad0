//! What a story must conclude: the contract between a fixture and the analysis, stored as `expected.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The verdict's status, as in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Something is wrong and it is known what.
    RootCauseFound,
    /// The inputs do not decide: neither the cause of the failures that were seen, nor that all is well.
    Inconclusive,
    /// Nothing is wrong.
    Healthy,
}

/// The status of a finding, as in the report, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Fits, but so does a look-alike.
    Possible,
    /// Structure alone, or observations that exclude the look-alikes.
    Likely,
    /// Structure and observation agree.
    Confirmed,
}

/// A finding that must be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedFinding {
    /// Id of the cause: `SPN-05`.
    pub cause: String,
    /// The status it must have.
    pub status: Status,
    /// True when a stronger status is right as well.
    pub at_least: bool,
    /// Parts of the subject that must be named: `site`, `application`, `host_name`, `spn`, `account`, `host`. Compared
    /// without regard to case.
    pub subject: BTreeMap<String, String>,
    /// Whether it must be reported as current (`false`: as past); not compared where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<bool>,
}

impl ExpectedFinding {
    /// Whether a status satisfies this expectation.
    pub fn accepts(&self, status: Status) -> bool {
        status == self.status || (self.at_least && status > self.status)
    }
}

/// A machine that must be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedHost {
    /// Its short name.
    pub name: String,
    /// What it must be seen to be: `web-server`, `domain-controller`, `client`.
    pub roles: Vec<String>,
}

/// What an analysis of the story must and must not conclude.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The verdict's status.
    pub verdict_status: Verdict,
    /// The exit code of `why401 BUNDLE`.
    pub exit_code: u8,
    /// Findings that must be there; others may be too, unless `must_not` names them.
    pub findings: Vec<ExpectedFinding>,
    /// Causes that must not be findings of status likely or confirmed.
    pub must_not: Vec<String>,
    /// Causes that must be reported as ruled out.
    pub ruled_out: Vec<String>,
    /// Causes that must be reported as not assessed.
    pub not_assessed: Vec<String>,
    /// Artifacts (paths below `bundle/`) whose problems must be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// True when sources contradict each other, and the report must say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contradiction: bool,
    /// Machines that must be found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<ExpectedHost>,
    /// What artifacts must be understood as: ends of paths, and kinds of the report.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, String>,
}

impl Expected {
    fn new(verdict_status: Verdict, exit_code: u8) -> Self {
        Self {
            verdict_status,
            exit_code,
            findings: vec![],
            must_not: vec![],
            ruled_out: vec![],
            not_assessed: vec![],
            problems: vec![],
            contradiction: false,
            hosts: vec![],
            kinds: BTreeMap::new(),
        }
    }

    /// Nothing is wrong: exit code 0.
    pub fn healthy() -> Self {
        Self::new(Verdict::Healthy, 0)
    }

    /// The root cause is found: exit code 1.
    pub fn root_cause() -> Self {
        Self::new(Verdict::RootCauseFound, 1)
    }

    /// Failures without a decidable cause: exit code 3.
    pub fn inconclusive() -> Self {
        Self::new(Verdict::Inconclusive, 3)
    }

    /// No failure was seen, and the inputs do not show whether Kerberos works: exit code 0.
    pub fn undecided() -> Self {
        Self::new(Verdict::Inconclusive, 0)
    }

    /// A finding with exactly this status.
    pub fn finding(self, cause: &str, status: Status, subject: &[(&str, &str)]) -> Self {
        self.add(cause, status, false, subject)
    }

    /// A finding with this status or a stronger one.
    pub fn finding_at_least(self, cause: &str, status: Status, subject: &[(&str, &str)]) -> Self {
        self.add(cause, status, true, subject)
    }

    fn add(
        mut self,
        cause: &str,
        status: Status,
        at_least: bool,
        subject: &[(&str, &str)],
    ) -> Self {
        let names = ["site", "application", "host_name", "spn", "account", "host"];
        for (name, _) in subject {
            assert!(
                names.contains(name),
                "the report's subject has no part {name}"
            );
        }
        self.findings.push(ExpectedFinding {
            cause: cause.into(),
            status,
            at_least,
            subject: subject
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            current: None,
        });
        self
    }

    /// The finding added last must be reported as current, or as past.
    pub fn current(mut self, current: bool) -> Self {
        if let Some(last) = self.findings.last_mut() {
            last.current = Some(current);
        }
        self
    }

    /// Causes that must not be claimed.
    pub fn must_not(mut self, causes: &[&str]) -> Self {
        self.must_not
            .extend(causes.iter().map(|cause| (*cause).to_owned()));
        self
    }

    /// Causes that must be ruled out.
    pub fn ruled_out(mut self, causes: &[&str]) -> Self {
        self.ruled_out
            .extend(causes.iter().map(|cause| (*cause).to_owned()));
        self
    }

    /// Causes that must be reported as not assessed.
    pub fn not_assessed(mut self, causes: &[&str]) -> Self {
        self.not_assessed
            .extend(causes.iter().map(|cause| (*cause).to_owned()));
        self
    }

    /// A problem of this artifact must be shown.
    pub fn problem(mut self, path: &str) -> Self {
        self.problems.push(path.to_owned());
        self
    }

    /// The report must show that sources contradict each other.
    pub fn contradiction(mut self) -> Self {
        self.contradiction = true;
        self
    }

    /// A machine that must be found, with the roles it must be seen in.
    pub fn host(mut self, name: &str, roles: &[&str]) -> Self {
        self.hosts.push(ExpectedHost {
            name: name.into(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        });
        self
    }

    /// An artifact that must be understood as this kind, by the end of its path.
    pub fn kind(mut self, path: &str, kind: &str) -> Self {
        self.kinds.insert(path.to_owned(), kind.to_owned());
        self
    }

    /// The content of `expected.json`.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain values") + "\n"
    }
}
