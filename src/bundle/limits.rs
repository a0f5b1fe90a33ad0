//! Limits that keep a hostile bundle from exhausting the machine.

/// Limits checked while a bundle is opened.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Archives inside archives: how deep. 1 opens only the archives that lie in folders or were named.
    pub depth: u32,
    /// Artifacts in all.
    pub entries: usize,
    /// Unpacked bytes of one archive entry that is held in memory.
    pub entry_bytes: u64,
    /// Unpacked bytes of all archive entries together that are held in memory.
    pub total_bytes: u64,
    /// Logs of this size and more are unpacked anew each time they are read, as a stream, where their archive allows it. A
    /// smaller one costs no more memory than what it is read with, and to tell that it is a log takes unpacking all of it.
    pub streamed_from: u64,
    /// Unpacked bytes of all such logs together. They take no memory but time: each is unpacked some three times, to be
    /// checked, to find where it begins or whether another is the same, and to be read.
    pub streamed_bytes: u64,
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
            streamed_from: 1 << 20,
            streamed_bytes: 64 << 30,
            ratio: 400,
        }
    }
}
