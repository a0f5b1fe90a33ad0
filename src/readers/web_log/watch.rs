//! Who is under watch, by numbers that are cheap to reckon: another line needs no more than a look here.
//!
//! Two things with one number are watched together. That costs time, and changes nothing.

/// Numbers that are told apart, few enough for a core's caches. More callers or URLs than that only cost time.
const SLOTS: u32 = 1 << 14;

/// Where something is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot(u16);

/// Counts of what is watched.
#[derive(Debug)]
pub(super) struct Watch {
    counts: Vec<u8>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            counts: vec![0; SLOTS as usize],
        }
    }
}

impl Watch {
    /// Whether anything that is counted there may be watched.
    #[inline(always)]
    pub(super) fn holds(&self, slot: Slot) -> bool {
        let count = self.counts.get(usize::from(slot.0));
        count.is_some_and(|count| *count > 0)
    }

    /// Begins to watch one thing more that is counted there.
    pub(super) fn add(&mut self, slot: Slot) {
        if let Some(count) = self.counts.get_mut(usize::from(slot.0)) {
            *count = count.saturating_add(1);
        }
    }

    /// Watches one thing less.
    pub(super) fn drop(&mut self, slot: Slot) {
        if let Some(count) = self.counts.get_mut(usize::from(slot.0)) {
            // What there were too many of to count is watched to the end.
            if *count < u8::MAX {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// Watches nothing any more.
    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
    }
}

/// Where things of this number are counted.
#[inline(always)]
pub(super) fn slot(number: u64) -> Slot {
    Slot((number >> (u64::BITS - SLOTS.ilog2())) as u16)
}

/// Bytes of a value that its number is made of: all of what is kept of the longest begins with them.
const LOOKED_AT: usize = 64;

/// The number of a client.
#[inline(always)]
pub(super) fn client(address: &[u8]) -> u64 {
    mixed(0, address)
}

/// Where a path is counted that the client of a number asks for.
#[inline(always)]
pub(super) fn path(client: u64, path: &[u8]) -> Slot {
    slot(mixed(client, path))
}

#[inline(always)]
fn mixed(number: u64, bytes: &[u8]) -> u64 {
    // The multiplier of FxHash.
    let mix =
        |number: u64, word: u64| (number.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let bytes = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let (words, rest) = bytes.as_chunks::<8>();
    let number = words.iter().fold(number, |number, word| {
        mix(number, u64::from_le_bytes(*word))
    });
    let last = match bytes.last_chunk::<8>() {
        // Some of its bytes for the second time.
        Some(last) => u64::from_le_bytes(*last),
        None => rest
            .iter()
            .fold(1, |last, byte| last << 8 | u64::from(*byte)),
    };
    mix(number, last)
}
