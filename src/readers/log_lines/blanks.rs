//! Where the values of a line part: at its blanks.

use super::{Columns, Misfit, filled};

/// Where the values of a line begin, and one more that would begin behind it. One is used for line after line, so that
/// nothing is allocated.
#[derive(Debug, Default)]
pub(in crate::readers) struct Blanks(Vec<u32>);

/// The values of a line, one a column.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::readers) enum Values<'l, 'b> {
    /// They stand between blanks, and begin there.
    Between(&'l str, &'b [u32]),
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
        self.find(line.as_bytes());
        let values = self.0.len() - 1;
        if values == columns.len() {
            return Ok(Values::Between(line, &self.0));
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

    fn find(&mut self, line: &[u8]) {
        self.0.clear();
        self.0.push(0);
        let blanks = memchr::memchr_iter(b' ', line);
        self.0.extend(blanks.map(|at| at as u32 + 1));
        self.0.push(line.len() as u32 + 1);
    }
}

impl<'l> Values<'l, '_> {
    /// The value of a column.
    pub(in crate::readers) fn get(&self, at: Option<usize>) -> Option<&'l str> {
        let at = at?;
        match self {
            Values::Between(line, begins) => {
                let (begin, next) = (*begins.get(at)?, *begins.get(at + 1)?);
                line.get(begin as usize..next.checked_sub(1)? as usize)
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
