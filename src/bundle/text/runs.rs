//! Runs of one code-unit width, and the lines inside them.
//!
//! ```text
//! FF FE 3D 00 3D 00 0D 00 0A 00 | 23 30 3E 20 43 6C 69 65 6E 74 0D 0A | 3D 00 3D 00 0D 00 0A 00
//! UTF-16LE heading (Out-File)   | OEM bytes (cmd /c klist >> file)    | UTF-16LE again, at whatever offset
//! ```
//! A switch happens only at a line start, because whole commands are appended. ASCII characters (every line end is made of them) put a
//! zero in every second byte of UTF-16 and never in a byte encoding: that decides each line.

use memchr::memchr2;

/// How wide a code unit is, and in which order its bytes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// One byte: UTF-8 or a code page.
    Byte,
    /// Two bytes, low one first.
    Utf16Le,
    /// Two bytes, high one first.
    Utf16Be,
}

/// Adjacent lines in one unit. Ends after a line end, or with the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    pub unit: Unit,
    pub bytes: &'a [u8],
}

/// Bytes of a line looked at to tell its unit.
const WINDOW: usize = 256;

/// Cuts bytes into runs.
pub(super) fn runs(bytes: &[u8]) -> impl Iterator<Item = Run<'_>> {
    let mut rest = bytes;
    let mut before = Unit::Byte;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let unit = unit_at(rest, before);
        let (bytes, after) = rest.split_at(run_end(rest, unit));
        rest = after;
        before = unit;
        Some(Run { unit, bytes })
    })
}

/// Length of the run at the start of `bytes`; at least 1.
fn run_end(bytes: &[u8], unit: Unit) -> usize {
    if unit == Unit::Byte && memchr2(0, 0xFF, bytes).is_none() {
        return bytes.len();
    }
    let mut end = 0;
    while let Some(rest) = bytes.get(end..).filter(|rest| !rest.is_empty()) {
        if end > 0 && unit_at(rest, unit) != unit {
            return end;
        }
        end = end.saturating_add(line_length(rest, unit)).min(bytes.len());
    }
    bytes.len()
}

/// Length of the line at the start of `bytes`, its line feed included.
fn line_length(bytes: &[u8], unit: Unit) -> usize {
    let feed = match unit {
        Unit::Byte => bytes.iter().position(|&b| b == b'\n').map(|at| at + 1),
        wide => bytes
            .chunks(2)
            .position(|pair| is(wide, pair, b'\n'))
            .map(|at| at * 2 + 2),
    };
    feed.unwrap_or(bytes.len())
}

/// True when the pair is this ASCII character. A last odd byte counts as a unit whose zero was taken for padding.
fn is(unit: Unit, pair: &[u8], ascii: u8) -> bool {
    match (unit, pair) {
        (Unit::Utf16Le, [low]) => *low == ascii,
        (Unit::Utf16Le, [low, high]) => *low == ascii && *high == 0,
        (Unit::Utf16Be, [high, low]) => *high == 0 && *low == ascii,
        _ => false,
    }
}

/// The unit of the line at the start of `bytes`, where the line before was in `before`.
fn unit_at(bytes: &[u8], before: Unit) -> Unit {
    match bytes {
        [0xFF, 0xFE, ..] => return Unit::Utf16Le,
        [0xFE, 0xFF, ..] => return Unit::Utf16Be,
        [0xEF, 0xBB, 0xBF, ..] => return Unit::Byte,
        _ => {}
    }
    let window = bytes.get(..WINDOW).unwrap_or(bytes);
    match before {
        Unit::Byte => wide_unit(window).unwrap_or(Unit::Byte),
        wide if is_narrow(window) => wide_unit(window)
            .filter(|&unit| unit == wide)
            .unwrap_or(Unit::Byte),
        wide => wide,
    }
}

/// The UTF-16 order that the zeros of a line show, when they show one.
fn wide_unit(window: &[u8]) -> Option<Unit> {
    let end = window
        .iter()
        .position(|&b| b == b'\n')
        .map_or(window.len(), |at| at + 1);
    // The zero of a little-endian line feed stands after it.
    let line = window
        .get(..(end + end % 2).min(window.len()))
        .unwrap_or(window);
    let zeros = |parity: usize| {
        line.iter()
            .skip(parity)
            .step_by(2)
            .filter(|&&b| b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    // Letters of other scripts have no zero, but blanks and line ends have: an eighth is asked for, or a line end.
    let enough = |zeros: usize, feed: [u8; 2]| {
        zeros > 0 && (zeros * 16 >= line.len() || line.ends_with(&feed))
    };
    match (even, odd) {
        (0, odd) if enough(odd, [b'\n', 0]) => Some(Unit::Utf16Le),
        (even, 0) if enough(even, [0, b'\n']) => Some(Unit::Utf16Be),
        _ => None,
    }
}

/// True when a line met inside UTF-16 is made of single bytes: it ends with the byte pair CR LF and has no zero before it, or all
/// that is seen of it is ASCII. (A line feed byte alone proves nothing: 上 is 0A 4E.)
fn is_narrow(window: &[u8]) -> bool {
    let end = window.iter().position(|&b| b == 0).unwrap_or(window.len());
    let Some(before_zero) = window.get(..end) else {
        return false;
    };
    let crlf = before_zero.windows(2).any(|pair| pair == b"\r\n");
    let ascii = before_zero.len() >= 16
        && before_zero
            .iter()
            .all(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
    crlf || ascii
}

impl<'a> Run<'a> {
    /// The lines without their line ends.
    pub(super) fn lines(self) -> Lines<'a> {
        Lines {
            unit: self.unit,
            rest: Some(self.bytes).filter(|bytes| !bytes.is_empty()),
        }
    }
}

/// Carriage returns that one line feed ends together; more than two were never seen.
const RETURNS: usize = 4;
/// Bytes that show how long a line end in single bytes is.
pub(super) const END: usize = RETURNS + 1;

/// Length of the line end at the start of `bytes`: CRCRLF is one line end, CRs with no line feed after them are one each.
pub(super) fn end_length(bytes: &[u8], unit: Unit) -> usize {
    match (unit, bytes) {
        (Unit::Byte, [b'\n', ..]) => return 1,
        (Unit::Byte, [b'\r', b'\n', ..]) => return 2,
        _ => {}
    }
    let width = if unit == Unit::Byte { 1 } else { 2 };
    let is = |at: &[u8], ascii: u8| match unit {
        Unit::Byte => at == [ascii],
        wide => is(wide, at, ascii),
    };
    let mut units = bytes.chunks(width);
    let returns = units
        .clone()
        .take(RETURNS)
        .take_while(|at| is(at, b'\r'))
        .count();
    match units.nth(returns) {
        Some(at) if is(at, b'\n') => (returns + 1) * width,
        _ => width,
    }
}

/// Iterator over the lines of a run.
pub(super) struct Lines<'a> {
    unit: Unit,
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let bytes = self.rest.take()?;
        let at = match self.unit {
            Unit::Byte => memchr2(b'\r', b'\n', bytes),
            wide => bytes
                .chunks(2)
                .position(|unit| is(wide, unit, b'\r') || is(wide, unit, b'\n'))
                .map(|at| at * 2),
        };
        let Some((line, end)) = at.and_then(|at| bytes.split_at_checked(at)) else {
            return Some(bytes);
        };
        self.rest = end
            .get(end_length(end, self.unit)..)
            .filter(|rest| !rest.is_empty());
        Some(line)
    }
}
