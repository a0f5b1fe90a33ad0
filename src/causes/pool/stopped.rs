//! Pools that WAS took down for another reason than their identity, by machine and pool.

use std::collections::BTreeMap;

use crate::case::{HostId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Current, Finding, Ground, Input, Scene, Subject, View};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, PoolEvent};

/// The events of WAS about one pool of one machine, oldest first.
pub(super) struct PoolLog<'s, 'a> {
    /// The machine.
    pub host: HostId,
    /// The pool.
    pub name: String,
    /// The events.
    pub events: Vec<(&'a Event, &'a PoolEvent)>,
    /// An endpoint of the pool, where the bundle holds the configuration.
    pub view: Option<&'s View<'a>>,
}

impl<'s, 'a> PoolLog<'s, 'a> {
    /// The pools about which WAS wrote one of these ids.
    pub(super) fn with(scene: &'s Scene<'a>, ids: &[u32]) -> Vec<Self> {
        let case = scene.case;
        let mut pools: BTreeMap<(HostId, String), Self> = BTreeMap::new();
        let all = case.pick(|body| match body {
            Body::Pool(was) => Some(was),
            _ => None,
        });
        for (event, was) in all {
            let (Some(host), Some(name)) = (case.hosts.find(&event.computer), &was.pool) else {
                continue;
            };
            let pool = pools
                .entry((host, name.to_lowercase()))
                .or_insert_with(|| Self {
                    host,
                    name: name.clone(),
                    events: Vec::new(),
                    view: scene.views.iter().find(|v| {
                        v.endpoint.host == Some(host) && v.pool_name().eq_ignore_ascii_case(name)
                    }),
                });
            pool.events.push((event, was));
        }
        let mut pools: Vec<Self> = pools.into_values().collect();
        pools.retain(|pool| pool.of(ids).next().is_some());
        pools
    }

    /// Its events of these ids.
    pub(super) fn of<'p>(&'p self, ids: &'p [u32]) -> impl Iterator<Item = &'a Event> + 'p {
        let mine = self.events.iter().filter(|(_, was)| ids.contains(&was.id));
        mine.map(|(event, _)| *event)
    }

    /// The places of its events of these ids, the first few.
    pub(super) fn places(&self, ids: &[u32]) -> Vec<Citation> {
        few(
            self.of(ids).map(|event| event.citation.clone()).collect(),
            3,
        )
    }

    /// The server's name.
    pub(super) fn server(&self, scene: &Scene<'_>) -> String {
        scene.case.hosts.get(self.host).name.clone()
    }

    /// A finding about the pool, with the 503 that it means and whether it is still down.
    pub(super) fn finding(&self, scene: &Scene<'_>, explanation: String, ids: &[u32]) -> Finding {
        let case = scene.case;
        let mut subject = self.view.map(|v| v.subject(case)).unwrap_or_default();
        // The pool stops all its applications under all their names.
        subject.host_name = None;
        subject.spn = None;
        let mut finding = Finding::about(
            Subject {
                host: Some(self.server(scene)),
                ..subject
            },
            explanation,
        );
        if let Some(pool) = self.view.and_then(|v| v.endpoint.pool.as_ref()) {
            finding = finding.supporting(
                format!("the configuration has pool {}", self.name),
                &few(pool.from.clone(), 2),
            );
        }
        let down = scene.symptoms(|kind| {
            matches!(kind, SymptomKind::PoolDown(host, pool)
                if *host == self.host && pool.eq_ignore_ascii_case(&self.name))
        });
        finding = finding.explains(down.into_iter().map(|(id, _)| id));
        finding.onset = self.of(ids).next().map(|first| Ground {
            says: "WAS took the pool down".into(),
            from: vec![first.citation.clone()],
        });
        let last = self.of(ids).map(|event| event.time).max();
        let identity = self
            .view
            .and_then(|v| Some(&v.endpoint.pool.as_ref()?.identity));
        let up = last.and_then(|last| case.restart_after(self.host, &self.name, identity, last));
        if let Some(event) = up {
            finding.current = Current::No;
            finding = finding.supporting(
                "the pool was started again after that",
                std::slice::from_ref(&event.citation),
            );
        }
        if let Some(at) = case.queue_is_served(self.host, &self.name) {
            finding.current = Current::No;
            let says = "http.sys shows a process that takes the requests of the pool";
            finding = finding.supporting(says, std::slice::from_ref(at));
        }
        for (state, at) in case.pool_states(Some(self.host), &self.name) {
            if state.eq_ignore_ascii_case("Stopped") {
                finding.current = Current::Yes;
                finding =
                    finding.supporting("a list shows the pool stopped", std::slice::from_ref(at));
            }
        }
        finding
    }
}

/// Without the System log of the web server nothing shows why a pool is down.
pub(super) fn lack_system_log(scene: &Scene<'_>, out: &mut crate::causes::Assessment) {
    if !scene.has_log("System", crate::case::Role::WebServer) {
        out.lack(Input::ServerSystemLog);
    }
}
