//! SPN-04: an HTTP registration of the server's own name on another account shadows the computer's HOST SPN.

use std::collections::BTreeMap;

use super::product_of;
use crate::case::{AccountId, Case, PoolIdentity, Sameness, ServerId, Spn};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Mismatch, Page, Scene, Subject, View,
};
use crate::negotiate::{Answer, KeyMatch, Stage, acceptor_citations};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step};

/// SPN-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-04",
    name: "spn-shadows-host",
    title: "HTTP/<server> on another account takes the server's own name away from it",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "HOST/<server> on the computer account covers HTTP/<server> as long as no account holds that itself. Someone registered HTTP/<server> on a service account. The explicit value wins, so tickets for the server's name are sealed with that account's key, and whatever opens them with the computer account (kernel-mode sites, WinRM) cannot: KRB_AP_ERR_MODIFIED, a prompt, 401.1.",
        evidence: &[
            "setspn -Q HTTP/<server>: a user account; setspn -L <server>$: HOST/<server> only",
            "setspn -X shows nothing: HTTP and HOST are two values",
            "System log of a client: Kerberos event 4 for HTTP/<server>",
            "Security log of a domain controller: 4769 with status 0x0 and that account as ServiceName",
            "WinRM error 0x80090322 against the same server",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-02",
                told_apart_by: "there two accounts hold HTTP/<server> itself, and the KDC logs event 11",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there the pool of the failing site runs as the holder, and useAppPoolCredentials alone repairs it",
            },
            LookAlike {
                cause: "SPN-19",
                told_apart_by: "there the holder is the account of another product, with that product's SPNs",
            },
            LookAlike {
                cause: "KM-04",
                told_apart_by: "there the applications are in one site, and one of them opens the tickets",
            },
        ],
        ruled_out_by: "no HTTP registration for the server's name, or one on the computer account.",
        fix: &[
            "Give the application that uses the account a host name of its own: a host record, and HTTP/<that name> on the account.",
            "Move its clients to that name.",
            "Only then remove HTTP/<server> from the account: HOST covers the name again.",
        ],
        verify: "klist get HTTP/<server>, then 4769 names <SERVER>$; Test-WSMan <server> works.",
        rollback: "Put HTTP/<server> back on the account.",
        prevent: "Never register a server's name on a service account.",
        blind_spots: &["which clients use the server's name for which of its services"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: WinRM and HTTP SPNs on service accounts (error 0x80090322)",
            "Microsoft: servicePrincipalName and the HOST alias (sPNMappings)",
        ],
    },
    assess,
};

/// An account that holds a server's own HTTP name, with the endpoints it breaks.
pub(super) struct Shadow<'v, 'a> {
    /// The account.
    pub holder: AccountId,
    views: Vec<&'v View<'a>>,
    spns: Vec<Spn>,
}

/// The shadows of the case: one for each server and holder.
pub(super) fn shadows<'v, 'a>(scene: &'v Scene<'a>) -> Vec<Shadow<'v, 'a>> {
    let mut groups: BTreeMap<(ServerId, AccountId), Vec<&'v View<'a>>> = BTreeMap::new();
    for view in &scene.views {
        if let (Some(Mismatch::Shadow), Some(holder), false) = (
            view.mismatch,
            view.holder(),
            super::dead_holder::claims(scene, view),
        ) {
            groups
                .entry((view.endpoint.server, holder.account))
                .or_default()
                .push(view);
        }
    }
    groups
        .into_iter()
        .map(|((_, holder), views)| {
            let views = scene.failing_first(views);
            let mut spns: Vec<Spn> = views.iter().filter_map(|v| v.spn().cloned()).collect();
            spns.sort_by_key(Spn::key);
            spns.dedup();
            Shadow {
                holder,
                views,
                spns,
            }
        })
        .collect()
}

/// Whether a pool of some server in the bundle runs as the account.
pub(super) fn runs_a_pool(case: &Case, account: AccountId) -> bool {
    case.situation.endpoints.iter().any(|e| {
        e.pool
            .as_ref()
            .and_then(|p| PoolIdentity::account(&p.identity))
            .is_some_and(|a| case.accounts.compare(a, account) == Sameness::Same)
    })
}

/// Server names that nobody shadows.
pub(super) fn rule_out(scene: &Scene<'_>, out: &mut Assessment) {
    for view in scene
        .negotiating()
        .filter(|v| v.has_server_name(scene.case))
    {
        let Some(spn) = view.spn() else { continue };
        match &view.path.answer {
            Some(Answer::Ticket {
                holder,
                closed: true,
                ..
            }) if view.path.key_match == KeyMatch::Match => out.rule_out(
                format!("{spn} belongs to {}", scene.shown(holder.account)),
                &few(holder.from.clone(), 2),
            ),
            Some(Answer::Ticket { closed: false, .. } | Answer::Unknown) => {
                out.lack(Input::SpnQuery(spn.to_string()));
            }
            _ => {}
        }
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for shadow in shadows(scene) {
        if product_of(scene.case, shadow.holder).is_some() {
            continue;
        }
        let finding = shadow.finding(
            scene,
            format!(
                "{} holds {}, the server's own name, which the computer's HOST SPN would cover.",
                scene.shown(shadow.holder),
                shadow.names()
            ),
        );
        out.find(shadow.repair(scene, finding, CAUSE.page.prevent));
    }
    rule_out(scene, &mut out);
    out
}

impl Shadow<'_, '_> {
    /// The names taken away.
    pub(super) fn names(&self) -> String {
        let names: Vec<&str> = self.spns.iter().map(Spn::as_str).collect();
        names.join(", ")
    }

    /// The finding with structure and observations.
    pub(super) fn finding(&self, scene: &Scene<'_>, begin: String) -> Finding {
        let holder = scene.shown(self.holder);
        // The full name says more than the short one.
        let full = self.views.iter().find(|v| v.endpoint.name.contains('.'));
        let first = full.or(self.views.first());
        let machine = first.map_or_else(String::new, |v| v.acceptor_shown(scene.case));
        let subject = Subject {
            account: Some(holder.to_owned()),
            ..first.map(|v| v.subject(scene.case)).unwrap_or_default()
        };
        let mut finding = Finding::about(
            subject,
            format!(
                "{begin} The KDC seals tickets for it with that account's key. {machine}, whose key opens tickets here, cannot open them: users are prompted and get 401.1, and other HTTP services of the machine (WinRM) are hit as well."
            ),
        );
        for view in &self.views {
            let (Some(spn), Some(held)) = (view.spn(), view.holder()) else {
                continue;
            };
            finding = finding
                .structure(
                    format!("{spn} is registered on {holder}"),
                    &few(held.from.clone(), 2),
                )
                .structure(
                    format!(
                        "{} accepts tickets with {machine}",
                        view.endpoint.location()
                    ),
                    &acceptor_citations(view.endpoint),
                );
        }
        finding.structure.dedup();
        for spn in &self.spns {
            finding = finding.saw_mismatches(scene, spn).saw_tickets(scene, spn);
        }
        finding
    }

    /// First another name for whoever works with the account, then the registration goes.
    pub(super) fn repair(&self, scene: &Scene<'_>, finding: Finding, prevent: &str) -> Finding {
        let Some(first) = self.spns.first() else {
            return finding;
        };
        let name = scene.command_name(self.holder);
        let mut fix = p::snapshot(first.as_str(), &[&name]);
        fix.push(Step::by_hand(format!(
            "give what runs as {name} a host name of its own: a host record (no CNAME), and HTTP/<that name> on {name} with setspn -S; then move its users there"
        )).stop_if(format!("it is not known what runs as {name}: find out before anything is taken from it")));
        let mut rollback = Vec::new();
        for spn in &self.spns {
            fix.extend(p::take_spn(spn.as_str(), &name, scene.shown(self.holder)));
            rollback.extend(p::add_spn(spn.as_str(), &name));
        }
        fix.push(p::replicate());
        fix.extend(p::purge_and_retest());
        // Where an application works with the account under this name, its users have to move first: no change to try out.
        let in_use = scene.views.iter().any(|v| {
            v.path.key_match == KeyMatch::Match && v.spn().is_some_and(|s| self.spns.contains(s))
        });
        let changes = if in_use {
            Vec::new()
        } else {
            self.spns
                .iter()
                .map(|s| Change::RemoveSpn(s.clone(), self.holder))
                .collect()
        };
        let machine = self
            .views
            .first()
            .map_or_else(String::new, |v| v.acceptor_shown(scene.case));
        let remedy = Remedy::of(fix)
            .verify(p::verify_kerberos(first.as_str(), &machine))
            .rollback(rollback)
            .prevent(prevent);
        finding.fix(remedy, changes)
    }
}
