//! SPN-05: the SPN is on the pool's account, but kernel mode opens tickets with the computer account.

use crate::case::{PoolIdentity, Sameness};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, View};
use crate::negotiate::{Acceptor, Stage, acceptor_citations};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Switch};

/// SPN-05.
pub const CAUSE: Cause = Cause {
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
            "Keep the present SPNs and the IIS configuration.",
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
    for views in scene.by_site(|v| v.endpoint.name_is_tied() && applies(v, scene)) {
        out.find(finding(scene, &views));
    }
    for view in scene.negotiating() {
        rule_out(scene, view, &mut out);
    }
    for view in scene.negotiating().filter(|v| {
        kernel_mode_with_account(v) && v.holder().is_none() && !v.endpoint.is_own_name()
    }) {
        if let Some(spn) = view.spn() {
            out.lack(Input::SpnQuery(spn.to_string()));
        }
    }
    out
}

/// Whether kernel mode opens tickets with the computer account while the pool has a directory account of its own.
fn kernel_mode_with_account(view: &View<'_>) -> bool {
    view.acceptor() == Some(&Acceptor::Machine)
        && view.endpoint.settings.windows.use_kernel_mode.value
        && pool_account(view).is_some()
}

fn pool_account(view: &View<'_>) -> Option<crate::case::AccountId> {
    match &view.endpoint.pool.as_ref()?.identity {
        PoolIdentity::Domain(id) | PoolIdentity::Managed(id) => Some(*id),
        _ => None,
    }
}

fn applies(view: &View<'_>, scene: &Scene<'_>) -> bool {
    let (Some(account), Some(holder)) = (pool_account(view), view.holder()) else {
        return false;
    };
    kernel_mode_with_account(view)
        && view.is_mismatch()
        && scene.case.accounts.compare(account, holder.account) == Sameness::Same
}

fn finding(scene: &Scene<'_>, views: &[&View<'_>]) -> Finding {
    let case = scene.case;
    let first = views[0];
    let account = pool_account(first).map_or(String::new(), |a| scene.shown(a).to_owned());
    let machine = first
        .acceptor()
        .map_or(String::new(), |a| case.acceptor_shown(first.endpoint, a));
    let mut spns: Vec<String> = views
        .iter()
        .filter_map(|v| v.spn().map(ToString::to_string))
        .collect();
    spns.sort();
    spns.dedup();
    let names = spns.join(", ");
    let mut subject = first.subject(case);
    subject.account = Some(account.clone());
    let mut finding = Finding::about(
        subject,
        format!(
            "The KDC seals tickets for {names} with the key of {account}. IIS opens them with the key of {machine}, because kernel mode is on and useAppPoolCredentials is false. It cannot open them, and Negotiate does not fall back to NTLM: users are prompted and get 401.1."
        ),
    );
    for view in views {
        let held = view.holder().map(|h| h.from.clone()).unwrap_or_default();
        let spn = view.spn().map(ToString::to_string).unwrap_or_default();
        finding = finding
            .structure(format!("{spn} is registered on {account}"), &few(held, 2))
            .structure(
                format!("{} accepts tickets with {machine}: kernel mode, useAppPoolCredentials false, pool {} runs as {account}", view.endpoint.location(), view.pool_name()),
                &acceptor_citations(view.endpoint),
            );
        if let Some(spn) = view.spn() {
            for (id, symptom) in scene.mismatches(spn) {
                finding = finding
                    .observed(
                        format!(
                            "clients were told {} times that the ticket for {spn} cannot be opened",
                            symptom.count
                        ),
                        &symptom.from,
                    )
                    .explains([id]);
            }
            finding = finding.supporting(
                format!("a client holds a ticket for {spn}: the KDC issues it"),
                &few(scene.tickets(spn), 2),
            );
        }
    }
    finding.structure.dedup();
    let location = location_of(views);
    let pool = first.pool_name();
    let server = first.endpoint.server;
    let mut fix = p::snapshot(&spns[0], &[&account]);
    fix.extend(p::accept_with_pool(&location, pool));
    fix.extend(p::purge_and_retest());
    let accept = Remedy::of(fix)
        .verify(p::verify_kerberos(&spns[0], &account))
        .rollback(p::stop_accepting_with_pool(&location, pool))
        .prevent(CAUSE.page.prevent);
    finding = finding.fix(
        accept,
        vec![Change::Set(
            server,
            location,
            Switch::UseAppPoolCredentials(true),
        )],
    );
    move_to_machine(scene, views, &account, finding)
}

/// The alternative: the computer account holds the name. Only where this server alone answers to it.
fn move_to_machine(
    scene: &Scene<'_>,
    views: &[&View<'_>],
    account: &str,
    finding: Finding,
) -> Finding {
    let first = views[0];
    let shared = scene.views.iter().any(|v| {
        v.endpoint.server != first.endpoint.server && v.endpoint.is_named(&first.endpoint.name)
    });
    let (Some(host), Some(id), false) = (first.endpoint.host, pool_account(first), shared) else {
        return finding;
    };
    let machine = scene.case.hosts.get(host);
    let (mut fix, mut verify, mut rollback, mut changes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut done = Vec::new();
    for spn in views.iter().filter_map(|v| v.spn()) {
        if done.contains(spn) {
            continue;
        }
        done.push(spn.clone());
        let name = format!("{}$", machine.name);
        fix.extend(p::move_spn(spn.as_str(), account, &name));
        rollback.extend(p::move_spn(spn.as_str(), &name, account));
        verify = p::verify_kerberos(spn.as_str(), &name);
        changes.push(Change::RemoveSpn(spn.clone(), id));
        changes.push(Change::AddSpn(spn.clone(), machine.machine));
    }
    fix.push(p::replicate());
    fix.extend(p::purge_and_retest());
    finding.fix(Remedy::of(fix).verify(verify).rollback(rollback), changes)
}

/// The narrowest location that covers the endpoints: the application, or the site when there are several.
fn location_of(views: &[&View<'_>]) -> String {
    let first = views[0].endpoint.location();
    if views.iter().all(|v| v.endpoint.location() == first) {
        first
    } else {
        views[0].endpoint.site.clone()
    }
}

fn rule_out(scene: &Scene<'_>, view: &View<'_>, out: &mut Assessment) {
    let (Some(rule), Some(account)) = (&view.path.rule, pool_account(view)) else {
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
        Acceptor::Machine if !view.is_mismatch() => {
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
