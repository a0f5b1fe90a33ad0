//! SPN-06: the SPN is on the computer account, but the pool's account opens tickets.

use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Mismatch, Page, Scene, Status, View,
};
use crate::negotiate::{Acceptor, Answer, KeyMatch, Stage, acceptor_citations};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Switch};

/// SPN-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-06",
    name: "spn-on-machine-pool-account-decrypts",
    title: "SPN on the computer account, but the pool's account opens tickets",
    stage: Stage::Accept,
    page: Page {
        mechanism: "With useAppPoolCredentials true, or kernel mode off, IIS opens Kerberos tickets with the key of the pool's account. The name users type is held by the computer account (as HTTP/<name>, or through its HOST/<name>), so the KDC seals the ticket with the computer's key. The pool's account cannot open it: KRB_AP_ERR_MODIFIED, a prompt, 401.1.",
        evidence: &[
            "applicationHost.config: useAppPoolCredentials true or useKernelMode false, and a pool that runs as a domain account or gMSA",
            "setspn -Q HTTP/<name>: none, or the computer account; setspn -L <server>: HOST/<name>",
            "System log of a client: Kerberos event 4 for HTTP/<name>",
            "Security log of a domain controller: 4769 with status 0x0 and <SERVER>$ as ServiceName",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "the mirror image: there the SPN is on the pool's account and the computer account opens tickets",
            },
            LookAlike {
                cause: "NAME-02",
                told_apart_by: "there users type an alias, and a CNAME turns it into the server's name: the DNS record is at fault",
            },
            LookAlike {
                cause: "KM-04",
                told_apart_by: "there another application of the same host name does open the tickets with the computer account",
            },
            LookAlike {
                cause: "KM-06",
                told_apart_by: "there the pool runs as a local account, which has no key in the directory at all",
            },
        ],
        ruled_out_by: "an explicit HTTP SPN for the name on the pool's account.",
        fix: &[
            "For an alias: move its SPN from the computer account to the pool's account.",
            "For the server's own name: give the application a name of its own (host record and SPN on the pool's account), or let the computer account open the tickets again.",
            "Do not register HTTP/<server> on the pool's account: it shadows HOST for every other service of the machine (SPN-04).",
        ],
        verify: "setspn -F -Q HTTP/<name> shows the pool's account alone; klist get succeeds; 4624 of type 3 shows Kerberos.",
        rollback: "Move the SPN back, or set useAppPoolCredentials back.",
        prevent: "Give each application that runs as a service account a host name of its own.",
        blind_spots: &["which of its names a server without a host header is called by"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Troubleshoot Kerberos failures in Internet Explorer",
            "Microsoft: <windowsAuthentication> element of IIS",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    // The server's own name is nobody's address while the site has a name of its own and nothing failed for it.
    let claimed = |v: &View<'_>| {
        v.endpoint.name_is_tied()
            && v.mismatch == Some(Mismatch::OnMachine)
            && (!v.endpoint.is_own_name()
                || v.spn().is_some_and(|s| !scene.mismatches(s).is_empty())
                || !has_other_name(scene, v))
    };
    for views in scene.by_site(claimed) {
        out.findings.extend(finding(scene, &views));
    }
    out.findings
        .extend(super::moved::repaired(scene, Mismatch::OnMachine));
    for view in scene.negotiating().filter(|v| v.pool_account().is_some()) {
        match (view.acceptor(), view.holder(), view.spn()) {
            (Some(Acceptor::Machine), _, _) => out.rule_out(
                format!(
                    "{}: the computer account opens tickets, not the pool's",
                    view.endpoint.location()
                ),
                &acceptor_citations(view.endpoint),
            ),
            (Some(Acceptor::Account(account)), Some(holder), Some(spn))
                if view.path.key_match == KeyMatch::Match =>
            {
                out.rule_out(
                    format!(
                        "{spn} is on {}, whose key opens the tickets",
                        scene.shown(*account)
                    ),
                    &holder.from,
                );
            }
            (Some(Acceptor::Account(_)), None, Some(spn))
                if matches!(view.path.answer, Some(Answer::Unknown)) =>
            {
                out.lack(Input::SpnQuery(spn.to_string()));
            }
            _ => {}
        }
    }
    out
}

/// Whether the site answers to a name that is not the server's.
fn has_other_name(scene: &Scene<'_>, view: &View<'_>) -> bool {
    scene.views.iter().any(|v| {
        v.endpoint.server == view.endpoint.server
            && v.endpoint.site == view.endpoint.site
            && v.endpoint.name_is_tied()
            && !v.endpoint.is_own_name()
    })
}

fn finding(scene: &Scene<'_>, views: &[&View<'_>]) -> Option<Finding> {
    let first = views.first()?;
    let account = scene.shown(first.pool_account()?);
    let holder = scene.shown(first.holder()?.account);
    let mut subject = first.subject(scene.case);
    subject.account = Some(holder.to_owned());
    let mut finding = Finding::about(
        subject,
        format!(
            "The KDC seals tickets for {} with the key of the computer account {holder}. IIS opens them with the key of {account}, which cannot: users are prompted and get 401.1.",
            first.spn()?
        ),
    );
    for view in views {
        let spn = view.spn()?;
        let held = view.holder().map(|h| h.from.clone()).unwrap_or_default();
        let how = if view.by_host_alias() {
            " through HOST"
        } else {
            ""
        };
        finding = finding
            .structure(format!("{spn} is held by {holder}{how}"), &few(held, 2))
            .structure(
                format!(
                    "{} accepts tickets with {account}",
                    view.endpoint.location()
                ),
                &acceptor_citations(view.endpoint),
            )
            .saw_tickets(scene, spn);
    }
    finding.structure.dedup();
    finding.supporting.dedup();
    let mut spns: Vec<_> = views.iter().filter_map(|v| v.spn()).collect();
    spns.sort_by_key(|s| s.key());
    spns.dedup();
    for spn in spns {
        finding = finding.saw_mismatches(scene, spn);
    }
    // HOST covers the name only as long as no HTTP registration that was not looked for takes it away.
    let open = views.iter().all(|v| {
        matches!(
            v.path.answer,
            Some(Answer::Ticket {
                by_host_alias: true,
                closed: false,
                ..
            })
        )
    });
    if open {
        finding = finding.at_most(Status::Likely);
    }
    Some(repair(scene, first, finding))
}

/// An alias moves to the pool's account; for the server's own name the computer account takes over again.
fn repair(scene: &Scene<'_>, view: &View<'_>, finding: Finding) -> Finding {
    let (Some(spn), Some(pool), Some(held)) = (view.spn(), view.pool_account(), view.holder())
    else {
        return finding;
    };
    let location = view.endpoint.location();
    let owner = scene.command_name(held.account);
    let acceptor = scene.command_name(pool);
    let machine = {
        let mut fix = vec![p::backup()];
        fix.extend(p::accept_with_machine(&location, view.pool_name()));
        fix.extend(p::purge_and_retest());
        let remedy = Remedy::of(fix)
            .verify(p::verify_kerberos(spn.as_str(), &owner))
            .rollback(p::accept_with_pool(&location, view.pool_name()))
            .prevent(CAUSE.page.prevent);
        let server = view.endpoint.server;
        (
            remedy,
            vec![
                Change::Set(
                    server,
                    location.clone(),
                    Switch::UseAppPoolCredentials(false),
                ),
                Change::Set(server, location.clone(), Switch::UseKernelMode(true)),
            ],
        )
    };
    if view.has_server_name(scene.case) {
        return finding.fix(machine.0, machine.1);
    }
    let mut fix = p::snapshot(spn.as_str(), &[&acceptor]);
    let mut changes = vec![Change::AddSpn(spn.clone(), pool)];
    if view.by_host_alias() {
        fix.extend(p::add_spn(spn.as_str(), &acceptor));
    } else {
        fix.extend(p::move_spn(spn.as_str(), &owner, &acceptor));
        changes.insert(0, Change::RemoveSpn(spn.clone(), held.account));
    }
    fix.push(p::replicate());
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(spn.as_str(), &acceptor))
        .rollback(p::take_back_spn(spn.as_str(), &acceptor))
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, changes).fix(machine.0, machine.1)
}
