//! Limits that keep a hostile bundle from exhausting the machine.

/// Limits checked while a bundle is opened.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Archives inside archives: how deep.
    pub depth: u32,
    /// Artifacts in all.
    pub entries: usize,
    /// Unpacked bytes of one archive entry.
    pub entry_bytes: u64,
    /// Unpacked bytes of all archive entries together.
    pub total_bytes: u64,
    /// Unpacked size over packed size of one entry, above which it is taken for a zip bomb.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 6,
            entries: 200_000,
            entry_bytes: 8 << 30,
            total_bytes: 64 << 30,
            ratio: 1_500,
        }
    }
}
