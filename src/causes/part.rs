//! Which part of a site's failures some of its applications met. A log shows the failures of a whole site, and a setting is
//! that of an application: what others met is not this one's to explain.

use super::{Finding, Scene, Status, View};
use crate::case::{LoggedSite, Symptom, SymptomId};
use crate::causes::observations::times;

/// So many of all failures of a symptom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Those that are meant.
    pub(super) here: u64,
    /// All of them.
    pub(super) all: u64,
}

impl Part {
    /// Whether none of them is meant.
    pub(super) fn is_none(self) -> bool {
        self.here == 0
    }

    /// How many, as text: `6 times`, or `6 of 10 times`.
    pub(super) fn times(self) -> String {
        match self.here < self.all {
            true => format!("{} of {}", self.here, times(self.all)),
            false => times(self.all),
        }
    }

    /// What a finding about this part may claim of the symptom: all of it is explained; of a part nothing is sure, and less
    /// than half of it leaves the symptom to others.
    pub(super) fn explained(self, finding: Finding, symptom: SymptomId) -> Finding {
        let finding = match self.here.saturating_mul(2) >= self.all {
            true => finding.explains([symptom]),
            false => finding,
        };
        match self.here < self.all {
            true => finding.at_most(Status::Likely),
            false => finding,
        }
    }
}

impl<'a> Scene<'a> {
    /// The part of a symptom of a log that requests for one of these applications make.
    pub(super) fn part_of(&self, symptom: &Symptom, views: &[&View<'a>]) -> Part {
        let logged = symptom
            .logged_site()
            .and_then(|id| self.case.logged_site(id));
        let is_here = |path: &str| logged.is_some_and(|logged| self.is_below(logged, path, views));
        let mut part = Part { here: 0, all: 0 };
        for (path, count) in &symptom.spread.paths {
            part.all += count;
            part.here += if is_here(path) { *count } else { 0 };
        }
        if part.here == part.all {
            // Failures at paths that were too many to be kept are not told apart.
            part.all = symptom.count.max(part.all);
            part.here = if part.here == 0 { 0 } else { part.all };
        }
        part
    }

    /// Whether one of these applications serves a path of a logged site.
    pub(super) fn is_below(&self, logged: &LoggedSite, path: &str, views: &[&View<'a>]) -> bool {
        let mut own = views.iter().filter(|v| logged.is_of(v.endpoint));
        own.clone().next().is_some_and(|first| {
            let sites = &self.case.server(first.endpoint).config.sites;
            let site = sites.iter().find(|s| s.name == first.endpoint.site);
            let serving = site.and_then(|site| site.application_of(path));
            serving.is_some_and(|served| own.any(|v| v.endpoint.application == served.path))
        })
    }
}
