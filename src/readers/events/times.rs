//! Many moments in little room: each as how far it is from the one before.

use jiff::Timestamp;

/// Moments to the microsecond, in the order they were given; those of a log take three or four bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Differences in microseconds, zigzag and LEB128.
    bytes: Vec<u8>,
    last: i64,
    count: u64,
}

/// Bits of a byte that carry a number; the highest says that it goes on.
const BITS: u32 = 7;

impl Times {
    /// Adds a moment.
    pub fn push(&mut self, time: Timestamp) {
        let now = time.as_microsecond();
        let apart = now.wrapping_sub(self.last);
        let mut rest = ((apart << 1) ^ (apart >> (i64::BITS - 1))).cast_unsigned();
        loop {
            let low = (rest & 0x7f) as u8;
            rest >>= BITS;
            self.bytes.push(low | u8::from(rest > 0) << BITS);
            if rest == 0 {
                break;
            }
        }
        self.last = now;
        self.count += 1;
    }

    /// How many.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, as they were given.
    pub fn iter(&self) -> impl Iterator<Item = Timestamp> + '_ {
        let (mut last, mut bytes) = (0_i64, self.bytes.iter());
        std::iter::from_fn(move || {
            let (mut number, mut shift) = (0_u64, 0);
            loop {
                let byte = *bytes.next()?;
                number |= u64::from(byte & 0x7f) << shift;
                shift += BITS;
                if byte >> BITS == 0 {
                    break;
                }
            }
            let apart = (number >> 1).cast_signed() ^ -(number & 1).cast_signed();
            last = last.wrapping_add(apart);
            Some(last)
        })
        .filter_map(|time| Timestamp::from_microsecond(time).ok())
    }

    /// Keeps those that `keep` wants.
    pub fn retain(&mut self, keep: impl FnMut(&Timestamp) -> bool) {
        *self = self.iter().filter(keep).collect();
    }
}

impl Extend<Timestamp> for Times {
    fn extend<I: IntoIterator<Item = Timestamp>>(&mut self, times: I) {
        for time in times {
            self.push(time);
        }
    }
}

impl FromIterator<Timestamp> for Times {
    fn from_iter<I: IntoIterator<Item = Timestamp>>(times: I) -> Self {
        let mut all = Self::default();
        all.extend(times);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_given_comes_back(times in proptest::collection::vec(any::<i64>(), 0..40)) {
            let least = Timestamp::MIN.as_second() * 1_000_000;
            let most = Timestamp::MAX.as_second() * 1_000_000;
            let given: Vec<Timestamp> = times
                .iter()
                .map(|time| Timestamp::from_microsecond((*time).clamp(least, most)).unwrap())
                .collect();
            let kept: Times = given.iter().copied().collect();
            prop_assert_eq!(kept.len(), given.len() as u64);
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), given);
        }
    }

    #[test]
    fn a_second_takes_three_bytes() {
        let second = |at: i64| Timestamp::from_second(1_772_000_000 + at).unwrap();
        let times: Times = (0..100).map(second).collect();
        assert!(times.bytes.len() < 320, "{}", times.bytes.len());
        let mut some = times;
        some.retain(|time| time.as_second() % 2 == 0);
        assert_eq!(some.len(), 50);
        assert_eq!(some.iter().next(), Some(second(0)));
    }
}
