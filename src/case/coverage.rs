//! Coverage: which span of which channel on which host the bundle really holds. Silence counts only where it does.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::host::HostId;
use crate::evidence::{ArtifactId, Certainty};
use crate::readers::events::{ChannelSpan, Runs};

/// Whether what a channel could say was being written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auditing {
    /// The channel holds events of the kind, so it was on at least then.
    Seen,
    /// It holds none: off, or nothing happened.
    NotSeen,
}

/// What the bundle holds of one channel of one host.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The host.
    pub host: HostId,
    /// The channel.
    pub channel: Arc<str>,
    /// First record's time.
    pub first: Timestamp,
    /// Last record's time.
    pub last: Timestamp,
    /// How sure the two times are.
    pub certainty: Certainty,
    /// Records read.
    pub records: u64,
    /// Record ids missing between the first and the last.
    pub missing: u64,
    /// Which record ids there are.
    pub runs: Runs,
    /// Records of each (provider, id).
    pub by_id: BTreeMap<(Arc<str>, u32), u64>,
    /// The artifacts it was read from.
    pub artifacts: Vec<ArtifactId>,
}

impl Coverage {
    /// Whether events of these ids were seen in the channel.
    pub fn auditing(&self, ids: &[u32]) -> Auditing {
        if self.by_id.keys().any(|(_, id)| ids.contains(id)) {
            Auditing::Seen
        } else {
            Auditing::NotSeen
        }
    }
}

/// Joins the spans of one channel of one host, over all artifacts.
///
/// Exports without record ids (0) say nothing about what is missing; those that name no channel cover none.
pub(super) fn join(spans: Vec<(HostId, ArtifactId, ChannelSpan, Certainty)>) -> Vec<Coverage> {
    let mut joined: BTreeMap<(HostId, Arc<str>), (Coverage, u64, u64)> = BTreeMap::new();
    for (host, artifact, span, certainty) in spans {
        if span.channel.is_empty() {
            continue;
        }
        match joined.entry((host, span.channel.clone())) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert((
                    Coverage {
                        host,
                        channel: span.channel,
                        first: span.first_time,
                        last: span.last_time,
                        certainty,
                        records: span.records,
                        missing: 0,
                        runs: span.runs,
                        by_id: span.by_id,
                        artifacts: vec![artifact],
                    },
                    span.first_record,
                    span.last_record,
                ));
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                let (coverage, first, last) = slot.get_mut();
                coverage.first = coverage.first.min(span.first_time);
                coverage.last = coverage.last.max(span.last_time);
                coverage.certainty = coverage.certainty.max(certainty);
                coverage.records = coverage.records.saturating_add(span.records);
                for (key, count) in span.by_id {
                    *coverage.by_id.entry(key).or_default() += count;
                }
                coverage.runs.join(span.runs);
                coverage.artifacts.push(artifact);
                if span.first_record > 0 {
                    let unnumbered = *first == 0;
                    *first = if unnumbered {
                        span.first_record
                    } else {
                        (*first).min(span.first_record)
                    };
                    *last = (*last).max(span.last_record);
                }
            }
        }
    }
    joined
        .into_values()
        .map(|(mut coverage, first, last)| {
            let ids = if first == 0 {
                0
            } else {
                last.saturating_sub(first).saturating_add(1)
            };
            coverage.missing = ids.saturating_sub(coverage.records);
            coverage
        })
        .collect()
}
