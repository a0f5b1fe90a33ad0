//! Logs that went on: a log copied while it was written to, beside a later copy of it.
//!
//! All of the earlier copy stands at the start of the later one, its last line perhaps in part, so that each line of it
//! would count twice. A log that http.sys has open ends in zeros, which later lines take the place of.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use super::Artifact;
use crate::evidence::ArtifactId;

/// Bytes that the copies of one log share at least: the header of a log, with the time at which it was begun, is shorter.
const HEAD: usize = 128;
/// Different logs with one head that are compared: with its time in the head, a log has few beside it.
const MAX_LOGS: usize = 8;

/// Finds the logs that are the start of another one.
pub(super) fn mark(artifacts: &mut [Artifact]) {
    let mut alike: BTreeMap<Vec<u8>, Vec<&Artifact>> = BTreeMap::new();
    let logs = artifacts
        .iter()
        .filter(|artifact| artifact.kind.is_log_of_lines() && artifact.duplicate_of.is_none());
    for log in logs {
        if let Some(head) = head(open(log)) {
            alike.entry(head).or_default().push(log);
        }
    }
    let mut longer: BTreeMap<ArtifactId, ArtifactId> = BTreeMap::new();
    for mut logs in alike.into_values() {
        logs.sort_by_key(|log| (Reverse(log.bytes), log.id));
        // Those that go on elsewise, the longest copy of each.
        let mut others: Vec<&Artifact> = Vec::new();
        for log in logs {
            let found = others.iter_mut().take(MAX_LOGS).find_map(|other| {
                let which = which_starts(open(log), open(other));
                Some((which.ok().flatten()?, other))
            });
            match found {
                Some((Start::First, other)) => {
                    longer.insert(log.id, other.id);
                }
                Some((Start::Second, other)) => {
                    longer.insert(other.id, log.id);
                    *other = log;
                }
                None => others.push(log),
            }
        }
    }
    for artifact in artifacts {
        let mut next = longer.get(&artifact.id);
        while let Some(log) = next {
            artifact.start_of = Some(*log);
            next = longer.get(log);
        }
    }
}

fn open(log: &Artifact) -> impl BufRead + use<> {
    BufReader::with_capacity(1 << 16, log.source())
}

/// The first bytes, where there are as many and the log has lines at all.
fn head(log: impl Read) -> Option<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    log.take(HEAD as u64).read_to_end(&mut head).ok()?;
    (head.len() == HEAD && head.last() != Some(&0)).then_some(head)
}

/// Which of two logs is the start of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    First,
    Second,
}

fn which_starts(mut one: impl BufRead, mut other: impl BufRead) -> io::Result<Option<Start>> {
    loop {
        let (here, there) = (one.fill_buf()?, other.fill_buf()?);
        let pairs = here.iter().zip(there);
        let same = pairs.take_while(|(here, there)| here == there).count();
        let parted = same == 0 || same < here.len().min(there.len());
        one.consume(same);
        other.consume(same);
        if parted {
            break;
        }
    }
    Ok(if is_over(one)? {
        Some(Start::First)
    } else if is_over(other)? {
        Some(Start::Second)
    } else {
        None
    })
}

/// Whether nothing but zeros is left.
fn is_over(mut log: impl BufRead) -> io::Result<bool> {
    loop {
        let rest = log.fill_buf()?;
        if rest.is_empty() {
            return Ok(true);
        }
        if rest.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        let zeros = rest.len();
        log.consume(zeros);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{Content, Kind};
    use proptest::prelude::*;

    const HEADER: &str = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-03-02 08:00:00\r\n#Fields: date time cs-method cs-uri-stem sc-status\r\n";
    const LINE: &str = "2026-03-02 08:00:01 GET / 401\r\n";

    fn marked(logs: &[&[u8]]) -> Vec<Option<u32>> {
        let mut artifacts: Vec<Artifact> = (0u32..)
            .zip(logs)
            .map(|(id, log)| Artifact {
                id: ArtifactId(id),
                path: format!("{id}.log"),
                content: Content::Memory((*log).into()),
                bytes: log.len() as u64,
                kind: Kind::WebLog,
                duplicate_of: None,
                start_of: None,
            })
            .collect();
        mark(&mut artifacts);
        let of = |artifact: Artifact| artifact.start_of.map(|id| id.0);
        artifacts.into_iter().map(of).collect()
    }

    #[test]
    fn an_earlier_copy_is_the_start_of_a_later_one() {
        let log = |lines: usize| format!("{HEADER}{}", LINE.repeat(lines)).into_bytes();
        let (early, late) = (log(2), log(5));
        let in_mid_line = &late[..late.len() - 40];
        assert_eq!(
            marked(&[&early, in_mid_line, &late, &log(5)[..]])[..3],
            [Some(2), Some(2), None]
        );
        let mut padded = early.clone();
        padded.resize(late.len(), 0);
        assert_eq!(marked(&[&padded, &late]), [Some(1), None], "still open");
        padded.resize(late.len() + 100, 0);
        assert_eq!(marked(&[&late, &padded]), [None, Some(0)]);
        let mut other = early.clone();
        other.extend(b"2026-03-02 08:00:09 GET /x 200\r\n");
        assert_eq!(
            marked(&[&other, &late]),
            [None, None],
            "it went on elsewise"
        );
        let later = String::from_utf8(late.clone())
            .unwrap()
            .replace("08:", "09:");
        assert_eq!(marked(&[later.as_bytes(), &late, b"#Software"]), [None; 3]);
    }

    proptest! {
        #[test]
        fn any_bytes(log in prop::collection::vec(any::<u8>(), 128..400), cut in 128usize..400, zeros in 0usize..40) {
            let mut start = log[..cut.min(log.len())].to_vec();
            start.resize(start.len() + zeros, 0);
            let readable = log[HEAD - 1] != 0;
            prop_assert_eq!(marked(&[&start, &log]).iter().flatten().count(), usize::from(readable));
        }
    }
}
