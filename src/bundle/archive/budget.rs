//! What is left of the limits, and which entries they allow.

use std::collections::BTreeMap;

use super::unpack::{Job, Wanted};
use super::{ENTRIES_LISTED, Listed, Listing};
use crate::bundle::{Limits, label};

/// An entry may unpack to this much whatever its ratio.
const HARMLESS: u64 = 16 << 20;

/// What is left of the limits.
pub(in crate::bundle) struct Budget {
    left: Left,
    entries: usize,
    /// Bytes that may still be held in memory.
    bytes: u64,
}

/// What may still be unpacked.
#[derive(Clone, Copy)]
pub(in crate::bundle) struct Left {
    pub limits: Limits,
    /// Bytes that may still be unpacked to be held in memory, those that are only passed over among them.
    pub work: u64,
    /// Bytes of logs that may still be streamed, the heads of what turns out to be none among them.
    pub streamed: u64,
}

/// What becomes of the entries of one archive.
#[derive(Default)]
pub(in crate::bundle) struct Plan {
    pub jobs: Vec<Job>,
    /// Entries that stay closed, and why.
    pub refused: Vec<(String, String)>,
    pub problems: Vec<String>,
}

impl Budget {
    pub(in crate::bundle) fn new(limits: &Limits, entries_used: usize) -> Self {
        Self {
            left: Left {
                limits: *limits,
                work: limits.total_bytes.saturating_mul(4),
                streamed: limits.streamed_bytes,
            },
            entries: limits.entries.saturating_sub(entries_used),
            bytes: limits.total_bytes,
        }
    }

    /// What may still be unpacked.
    pub(in crate::bundle) fn left(&self) -> Left {
        self.left
    }

    /// Whether a directory of so many entries may be held in memory.
    ///
    /// # Errors
    /// What to say of the archive that is left closed.
    pub(in crate::bundle) fn allow_directory(&self, entries: u64) -> Result<(), String> {
        let most = self.left.limits.entries.saturating_mul(ENTRIES_LISTED);
        if usize::try_from(entries).is_ok_and(|entries| entries <= most) {
            return Ok(());
        }
        Err(format!(
            "was not opened because it lists some {entries} entries and a bundle may hold {} artifacts; unpack it and name the parts that matter",
            self.left.limits.entries
        ))
    }

    /// Charges the entries of an archive that lies at `path`.
    pub(in crate::bundle) fn plan(&mut self, listing: Listing, path: &str) -> Plan {
        let Listing {
            mut entries,
            parts,
            problems,
            work,
            looked_at,
        } = listing;
        self.left.work = self.left.work.saturating_sub(work);
        let mut reached: BTreeMap<usize, u64> = BTreeMap::new();
        for (part, bytes) in looked_at {
            let paid = bytes.min(self.left.streamed);
            self.left.streamed -= paid;
            reached.insert(part, paid);
        }
        let mut plan = Plan {
            problems,
            ..Plan::default()
        };
        entries.sort_by(|a, b| (&a.label, a.part, a.at).cmp(&(&b.label, b.part, b.at)));
        let all = entries.len();
        let taken = all.min(self.entries);
        if taken < all {
            let left_out = all - taken;
            let most = self.left.limits.entries;
            plan.problems.push(format!(
                "{left_out} of the {all} entries were left out because a bundle may hold {most} artifacts; unpack the archive and name the parts that matter"
            ));
        }
        self.entries -= taken;
        entries.truncate(taken);
        // Where memory does not suffice for all, one dump must not take it from a hundred logs.
        entries.sort_by_key(|entry| entry.size);
        let mut wanted: BTreeMap<usize, Vec<Wanted>> = BTreeMap::new();
        for entry in entries {
            let name = match &entry.label {
                Some(within) => label::join(path, within),
                None => label::unpacked(path),
            };
            match self.allow(&entry, reached.entry(entry.part).or_default()) {
                Ok(()) => wanted.entry(entry.part).or_default().push(Wanted {
                    label: name,
                    size: entry.size,
                    at: entry.at,
                    crc: entry.crc,
                    streamed: entry.streamed,
                    problem: entry.problem,
                }),
                Err(says) => plan.refused.push((name, says)),
            }
        }
        plan.jobs = parts
            .into_iter()
            .enumerate()
            .filter_map(|(number, part)| Some(Job::new(part, wanted.remove(&number)?)))
            .collect();
        plan
    }

    /// `reached` is how far the stream that holds the entry is unpacked already for the sake of others.
    fn allow(&mut self, entry: &Listed, reached: &mut u64) -> Result<(), String> {
        let Listed { size, packed, .. } = *entry;
        let Limits {
            entry_bytes,
            total_bytes,
            streamed_bytes,
            ratio,
            ..
        } = self.left.limits;
        if let Some(refused) = &entry.refused {
            return Err(refused.clone());
        }
        if size > HARMLESS && size > packed.saturating_mul(ratio) {
            return Err(format!(
                "was not unpacked because {packed} bytes would become {size} or more, more than {ratio} times as much, as in a zip bomb; if you trust it, unpack it and name the file"
            ));
        }
        let end = entry.end();
        let cost = end.saturating_sub(*reached);
        if entry.streamed.is_some() {
            self.left.streamed = self.left.streamed.checked_sub(cost).ok_or_else(|| {
                format!(
                    "was not unpacked because the large logs of the archives together would become more than {streamed_bytes} bytes; unpack them and name the folder"
                )
            })?;
            return Ok(());
        }
        if size > entry_bytes {
            return Err(format!(
                "was not unpacked because its {size} bytes are more than {entry_bytes}; unpack it and name the file"
            ));
        }
        let Some(left) = self.bytes.checked_sub(size) else {
            return Err(format!(
                "was not unpacked because the archives together would take more than {total_bytes} bytes of memory; unpack them and name the folder"
            ));
        };
        let Some(work) = self.left.work.checked_sub(cost) else {
            return Err(
                "was not unpacked because too much of the archive lies before it; unpack the archive and name the folder"
                    .to_owned(),
            );
        };
        self.bytes = left;
        self.left.work = work;
        *reached = end.max(*reached);
        Ok(())
    }
}
