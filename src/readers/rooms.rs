//! How many events of each log are kept whole. With what is under way this bounds the memory that event logs take.

use crate::bundle::{Bundle, Kind};

/// Events of a bundle, some 1.5 KiB each.
const WHOLE: u64 = 60_000;
/// Bytes of a log that hold one event at least.
const EVENT: u64 = 256;

/// The room of every log: small logs keep all that they hold, and the large ones have equal parts of the rest.
pub(super) fn of_each_log(bundle: &Bundle) -> usize {
    let logs = bundle.artifacts.iter().filter(|a| a.kind == Kind::Evtx);
    room(logs.map(|log| log.bytes / EVENT).collect())
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
