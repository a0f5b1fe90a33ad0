//! Narrows a report to a host or a site.

use crate::report::model::{Report, VerdictStatus, WhatIf};

/// Whether a name is the wanted one, or one of the two is not given.
fn is(wanted: Option<&str>, actual: Option<&str>) -> bool {
    match (wanted, actual) {
        (Some(wanted), Some(actual)) => {
            let short = |name: &str| name.split('.').next().unwrap_or(name).to_lowercase();
            actual.eq_ignore_ascii_case(wanted) || short(actual) == short(wanted)
        }
        _ => true,
    }
}

impl WhatIf {
    /// Keeps the endpoints of a host and of a site.
    pub fn keep_only(&mut self, host: Option<&str>, site: Option<&str>) {
        self.endpoints
            .retain(|e| is(host, Some(&e.host)) && is(site, Some(&e.before.site)));
    }
}

impl Report {
    /// Keeps the findings and endpoints of a host and of a site; what names neither stays.
    pub fn keep_only(&mut self, host: Option<&str>, site: Option<&str>) {
        self.findings
            .retain(|f| is(host, f.subject.host.as_deref()) && is(site, f.subject.site.as_deref()));
        self.endpoints
            .retain(|e| is(host, Some(&e.host)) && is(site, Some(&e.site)));
        let found: Vec<&String> = self.findings.iter().map(|f| &f.cause).collect();
        self.verdict.causes.retain(|c| found.contains(&c));
        if self.findings.is_empty() && self.verdict.status == VerdictStatus::RootCauseFound {
            let part: Vec<&str> = host.into_iter().chain(site).collect();
            self.verdict.headline = format!(
                "Nothing was found for {}; elsewhere in the bundle: {}",
                part.join(", "),
                self.verdict.headline
            );
            self.verdict.status = if self.symptoms.is_empty() {
                VerdictStatus::Healthy
            } else {
                VerdictStatus::Inconclusive
            };
        }
    }
}
