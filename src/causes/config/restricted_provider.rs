//! CFG-06: `Negotiate:Kerberos` or `Negotiate:PKU2U` is offered where it cannot work, or leaves no way out.

mod plain_negotiate;

use self::plain_negotiate::plain_negotiate;
use super::{
    asks_for_windows, has_server, listed, locations, places, position, provider_list, sites,
    subject, switch_all,
};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Answer, Stage, has_restricted_provider};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// CFG-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-06",
    name: "restricted-negotiate-provider",
    title: "Negotiate:Kerberos or Negotiate:PKU2U is offered: unsupported in kernel mode, and without a fall-back to NTLM",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "Negotiate:Kerberos and Negotiate:PKU2U narrow Negotiate to one protocol. In kernel mode they are not supported, and kernel mode is on by default. In user mode they work, but nothing is left to fall back to: what would be a silent NTLM logon elsewhere (an SPN that nobody or everybody holds, no domain controller) is a 401 here.",
        evidence: &[
            "applicationHost.config: a provider Negotiate:Kerberos or Negotiate:PKU2U, with useKernelMode true or absent",
            "applicationHost.config: such a provider alone, and System log of a client: Kerberos event 3 with 0x7 for HTTP/<name>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NT-01",
                told_apart_by: "there NTLM is offered, and a policy blocks it",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "the missing SPN is the fault itself; this entry is why it ends in 401 and not in NTLM",
            },
        ],
        ruled_out_by: "plain Negotiate as the provider in force.",
        fix: &[
            "In kernel mode: turn kernel mode off for the application, after checking whose key opens tickets then.",
            "In user mode: repair the SPN.",
            "Or offer plain Negotiate and NTLM, where NTLM is allowed.",
        ],
        verify: "klist get HTTP/<name> succeeds, the page opens, 4624 of type 3 shows Kerberos.",
        rollback: "Put the former provider and useKernelMode back.",
        prevent: "Use plain Negotiate unless NTLM must be impossible; with Negotiate:Kerberos, test each new name before users get it.",
        blind_spots: &[
            "whether NTLM is shut out on purpose (hardening of certificate services and the like)",
        ],
        versions: "IIS 7.5 to 10.",
        sources: &[
            "Microsoft: <providers> of <windowsAuthentication>, Negotiate:Kerberos and Negotiate:PKU2U",
        ],
    },
    assess,
};

/// A restricted provider with kernel mode on.
fn in_kernel_mode(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    asks_for_windows(scene, view)
        && has_restricted_provider(settings)
        && settings.windows.use_kernel_mode.value
}

/// A restricted provider alone, and a ticket that cannot be had.
fn without_way_out(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    let no_ticket = matches!(
        view.path.answer,
        Some(Answer::NotFound { .. } | Answer::Duplicate { .. })
    ) && view.path.is_decided();
    let refused = view
        .spn()
        .is_some_and(|s| !scene.unknown_principals(s).is_empty());
    asks_for_windows(scene, view)
        && has_restricted_provider(settings)
        && !settings.windows.use_kernel_mode.value
        && position(settings, "Negotiate").is_none()
        && position(settings, "NTLM").is_none()
        && view.endpoint.name_is_tied()
        && (no_ticket || refused)
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for views in sites(scene, |v| in_kernel_mode(scene, v)) {
        out.find(kernel_mode(scene, &views));
    }
    for views in sites(scene, |v| without_way_out(scene, v)) {
        out.find(no_fall_back(scene, &views));
    }
    for view in sites(scene, |v| asks_for_windows(scene, v))
        .into_iter()
        .flatten()
    {
        if !has_restricted_provider(&view.endpoint.settings) {
            out.rule_out(
                format!(
                    "{} offers {}",
                    view.endpoint.location(),
                    provider_list(&view.endpoint.settings)
                ),
                &few(restricting(view, |_| true), 2),
            );
        }
    }
    out
}

fn restricting(view: &View<'_>, pick: impl Fn(&str) -> bool) -> Vec<Citation> {
    let providers = view.endpoint.settings.windows.providers.iter();
    providers
        .filter(|(name, _)| pick(name))
        .map(|(_, at)| at.clone())
        .collect()
}

fn about(scene: &Scene<'_>, views: &Group<'_, '_>, says: &str) -> Finding {
    let subject: Subject = subject(scene, views);
    let providers = views
        .iter()
        .flat_map(|v| restricting(v, |n| n.to_lowercase().starts_with("negotiate:")))
        .collect();
    Finding::about(subject, says).structure(
        format!(
            "{} offer {}",
            listed(&locations(views)),
            provider_list(&views.first.endpoint.settings)
        ),
        &few(providers, 3),
    )
}

fn kernel_mode(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let finding = about(
        scene,
        views,
        &format!(
            "{} offer {} while kernel mode is on, which IIS does not support.",
            listed(&all),
            provider_list(&first.endpoint.settings)
        ),
    )
    .structure(
        "kernel mode is on (the default where nothing sets it)",
        &few(
            places(
                scene,
                first,
                &first.endpoint.settings.windows.use_kernel_mode,
            ),
            2,
        ),
    );
    let mut fix = vec![p::backup()];
    let mut rollback = Vec::new();
    for location in &all {
        fix.push(
            Step::run(
                c::appcmd_set_windows_auth(location, "/useKernelMode:", "false"),
                format!("turn kernel mode off for {location}"),
            )
            .stop_if("the pool runs as a domain account and the SPN is on the computer account: the pool's account opens tickets then, so move the SPN first"),
        );
        rollback.push(Step::run(
            c::appcmd_set_windows_auth(location, "/useKernelMode:", "true"),
            "turn kernel mode on again",
        ));
    }
    fix.push(p::recycle(first.pool_name()));
    let remedy = Remedy::of(fix)
        .verify(verify(first))
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    let changes = switch_all(first, &all, &Switch::UseKernelMode(false));
    plain_negotiate(views, finding.fix(remedy, changes))
}

fn no_fall_back(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let mut finding = about(
        scene,
        views,
        "Only Kerberos is offered, and the ticket cannot be had. Elsewhere this would end in NTLM; here it ends in 401.",
    )
    .structure(
        "kernel mode is off, so the provider is in force as written",
        &few(places(scene, first, &first.endpoint.settings.windows.use_kernel_mode), 1),
    )
    // The SPN is the fault; this only makes it visible.
    .at_most(Status::Likely);
    for spn in views.iter().filter_map(|v| v.spn()) {
        let refused = scene.unknown_principals(spn);
        finding = super::observe(
            finding,
            refused,
            &format!("the KDC has no single holder of {spn}"),
        );
    }
    let remedy = Remedy::of(vec![Step::by_hand(
        "repair the SPN as its own finding says (SPN-01 or SPN-02); the provider can stay as it is",
    )])
    .verify(verify(first))
    .prevent(CAUSE.page.prevent);
    plain_negotiate(views, finding.fix(remedy, Vec::new()))
}

fn verify(view: &View<'_>) -> Vec<Step> {
    let mut steps: Vec<Step> = view
        .spn()
        .map(|spn| Step::run(c::klist_get(spn.as_str()), "succeeds in the user's session"))
        .into_iter()
        .collect();
    steps.push(Step::run(
        c::show_challenge(&view.endpoint.url()),
        "the site must answer 401 with a WWW-Authenticate header",
    ));
    steps
}
