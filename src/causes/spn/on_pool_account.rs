//! SPN-05: the SPN is on the pool's account, but kernel mode opens tickets with the computer account.

use crate::case::{AccountId, ConfigEdit, Spn, Symptom};
use crate::causes::acceptor::acceptor_change::{edits, last_change};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Mismatch, Page, Scene, Subject, View,
};
use crate::negotiate::{Acceptor, Answer, KeyMatch, Stage, acceptor_citations, is_cut_off};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, Switch};

/// SPN-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-05",
    name: "spn-on-pool-account-machine-decrypts",
    title: "SPN on the pool account, but kernel mode opens tickets with the computer account",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Kernel-mode authentication opens Kerberos tickets with the computer account's key, whoever the application pool runs as, unless useAppPoolCredentials is true. The SPN is registered on the pool's account, so the KDC seals the ticket with that account's key. The computer account cannot open it, answers KRB_AP_ERR_MODIFIED, and Negotiate does not fall back to NTLM: the browser prompts and ends in 401.1.",
        evidence: &[
            "applicationHost.config: useKernelMode true or absent, useAppPoolCredentials false or absent at the application's effective scope, and a pool that runs as a domain account or gMSA",
            "setspn -Q HTTP/<name>: the pool's account",
            "System log of a client: Kerberos event 4 for HTTP/<name>",
            "Security log of a domain controller: 4769 with status 0x0 and the pool's account as ServiceName",
            "klist on the client: a ticket for HTTP/<name> is there",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-06",
                told_apart_by: "there the SPN is on the computer account and the pool's account opens tickets: compare ServiceName in 4769",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there the holder is neither the pool's account nor the computer account",
            },
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there holder and acceptor are the same account, and only the password differs",
            },
            LookAlike {
                cause: "ET-04",
                told_apart_by: "there holder and acceptor are the same account, and the server's policy refuses the ticket's encryption type",
            },
        ],
        ruled_out_by: "useAppPoolCredentials true at the application's effective scope, or kernel mode off: then the pool's account opens the tickets.",
        fix: &[
            "Note the present SPNs, and back up the IIS configuration.",
            "Set useAppPoolCredentials to true for the site or application, keep kernel mode on, recycle the pool.",
            "Purge the user's tickets and try again.",
            "Or, for a single server without need of the service account: move the SPN to the computer account.",
        ],
        verify: "klist get succeeds, the page opens without a prompt, 4624 of type 3 shows Kerberos, no new Kerberos event 4.",
        rollback: "Set useAppPoolCredentials back to false and recycle the pool.",
        prevent: "Let the script that gives a pool a domain account set useAppPoolCredentials too.",
        blind_spots: &[
            "whether the pool was recycled after the configuration was last changed (KM-03)",
        ],
        versions: "IIS 7.0 to 10, all supported versions of Windows Server.",
        sources: &[
            "Microsoft: Troubleshoot Kerberos failures in Internet Explorer",
            "Microsoft: Kerberos generates KRB_AP_ERR_MODIFIED error",
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
    let claimed =
        |v: &View<'_>| v.endpoint.name_is_tied() && v.mismatch == Some(Mismatch::OnPoolAccount);
    for views in scene.by_site(claimed) {
        out.findings.extend(finding(scene, &views));
    }
    out.findings
        .extend(super::moved::repaired(scene, Mismatch::OnPoolAccount));
    let edits = edits(scene);
    let over = |v: &View<'_>| repaired(scene, v, &edits).is_some();
    for views in scene.by_site(over) {
        let first = views.first();
        out.findings
            .extend(first.and_then(|v| repaired(scene, v, &edits)));
    }
    for view in scene.negotiating() {
        rule_out(scene, view, &mut out);
        let failed = view.spn().is_some_and(|s| !scene.mismatches(s).is_empty());
        if failed && is_cut_off(scene.case, view.endpoint) {
            out.lack(Input::ApplicationHostConfig);
        }
        if let (None, Some(spn), true) = (view.holder(), view.spn(), kernel_mode_with_account(view))
            && !view.endpoint.is_own_name()
            && !matches!(view.path.answer, Some(Answer::Duplicate { .. }))
        {
            out.lack(Input::SpnQuery(spn.to_string()));
        }
    }
    out
}

/// The mismatch was there, and a change of the settings ended it: all that clients were told of it came before.
fn repaired(scene: &Scene<'_>, view: &View<'_>, edits: &[ConfigEdit]) -> Option<Finding> {
    let (spn, holder, pool) = (view.spn()?, view.holder()?, view.pool_account()?);
    let opens = view.path.key_match == KeyMatch::Match && scene.same(pool, holder.account);
    let change = last_change(scene, view, edits).filter(|c| opens && c.is_of_settings())?;
    let told = scene.mismatches(spn);
    let before = |symptom: &Symptom| symptom.last.is_some_and(|last| last < change.edit.time);
    if told.is_empty() || !told.iter().all(|(_, symptom)| before(symptom)) {
        return None;
    }
    let account = scene.shown(pool);
    let subject = Subject {
        account: Some(account.to_owned()),
        ..view.subject(scene.case)
    };
    let says = format!(
        "The KDC seals tickets for {spn} with the key of {account}. IIS opened them with another key until a change of the settings of {}, and since then nobody failed.",
        view.endpoint.location()
    );
    let mut finding = Finding::about(subject, says)
        .structure(
            format!("{spn} is registered on {account}"),
            &few(holder.from.clone(), 2),
        )
        .structure(
            format!(
                "{} was set to {}: since then the key of {account} opens tickets",
                change.edit.setting, change.edit.new
            ),
            std::slice::from_ref(&change.edit.from),
        )
        .saw_mismatches(scene, spn);
    finding.current = Current::No;
    Some(finding)
}

/// Whether kernel mode opens tickets with the computer account while the pool has a directory account of its own.
fn kernel_mode_with_account(view: &View<'_>) -> bool {
    view.acceptor() == Some(&Acceptor::Machine) && view.pool_account().is_some()
}

fn finding(scene: &Scene<'_>, views: &[&View<'_>]) -> Option<Finding> {
    let first = views.first()?;
    let pool_account = first.pool_account()?;
    let account = scene.shown(pool_account);
    let machine = first.acceptor_shown(scene.case);
    let mut spns: Vec<&Spn> = views.iter().filter_map(|v| v.spn()).collect();
    spns.sort_by_key(|s| s.key());
    spns.dedup();
    let names: Vec<String> = spns.iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    let mut subject = first.subject(scene.case);
    subject.account = Some(account.to_owned());
    let mut finding = Finding::about(
        subject,
        format!(
            "The KDC seals tickets for {names} with the key of {account}. IIS opens them with the key of {machine}, because kernel mode is on and useAppPoolCredentials is false. It cannot open them, and Negotiate does not fall back to NTLM: users are prompted and get 401.1."
        ),
    );
    for view in views {
        let held = view.holder().map(|h| h.from.clone()).unwrap_or_default();
        let spn = view.spn()?;
        finding = finding
            .structure(format!("{spn} is registered on {account}"), &few(held, 2))
            .structure(
                format!("{} accepts tickets with {machine}: kernel mode, useAppPoolCredentials false, pool {} runs as {account}", view.endpoint.location(), view.pool_name()),
                &acceptor_citations(view.endpoint),
            );
    }
    finding.structure.dedup();
    for spn in &spns {
        finding = finding.saw_mismatches(scene, spn).saw_tickets(scene, spn);
    }
    let finding = accept_with_pool(scene, views, &spns, pool_account, finding);
    Some(move_to_machine(scene, views, &spns, pool_account, finding))
}

/// The fix: the pool's account opens the tickets.
fn accept_with_pool(
    scene: &Scene<'_>,
    views: &[&View<'_>],
    spns: &[&Spn],
    account: AccountId,
    finding: Finding,
) -> Finding {
    let (Some(first), Some(spn)) = (views.first(), spns.first()) else {
        return finding;
    };
    let name = scene.command_name(account);
    let mut fix = p::snapshot(spn.as_str(), &[&name]);
    let mut rollback = Vec::new();
    let mut changes = Vec::new();
    for (location, pool) in locations(views) {
        fix.extend(p::accept_with_pool(&location, &pool));
        rollback.extend(p::stop_accepting_with_pool(&location, &pool));
        changes.push(Change::Set(
            first.endpoint.server,
            location,
            Switch::UseAppPoolCredentials(true),
        ));
    }
    if views.iter().any(|v| v.has_server_name(scene.case)) {
        fix.push(Step::by_hand(format!(
            "the name is the server's own: WinRM and other HTTP services of the machine get tickets for {name} too. Plan a host name of the application's own (SPN-04)"
        )));
    }
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(spn.as_str(), &name))
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, changes)
}

/// The alternative: the computer account holds the name. Only where this server alone answers to it.
fn move_to_machine(
    scene: &Scene<'_>,
    views: &[&View<'_>],
    spns: &[&Spn],
    account: AccountId,
    finding: Finding,
) -> Finding {
    let Some(first) = views.first() else {
        return finding;
    };
    let shared = scene.views.iter().any(|v| {
        v.endpoint.server != first.endpoint.server && spns.iter().any(|s| v.spn() == Some(*s))
    });
    let (Some(host), false) = (first.endpoint.host, shared) else {
        return finding;
    };
    let machine = scene.case.hosts.get(host).machine;
    let (name, holder) = (scene.command_name(machine), scene.command_name(account));
    let (mut fix, mut verify, mut rollback, mut changes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for spn in spns {
        fix.extend(p::move_spn(spn.as_str(), &holder, &name));
        rollback.extend(p::move_spn(spn.as_str(), &name, &holder));
        verify = p::verify_kerberos(spn.as_str(), &name);
        changes.push(Change::RemoveSpn((*spn).clone(), account));
        changes.push(Change::AddSpn((*spn).clone(), machine));
    }
    fix.push(p::replicate());
    fix.extend(p::purge_and_retest());
    finding.fix(Remedy::of(fix).verify(verify).rollback(rollback), changes)
}

/// The narrowest locations that cover the endpoints, each with its pool: every application named, no more.
fn locations(views: &[&View<'_>]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = views
        .iter()
        .map(|v| (v.endpoint.location(), v.pool_name().to_owned()))
        .collect();
    all.sort();
    all.dedup();
    all
}

fn rule_out(scene: &Scene<'_>, view: &View<'_>, out: &mut Assessment) {
    let (Some(rule), Some(account)) = (&view.path.rule, view.pool_account()) else {
        return;
    };
    match rule.acceptor {
        Acceptor::Account(_) => out.rule_out(
            format!(
                "{}: the key of {} opens tickets ({})",
                view.endpoint.location(),
                scene.shown(account),
                rule.because
            ),
            &acceptor_citations(view.endpoint),
        ),
        Acceptor::Machine if view.path.key_match == KeyMatch::Match => {
            if let (Some(holder), Some(spn)) = (view.holder(), view.spn()) {
                out.rule_out(
                    format!(
                        "{spn} is on {}, whose key opens tickets for {}",
                        scene.shown(holder.account),
                        view.endpoint.location()
                    ),
                    &holder.from,
                );
            }
        }
        _ => {}
    }
}
