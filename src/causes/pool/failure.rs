//! Application pools whose identity WAS could not use, joined with what refused the account.
//!
//! A pool that does not run answers 503. That is not a 401, and no cause of a 401 explains it.

use std::collections::BTreeMap;

pub(super) use super::refusal::{Refusal, Why};

use super::refusal::refusals;
use crate::case::{Auditing, Case, HostId, PoolIdentity, Role, SymptomId, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Current, Finding, Input, RuledOut, Scene, Status, Subject, View};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event};

/// A pool that WAS could not start, or whose account failed to log on.
pub(super) struct FailedPool<'s, 'a> {
    /// The server.
    pub host: HostId,
    /// The pool.
    pub name: String,
    /// WAS says that the identity is invalid (5021, 5051, 5057).
    pub blamed: Vec<&'a Event>,
    /// WAS could not start a worker process (5059).
    pub stopped: Vec<&'a Event>,
    /// An endpoint of the pool, where the bundle holds the server's configuration.
    pub view: Option<&'s View<'a>>,
    /// What refused its account, oldest first.
    pub refusals: Vec<Refusal<'a>>,
}

impl<'s, 'a> FailedPool<'s, 'a> {
    /// Every pool that failed, by host and name; then pools whose account failed to log on where no System log of the
    /// server tells what became of the pool.
    pub(super) fn all(scene: &'s Scene<'a>) -> Vec<Self> {
        let case = scene.case;
        let mut pools: BTreeMap<(HostId, String), Self> = BTreeMap::new();
        for event in &case.events {
            let Body::Pool(was) = &event.body else {
                continue;
            };
            if !matches!(was.id, 5021 | 5051 | 5057 | 5059) {
                continue;
            }
            let Some(host) = case.hosts.find(&event.computer) else {
                continue;
            };
            let name = was.pool.clone().unwrap_or_default();
            let pool = pools
                .entry((host, name.to_lowercase()))
                .or_insert_with(|| Self::named(scene, host, name));
            if was.id == 5059 {
                pool.stopped.push(event);
            } else {
                pool.blamed.push(event);
            }
        }
        if !scene.has_log("System", Role::WebServer) {
            for view in &scene.views {
                if let (Some(host), Some(pool)) = (view.endpoint.host, &view.endpoint.pool) {
                    pools
                        .entry((host, pool.name.to_lowercase()))
                        .or_insert_with(|| Self::named(scene, host, pool.name.clone()));
                }
            }
        }
        let mut all: Vec<Self> = pools.into_values().collect();
        for pool in &mut all {
            pool.refusals = refusals(case, pool);
        }
        all.retain(|p| !p.refusals.is_empty() || p.was().next().is_some());
        all
    }

    fn named(scene: &'s Scene<'a>, host: HostId, name: String) -> Self {
        let view = scene.views.iter().find(|v| {
            v.endpoint.host == Some(host)
                && v.endpoint
                    .pool
                    .as_ref()
                    .is_some_and(|p| p.name.eq_ignore_ascii_case(&name))
        });
        Self {
            host,
            name,
            blamed: Vec::new(),
            stopped: Vec::new(),
            view,
            refusals: Vec::new(),
        }
    }

    /// Who the pool runs as, where the bundle holds the configuration.
    pub(super) fn identity(&self) -> Option<&'s PoolIdentity> {
        Some(&self.view?.endpoint.pool.as_ref()?.identity)
    }

    /// Whether the pool may run as an account with a password stored in IIS.
    pub(super) fn may_store_password(&self) -> bool {
        self.identity().is_none_or(|identity| {
            use PoolIdentity as P;
            matches!(identity, P::Domain(_) | P::Local(_) | P::Unclear(_))
        })
    }

    /// The events of WAS, those that blame the identity first.
    pub(super) fn was(&self) -> impl Iterator<Item = &'a Event> {
        self.blamed.iter().chain(&self.stopped).copied()
    }

    /// The refusals for one of these reasons.
    pub(super) fn refused(&self, whys: &[Why]) -> Vec<&Refusal<'a>> {
        self.refusals
            .iter()
            .filter(|r| whys.contains(&r.why))
            .collect()
    }

    /// What refused the account for a reason that a cause does not stand for, as a ground that rules the cause out.
    pub(super) fn refused_otherwise(&self, case: &Case) -> Option<RuledOut> {
        let other = self.refusals.iter().find(|r| r.why != Why::Other)?;
        Some(RuledOut {
            because: format!(
                "{} was refused for another reason: {}",
                self.account(case),
                other.why.says()
            ),
            from: vec![other.from.clone()],
        })
    }

    /// The account as people read it: as configured, else as the refused logons name it.
    pub(super) fn account(&self, case: &Case) -> String {
        match (self.identity(), self.refusals.first()) {
            (Some(PoolIdentity::Domain(id) | PoolIdentity::Managed(id)), _) => {
                case.accounts.get(*id).shown.clone()
            }
            (Some(identity), _) => identity.shown(&case.accounts),
            (None, Some(refusal)) => refusal.account.to_string(),
            (None, None) => "its account".to_owned(),
        }
    }

    /// The server's name.
    pub(super) fn server(&self, case: &Case) -> String {
        case.hosts.get(self.host).name.clone()
    }

    /// Whether the Security log of the server holds refused logons, and the time of the pool's failures: then no refused
    /// logon of the pool's account means that nobody refused it.
    pub(super) fn is_audited(&self, case: &Case) -> bool {
        self.was().next().is_some()
            && case
                .coverage
                .iter()
                .filter(|c| c.host == self.host && c.channel.eq_ignore_ascii_case("Security"))
                .any(|c| {
                    c.auditing(&[4625]) == Auditing::Seen
                        && c.missing == 0
                        && self.was().all(|e| c.first <= e.time && e.time <= c.last)
                })
    }

    /// A finding about the pool with what WAS and the refusals say. `refused` are those that fit the cause.
    pub(super) fn finding(
        &self,
        scene: &Scene<'_>,
        explanation: String,
        refused: &[&Refusal<'_>],
    ) -> Finding {
        let case = scene.case;
        let account = self.account(case);
        let mut subject = self.view.map(|v| v.subject(case)).unwrap_or_default();
        // The pool stops all its applications under all their names.
        subject.host_name = None;
        subject.spn = None;
        let mut finding = Finding::about(
            Subject {
                account: Some(account.clone()),
                host: Some(self.server(case)),
                ..subject
            },
            explanation,
        );
        if let Some(pool) = self.view.and_then(|v| v.endpoint.pool.as_ref()) {
            finding = finding.structure(
                format!("pool {} runs as {account}", self.name),
                &few(pool.from.clone(), 3),
            );
        } else {
            finding = finding.lacks(Input::ApplicationHostConfig);
        }
        if self.blamed.is_empty() && self.stopped.is_empty() {
            finding = finding.lacks(Input::ServerSystemLog);
        }
        finding = finding
            .observed(
                format!(
                    "WAS refused the identity of pool {} {}",
                    self.name,
                    times(self.blamed.len() as u64)
                ),
                &few(places(&self.blamed), 3),
            )
            .observed(
                format!(
                    "WAS could not start a worker process for pool {}",
                    self.name
                ),
                &few(places(&self.stopped), 2),
            );
        let stopped = case.pool_states(Some(self.host), &self.name).into_iter();
        let stopped = stopped.filter(|(state, _)| state.eq_ignore_ascii_case("Stopped"));
        let stopped = few(stopped.map(|(_, at)| at.clone()).collect(), 2);
        finding = finding.supporting("a list shows the pool stopped", &stopped);
        for (why, group) in by_reason(refused) {
            let from = few(group.iter().map(|r| r.from.clone()).collect(), 3);
            let says = format!(
                "{account} was refused {}: {}",
                times(group.len() as u64),
                why.says()
            );
            finding = if group.iter().any(|r| r.from_server) {
                finding.conclusive(says, &from)
            } else {
                finding.observed(says, &from)
            };
        }
        // A domain controller alone does not say which machine sent the password.
        if !refused.iter().any(|r| r.from_server) {
            finding = finding.at_most(Status::Likely);
        }
        finding.current = self.current(case);
        finding.explains(self.symptoms(scene, refused))
    }

    /// The pool is up again when its account logged on after the last failure, or when http.sys, listed with the rest of the
    /// bundle, shows a process that takes its requests.
    fn current(&self, case: &Case) -> Current {
        let Some(last) = self.was().map(|e| e.time).max() else {
            return Current::Unknown;
        };
        let logon = case.pool_logon_after(self.host, self.identity(), last);
        match logon.is_some() || case.queue_is_served(self.host, &self.name).is_some() {
            true => Current::No,
            false => Current::Unknown,
        }
    }

    fn symptoms(&self, scene: &Scene<'_>, refused: &[&Refusal<'_>]) -> Vec<SymptomId> {
        scene
            .symptoms(|kind| match kind {
                SymptomKind::PoolDown(host, pool) => {
                    *host == self.host && pool.eq_ignore_ascii_case(&self.name)
                }
                SymptomKind::ServiceLogonFailed(host, account, code) => {
                    *host == self.host
                        && refused.iter().any(|r| {
                            r.status == Some(*code)
                                && r.account.to_string().to_lowercase() == *account
                        })
                }
                _ => false,
            })
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    }
}

fn by_reason<'r, 'a>(refused: &[&'r Refusal<'a>]) -> BTreeMap<Why, Vec<&'r Refusal<'a>>> {
    let mut groups: BTreeMap<Why, Vec<&'r Refusal<'a>>> = BTreeMap::new();
    for refusal in refused {
        groups.entry(refusal.why).or_default().push(refusal);
    }
    groups
}

/// The places of events.
pub(super) fn places(events: &[&Event]) -> Vec<Citation> {
    events.iter().map(|e| e.citation.clone()).collect()
}
