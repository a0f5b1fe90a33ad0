//! Where the values of a line part: at its blanks, which stand too close together for `memchr`.

use super::marks::Places;
use super::{Columns, Misfit, filled};

/// The places before each value of a line, and one behind the last. One is used for line after line, so that nothing is
/// allocated.
#[derive(Debug, Default)]
pub(in crate::readers) struct Blanks(Places);

/// The values of a line, one a column.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::readers) enum Values<'l, 'b> {
    /// Those of a line that begins there in its text: they stand between these places.
    Between(&'l str, u32, &'b [u32]),
    /// There are more blanks than that.
    List(Vec<&'l str>),
}

impl Blanks {
    /// The values of a line. Empty ones are columns of their own, unless the line then has too many: a value that begins
    /// with a blank gives two blanks in a row.
    pub(in crate::readers) fn split<'l>(
        &mut self,
        columns: &Columns,
        line: &'l str,
    ) -> Result<Values<'l, '_>, Misfit> {
        self.find(line);
        let places = self.0.list();
        let values = places.len() - 1;
        if values == columns.len() {
            return Ok(Values::Between(line, 0, places));
        }
        let most = columns.len() + 64;
        let filled: Vec<&str> = line
            .split(' ')
            .take(most)
            .filter(|v| !v.is_empty())
            .collect();
        if filled.len() == columns.len() {
            return Ok(Values::List(filled));
        }
        Err(match values < columns.len() {
            true => Misfit::Short,
            false => Misfit::Long,
        })
    }

    fn find(&mut self, line: &str) {
        let blanks = &mut self.0;
        blanks.clear();
        // Before the line: one more is its beginning.
        blanks.push(u32::MAX);
        blanks.add_blanks(line.as_bytes());
        blanks.push(line.len() as u32);
    }
}

impl<'l> Values<'l, '_> {
    /// The value of a column.
    pub(in crate::readers) fn get(&self, at: Option<usize>) -> Option<&'l str> {
        let at = at?;
        match self {
            Values::Between(line, begin, places) => {
                let [before, behind] = places.get(at..)?.first_chunk()?;
                let value =
                    before.wrapping_add(1).checked_sub(*begin)?..behind.checked_sub(*begin)?;
                line.get(value.start as usize..value.end as usize)
            }
            Values::List(values) => values.get(at).copied(),
        }
    }

    /// The same, where it is not empty.
    pub(in crate::readers) fn filled(&self, at: Option<usize>) -> Option<&'l str> {
        self.get(at).and_then(filled)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn values_stand_between_blanks(line in "([ -~é]{0,40} ?){0,4}", more in -2isize..2) {
            let values: Vec<&str> = line.split(' ').collect();
            let count = values.len().saturating_add_signed(more).max(1);
            let columns = Columns::of(&"c ".repeat(count));
            let mut blanks = Blanks::default();
            let split = blanks.split(&columns, &line);
            if count == values.len() {
                let split = split.unwrap();
                let got: Vec<&str> = (0..count).filter_map(|at| split.get(Some(at))).collect();
                prop_assert_eq!(got, values);
            } else if line.split(' ').filter(|v| !v.is_empty()).count() != count {
                prop_assert_eq!(split.is_err(), true);
            }
        }
    }
}
