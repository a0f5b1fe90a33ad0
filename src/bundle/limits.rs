//! Limits that keep a hostile bundle from exhausting the machine.

/// Limits checked while a bundle is opened.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Archives inside archives: how deep. 1 opens only the archives that lie in folders or were named.
    pub depth: u32,
    /// Artifacts in all.
    pub entries: usize,
    /// Unpacked bytes of one archive entry. Entries are unpacked in memory.
    pub entry_bytes: u64,
    /// Unpacked bytes of all archive entries together.
    pub total_bytes: u64,
    /// Unpacked size over packed size of one entry, above which it is taken for a zip bomb. Small entries are exempt: an event log
    /// that is still empty packs a thousandfold.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 6,
            entries: 200_000,
            entry_bytes: 2 << 30,
            total_bytes: 6 << 30,
            ratio: 400,
        }
    }
}
