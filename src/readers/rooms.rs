//! What each log of a bundle may take: how many of its events are kept whole, which with what is under way bounds the memory
//! that event logs take; and how many threads.

use crate::bundle::{Artifact, Bundle, Kind};

/// Events of a bundle, some 1.5 KiB each.
const WHOLE: u64 = 60_000;
/// Bytes of a log that hold one event at least.
const EVENT: u64 = 256;

/// What each log may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rooms {
    events: usize,
    /// Bytes of a log that all threads read together.
    large: u64,
    threads: usize,
}

/// What one log may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Events kept whole: small logs keep all that they hold, and the large ones have equal parts of the rest.
    pub(super) events: usize,
    /// Threads.
    pub(super) threads: usize,
}

impl Rooms {
    pub(super) fn of(bundle: &Bundle) -> Self {
        let threads = rayon::current_num_threads();
        let logs = bundle.artifacts.iter().filter(|a| a.kind == Kind::Evtx);
        let bytes: u64 = bundle.artifacts.iter().map(|a| a.bytes).sum();
        Self {
            events: room(logs.map(|log| log.bytes / EVENT).collect()),
            large: large(bytes, threads),
            threads,
        }
    }

    pub(super) fn room(self, log: &Artifact) -> Room {
        Room {
            events: self.events,
            threads: if log.bytes >= self.large {
                self.threads
            } else {
                1
            },
        }
    }
}

/// How large a log is that would keep one thread at work when the others have nothing to do any more. There are no more of
/// them than twice the threads: a thread that waits for others in one log may begin with the next artifact, and in there with
/// the next, as deep as there are any that several threads read.
fn large(bytes: u64, threads: usize) -> u64 {
    bytes / (2 * threads as u64).max(1)
}

/// The most that each of these may have, so that there is enough for all.
fn room(mut needs: Vec<u64>) -> usize {
    needs.sort_unstable();
    let (mut left, mut logs) = (WHOLE, needs.len() as u64);
    for need in needs {
        let part = left / logs;
        if need > part {
            return usize::try_from(part.max(1)).unwrap_or(usize::MAX);
        }
        left -= need;
        logs -= 1;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_logs_are_read_by_several_threads() {
        let logs = [5 << 30, 3 << 30, 1 << 20, 1 << 20];
        let large = large(logs.iter().sum(), 2);
        assert_eq!(logs.map(|bytes| bytes >= large), [true, true, false, false]);
        let many = [7_u64; 1000];
        assert!(
            many.iter()
                .all(|bytes| *bytes < super::large(many.iter().sum(), 8))
        );
    }

    #[test]
    fn small_logs_keep_all_and_large_ones_share() {
        assert_eq!(room(vec![]), usize::MAX);
        assert_eq!(room(vec![5, 20_000, 30_000]), usize::MAX);
        assert_eq!(room(vec![60_001]), 60_000);
        let shared = room(vec![9_000_000, 20_000, 1_000, 7_000_000]);
        assert_eq!(shared, 19_666);
        let taken: u64 = [9_000_000, 20_000, 1_000, 7_000_000]
            .map(|need| u64::min(need, shared as u64))
            .iter()
            .sum();
        assert!(taken <= WHOLE);
        assert_eq!(room(vec![1_000; 100_000]), 1);
    }
}
