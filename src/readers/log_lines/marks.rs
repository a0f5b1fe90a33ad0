//! Which bytes of a text part its lines and their values: found 64 at a time, with the instructions that the processor has.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// Bytes looked at together.
pub(super) const STEP: usize = u64::BITS as usize;

/// Does something with the instructions that the processor has. AVX-512 brings nothing here: the places are written one by one.
macro_rules! on_this_processor {
    ($simd:ident => $does:expr) => {
        match Level::new().as_avx2() {
            Some($simd) => $simd.vectorize(|| $does),
            None => dispatch!(Level::new(), $simd => $does),
        }
    };
}

/// Where bytes stand that are no letters.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Blanks and control characters, line ends among them.
    pub(super) all: Places,
    /// Control characters.
    pub(super) ends: Places,
}

/// Places in a text, in their order.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// What is behind the first so many is left from a text before.
    room: Vec<u32>,
    count: usize,
}

impl Marks {
    /// Adds those of a text, which begins there.
    pub(super) fn add(&mut self, text: &[u8], begin: u32) {
        self.all.reserve(text.len());
        self.ends.reserve(text.len());
        on_this_processor!(simd => add(simd, self, text, begin));
    }

    #[inline(always)]
    fn add_step<S: Simd>(&mut self, simd: S, step: &[u8; STEP], begin: u32) {
        let bytes = u8x64::from_slice(simd, step);
        let all = bytes.simd_le(u8x64::splat(simd, b' '));
        let ends = bytes.simd_le(u8x64::splat(simd, b' ' - 1));
        self.all.add(all.to_bitmask(), begin);
        if ends.any_true() {
            self.ends.add(ends.to_bitmask(), begin);
        }
    }
}

// What is not inlined here is compiled without those instructions.
#[inline(always)]
fn add<S: Simd>(simd: S, marks: &mut Marks, text: &[u8], mut begin: u32) {
    let (steps, rest) = text.as_chunks();
    for step in steps {
        marks.add_step(simd, step, begin);
        begin = begin.wrapping_add(STEP as u32);
    }
    marks.add_step(simd, &filled_up(rest), begin);
}

#[inline(always)]
fn add_blanks<S: Simd>(simd: S, places: &mut Places, text: &[u8]) {
    let (steps, rest) = text.as_chunks();
    let blank = u8x64::splat(simd, b' ');
    let last = filled_up(rest);
    for (step, begin) in steps.iter().chain([&last]).zip((0..).step_by(STEP)) {
        let bytes = u8x64::from_slice(simd, step);
        places.add(bytes.simd_eq(blank).to_bitmask(), begin);
    }
}

/// The last bytes of a text, and behind them some that are no marks.
#[inline(always)]
fn filled_up(rest: &[u8]) -> [u8; STEP] {
    let mut step = [u8::MAX; STEP];
    if let Some(begin) = step.get_mut(..rest.len()) {
        begin.copy_from_slice(rest);
    }
    step
}

impl Places {
    /// Makes room for the places in so many bytes.
    fn reserve(&mut self, bytes: usize) {
        let length = self.count + bytes;
        if self.room.len() < length {
            self.room.resize(length, 0);
        }
    }

    #[inline(always)]
    fn add(&mut self, mut bits: u64, begin: u32) {
        let end = self.count + bits.count_ones() as usize;
        let mut room = self
            .room
            .get_mut(self.count..)
            .unwrap_or_default()
            .iter_mut();
        while bits != 0
            && let Some(place) = room.next()
        {
            *place = begin.wrapping_add(bits.trailing_zeros());
            bits &= bits.wrapping_sub(1);
        }
        self.count = end;
    }

    /// Adds those of the blanks of a text.
    pub(super) fn add_blanks(&mut self, text: &[u8]) {
        self.reserve(text.len());
        on_this_processor!(simd => add_blanks(simd, self, text));
    }

    /// Adds one.
    pub(super) fn push(&mut self, place: u32) {
        self.reserve(1);
        if let Some(room) = self.room.get_mut(self.count) {
            *room = place;
            self.count += 1;
        }
    }

    /// All of them.
    #[inline(always)]
    pub(super) fn list(&self) -> &[u32] {
        self.room.get(..self.count).unwrap_or_default()
    }

    /// Lets go of the first so many, as far as there are as many; out comes how many those are.
    pub(super) fn drop_first(&mut self, count: usize) -> usize {
        let count = count.min(self.count);
        self.room.copy_within(count..self.count, 0);
        self.count -= count;
        count
    }

    /// Lets go of all.
    pub(super) fn clear(&mut self) {
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_place_of_each_byte(bytes in prop::collection::vec(
            prop_oneof![Just(b' '), Just(b'\n'), Just(b'!'), any::<u8>()], 0..=3 * STEP,
        ), begin in 0u32..99) {
            let mut marks = Marks::default();
            marks.all.push(7);
            marks.add(&bytes, begin);
            let places = |most: u8| -> Vec<u32> {
                (begin..).zip(&bytes).filter(|(_, byte)| **byte <= most).map(|(at, _)| at).collect()
            };
            prop_assert_eq!(marks.all.list(), [vec![7], places(b' ')].concat());
            prop_assert_eq!(marks.ends.list(), places(0x1f));
            let mut blanks = Places::default();
            blanks.add_blanks(&bytes);
            let all = bytes.iter().enumerate().filter(|(_, byte)| **byte == b' ');
            prop_assert_eq!(blanks.list(), all.map(|(at, _)| at as u32).collect::<Vec<_>>());
            prop_assert_eq!(marks.all.drop_first(1), 1);
            prop_assert_eq!(marks.all.list(), places(b' '));
        }
    }
}
