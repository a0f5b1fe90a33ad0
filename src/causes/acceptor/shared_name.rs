//! Applications that share a host name on one server and open its tickets with different accounts. One name has one
//! holder, so that at most one of them can open the tickets: where the settings differ it is KM-04, where only the pool
//! identities differ it is KM-05.

use std::collections::BTreeMap;

use super::saw_mismatches;
use crate::case::{Case, Sameness, Spn};
use crate::causes::scene::few;
use crate::causes::{Assessment, Finding, Input, Scene, Status, View};
use crate::negotiate::{Acceptor, Answer, KeyMatch, acceptor_citations};

/// The applications of one name on one server.
pub(super) struct SharedName<'v, 'a> {
    /// The name, as clients ask for it.
    pub spn: Spn,
    /// One view of each application.
    pub views: Vec<&'v View<'a>>,
}

impl<'v, 'a> SharedName<'v, 'a> {
    /// Every name whose applications open tickets with different accounts.
    pub(super) fn divided(scene: &'v Scene<'a>) -> Vec<Self> {
        Self::all(scene)
            .into_iter()
            .filter(|shared| shared.pair(scene.case, |_, _| true).is_some())
            .collect()
    }

    /// Rules the cause out by each name whose applications, two at least, all open tickets with one account.
    pub(super) fn rule_out_united(scene: &'v Scene<'a>, out: &mut Assessment) {
        for shared in Self::all(scene) {
            let [first, second, ..] = shared.views.as_slice() else {
                continue;
            };
            let account = |v: &View<'_>| scene.case.acceptor_account(v.endpoint, v.acceptor()?);
            let one = shared.views.iter().all(|v| {
                v.acceptor() == first.acceptor()
                    || account(first)
                        .zip(account(v))
                        .is_some_and(|(a, b)| scene.case.accounts.compare(a, b) == Sameness::Same)
            });
            if one {
                let mut from = acceptor_citations(first.endpoint);
                from.extend(acceptor_citations(second.endpoint));
                out.rule_out(
                    format!(
                        "all applications behind {} open tickets with {}",
                        shared.spn,
                        opener(scene.case, first)
                    ),
                    &few(from, 4),
                );
            }
        }
    }

    /// Every name with its applications.
    fn all(scene: &'v Scene<'a>) -> Vec<Self> {
        let mut groups: BTreeMap<(String, u32, String), Vec<&'v View<'a>>> = BTreeMap::new();
        for view in scene.negotiating().filter(|v| v.endpoint.name_is_tied()) {
            let (Some(spn), Some(Acceptor::Machine | Acceptor::Account(_))) =
                (view.spn(), view.acceptor())
            else {
                continue;
            };
            // All sites of a server answer to its own name, but nobody need call them by it: across sites it is shared
            // only where the site has no other name and clients failed under this one.
            let site = if view.endpoint.is_own_name() {
                if has_other_name(scene, view) && scene.mismatches(spn).is_empty() {
                    continue;
                }
                view.endpoint.site.clone()
            } else {
                String::new()
            };
            let views = groups
                .entry((spn.key(), view.endpoint.server.0, site))
                .or_default();
            let known = views
                .iter()
                .any(|v| v.endpoint.location() == view.endpoint.location());
            if !known {
                views.push(view);
            }
        }
        groups
            .into_values()
            .filter_map(|views| {
                let spn = views.first()?.spn()?.clone();
                Some(Self { spn, views })
            })
            .collect()
    }

    /// Whether the settings differ, and not only the pool identities.
    pub(super) fn by_settings(&self, case: &Case) -> bool {
        self.pair(case, |a, b| uses_pool_key(a) != uses_pool_key(b))
            .is_some()
    }

    /// The first two applications that differ in their acceptor and in what `also` says.
    pub(super) fn pair(
        &self,
        case: &Case,
        also: impl Fn(&View<'_>, &View<'_>) -> bool,
    ) -> Option<(&'v View<'a>, &'v View<'a>)> {
        self.views.iter().find_map(|a| {
            self.views
                .iter()
                .find(|b| differ(case, a, b) && also(a, b))
                .map(|b| (*a, *b))
        })
    }

    /// The applications that open the tickets, where the holder is known.
    pub(super) fn winners(&self) -> Vec<&'v View<'a>> {
        self.by_match(|k| k == KeyMatch::Match)
    }

    /// The applications that cannot.
    pub(super) fn losers(&self) -> Vec<&'v View<'a>> {
        self.by_match(|k| matches!(k, KeyMatch::Mismatch { .. }))
    }

    fn by_match(&self, pick: impl Fn(KeyMatch) -> bool) -> Vec<&'v View<'a>> {
        self.views
            .iter()
            .filter(|v| pick(v.path.key_match))
            .copied()
            .collect()
    }

    /// The finding, without its remedy. It is sure only where one application opens the tickets and another cannot; who
    /// holds the name must be known for that, or clients must have failed.
    pub(super) fn finding(&self, scene: &Scene<'_>, explanation: String) -> Option<Finding> {
        let case = scene.case;
        let (first, second) = self
            .winners()
            .first()
            .zip(self.losers().first())
            .map(|(a, b)| (*a, *b))
            .or_else(|| self.pair(case, |_, _| true))?;
        let mut finding = Finding::about(second.subject(case), explanation);
        let split = !self.winners().is_empty() && !self.losers().is_empty();
        let answer = first.path.answer.as_ref();
        let open = matches!(answer, Some(Answer::Unknown));
        for view in [first, second] {
            let says = format!(
                "{} opens tickets with {}",
                view.endpoint.location(),
                opener(case, view)
            );
            let from = acceptor_citations(view.endpoint);
            finding = if split || open {
                finding.structure(says, &from)
            } else {
                finding.supporting(says, &from)
            };
        }
        if split && let Some(holder) = first.holder() {
            finding = finding.structure(
                format!("{} is held by {}", self.spn, scene.shown(holder.account)),
                &few(holder.from.clone(), 2),
            );
        }
        if split || open {
            finding = saw_mismatches(scene, &[first], finding);
        }
        if open {
            // A ticket that could not be opened shows that somebody holds the name, and one of the two must fail.
            finding = if finding.observed.is_empty() {
                finding.lacks(Input::SpnQuery(self.spn.to_string()))
            } else {
                finding.at_most(Status::Likely)
            };
        }
        Some(finding)
    }
}

/// Whether the pool identity's key opens tickets, whatever account that is.
pub(super) fn uses_pool_key(view: &View<'_>) -> bool {
    let windows = &view.endpoint.settings.windows;
    windows.use_app_pool_credentials.value || !windows.use_kernel_mode.value
}

/// How the account that opens an application's tickets is shown.
pub(super) fn opener(case: &Case, view: &View<'_>) -> String {
    view.acceptor()
        .map_or(String::new(), |a| case.acceptor_shown(view.endpoint, a))
}

fn differ(case: &Case, a: &View<'_>, b: &View<'_>) -> bool {
    match (a.acceptor(), b.acceptor()) {
        (Some(Acceptor::Account(x)), Some(Acceptor::Account(y))) => matches!(
            case.accounts.compare(*x, *y),
            Sameness::Different | Sameness::PresumedDifferent
        ),
        (Some(Acceptor::Machine), Some(Acceptor::Account(_)))
        | (Some(Acceptor::Account(_)), Some(Acceptor::Machine)) => true,
        _ => false,
    }
}

fn has_other_name(scene: &Scene<'_>, view: &View<'_>) -> bool {
    scene.views.iter().any(|v| {
        v.endpoint.server == view.endpoint.server
            && v.endpoint.site == view.endpoint.site
            && v.endpoint.name_is_tied()
            && !v.endpoint.is_own_name()
    })
}
