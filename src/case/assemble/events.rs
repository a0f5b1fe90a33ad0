//! The events of all logs in one order, and what they say of the machines that wrote them: the role of each, and which
//! NetBIOS and DNS names are one domain.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::folded_twice;
use super::repeated::leave_out_repeated;
use crate::case::Case;
use crate::case::clock;
use crate::case::coverage;
use crate::case::host::{HostId, Role};
use crate::case::spn::Spn;
use crate::evidence::{ArtifactId, Certainty, When};
use crate::readers::events::{Body, ChannelSpan, EventLog, Principal};

pub(super) fn take_events(case: &mut Case, logs: Vec<(ArtifactId, EventLog)>) {
    let mut spans = Vec::new();
    let read = logs.iter().flat_map(|(_, log)| &log.events);
    case.clocks.take_events(read, &case.hosts);
    for (artifact, mut log) in logs {
        let sure = match log.local_clock {
            true => put_into_utc(case, &mut log),
            false => vec![Certainty::Exact; log.spans.len()],
        };
        for (span, sure) in log.spans.into_iter().zip(sure) {
            if let Some(host) = case.hosts.find(&span.computer) {
                spans.push((host, artifact, span, sure));
            }
        }
        case.events.extend(log.events);
    }
    case.events.sort_by(|a, b| {
        (a.time, &a.computer, &a.channel, &a.citation).cmp(&(
            b.time,
            &b.computer,
            &b.channel,
            &b.citation,
        ))
    });
    leave_out_repeated(&mut case.events);
    folded_twice::leave_out(&mut case.events);
    let folded = case.events.iter().filter(|event| !event.folded.is_empty());
    case.folded = folded
        .map(|event| (event.citation.clone(), event.folded.len()))
        .collect();
    case.coverage = coverage::join(spans);
    case.clock_differences = clock::differences(&case.events, &case.hosts);
    let mut roles: BTreeSet<(HostId, Role)> = BTreeSet::new();
    let mut pairs = BTreeSet::new();
    let mut short = BTreeSet::new();
    for event in &case.events {
        let Some(host) = case.hosts.find(&event.computer) else {
            continue;
        };
        if let Some(role) = role_of(&event.body) {
            roles.insert((host, role));
        }
        let machine = case.hosts.get(host);
        if let Some(known) = known_to_the_writer(&event.body)
            && let (Some(name), Some(domain)) = (&known.name, &known.domain)
        {
            if name
                .trim_end_matches('$')
                .eq_ignore_ascii_case(&machine.name)
                && name.ends_with('$')
                && let Some((_, dns)) = machine.fqdn.as_deref().and_then(|n| n.split_once('.'))
            {
                pairs.insert((domain.to_lowercase(), dns.to_owned()));
            }
            short.insert(domain.to_lowercase());
        }
    }
    for (host, role) in roles {
        case.hosts.add_role(host, role);
    }
    for (netbios, dns) in pairs {
        case.accounts.pair_domain(&netbios, &dns);
    }
    for netbios in &short {
        case.accounts.meet_short(netbios);
    }
}

/// The account of an event whose domain is the writer's own word, and not what somebody typed: who was let in, or who changed
/// an account.
fn known_to_the_writer(body: &Body) -> Option<&Principal> {
    match body {
        Body::Logon(e) => Some(&e.target),
        Body::AccountChanged(e) => Some(&e.subject),
        _ => None,
    }
}

/// Exports as text show the wall clock of the machine that exported them; where no zone is known, their times stand as
/// they are, and are said to be unknown. Returns how sure the times of each span are.
fn put_into_utc(case: &Case, log: &mut EventLog) -> Vec<Certainty> {
    let moved = |computer: &str, time: Timestamp| {
        let shown = When::Local(TimeZone::UTC.to_datetime(time));
        let known = case.clocks.utc(case.hosts.find(computer), shown);
        known.unwrap_or((time, Certainty::Unknown))
    };
    for event in &mut log.events {
        (event.time, event.certainty) = moved(&event.computer, event.time);
        event.citation.time = (event.certainty != Certainty::Unknown).then_some(event.time);
    }
    let of_span = |span: &mut ChannelSpan| {
        let (first, last) = (
            moved(&span.computer, span.first_time),
            moved(&span.computer, span.last_time),
        );
        (span.first_time, span.last_time) = (first.0, last.0);
        first.1.max(last.1)
    };
    log.spans.iter_mut().map(of_span).collect()
}

fn calls_a_site(target: &Option<String>) -> Option<Role> {
    let site = Spn::new(target.as_deref()?).has_class("HTTP");
    site.then_some(Role::Client)
}

/// The role that an event gives the machine that wrote it.
fn role_of(body: &Body) -> Option<Role> {
    let worker = |p: &Option<String>| {
        p.as_deref()
            .is_some_and(|p| p.to_lowercase().ends_with("w3wp.exe"))
    };
    match body {
        Body::Pool(_) | Body::ConfigChanged(_) => Some(Role::WebServer),
        Body::Logon(e) if worker(&e.process) => Some(Role::WebServer),
        Body::LogonFailed(e) if worker(&e.process) => Some(Role::WebServer),
        Body::TgtRequest(_)
        | Body::ServiceTicketRequest(_)
        | Body::PreauthFailed(_)
        | Body::Kdc(_) => Some(Role::DomainController),
        // Servers and domain controllers write errors of their own calls too: who calls a site is a client.
        Body::KeyMismatch(e) => calls_a_site(&e.target_name),
        Body::KerberosError(e) => calls_a_site(&e.target_name).or(calls_a_site(&e.server_name)),
        Body::NtlmUse(e) if matches!(e.id, 8001 | 4020 | 4021) => calls_a_site(&e.target),
        Body::NtlmBlocked(e) if matches!(e.id, 4001 | 4015) => calls_a_site(&e.target),
        _ => None,
    }
}
