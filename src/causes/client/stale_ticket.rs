//! CL-10: the client goes on with a ticket from before a change.

use jiff::Timestamp;

use super::signs;
use crate::case::{AccountId, AccountKind, Case, HeldTicket, Spn, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Ground, Input, LookAlike, Page, Scene, View};
use crate::evidence::{Citation, When};
use crate::negotiate::KeyMatch;
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::readers::token::KerberosTicket;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// CL-10.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-10",
    name: "client-stale-ticket",
    title: "The client goes on with a ticket from before a change",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "A service ticket is kept for up to ten hours. When the SPN moves to another account, or the account gets another password or other keys, tickets that were fetched before are still sealed with the old key. The server cannot open them: prompt, 401.1, Kerberos event 4 on the client. Whoever fetches a new ticket gets in, so that the repaired site seems to fail at random.",
        evidence: &[
            "klist: the ticket for HTTP/<name> has a Start Time before the change (5136, 4724, 4738, 4742)",
            "System log of the client: Kerberos event 4 after the change, while other clients sign in",
            "a recorded token, or klist of other systems: a key version below msDS-KeyVersionNumber of the account",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-11",
                told_apart_by: "there the client has no ticket, and remembers for 15 minutes that there was none",
            },
            LookAlike {
                cause: "SPN-17",
                told_apart_by: "there new tickets of one domain controller are wrong too: the change has not reached it",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there new tickets cannot be opened either",
            },
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there IIS has the old password, and it is the new tickets that fail",
            },
        ],
        ruled_out_by: "a ticket whose Start Time is after the change.",
        fix: &[
            "klist purge in the session that fails (an elevated prompt has other tickets), or sign out and in.",
            "For services that call the site: restart them, or klist -li 0x3e7 purge for the computer's own session.",
        ],
        verify: "klist shows a ticket for HTTP/<name> with a new Start Time, and the site opens.",
        rollback: "Nothing to take back.",
        prevent: "Move SPNs in the evening, and tell users to sign in again in the morning.",
        blind_spots: &[
            "times of klist are on the clock of the client: without its time zone they are not compared",
            "sessions whose tickets are not in the bundle",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: KRB_AP_ERR_MODIFIED troubleshooting (tickets from before a change)"],
    },
    assess,
};

/// A change of what tickets for a name are sealed with.
struct Change<'a> {
    at: Timestamp,
    event: &'a Event,
    /// Whether it is a password that the machine of the account changes by itself.
    is_rolled: bool,
    says: String,
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let mut spns: Vec<Spn> = case.tickets.iter().map(|t| t.spn.clone()).collect();
    spns.extend(scene.views.iter().filter_map(|v| v.spn().cloned()));
    spns.retain(|spn| spn.has_class("HTTP"));
    spns.sort_by_key(Spn::key);
    spns.dedup_by_key(|spn| spn.key());
    for spn in &spns {
        let views: Vec<&View<'_>> = scene
            .views
            .iter()
            .filter(|v| v.spn() == Some(spn))
            .collect();
        // Where new tickets cannot be opened either, the age of a ticket explains nothing.
        if views.iter().any(|v| v.is_mismatch()) {
            continue;
        }
        match finding(scene, spn, &views, &mut out) {
            Some(finding) => out.find(finding),
            None => {
                if let Some(finding) = by_key_version(scene, spn, &views) {
                    out.find(finding);
                }
            }
        }
    }
    if out.ruled_out.is_empty() {
        out.lack(Input::Klist);
        out.lack(Input::DcSecurityLog);
    }
    out
}

fn finding(
    scene: &Scene<'_>,
    spn: &Spn,
    views: &[&View<'_>],
    out: &mut Assessment,
) -> Option<Finding> {
    let case = scene.case;
    let change = last_change(case, spn, views)?;
    let failed_after: Vec<_> = (scene.mismatches(spn).into_iter())
        .filter(|(_, s)| s.last.is_some_and(|last| last > change.at))
        .collect();
    // A machine rolls such a password by itself, and opens tickets of the one before as well.
    if change.is_rolled && failed_after.is_empty() {
        return None;
    }
    let held: Vec<(&HeldTicket, Timestamp)> = (case.tickets.iter())
        .filter(|t| t.spn == *spn)
        .filter_map(|t| match t.start {
            Some(When::Utc(start)) => Some((t, start)),
            _ => None,
        })
        .collect();
    let old: Vec<Citation> = (held.iter())
        .filter(|(_, start)| *start < change.at)
        .map(|(t, _)| t.ticket.from.clone())
        .collect();
    let began_before = failed_after
        .iter()
        .any(|(_, s)| s.first.is_some_and(|first| first < change.at));
    if old.is_empty() {
        let new: Vec<Citation> = held.iter().map(|(t, _)| t.ticket.from.clone()).collect();
        out.rule_out(
            format!("the ticket for {spn} that was shown is newer than the change"),
            &new,
        );
        // New tickets can be opened, and somebody still fails after the change: it fits, and is not shown.
        let sound = views.iter().any(|v| v.path.key_match == KeyMatch::Match);
        if !new.is_empty() || failed_after.is_empty() || !sound {
            return None;
        }
    }
    let mut finding = Finding::about(
        signs::named(scene, spn),
        format!("{}. Tickets for {spn} from before are sealed with the old key: the server cannot open them until they are fetched anew.", capital(&change.says)),
    )
    .structure(format!("a ticket for {spn} that is still held is older than the change"), &few(old.clone(), 2))
    .saw(failed_after, |count| format!("clients were told {count} that the ticket for {spn} cannot be opened, also after the change"));
    if old.is_empty() {
        finding = finding.lacks(Input::Klist);
        if began_before {
            finding = finding.or_else("SPN-05", "tickets could not be opened before the change either, and perhaps it did not repair that");
        }
    }
    finding.onset = Some(Ground {
        says: change.says,
        from: vec![change.event.citation.clone()],
    });
    Some(finding.fix(remedy(spn), Vec::new()))
}

/// The last change of who holds the name, or of the password of who holds it.
fn last_change<'a>(case: &'a Case, spn: &Spn, views: &[&View<'_>]) -> Option<Change<'a>> {
    let moved = case.events.iter().filter_map(|event| match &event.body {
        Body::DirectoryChanged(change) => {
            let is_spn = change
                .attribute
                .as_deref()?
                .eq_ignore_ascii_case("servicePrincipalName");
            let same = Spn::new(change.value.as_deref()?) == *spn;
            (is_spn && same).then(|| Change {
                at: event.time,
                event,
                is_rolled: false,
                says: format!("{spn} was moved to another account"),
            })
        }
        _ => None,
    });
    let holders: Vec<AccountId> = views
        .iter()
        .filter_map(|v| v.holder())
        .map(|h| h.account)
        .collect();
    let set = holders.iter().flat_map(|account| {
        case.password_changes(*account)
            .into_iter()
            .map(|event| Change {
                at: event.time,
                event,
                is_rolled: rolls_by_itself(case, *account),
                says: format!(
                    "the password of {} was changed",
                    case.accounts.get(*account).shown
                ),
            })
    });
    moved.chain(set).max_by_key(|change| change.at)
}

/// Whether the machine of an account changes its password by itself, month by month, and keeps the last one beside the new.
fn rolls_by_itself(case: &Case, account: AccountId) -> bool {
    let kind = case.accounts.get(account).kind;
    matches!(kind, AccountKind::Computer | AccountKind::Managed)
}

/// Tickets that were presented with a key version below the account's.
fn by_key_version(scene: &Scene<'_>, spn: &Spn, views: &[&View<'_>]) -> Option<Finding> {
    let case = scene.case;
    let holder = views.iter().find_map(|v| v.holder())?.account;
    let current = case.shown_of(holder, |object| &object.kvno);
    let current = current.present()?;
    let presented = presented(case)
        .filter(|(ticket, _)| {
            ticket
                .service
                .as_deref()
                .is_some_and(|s| Spn::new(s) == *spn)
        })
        .filter_map(|(ticket, at)| Some((ticket.kvno?, at)));
    let old: Vec<(u32, &Citation)> = presented
        .filter(|(kvno, _)| *kvno < current.value)
        .collect();
    let (version, _) = old.first()?;
    let refused = scene.symptoms(
        |k| matches!(k, SymptomKind::TokenRefused { spn: Some(s), .. } if *s == spn.key()),
    );
    if rolls_by_itself(case, holder) && refused.is_empty() {
        return None;
    }
    let places: Vec<Citation> = old.iter().map(|(_, at)| (*at).clone()).collect();
    let finding = Finding::about(
        signs::named(scene, spn),
        format!(
            "A client presents a ticket for {spn} of key version {version}, and {} has version {}: the ticket is from before the key was changed.",
            scene.shown(holder),
            current.value
        ),
    )
    .structure(format!("a ticket for {spn} has key version {version}"), &few(places, 2))
    .structure(format!("{} has key version {}", scene.shown(holder), current.value), &few(current.from.clone(), 1))
    .saw(refused, |count| format!("the web server refused such a ticket, {count}"));
    Some(finding.fix(remedy(spn), Vec::new()))
}

/// The tickets that traces and recordings show.
fn presented(case: &Case) -> impl Iterator<Item = (&KerberosTicket, &Citation)> {
    let traced = case.traces.iter().filter_map(|trace| trace.token());
    let recorded = case
        .exchanges
        .iter()
        .filter_map(|exchange| exchange.token());
    traced
        .chain(recorded)
        .filter_map(|(token, at)| Some((token.ticket()?, at)))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn remedy(spn: &Spn) -> Remedy {
    Remedy::of(vec![
        Step::run(c::klist_purge(), "drop the old tickets, in the user's own session (an elevated prompt has others), and close the browser")
            .risk("the session fetches all its tickets anew: without a domain controller in reach it stays without"),
        Step::run(c::klist_get(spn.as_str()), "fetch a new ticket: its Start Time must be after the change"),
        Step::by_hand("a service that calls the site keeps tickets of its own: restart it, or klist -li 0x3e7 purge in an elevated prompt for the computer's session"),
    ])
    .verify(vec![
        Step::by_hand("the site opens without a prompt, and the client logs no new Kerberos event 4"),
        Step::by_hand("the web server's 4624 of type 3 shows Kerberos for the user"),
    ])
    .rollback(vec![Step::by_hand("nothing to take back")])
    .prevent(CAUSE.page.prevent)
}
