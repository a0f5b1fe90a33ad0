//! Which bytes of a text part its lines and their values, looked at 64 at a time with the instructions that the processor has.

use fearless_simd::prelude::*;
use fearless_simd::u8x64;

/// Bytes looked at together.
pub(super) const STEP: usize = u64::BITS as usize;

/// A bit for each byte of a step; the first byte's is the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) blanks: u64,
    /// Control characters, line ends among them.
    pub(super) controls: u64,
}

/// The marks of a step.
#[inline(always)]
pub(super) fn marks<S: Simd>(simd: S, step: &[u8; STEP]) -> Marks {
    let bytes = u8x64::from_slice(simd, step);
    let blank = u8x64::splat(simd, b' ');
    Marks {
        blanks: bytes.simd_eq(blank).to_bitmask(),
        controls: bytes.simd_lt(blank).to_bitmask(),
    }
}

/// The last bytes of a text, and behind them others that are no marks.
pub(super) fn filled_up(rest: &[u8]) -> [u8; STEP] {
    let mut step = [u8::MAX; STEP];
    if let Some(begin) = step.get_mut(..rest.len()) {
        begin.copy_from_slice(rest);
    }
    step
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bit_for_each_byte(bytes in prop::collection::vec(
            prop_oneof![Just(b' '), Just(b'\n'), Just(b'!'), any::<u8>()], 0..=STEP,
        )) {
            let bits = |is: fn(u8) -> bool| {
                let bits = bytes.iter().enumerate();
                bits.fold(0, |bits, (at, byte)| bits | u64::from(is(*byte)) << at)
            };
            let want = Marks {
                blanks: bits(|byte| byte == b' '),
                controls: bits(|byte| byte < b' '),
            };
            let step = filled_up(&bytes);
            for level in [Level::new(), Level::baseline()] {
                prop_assert_eq!(dispatch!(level, simd => marks(simd, &step)), want);
            }
        }
    }
}
