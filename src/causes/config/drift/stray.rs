//! Servers behind a name whose pool runs as another account than the one that holds the name, and opens its tickets on the
//! servers beside them. The SPN is right where it is: it is the pool that strayed.

use crate::causes::scene::few;
use crate::causes::{Finding, Mismatch, Scene, View};
use crate::negotiate::{KeyMatch, acceptor_citations};
use crate::remedy::{Change, Step, Switch, procedures as p};

/// Such a server, and one that works.
pub(super) struct Stray<'v, 'a> {
    view: &'v View<'a>,
    twin: &'v View<'a>,
}

/// All of them, by the endpoints of each application.
pub(super) fn strays<'v, 'a>(applications: &[Vec<&'v View<'a>>]) -> Vec<Stray<'v, 'a>> {
    let works = |v: &&&View<'_>| v.path.key_match == KeyMatch::Match;
    let mut strays = Vec::new();
    for views in applications {
        let Some(twin) = views.iter().find(works) else {
            continue;
        };
        let strayed = views
            .iter()
            .filter(|v| v.mismatch == Some(Mismatch::OtherNode));
        strays.extend(strayed.map(|view| Stray { view, twin }));
    }
    strays
}

impl Stray<'_, '_> {
    /// What shows it: who holds the name, whose key is used here, and what clients were told.
    pub(super) fn shown_in(&self, scene: &Scene<'_>, finding: Finding) -> Finding {
        let (Some(holder), Some(spn)) = (self.view.holder(), self.view.spn()) else {
            return finding;
        };
        let label = |v: &View<'_>| &scene.case.server(v.endpoint).label;
        let mut from = few(holder.from.clone(), 2);
        from.extend(few(acceptor_citations(self.view.endpoint), 3));
        let says = format!(
            "{spn} is on {}, whose key opens its tickets on {}; on {} it is {}, which cannot open them",
            scene.shown(holder.account),
            label(self.twin),
            label(self.view),
            self.view.acceptor_shown(scene.case),
        );
        finding.structure(says, &from).saw_mismatches(scene, spn)
    }

    /// The pool gets the account that it has on the servers that work.
    pub(super) fn aligned(&self, scene: &Scene<'_>) -> Option<(Vec<Step>, Change)> {
        let case = scene.case;
        let right = &self.twin.endpoint.pool.as_ref()?.identity;
        let (here, there) = (
            case.server(self.view.endpoint),
            case.server(self.twin.endpoint),
        );
        let step = Step::by_hand(format!(
            "on {}: let pool {} run as {}, as on {}, and leave the SPN where it is",
            here.label,
            self.view.pool_name(),
            right.shown(&case.accounts),
            there.label
        ))
        .risk("the application loses what its present account may do: files, databases")
        .stop_if("the server was meant to get an account of its own: then give it a name of its own as well");
        let location = self.view.endpoint.location();
        Some((
            vec![step, p::recycle(self.view.pool_name())],
            Change::Set(
                self.view.endpoint.server,
                location,
                Switch::Identity(right.clone()),
            ),
        ))
    }
}
