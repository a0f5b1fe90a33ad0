//! Reproducible variety: the same seed always gives the same names, times and noise, on every machine.

use jiff::{SignedDuration, Timestamp};

/// A small generator (splitmix64). Not random: only various.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice from a text, usually the name of a story or of a host.
    pub fn from_text(text: &str) -> Self {
        // FNV-1a.
        let seed = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed)
    }

    /// Dice from a number.
    pub fn from_number(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `below` - 1.
    pub fn below(&mut self, below: u64) -> u64 {
        self.next() % below.max(1)
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.below(from.len() as u64);
        &from[usize::try_from(index).expect("an index")]
    }

    /// A moment from `from` (included) to `to` (excluded), in whole 100 ns.
    pub fn time(&mut self, from: Timestamp, to: Timestamp) -> Timestamp {
        let span = u64::try_from(to.duration_since(from).as_nanos() / 100).unwrap_or(0);
        let steps = i64::try_from(self.below(span)).expect("a fixture spans days, not centuries");
        from + SignedDuration::from_nanos(steps * 100)
    }

    /// `count` moments from `from` to `to`, in order, unevenly spaced.
    pub fn times(&mut self, count: usize, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let mut times: Vec<_> = (0..count).map(|_| self.time(from, to)).collect();
        times.sort();
        times
    }

    /// A GUID.
    pub fn guid(&mut self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }

    /// A client port.
    pub fn port(&mut self) -> u16 {
        u16::try_from(49_152 + self.below(16_000)).expect("a port")
    }
}

/// A moment from its RFC 3339 text: `at("2026-03-02T08:01:10Z")`.
pub fn at(text: &str) -> Timestamp {
    text.parse()
        .unwrap_or_else(|error| panic!("{text} is no time: {error}"))
}
