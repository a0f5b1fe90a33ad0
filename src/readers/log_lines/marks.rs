//! Which bytes of a text may part its lines and their values, looked at many at a time.

use wide::u8x16;

/// Bytes looked at together.
pub(super) const STEP: usize = u64::BITS as usize;
const LANES: usize = 16;

/// A bit for each byte that is a blank or a control character, line ends among them; the first byte's is the lowest. Of no
/// more than 64 bytes; those that are not there are zeros.
#[inline]
pub(super) fn marks(step: &[u8]) -> u64 {
    match step.try_into() {
        Ok(whole) => marks_of(whole),
        Err(_) => {
            let mut whole = [0; STEP];
            if let Some(part) = whole.get_mut(..step.len()) {
                part.copy_from_slice(step);
            }
            marks_of(&whole)
        }
    }
}

/// Of 64 bytes.
#[inline]
pub(super) fn marks_of(step: &[u8; STEP]) -> u64 {
    let blank = u8x16::splat(b' ');
    let (lanes, _) = step.as_chunks::<LANES>();
    lanes.iter().rev().fold(0, |marks, lanes| {
        let bytes = u8x16::new(*lanes);
        // `<=` takes more steps.
        let found = bytes.min(blank).simd_eq(bytes);
        marks << LANES | u64::from(found.to_bitmask())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bit_for_each_byte(bytes in prop::collection::vec(
            prop_oneof![Just(b' '), Just(b'\n'), Just(b'!'), any::<u8>()], 0..=STEP,
        )) {
            let whole = bytes.iter().copied().chain(std::iter::repeat(0)).take(STEP);
            let bits = whole.enumerate();
            let want = bits.fold(0, |bits, (at, byte)| bits | u64::from(byte <= b' ') << at);
            prop_assert_eq!(marks(&bytes), want);
        }
    }
}
