//! SPN-08: the account that holds the SPN is disabled, expired or deleted.

use super::repair::move_to_acceptor;
use crate::case::{AccountId, AccountKind, Sameness, Spn, Symptom, SymptomId, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Ground, Input, LookAlike, Mismatch, Page, Scene, Status,
    Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Stage, acceptor_citations};
use crate::readers::events::{Body, Event};

/// SPN-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-08",
    name: "spn-holder-disabled",
    title: "The account that holds the SPN is disabled, expired or deleted",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The name stands on an account that was retired: disabled, expired, or deleted. An SPN of a disabled account still counts as taken, so nobody else may register it, but the KDC issues no usable ticket for it: clients get an error (0x12, 0x13 or 0x7; which one is not documented) and fall back to NTLM, or are prompted. Tickets that were issued before live on for up to ten hours, so the failure creeps in during the day after. A deleted account takes the SPN with it, and the name is simply missing; restored from the recycle bin it brings the SPN back.",
        evidence: &[
            "setspn -F -Q HTTP/<name>: an account that is not the one whose key opens the tickets",
            "Get-ADUser: Enabled False, or an AccountExpirationDate in the past; often an OU for leavers in its distinguished name",
            "Security log of a domain controller: 4725 (disabled), 4726 or 5141 (deleted) for that account; 4769 with 0x12, 0x13 or 0x7 for the name afterwards",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-03",
                told_apart_by: "there it is the pool's own account: the pool does not start, and the site answers 503",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there the holder is enabled: clients get a ticket that cannot be opened (event 4)",
            },
            LookAlike {
                cause: "MC-06",
                told_apart_by: "there it is the server's own computer account",
            },
            LookAlike {
                cause: "AC-03",
                told_apart_by: "there the user is disabled, and fails everywhere",
            },
        ],
        ruled_out_by: "the holder is enabled and has not expired.",
        fix: &[
            "Note what the retired account holds, and who else needs it.",
            "Move the SPN to the account whose key opens the tickets. Do not enable an account that somebody retired for a reason.",
            "Replicate, purge the users' tickets, try again.",
        ],
        verify: "setspn -F -Q HTTP/<name> shows the right account alone; klist get succeeds; 4624 shows Kerberos.",
        rollback: "Move the SPN back.",
        prevent: "Ask for servicePrincipalName before an account is retired.",
        blind_spots: &[
            "the KDC's exact answer for a disabled holder",
            "an account that was disabled before the logs begin, where no listing shows its state",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: auditing of 4725, 4726, 4738, 4769",
            "RFC 4120, section 7.5.9 (KDC_ERR_SERVICE_REVOKED)",
        ],
    },
    assess,
};

/// The flag of a disabled account in SAM's encoding, as 4738 and 4742 carry it.
const DISABLED: u32 = 0x1;

/// What shows that an account is of no use any more.
struct Retired<'a> {
    /// `is disabled`, `has expired`, `was deleted`.
    what: &'static str,
    from: Vec<Citation>,
    /// The event that did it.
    event: Option<&'a Event>,
}

/// Whether this cause, and not one of a ticket that cannot be opened, tells of an endpoint: its holder is retired, so that
/// the KDC issues none, and nothing shows that it does.
pub(in crate::causes) fn claims(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let (Some(holder), Some(spn)) = (view.holder(), view.spn()) else {
        return false;
    };
    matches!(view.mismatch, Some(Mismatch::OnOther | Mismatch::Shadow))
        && view.endpoint.name_is_tied()
        && is_strange(scene, view, holder.account)
        && scene.mismatches(spn).is_empty()
        && scene.refused_tickets(spn).is_empty()
        && scene.tickets(spn).is_empty()
        && retired(scene, holder.account).is_some()
}

/// Whether the holder is neither the pool's account nor the server's: those are POOL-03 and MC-06.
fn is_strange(scene: &Scene<'_>, view: &View<'_>, holder: AccountId) -> bool {
    let known = |id| {
        matches!(
            scene.case.accounts.compare(id, holder),
            Sameness::Different | Sameness::PresumedDifferent
        )
    };
    let machine = view.endpoint.host.map(|h| scene.case.hosts.get(h).machine);
    view.pool_account().is_none_or(known)
        && machine.is_none_or(known)
        && (machine.is_some() || scene.case.accounts.get(holder).kind != AccountKind::Computer)
}

fn retired<'a>(scene: &Scene<'a>, account: AccountId) -> Option<Retired<'a>> {
    let case = scene.case;
    let mut last: Option<Retired<'a>> = None;
    for event in &case.events {
        let says = match &event.body {
            Body::AccountChanged(e)
                if case.event_names(
                    event,
                    account,
                    e.target.name.as_deref(),
                    e.target.domain.as_deref(),
                ) =>
            {
                let off = |uac: Option<u32>| uac.map(|uac| uac & DISABLED != 0);
                match (e.id, off(e.old_uac), off(e.new_uac)) {
                    (4725, ..) | (4738 | 4742, Some(false), Some(true)) => Some("is disabled"),
                    (4726 | 4743, ..) => Some("was deleted"),
                    (4722, ..) | (4738 | 4742, Some(true), Some(false)) => None,
                    _ => continue,
                }
            }
            Body::DirectoryChanged(e) if e.added.is_none() && e.attribute.is_none() => {
                let dn = case.accounts.get(account).dn.as_deref();
                match (&e.object_dn, dn) {
                    (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => Some("was deleted"),
                    _ => continue,
                }
            }
            _ => continue,
        };
        last = says.map(|what| Retired {
            what,
            from: vec![event.citation.clone()],
            event: Some(event),
        });
    }
    let listed = |what: &'static str, known: &crate::evidence::Known<bool>| {
        let state = known.present().filter(|state| state.value)?;
        Some(Retired {
            what,
            from: state.from.clone(),
            event: None,
        })
    };
    let disabled = case.state_of(account, |state| state.is_disabled());
    let until = case.span().map(|(_, last)| last);
    let expired = until.map(|at| case.state_of(account, |state| state.has_expired(at)));
    let by_list =
        listed("is disabled", &disabled).or_else(|| listed("has expired", expired.as_ref()?));
    match (last, by_list) {
        (Some(mut by_event), Some(by_list)) => {
            by_event.from.extend(by_list.from);
            Some(by_event)
        }
        // A listing was made after the events: an account that is enabled there is in use again.
        (Some(by_event), None) if disabled.present().is_none_or(|d| d.value) => Some(by_event),
        (Some(_), None) => None,
        (None, by_list) => by_list,
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for (spn, views) in scene.by_spn(|v| claims(scene, v)) {
        out.findings.extend(finding(scene, &spn, &views));
    }
    let accounts = &scene.case.accounts;
    for view in scene.negotiating().filter(|v| v.endpoint.name_is_tied()) {
        let (Some(holder), Some(spn)) = (view.holder(), view.spn()) else {
            continue;
        };
        let shown = scene.shown(holder.account);
        let disabled = scene
            .case
            .state_of(holder.account, |state| state.is_disabled());
        let tickets = scene.tickets(spn);
        if let Some(state) = disabled.present().filter(|state| !state.value) {
            out.rule_out(
                format!("{shown}, which holds {spn}, is enabled"),
                &few(state.from.clone(), 1),
            );
        } else if !tickets.is_empty() {
            out.rule_out(
                format!("the KDC issues tickets for {spn}"),
                &few(tickets, 1),
            );
        } else if is_strange(scene, view, holder.account) && scene.mismatches(spn).is_empty() {
            out.lack(Input::AccountAttributes(
                accounts.get(holder.account).bare_name(),
            ));
        }
    }
    out
}

fn refusals<'a>(scene: &Scene<'a>, spn: &Spn) -> Vec<(SymptomId, &'a Symptom)> {
    let key = spn.key();
    scene.symptoms(|k| match k {
        SymptomKind::PrincipalUnknown(s) | SymptomKind::KerberosError(s, 0x2 | 0x12 | 0x13) => {
            *s == key
        }
        _ => false,
    })
}

fn finding(scene: &Scene<'_>, spn: &Spn, views: &[&View<'_>]) -> Option<Finding> {
    let first = views.first()?;
    let holder = first.holder()?;
    let retired = retired(scene, holder.account)?;
    let owner = scene.shown(holder.account);
    let subject = Subject {
        account: Some(owner.to_owned()),
        ..first.subject(scene.case)
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{spn} is on {owner}, which {} and does not open the tickets here ({} does). The KDC issues no ticket for it: clients fall back to NTLM, or get 401 where NTLM is not to be had.",
            retired.what,
            first.acceptor_shown(scene.case)
        ),
    )
    .structure(format!("{spn} is registered on {owner}"), &few(holder.from.clone(), 2))
    .structure(format!("{owner} {}", retired.what), &few(retired.from.clone(), 3));
    for view in views {
        finding = finding.structure(
            format!(
                "{} accepts tickets with {}",
                view.endpoint.location(),
                view.acceptor_shown(scene.case)
            ),
            &acceptor_citations(view.endpoint),
        );
    }
    finding.structure.dedup();
    let refused = refusals(scene, spn);
    for (id, symptom) in &refused {
        finding = finding
            .observed(
                format!(
                    "the KDC refused a ticket for {spn} {}",
                    times(symptom.count)
                ),
                &symptom.from,
            )
            .explains([*id]);
    }
    finding = finding
        .saw_ntlm(scene, spn, &[None, Some(0), Some(5), Some(6)])
        .saw_logons_of_the_refused(scene, spn, views);
    // What the KDC answers is not documented: only a refusal that follows the event is sure to come of it.
    let follows = retired.event.is_some_and(|event| {
        let first = refused.iter().filter_map(|(_, s)| s.first).min();
        first.is_some_and(|first| first >= event.time)
    });
    if !follows {
        finding = finding.at_most(Status::Likely);
    }
    finding.current = Current::Yes;
    if let Some(event) = retired.event {
        finding.onset = Some(Ground {
            says: format!("{owner} {}", retired.what),
            from: vec![event.citation.clone()],
        });
    }
    Some(move_to_acceptor(
        scene,
        finding,
        spn,
        &[holder.account],
        views,
        CAUSE.page.prevent,
    ))
}
