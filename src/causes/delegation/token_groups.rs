//! DG-10: the web server's account may not read the groups of the user that it makes a ticket for.

use std::collections::BTreeMap;

use super::repair::cmdlet;
use crate::case::{AccountId, Case, Role, Sameness, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// DG-10.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-10",
    name: "token-groups-not-readable",
    title: "The web server's account may not read the groups of users, so that it gets no ticket for them",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "A service that signs users in by other means than Kerberos asks the KDC for a ticket of that user to itself (S4U2Self). The KDC puts the user's groups into it, and for that the service's account must be allowed to read them (the attribute tokenGroupsGlobalAndUniversal of the user). By default the group Windows Authorization Access Group may, and in domains that were hardened or upgraded from old ones nobody else. Without that the KDC answers 0x6, unknown principal, though the user exists, and with KdcExtraLogLevel 0x8 it logs event 25, which says so in words.",
        evidence: &[
            "System log of a domain controller: KDC event 25 naming the service's account and the user (needs KdcExtraLogLevel 0x8)",
            "Kerberos event 3 on the web server, or 4769: 0x6 for a user who exists",
            "the account is not in Windows Authorization Access Group",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-11",
                told_apart_by: "there the user name itself cannot be resolved, and no KDC event 25 is logged",
            },
            LookAlike {
                cause: "DG-06",
                told_apart_by: "there the ticket to itself is made, and passing it on is refused with 0xD",
            },
        ],
        ruled_out_by: "the same account getting tickets for other users who are protected alike.",
        fix: &[
            "Put the account into the group Windows Authorization Access Group of the users' domain.",
            "Restart the server or purge its tickets, so that the membership counts.",
        ],
        verify: "No new KDC event 25; 4769 with status 0x0 for the service's account on behalf of the user.",
        rollback: "Take the account out of the group.",
        prevent: "Make the membership a step of setting up any service with protocol transition.",
        blind_spots: &["KDC event 25 is not logged as installed"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: KDC_ERR_C_PRINCIPAL_UNKNOWN is returned in S4U2Self request (KB2009157)",
            "Microsoft: KDC configuration keys (KdcExtraLogLevel)",
        ],
    },
    assess,
};

const KDC_LOG: Input = Input::Stated {
    what: "the System log of the domain controllers, from a time with KdcExtraLogLevel 0x8: the KDC says there whether it may not show a user's groups (event 25)",
    collect_with: "wevtutil epl System %COMPUTERNAME%_System.evtx",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let mut by_service: BTreeMap<String, Vec<(&Event, String)>> = BTreeMap::new();
    let refused = case.pick(|body| match body {
        Body::Kdc(e) if e.id == 25 => Some(e),
        _ => None,
    });
    for (event, kdc) in refused {
        // Who asked, its domain, the user: in this order in the message, whatever the values are called.
        let mut values = kdc.fields.pairs().iter().map(|(_, value)| value.clone());
        let (Some(service), domain, Some(user)) = (values.next(), values.next(), values.next())
        else {
            continue;
        };
        let service = match domain {
            Some(domain) if !service.contains(['\\', '@']) => format!("{domain}\\{service}"),
            _ => service,
        };
        by_service.entry(service).or_default().push((event, user));
    }
    let mut asks = false;
    for (service, events) in &by_service {
        match front_end(scene, service) {
            Some((view, account)) => out.find(finding(scene, view, account, events)),
            None if !scene.has_config() => out.lack(Input::ApplicationHostConfig),
            None => {}
        }
        asks = true;
    }
    // Protocol transition is at work, or tried: only then is the KDC asked so.
    let transition = scene.views.iter().any(|v| {
        let accounts = [v.acceptor_account(case), v.pool_account()];
        accounts.into_iter().flatten().any(|id| {
            case.state_of(id, |state| state.trusted_to_authenticate.clone())
                .is_true()
        })
    });
    let hop_failed = scene
        .symptoms(|k| matches!(k, SymptomKind::SecondHop { .. }))
        .iter()
        .any(|(_, s)| !s.from.is_empty());
    if !asks && (transition || hop_failed) && !has_kdc_log(case) {
        out.lack(KDC_LOG);
    }
    out
}

/// Whether the bundle holds a domain controller's System log in which the KDC wrote of such things.
fn has_kdc_log(case: &Case) -> bool {
    case.coverage.iter().any(|c| {
        c.channel.eq_ignore_ascii_case("System")
            && case
                .hosts
                .get(c.host)
                .roles
                .contains(&Role::DomainController)
            && c.by_id.keys().any(|(provider, id)| {
                *id == 25 && provider.to_lowercase().contains("key-distribution-center")
            })
    })
}

/// The endpoint whose pool or computer account asked.
fn front_end<'s, 'a>(
    scene: &'s Scene<'a>,
    service: &str,
) -> Option<(&'s crate::causes::View<'a>, AccountId)> {
    let (domain, sam) = crate::case::split_name(service);
    let is =
        |id: AccountId| scene.case.accounts.is_named(id, &sam, domain.as_deref()) == Sameness::Same;
    scene.views.iter().find_map(|view| {
        let machine = view.endpoint.host.map(|h| scene.case.hosts.get(h).machine);
        let mut all = [view.pool_account(), machine].into_iter().flatten();
        all.find(|id| is(*id)).map(|id| (view, id))
    })
}

fn finding(
    scene: &Scene<'_>,
    view: &crate::causes::View<'_>,
    account: AccountId,
    events: &[(&Event, String)],
) -> Finding {
    let shown = scene.shown(account).to_owned();
    let mut users: Vec<&str> = events.iter().map(|(_, user)| user.as_str()).collect();
    users.sort_unstable();
    users.dedup();
    let places = events
        .iter()
        .map(|(event, _)| event.citation.clone())
        .collect();
    let finding = Finding::about(
        Subject {
            account: Some(shown.clone()),
            ..view.subject(scene.case)
        },
        format!(
            "{shown} asked for tickets of {} to itself, to act for them at another machine, and the KDC may not show it their groups: it answers 0x6, as if the users did not exist. The users are in order, and so is their sign-in.",
            users.iter().take(3).copied().collect::<Vec<_>>().join(", ")
        ),
    )
    .conclusive(
        format!("the KDC says that {shown} may not expand the groups of users ({} times)", events.len()),
        &few(places, 3),
    );
    let (_, name) = cmdlet(scene, account);
    let remedy = Remedy::of(vec![
        Step::by_hand(format!(
            "put {name} into the group Windows Authorization Access Group of the users' domain (BUILTIN container)"
        ))
        .risk("the account can then read the groups of all users of the domain"),
        p::replicate(),
        Step::by_hand("restart the web server at night, or purge the tickets of the account's session, so that the membership counts"),
    ])
    .verify(vec![
        Step::by_hand("no new KDC event 25 for this account while a user tries the page"),
        Step::by_hand("set KdcExtraLogLevel back to what it was"),
    ])
    .rollback(vec![Step::by_hand(format!("take {name} out of the group again"))])
    .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
