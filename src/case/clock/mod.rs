//! The clocks of the machines: which zone each writes its local times in, and how far the clocks stand apart.

mod differences;
mod zone;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

pub use differences::ClockDifference;
pub(super) use differences::collect as differences;
pub use zone::Zone;

use super::host::{HostId, Hosts};
use crate::evidence::{Certainty, Citation, Cited, When};
use crate::readers::events::{Body, Event};

/// The zones of the machines, as far as the bundle or the user says.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    zones: BTreeMap<HostId, Cited<Zone>>,
    /// The zone that the user says for machines whose own is not in the bundle.
    assumed: Option<Zone>,
}

impl Clocks {
    /// No zone but the one that the user assumes.
    pub(super) fn assuming(zone: Option<Zone>) -> Self {
        Self {
            zones: BTreeMap::new(),
            assumed: zone,
        }
    }

    /// Takes what the logs say: event 6013 names the zone once a day.
    pub(super) fn take_events<'a>(
        &mut self,
        events: impl Iterator<Item = &'a Event>,
        hosts: &Hosts,
    ) {
        for event in events {
            let Body::Other(fields) = &event.body else {
                continue;
            };
            if (&*event.provider, event.id) != ("EventLog", 6013) {
                continue;
            }
            let named = fields.pairs().iter().find_map(|(_, v)| Zone::of_bias(v));
            if let Some((zone, host)) = named.zip(hosts.find(&event.computer)) {
                self.learn(host, zone, event.citation.clone());
            }
        }
    }

    /// Takes the zone of a machine. What knows the rules of summer time says more than a bare offset.
    pub(super) fn learn(&mut self, host: HostId, zone: Zone, from: Citation) {
        match self.zones.entry(host) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(Cited::new(zone, from));
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                let known = slot.get();
                if zone.knows_summer() && !known.value.knows_summer() {
                    slot.insert(Cited::new(zone, from));
                }
            }
        }
    }

    /// The zone of a machine, where the bundle says it.
    pub fn zone(&self, host: HostId) -> Option<&Cited<Zone>> {
        self.zones.get(&host)
    }

    /// A time of a machine in UTC, with how sure it is; `None` where nothing says which zone it is in.
    pub fn utc(&self, host: Option<HostId>, when: When) -> Option<(Timestamp, Certainty)> {
        let shown = match when {
            When::Utc(time) => return Some((time, Certainty::Exact)),
            When::Local(shown) => shown,
        };
        let own = host.and_then(|host| self.zones.get(&host));
        let zone = own.map(|cited| &cited.value).or(self.assumed.as_ref())?;
        let (time, sure) = zone.utc(shown)?;
        let certainty = match own.is_some() && sure {
            true => Certainty::Exact,
            false => Certainty::ZoneAssumed,
        };
        Some((time, certainty))
    }

    /// A day on the calendar of a machine: from when to when it may have been at the most, with how sure its zone is.
    pub fn day(
        &self,
        host: Option<HostId>,
        day: Date,
    ) -> Option<(Timestamp, Timestamp, Certainty)> {
        let begin = |day: Date| {
            let shown = day.to_datetime(Time::midnight());
            let at_utc = TimeZone::UTC.to_timestamp(shown).ok();
            self.utc(host, When::Local(shown))
                .or(Some((at_utc?, Certainty::Unknown)))
        };
        let ((from, a), (until, b)) = (begin(day)?, begin(day.tomorrow().ok()?)?);
        let certainty = a.max(b);
        let (before, after) = certainty.slack();
        Some((
            from.checked_sub(before).ok()?,
            until.checked_add(after).ok()?,
            certainty,
        ))
    }
}
