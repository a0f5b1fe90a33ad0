//! KM-06: the pool runs as a local account and opens tickets itself, which no key in the directory fits.

use super::saw_mismatches;
use crate::case::PoolIdentity;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::negotiate::{Acceptor, Answer, Stage, acceptor_citations};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, Switch};

/// KM-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "KM-06",
    name: "acceptor-is-local-account",
    title: "The pool runs as a local account, which cannot open any Kerberos ticket",
    stage: Stage::Accept,
    page: Page {
        mechanism: "With useAppPoolCredentials true, or kernel mode off, the pool's account opens Kerberos tickets. A local account of the server has no key in Active Directory, so it opens none, whoever holds the SPN. Where the name is held (the server's own name always is, through HOST), clients send a ticket and get 401.1. Where nobody holds it, they use NTLM, and that works.",
        evidence: &[
            "applicationHost.config: the pool's userName is .\\name or SERVER\\name, and useAppPoolCredentials is true or kernel mode off",
            "System log of a client: Kerberos event 4 for the name",
            "Security log of a domain controller: 4769 with status 0x0, ServiceName is the computer account or another holder",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-06",
                told_apart_by: "there the pool runs as a domain account, which the SPN can be moved to",
            },
            LookAlike {
                cause: "KM-07",
                told_apart_by: "there the pool runs as LocalService",
            },
        ],
        ruled_out_by: "a pool identity with a key in the directory, or kernel mode with useAppPoolCredentials false.",
        fix: &[
            "Let the computer account open the tickets: kernel mode on, useAppPoolCredentials false.",
            "Or run the pool as ApplicationPoolIdentity, or as a group managed service account with the SPN on it.",
        ],
        verify: "klist get succeeds, 4624 of type 3 shows Kerberos, no new Kerberos event 4.",
        rollback: "Set the values back and recycle the pool.",
        prevent: "Do not run pools as local accounts on servers of a domain.",
        blind_spots: &[
            "how each Windows version treats a local account with useAppPoolCredentials is not documented",
        ],
        versions: "IIS 7.0 and later.",
        sources: &["reasoned from Microsoft: Troubleshoot Kerberos failures in Internet Explorer"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let applies = |v: &View<'_>| {
        v.endpoint.name_is_tied()
            && v.path.answer.is_some()
            && v.acceptor() == Some(&Acceptor::NoKey)
    };
    for views in scene.by_site(applies) {
        out.find(finding(scene, &views));
    }
    for view in scene.negotiating() {
        let local = view
            .endpoint
            .pool
            .as_ref()
            .is_some_and(|p| matches!(p.identity, PoolIdentity::Local(_)));
        if local && view.acceptor() == Some(&Acceptor::Machine) {
            out.rule_out(
                format!(
                    "{}: the computer account opens tickets, not the pool's local account",
                    view.endpoint.location()
                ),
                &acceptor_citations(view.endpoint),
            );
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let case = scene.case;
    // The name that a ticket is issued for decides; the others of the site only fall back to NTLM.
    let held = |v: &&&View<'_>| matches!(v.path.answer, Some(Answer::Ticket { .. }));
    let first = views.iter().find(held).copied().unwrap_or(views.first);
    let identity = first
        .endpoint
        .pool
        .as_ref()
        .map_or(String::new(), |p| p.identity.shown(&case.accounts));
    let mut subject = first.subject(case);
    subject.account = Some(identity.clone());
    let spn = first.spn().map(ToString::to_string).unwrap_or_default();
    let mut finding = Finding::about(
        subject,
        format!(
            "{} opens tickets with {identity}, which has no key in Active Directory. It cannot open a ticket for {spn}, whoever holds that name: clients that get one are prompted and end in 401.1.",
            first.endpoint.location()
        ),
    );
    let says = format!(
        "{} opens tickets with {identity}",
        first.endpoint.location()
    );
    let from = acceptor_citations(first.endpoint);
    finding = match &first.path.answer {
        Some(Answer::Ticket { holder, .. }) => finding.structure(says, &from).structure(
            format!("{spn} is held by {}", scene.shown(holder.account)),
            &few(holder.from.clone(), 2),
        ),
        // The HOST registrations of the server's own name are there as installed.
        Some(Answer::Unknown) if first.endpoint.is_own_name() => finding.structure(says, &from),
        Some(Answer::Unknown) => finding
            .structure(says, &from)
            .lacks(Input::SpnQuery(spn.clone())),
        // No ticket is issued, and NTLM works: it would strike once somebody registers the name.
        _ => finding.supporting(says, &from),
    };
    finding = saw_mismatches(scene, views, finding);
    // In user mode a local account has only NTLM. What it does with pool credentials in kernel mode is not documented, and
    // where another account holds the name, that alone would explain the failures.
    if first.endpoint.settings.windows.use_kernel_mode.value || !is_held_by_machine(scene, first) {
        finding = finding.at_most(Status::Likely);
    }
    repair(scene, first, &spn, finding)
}

fn is_held_by_machine(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let machine = view.endpoint.host.map(|h| scene.case.hosts.get(h).machine);
    view.holder()
        .zip(machine)
        .is_some_and(|(holder, machine)| scene.same(machine, holder.account))
}

fn repair(scene: &Scene<'_>, view: &View<'_>, spn: &str, finding: Finding) -> Finding {
    let (server, location) = (view.endpoint.server, view.endpoint.location());
    let pool = view.pool_name();
    let machine = scene.case.acceptor_shown(view.endpoint, &Acceptor::Machine);
    let set = |switch| Change::Set(server, location.clone(), switch);
    let remedy = |mut fix: Vec<Step>| {
        fix.insert(0, p::backup());
        fix.extend(p::purge_and_retest());
        Remedy::of(fix)
            .verify(p::verify_kerberos(spn, &machine))
            .rollback(p::restore())
            .prevent(CAUSE.page.prevent)
    };
    let by_machine = remedy(p::accept_with_machine(&location, pool));
    let by_identity = remedy(vec![
        Step::by_hand(format!(
            "let pool {pool} run as ApplicationPoolIdentity, whose key is the computer account's"
        ))
        .risk("the application loses what the local account may do: give its files to IIS AppPool\\<pool>"),
        p::recycle(pool),
    ]);
    finding
        .fix(
            by_machine,
            vec![
                set(Switch::UseAppPoolCredentials(false)),
                set(Switch::UseKernelMode(true)),
            ],
        )
        .fix(
            by_identity,
            vec![set(Switch::Identity(PoolIdentity::ApplicationPool))],
        )
}
