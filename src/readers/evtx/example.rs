//! Values that many records have in common: where a record's bytes are those of an earlier one, so is what is written for
//! them.

use std::ops::Range;

use super::issuer::{Issuer, put};
use super::json;
use super::values::{Descriptor, Values};
use crate::readers::events::quoted;

/// Bytes of the longest name, with what stands around it.
const LONGEST: usize = 64;
/// Records that one example serves: which values are steady may change.
const SERVES: u32 = 1024;

/// A value with a name.
#[derive(Debug)]
pub(super) struct Field {
    /// `","name":"`, in room that is copied in one step.
    key: [u8; LONGEST],
    length: usize,
    value: u16,
}

impl Field {
    /// `None` where the name is longer than names are.
    pub(super) fn new(name: &str, value: u16) -> Option<Self> {
        let text = [b"\",", quoted(name).as_slice(), b":\""].concat();
        let mut key = [0; LONGEST];
        key.get_mut(..text.len())?.copy_from_slice(&text);
        Some(Self {
            key,
            length: text.len(),
            value,
        })
    }

    pub(super) fn has_key_of(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Writes it; nothing where it is null: Windows leaves that out.
    fn write(&self, values: &Values<'_>, issuer: &mut Issuer, out: &mut Vec<u8>) -> Option<()> {
        let Some(value) = values.brought(self.value) else {
            return Some(());
        };
        match self.key.first_chunk::<32>() {
            Some(start) if self.length <= 32 => put(start, self.length, out),
            _ => put(&self.key, self.length, out),
        }
        json::write(&value, issuer, out)
    }
}

/// An earlier record of the same definition, and what was written for it.
#[derive(Debug, Default)]
pub(super) struct Example {
    /// Records that it still serves.
    left: u32,
    descriptors: Vec<Descriptor>,
    bytes: Vec<u8>,
    text: Vec<u8>,
    /// Where each value ends in its bytes, and in the text.
    ends: Vec<(usize, usize)>,
    runs: Vec<Run>,
}

/// Fields one after another.
#[derive(Debug)]
struct Run {
    fields: Range<usize>,
    /// Whether all records since the example had the same there.
    steady: bool,
    bytes: Range<usize>,
    text: Range<usize>,
}

impl Example {
    /// Writes the fields of a record; `None` where one is not plain.
    pub(super) fn write(
        &mut self,
        fields: &[Field],
        values: &Values<'_>,
        issuer: &mut Issuer,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let Some(left) = self.left.checked_sub(1) else {
            return self.renew(fields, values, issuer, out);
        };
        self.left = left;
        let mut as_before = true;
        for run in &self.runs {
            if run.steady {
                if self.is_as_before(run, values) {
                    out.extend_from_slice(self.text.get(run.text.clone())?);
                    continue;
                }
                as_before = false;
            }
            for field in fields.get(run.fields.clone())? {
                field.write(values, issuer, out)?;
            }
        }
        if !as_before {
            self.split(values);
        }
        Some(())
    }

    /// Takes this record as the example.
    fn renew(
        &mut self,
        fields: &[Field],
        values: &Values<'_>,
        issuer: &mut Issuer,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let start = out.len();
        let mut ends = std::mem::take(&mut self.ends);
        ends.clear();
        let mut bytes = 0;
        let mut in_order = true;
        for (number, field) in fields.iter().enumerate() {
            field.write(values, issuer, out)?;
            bytes += values
                .raw(number..number + 1)
                .map_or(0, |(_, bytes)| bytes.len());
            in_order &= usize::from(field.value) == number;
            ends.push((bytes, out.len() - start));
        }
        self.ends = ends;
        let all = values.raw(0..fields.len());
        if let (true, Some((descriptors, bytes))) = (in_order, all) {
            self.left = SERVES;
            self.descriptors.clear();
            self.descriptors.extend_from_slice(descriptors);
            self.bytes.clear();
            self.bytes.extend_from_slice(bytes);
            self.text.clear();
            self.text.extend_from_slice(out.get(start..)?);
            self.runs.clear();
            self.runs.push(self.run(0..fields.len(), true));
        }
        Some(())
    }

    fn run(&self, fields: Range<usize>, steady: bool) -> Run {
        let end = |field: usize| {
            let before = field.checked_sub(1).and_then(|field| self.ends.get(field));
            before.copied().unwrap_or_default()
        };
        let (start, end) = (end(fields.start), end(fields.end));
        Run {
            fields,
            steady,
            bytes: start.0..end.0,
            text: start.1..end.1,
        }
    }

    fn is_as_before(&self, run: &Run, values: &Values<'_>) -> bool {
        let (descriptors, bytes) = (&self.descriptors, &self.bytes);
        match (
            descriptors.get(run.fields.clone()),
            bytes.get(run.bytes.clone()),
        ) {
            (Some(descriptors), Some(bytes)) => values.are(run.fields.start, descriptors, bytes),
            _ => false,
        }
    }

    /// Divides the steady runs where this record has something else.
    fn split(&mut self, values: &Values<'_>) {
        let mut runs: Vec<Run> = Vec::new();
        for run in &self.runs {
            for field in run.fields.clone() {
                let one = self.run(field..field + 1, true);
                let steady = run.steady && self.is_as_before(&one, values);
                let start = match runs.last() {
                    Some(last) if last.steady == steady => runs.pop().map(|run| run.fields.start),
                    _ => None,
                };
                runs.push(self.run(start.unwrap_or(field)..field + 1, steady));
            }
        }
        self.runs = runs;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::evtx::cursor::Cursor;

    /// A record's values as they stand in a chunk: UTF-16 text, numbers, nulls.
    fn record(values: &[u8]) -> Vec<u8> {
        let mut chunk = u32::try_from(values.len()).unwrap().to_le_bytes().to_vec();
        let bytes = |value: &u8| match value {
            0 => (0, Vec::new()),
            1 => (8, 7u32.to_le_bytes().to_vec()),
            // The sizes of several of these are the same.
            n => (1, [b'a' + n, 0, b'"', 0].repeat(usize::from(n / 3))),
        };
        for (kind, bytes) in values.iter().map(bytes) {
            chunk.extend([bytes.len() as u8, 0, kind, 0]);
        }
        chunk.extend(values.iter().map(bytes).flat_map(|(_, bytes)| bytes));
        chunk
    }

    proptest! {
        #[test]
        fn what_is_written_is_the_same_with_and_without_an_example(
            records in proptest::collection::vec((proptest::collection::vec(0u8..9, 4..7), 0usize..7), 1..30),
            order in proptest::sample::select(&[[0, 1, 2, 3, 4], [0, 2, 1, 3, 4]][..]),
        ) {
            let fields: Vec<Field> =
                order.iter().map(|n| Field::new(&format!("Name{n}"), *n).unwrap()).collect();
            let (mut example, mut issuer) = (Example::default(), Issuer::default());
            for (mut values, same) in records {
                // Most are like the ones before in most of their values.
                for value in values.iter_mut().skip(same) {
                    *value = 4;
                }
                let chunk = record(&values);
                let values = Values::read(&chunk, &mut Cursor::new(&chunk, 0), Vec::new()).unwrap();
                let (mut with, mut without) = (Vec::new(), Vec::new());
                example.write(&fields, &values, &mut issuer, &mut with);
                for field in &fields {
                    field.write(&values, &mut issuer, &mut without);
                }
                prop_assert_eq!(with, without);
            }
        }
    }
}
