//! What causes predict of the logs of IIS and of http.sys, and which failures there are the same as those of events.
//!
//! A log names no scheme and, where it refuses, no user: what it shows fits a finding of the same site, and is told as
//! explained by it. It is an observation of its own only where a ticket cannot be opened and the log shows nobody at that
//! site who signs in with one.

use jiff::{SignedDuration, Timestamp};

use super::Finding;
use super::observations::times;
use super::scene::few;
use crate::case::{Case, LoggedSite, LoggedSiteId, Meaning, Symptom, SymptomId, SymptomKind};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event};

/// Clocks of one machine agree; a log is written when the answer is sent.
const NEAR: SignedDuration = SignedDuration::from_mins(5);

/// What a cause makes IIS write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predicts {
    /// Tickets that cannot be opened: 401.1.
    RefusedTickets,
    /// NTLM: two legs.
    Ntlm,
    /// No challenge that a client could answer: 401.2 and nothing else.
    NoSignIn,
    /// 500.19.
    Unreadable,
    /// Bad channel bindings.
    BadBindings,
    /// Calls of the server to itself that fail.
    OwnCalls,
    /// Clocks too far apart.
    Clock,
}

/// By the decision table (`causes.md` section 4).
pub(super) fn predicted_by(cause: &str) -> Option<Predicts> {
    Some(match cause {
        "SPN-04" | "SPN-05" | "SPN-06" | "SPN-07" | "SPN-12" | "SPN-15" | "SPN-19" | "SPN-20"
        | "SPN-21" | "SPN-22" | "CFG-15" | "NAME-02" | "NAME-05" | "NAME-11" | "MC-02"
        | "KM-03" | "KM-04" | "KM-05" | "KM-06" | "POOL-02" | "ET-04" => Predicts::RefusedTickets,
        "SPN-01" | "SPN-02" | "SPN-03" | "SPN-08" | "SPN-09" | "SPN-10" | "SPN-11" | "SPN-13"
        | "SPN-14" | "SPN-16" | "SPN-17" | "SPN-18" | "NAME-01" | "NAME-03" | "NAME-04"
        | "NAME-06" | "NAME-09" | "NAME-10" | "CFG-03" | "CFG-04" | "ET-01" | "ET-02" | "ET-03"
        | "ET-05" | "ET-06" | "ET-10" | "TR-01" | "TR-02" | "TR-03" | "TR-07" => Predicts::Ntlm,
        "CFG-01" | "CFG-02" | "CFG-05" | "CFG-06" | "CFG-08" | "CFG-13" | "CFG-16" | "CFG-10"
        | "PRX-02" => Predicts::NoSignIn,
        "CFG-09" => Predicts::Unreadable,
        "EPA-01" | "EPA-02" | "EPA-03" | "EPA-04" => Predicts::BadBindings,
        "LOOP-01" | "LOOP-02" => Predicts::OwnCalls,
        "MC-05" => Predicts::Clock,
        _ => return None,
    })
}

/// Win32 statuses of a ticket that the acceptor cannot open: LOGON_DENIED, SECPKG_NOT_FOUND, WRONG_PRINCIPAL, NO_KERB_KEY.
const REFUSED_TICKET: [u32; 4] = [0x8009_030C, 0x8009_0305, 0x8009_0322, 0x8009_0348];

/// Adds to a finding what it explains of the logs.
pub(super) fn explain_logs(case: &Case, cause: &str, finding: Finding) -> Finding {
    // What has no grounds of its own gets none from a log.
    if finding.status().is_none() {
        return finding;
    }
    let finding = explain_the_same(case, finding);
    match predicted_by(cause) {
        Some(predicts) => seen_to_work(case, predicts, explain_predicted(case, predicts, finding)),
        None => finding,
    }
}

/// Where nothing failed and users are seen to come by Kerberos wherever the finding says that none can, the configuration or
/// the directory is of another time, or of another machine.
fn seen_to_work(case: &Case, predicts: Predicts, finding: Finding) -> Finding {
    let denies_kerberos = matches!(
        predicts,
        Predicts::RefusedTickets | Predicts::Ntlm | Predicts::NoSignIn
    );
    let subject = &finding.subject;
    let (Some(site), Some(name)) = (&subject.site, &subject.host_name) else {
        return finding;
    };
    if !denies_kerberos || !finding.observed.is_empty() || !finding.explains.is_empty() {
        return finding;
    }
    let on = |label: &str| {
        let mut hosts = subject.host.iter().flat_map(|hosts| hosts.split(", "));
        subject.host.is_none() || hosts.any(|host| host == label)
    };
    let application = subject.application.as_deref();
    let seen: Option<Vec<Citation>> = case
        .situation
        .endpoints
        .iter()
        .filter(|e| e.site == *site && e.is_named(name) && on(&case.server(e).label))
        .filter(|e| application.is_none_or(|path| path == e.application))
        .map(|e| case.came_by_kerberos(e).cloned())
        .collect();
    match seen {
        Some(from) => finding.contradicting(
            "users are seen to come by Kerberos there, and nobody failed",
            &few(from, 2),
        ),
        None => finding,
    }
}

/// What the finding explains of events, as the logs show it: refused sign-ins of the same clients at the same time, 503 of
/// a pool that was down.
fn explain_the_same(case: &Case, mut finding: Finding) -> Finding {
    let explained: Vec<&Symptom> = finding
        .explains
        .iter()
        .filter_map(|id| case.symptoms.get(id.0))
        .filter(|event| {
            let kind = &event.kind;
            matches!(
                kind,
                SymptomKind::LogonFailed { .. } | SymptomKind::PoolDown(..)
            )
        })
        .collect();
    if explained.is_empty() {
        return finding;
    }
    let same: Vec<SymptomId> = case
        .numbered_symptoms()
        .filter(|(_, logged)| {
            explained
                .iter()
                .any(|event| is_the_same(case, event, logged))
        })
        .map(|(id, _)| id)
        .collect();
    finding.explains.extend(same);
    finding
}

fn is_the_same(case: &Case, event: &Symptom, logged: &Symptom) -> bool {
    match (&event.kind, &logged.kind) {
        (SymptomKind::LogonFailed { host, .. }, SymptomKind::SignInFailed { site, .. }) => {
            let site = case.logged_site(*site);
            let Some(site) = site.filter(|s| s.host == Some(*host)) else {
                return false;
            };
            let near = || {
                !logged.clients.is_empty()
                    && logged.clients.is_subset(&event.clients)
                    && is_during(event, logged)
            };
            by_connection(case, event, logged, site).unwrap_or_else(near)
        }
        (SymptomKind::PoolDown(host, pool), SymptomKind::PoolRefuses(of, queue, reason)) => {
            // A queue is written with `+` for a blank. A full one is no pool that is down.
            let queue = queue.replace('+', " ");
            *of == Some(*host)
                && queue.eq_ignore_ascii_case(&pool.replace('+', " "))
                && reason != "QueueFull"
                && begins_after(event, logged)
        }
        _ => false,
    }
}

/// Whether lines of a log are of the connections over which somebody was refused so; `None` where that is not known of all,
/// or they differ.
fn by_connection(
    case: &Case,
    event: &Symptom,
    logged: &Symptom,
    site: &LoggedSite,
) -> Option<bool> {
    let is_it = |written: &Event| match (&written.body, &event.kind) {
        (
            Body::LogonFailed(e),
            SymptomKind::LogonFailed {
                status, sub_status, ..
            },
        ) => e.status == Some(*status) && e.sub_status.unwrap_or(0) == *sub_status,
        _ => false,
    };
    let known = |from| case.of_connection.get(from).copied();
    let of_it = |number: Option<usize>| number.and_then(|n| case.events.get(n)).is_some_and(is_it);
    let mut lines = lines_of(site, logged).map(|from| known(from).map(of_it));
    let first = lines.next()??;
    lines.all(|other| other == Some(first)).then_some(first)
}

/// Whether it was passwords that were refused over the connections of all these lines: then no ticket was.
fn is_of_passwords(case: &Case, logged: &Symptom, site: LoggedSiteId) -> bool {
    let site = case.logged_site(site);
    let mut lines = site
        .into_iter()
        .flat_map(|site| lines_of(site, logged))
        .peekable();
    let by_password = |from: &Citation| {
        let written = case.logon_of_line(from).map(|event| &event.body);
        matches!(written, Some(Body::LogonFailed(e)) if e.is_by_password())
    };
    lines.peek().is_some() && lines.all(by_password)
}

/// The lines of a log that are kept of sign-ins that failed so.
fn lines_of<'a>(site: &'a LoggedSite, logged: &'a Symptom) -> impl Iterator<Item = &'a Citation> {
    let meant = match &logged.kind {
        SymptomKind::SignInFailed {
            sub_status, win32, ..
        } => Some(Meaning::SignInFailed(*sub_status, *win32)),
        _ => None,
    };
    let read = site.read();
    read.filter(move |(_, exchange, meaning)| {
        Some(*meaning) == meant && logged.clients.contains(&*exchange.caller.client)
    })
    .flat_map(|(_, exchange, _)| &exchange.from)
}

fn is_during(event: &Symptom, logged: &Symptom) -> bool {
    let spans = |s: &Symptom| Some((s.first?, s.last?));
    match (spans(event), spans(logged)) {
        (Some((first, last)), Some((from, to))) => !before(from, first) && !before(last, to),
        _ => false,
    }
}

fn begins_after(event: &Symptom, logged: &Symptom) -> bool {
    match (event.first, logged.first) {
        (Some(first), Some(from)) => !before(from, first),
        _ => false,
    }
}

/// Whether a time is more than clocks differ before another.
fn before(a: Timestamp, b: Timestamp) -> bool {
    b.duration_since(a) > NEAR
}

fn explain_predicted(case: &Case, predicts: Predicts, mut finding: Finding) -> Finding {
    let fits = |kind: &SymptomKind| match (predicts, kind) {
        (
            Predicts::RefusedTickets,
            SymptomKind::SignInFailed {
                sub_status: Some(1),
                win32: Some(code),
                own_address: false,
                ..
            },
        ) => REFUSED_TICKET.contains(code),
        (
            Predicts::BadBindings,
            SymptomKind::SignInFailed {
                win32: Some(code), ..
            },
        ) => *code == 0x8009_0346,
        (
            Predicts::Clock,
            SymptomKind::SignInFailed {
                win32: Some(code), ..
            },
        ) => *code == 0x8009_0324,
        (Predicts::OwnCalls, SymptomKind::SignInFailed { own_address, .. }) => *own_address,
        (Predicts::Ntlm, SymptomKind::NtlmByLegs(_)) => true,
        (Predicts::NoSignIn, SymptomKind::NobodySignsIn(_)) => true,
        // ERROR_INVALID_DATA, ERROR_LOCK_VIOLATION: with others the file is not found, or may not be opened.
        (Predicts::Unreadable, SymptomKind::ConfigUnreadable(_, code)) => {
            matches!(code, None | Some(13 | 33))
        }
        _ => false,
    };
    let fitting: Vec<(SymptomId, &Symptom, LoggedSiteId)> = case
        .numbered_symptoms()
        .filter(|(id, symptom)| fits(&symptom.kind) && !finding.explains.contains(id))
        .filter_map(|(id, symptom)| Some((id, symptom, symptom.logged_site()?)))
        .filter(|(_, _, site)| is_about(case, &finding, *site))
        .filter(|(_, symptom, site)| {
            predicts != Predicts::RefusedTickets || !is_of_passwords(case, symptom, *site)
        })
        .collect();
    for (id, symptom, site) in fitting {
        let says = format!(
            "the IIS log of {} shows what this predicts, {}",
            case.logged_site_shown(site),
            times(symptom.count)
        );
        let sure = predicts == Predicts::RefusedTickets
            && !finding.structure.is_empty()
            && case.logged_site(site).is_some_and(no_ticket_is_taken);
        finding = if sure {
            finding.observed(says, &symptom.from)
        } else {
            finding.supporting(says, &symptom.from)
        };
        finding.explains.push(id);
    }
    finding
}

/// Whether the log shows tickets that were refused, in one leg after the challenge, and nobody who signs in so.
fn no_ticket_is_taken(site: &LoggedSite) -> bool {
    let mut refused = false;
    for (_, exchange, meaning) in site.read() {
        match meaning {
            Meaning::OneLeg | Meaning::SignedIn => return false,
            Meaning::SignInFailed(..) => refused |= !exchange.legs.iter().any(|leg| leg.is_token()),
            _ => {}
        }
    }
    // Whoever signs in without a 401 before sends a ticket unasked, or goes on over a connection of two legs.
    let by_two: u64 = site
        .read()
        .filter(|(_, _, meaning)| *meaning == Meaning::TwoLegs)
        .map(|(_, exchange, _)| exchange.count)
        .sum();
    refused && (site.signed_in == 0 || by_two > 0)
}

/// Whether a finding is about a logged site: its own, or any of its machine where it names none.
fn is_about(case: &Case, finding: &Finding, site: LoggedSiteId) -> bool {
    let Some(logged) = case.logged_site(site) else {
        return false;
    };
    let subject = &finding.subject;
    let label = logged
        .server
        .and_then(|id| case.servers.get(id.0 as usize))
        .map(|server| server.label.as_str());
    let name = logged.host.map(|host| case.hosts.get(host).name.as_str());
    let mut hosts = subject.host.iter().flat_map(|hosts| hosts.split(", "));
    let same_host = hosts.any(|host| Some(host) == label || Some(host) == name);
    match (&subject.site, &logged.site) {
        (Some(a), Some(b)) => a == b && same_host,
        (None, _) => same_host,
        (Some(_), None) => false,
    }
}
