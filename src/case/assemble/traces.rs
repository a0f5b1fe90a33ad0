//! Failed-request traces and recorded exchanges: the web servers that wrote traces, in one order, each request once.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::case::host::{HostId, Role};
use crate::evidence::{ArtifactId, Cited};
use crate::readers::console::ConsoleRecords;
use crate::readers::exchange::Exchange;
use crate::readers::request_trace::RequestTrace;
use crate::readers::url;

/// Takes traces and exchanges in, and names the machines that wrote traces: those are web servers. Comes after the
/// machines that wrote events, whose names are longer.
pub(super) fn take_requests(
    case: &mut Case,
    traces: Vec<(ArtifactId, Vec<RequestTrace>)>,
    recordings: Vec<(ArtifactId, Vec<Exchange>)>,
    consoles: &[(ArtifactId, ConsoleRecords)],
) {
    case.traces = traces.into_iter().flat_map(|(_, traces)| traces).collect();
    case.traces
        .sort_by(|a, b| (a.started, &a.from).cmp(&(b.started, &b.from)));
    // The same trace saved twice, once beside others, counts once.
    let mut seen = BTreeSet::new();
    case.traces
        .retain(|trace| match (&trace.activity, trace.started) {
            (Some(activity), Some(time)) => seen.insert((
                activity.clone(),
                time,
                trace.process_id,
                trace.computer.clone(),
            )),
            _ => true,
        });
    case.exchanges = recordings
        .into_iter()
        .flat_map(|(_, exchanges)| exchanges)
        .collect();
    case.exchanges.extend(
        consoles
            .iter()
            .flat_map(|(_, console)| console.exchanges.iter().cloned()),
    );
    let computers: BTreeSet<String> = case
        .traces
        .iter()
        .filter_map(|trace| trace.computer.clone())
        .collect();
    for computer in computers {
        let short = computer.split('.').next().unwrap_or_default();
        let known = case
            .hosts
            .iter()
            .any(|(_, host)| host.name.eq_ignore_ascii_case(short));
        let host = if known {
            case.hosts.find(&computer)
        } else {
            case.hosts.named(&computer, &mut case.accounts)
        };
        if let Some(host) = host {
            case.hosts.add_role(host, Role::WebServer);
        }
    }
}

/// Which machine wrote each file of traces, unless several did.
pub(super) fn place_traces(case: &mut Case) {
    let mut writers: BTreeSet<(ArtifactId, HostId)> = BTreeSet::new();
    for trace in &case.traces {
        if let Some(host) = trace
            .computer
            .as_deref()
            .and_then(|name| case.hosts.find(name))
        {
            writers.insert((trace.from.artifact, host));
        }
    }
    for (artifact, host) in &writers {
        let others = writers.iter().filter(|(other, _)| other == artifact);
        if others.count() == 1 {
            case.artifact_hosts.insert(*artifact, *host);
        }
    }
}

/// The SPNs that clients asked for: those of the tickets they presented, and those that NTLM was meant for.
pub(super) fn asked_spns(case: &Case) -> Vec<Cited<String>> {
    let of_traces = case.traces.iter().filter_map(RequestTrace::token);
    let of_exchanges = case.exchanges.iter().filter_map(Exchange::token);
    of_traces
        .chain(of_exchanges)
        .filter_map(|(token, from)| Some(Cited::new(token.asked()?.to_owned(), from.clone())))
        .collect()
}

/// Host names under which requests reached a web server, with the short name of that server, both lower case.
pub(super) fn reached(case: &Case) -> BTreeSet<(String, String)> {
    let mut reached = BTreeSet::new();
    for trace in &case.traces {
        let Some(host) = trace
            .computer
            .as_deref()
            .and_then(|name| case.hosts.find(name))
        else {
            continue;
        };
        let server = case.hosts.get(host).name.to_lowercase();
        let asked = trace.token().and_then(|(token, _)| token.asked());
        let asked = asked.map(|spn| crate::case::Spn::new(spn).host());
        for name in [url::host(&trace.url), asked].into_iter().flatten() {
            reached.insert((name, server.clone()));
        }
    }
    reached
}
