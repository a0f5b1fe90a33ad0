//! How many events of a bundle are kept whole. With what is under way this bounds the memory that event logs take.

use crate::bundle::{Artifact, Bundle, Kind};

/// Events of a bundle, some 1.5 KiB each.
const WHOLE: u64 = 60_000;
/// The least that each log has room for.
const OF_A_LOG: u64 = 2_000;

/// The room for each log: by its share of the bytes of all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rooms {
    bytes: u64,
}

impl Rooms {
    pub(super) fn of(bundle: &Bundle) -> Self {
        let logs = bundle.artifacts.iter().filter(|a| a.kind == Kind::Evtx);
        Self {
            bytes: logs.map(|log| log.bytes).sum(),
        }
    }

    pub(super) fn room(self, log: &Artifact) -> usize {
        let share = u128::from(WHOLE) * u128::from(log.bytes) / u128::from(self.bytes.max(1));
        usize::try_from(share.max(OF_A_LOG.into())).unwrap_or(usize::MAX)
    }
}
