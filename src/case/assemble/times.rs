//! Times on the clock of the machine that printed them, put into UTC where its zone is known: those of listings of the
//! directory, of tickets and of replication. Where nothing says the zone, they stay as they are.

use crate::case::{Case, HostId};
use crate::evidence::{ArtifactId, Certainty, Known, When};

/// Puts the times into UTC. Comes after all zones are learned and all artifacts placed.
pub(super) fn settle_times(case: &mut Case) {
    let mut objects = std::mem::take(&mut case.objects);
    for object in objects.iter_mut() {
        let host = printed_on(case, object.host.as_deref(), object.from.artifact);
        let mut sure = Certainty::Exact;
        let state = &mut object.state;
        for time in [
            &mut state.locked_at,
            &mut state.password_last_set,
            &mut state.expires,
            &mut object.changed,
        ] {
            if let Known::Present(shown) = time {
                sure = sure.max(settle(case, host, &mut shown.value));
            }
        }
        state.certainty = sure;
    }
    case.objects = objects;
    let mut tickets = std::mem::take(&mut case.tickets);
    for held in &mut tickets {
        let host = printed_on(case, held.shown_on.as_deref(), held.ticket.from.artifact);
        for time in [&mut held.start, &mut held.end].into_iter().flatten() {
            held.certainty = held.certainty.max(settle(case, host, time));
        }
    }
    case.tickets = tickets;
    let mut replications = std::mem::take(&mut case.domains.replications);
    for replication in &mut replications {
        let host = printed_on(case, replication.host.as_deref(), replication.from.artifact);
        for time in [&mut replication.attempted, &mut replication.succeeded]
            .into_iter()
            .flatten()
        {
            replication.certainty = replication.certainty.max(settle(case, host, time));
        }
    }
    case.domains.replications = replications;
}

/// The machine of a prompt, or of the file.
fn printed_on(case: &Case, named: Option<&str>, artifact: ArtifactId) -> Option<HostId> {
    let named = named.and_then(|name| case.hosts.find(name));
    named.or_else(|| case.artifact_hosts.get(&artifact).copied())
}

fn settle(case: &Case, host: Option<HostId>, time: &mut When) -> Certainty {
    match case.clocks.utc(host, *time) {
        Some((utc, certainty)) => {
            *time = When::Utc(utc);
            certainty
        }
        None => Certainty::Unknown,
    }
}
