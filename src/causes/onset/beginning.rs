//! When the failures of a finding began, and which changes came before: before, after, or left open by the clocks.

use jiff::{SignedDuration, Timestamp};

use crate::case::{Case, HostId, SeenChange, SymptomId};
use crate::evidence::Certainty;

/// When the failures of a finding began, and the machine whose clock says so.
#[derive(Clone, Copy)]
pub(super) struct Beginning {
    pub(super) time: Timestamp,
    pub(super) host: Option<HostId>,
    certainty: Certainty,
}

impl Beginning {
    pub(super) fn of(case: &Case, explains: &[SymptomId]) -> Option<Self> {
        let symptoms = explains.iter().filter_map(|id| case.symptoms.get(id.0));
        let (time, symptom) = symptoms
            .filter_map(|symptom| Some((symptom.turn?.at, symptom)))
            .min_by_key(|(time, _)| *time)?;
        let same = case.events.partition_point(|event| event.time < time);
        let same = case.events.get(same..).unwrap_or_default().iter();
        let shows = same
            .take_while(|event| event.time == time)
            .find(|event| symptom.from.contains(&event.citation));
        Some(Self {
            time,
            host: shows.and_then(|event| case.hosts.find(&event.computer)),
            certainty: shows.map_or(symptom.certainty, |event| event.certainty),
        })
    }

    /// Whether it came after a change; `None` where the clocks of the two machines, their zones, or a source that tells the
    /// day alone leave that open.
    pub(super) fn came_after(&self, case: &Case, change: &SeenChange<'_>) -> Option<bool> {
        let (before, after) = self.slack(change);
        let from = change.time.checked_sub(before).unwrap_or(Timestamp::MIN);
        let until = change.until.checked_add(after).unwrap_or(Timestamp::MAX);
        if until <= self.time {
            return Some(true);
        }
        if from <= self.time {
            return None;
        }
        let known = self.host.is_some() && change.host.is_some();
        let surely_after = case.is_surely_after((self.host, self.time), (change.host, change.time));
        (!known || surely_after).then_some(false)
    }

    /// How much earlier and later, against these failures, a change may have been than its time says: where a zone is not
    /// known, unless both are told by one clock in the same way. A day has that in its bounds already.
    fn slack(&self, change: &SeenChange<'_>) -> (SignedDuration, SignedDuration) {
        let one_clock = self.host.is_some() && self.host == change.host;
        if one_clock && self.certainty == change.certainty {
            return Certainty::Exact.slack();
        }
        let of_change = match change.event {
            Some(_) => change.certainty.slack(),
            None => Certainty::Exact.slack(),
        };
        // What may have been later itself lets the change have been earlier.
        let (earlier, later) = self.certainty.slack();
        (of_change.0 + later, of_change.1 + earlier)
    }
}
