//! What is seen of a stretch of lines: what is counted, by where it stands.

use memchr::memchr2;

use super::line::{Entry, LogTime, Said};
use crate::bundle::text::LINE_CHARS;

/// What was seen of a stretch of lines.
#[derive(Default)]
pub(super) struct Seen {
    /// How many there are.
    pub(super) lines: u32,
    pub(super) entered: u64,
    pub(super) returned: u64,
    /// When the first entry was, and the last.
    pub(super) span: Option<(LogTime, LogTime)>,
    pub(super) answers: Vec<Answer>,
}

/// An entry that is counted with others.
pub(super) struct Answer {
    /// Lines before it.
    pub(super) number: u32,
    pub(super) line: Place,
    pub(super) time: LogTime,
    pub(super) of: Of,
    /// As [`Key`](super::groups::Key) has them.
    pub(super) whose: Option<Place>,
    pub(super) what: Place,
    pub(super) via: Option<Place>,
    pub(super) status: u32,
}

/// What an answer is of.
pub(super) enum Of {
    Logon,
    Channel,
}

/// Where a part of a text begins, and where it ends.
#[derive(Clone, Copy)]
pub(super) struct Place(u32, u32);

impl Place {
    fn new(text: &str, part: &str) -> Self {
        let begin = part.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
        Self(begin as u32, begin.wrapping_add(part.len()) as u32)
    }

    /// What stands there.
    pub(super) fn of(self, text: &[u8]) -> Option<&str> {
        std::str::from_utf8(text.get(self.0 as usize..self.1 as usize)?).ok()
    }
}

impl Seen {
    /// Looks at the lines that begin in the first so many bytes of a text, as far as they are read as they stand there. Out
    /// comes where it ended.
    pub(super) fn look(&mut self, text: &[u8], until: usize) -> usize {
        self.clear();
        let text = std::str::from_utf8(text).unwrap_or_default();
        let mut at = 0;
        while at < until
            && let Some((line, after)) = text.get(at..).and_then(first_line)
        {
            self.take(text, line);
            at += after;
        }
        at
    }

    /// Looks at one line.
    pub(super) fn look_at(&mut self, line: &str) {
        self.clear();
        self.take(line, line);
    }

    fn clear(&mut self) {
        (self.lines, self.entered, self.returned) = (0, 0, 0);
        self.span = None;
        self.answers.clear();
    }

    fn take(&mut self, text: &str, line: &str) {
        let number = self.lines;
        self.lines += 1;
        let Some(entry) = Entry::new(line) else {
            return; // an entry goes on below itself
        };
        let first = self.span.map_or(entry.time, |(first, _)| first);
        self.span = Some((first, entry.time));
        let place = |part: &str| Place::new(text, part);
        let answer = |of, whose: Option<&str>, what, via: Option<&str>, status| Answer {
            number,
            line: place(line),
            time: entry.time,
            of,
            whose: whose.map(place),
            what: place(what),
            via: via.map(place),
            status,
        };
        match entry.said {
            Said::Entered => self.entered += 1,
            Said::Returned(logon) => {
                self.returned += 1;
                self.answers.push(answer(
                    Of::Logon,
                    Some(logon.user),
                    logon.workstation,
                    logon.via,
                    logon.status,
                ));
            }
            Said::ChannelFailed { function, status } => {
                let failed = answer(Of::Channel, entry.domain, function, None, status);
                self.answers.push(failed);
            }
            Said::Other => {}
        }
    }
}

/// The line that a text begins with, right-trimmed, and where the next begins. `None` where there is no whole one, or one that
/// [`Lines`](crate::bundle::text::Lines) has more to do with: it ends with other carriage returns, begins with a byte order
/// mark, or is too long.
fn first_line(text: &str) -> Option<(&str, usize)> {
    let end = memchr2(b'\r', b'\n', text.as_bytes())?;
    let (line, rest) = text.split_at_checked(end)?;
    let end_length = match rest.as_bytes() {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => return None,
    };
    let plain = line.len() <= LINE_CHARS && !line.starts_with('\u{FEFF}');
    plain.then(|| (line.trim_end_matches([' ', '\t']), end + end_length))
}
