//! What each log of a bundle may take: how many of its events are kept whole, which with what is under way bounds the memory
//! that event logs take; and how many threads.

use crate::bundle::{Bundle, Kind};

/// Events of a bundle, some 1.5 KiB each.
const WHOLE: u64 = 60_000;
/// Bytes of a log that hold one event at least.
const EVENT: u64 = 256;

/// Bytes of an artifact that keeps a thread busy.
const LARGE: u64 = 8 << 20;

/// What each log may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Events kept whole: small logs keep all that they hold, and the large ones have equal parts of the rest.
    pub(super) events: usize,
    /// Threads for one text.
    pub(super) threads: usize,
}

/// The room of every log.
pub(super) fn of_each_log(bundle: &Bundle) -> Room {
    let logs = bundle.artifacts.iter().filter(|a| a.kind == Kind::Evtx);
    let large = bundle.artifacts.iter().filter(|a| a.bytes >= LARGE).count();
    Room {
        events: room(logs.map(|log| log.bytes / EVENT).collect()),
        threads: threads(large, rayon::current_num_threads()),
    }
}

/// All of them where some had nothing to do otherwise. With more large artifacts than threads each has one: while it waits for
/// others it would begin with the next artifact, and in there with the next, as deep as there are any.
fn threads(large: usize, all: usize) -> usize {
    if large < all { all } else { 1 }
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
    fn few_large_logs_have_all_threads() {
        assert_eq!([0, 1, 3].map(|large| threads(large, 4)), [4; 3]);
        assert_eq!([4, 5, 1000].map(|large| threads(large, 4)), [1; 3]);
        assert_eq!(threads(0, 1), 1);
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
