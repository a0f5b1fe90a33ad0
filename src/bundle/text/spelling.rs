//! How bytes spell what is not ASCII, judged from all lines of a run together.

use std::borrow::Cow;

use super::code_page::CodePage;

/// What the bytes of a run are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    Ascii,
    Utf8,
    /// A code page.
    Page(CodePage),
    /// UTF-8, except that some lines are in a code page: a log with one damaged line is still UTF-8.
    Mostly(CodePage),
}

impl Spelling {
    /// Judges bytes by the `lines` that they are made of.
    pub(super) fn of<'a, L: Iterator<Item = &'a [u8]>>(
        bytes: &[u8],
        lines: impl Fn() -> L,
    ) -> Self {
        if bytes.is_ascii() {
            return Spelling::Ascii;
        }
        if std::str::from_utf8(bytes).is_ok() {
            return Spelling::Utf8;
        }
        // A code page now and then forms a valid sequence by chance.
        let spelled = || lines().filter(|line| !line.is_ascii());
        let (valid, broken) =
            spelled().fold(
                (0u64, 0u64),
                |(valid, broken), line| match std::str::from_utf8(line) {
                    Ok(_) => (valid + 1, broken),
                    Err(_) => (valid, broken + 1),
                },
            );
        if valid > broken {
            let broken = spelled().filter(|line| std::str::from_utf8(line).is_err());
            Spelling::Mostly(CodePage::of(broken))
        } else {
            Spelling::Page(CodePage::of(spelled()))
        }
    }

    /// Whether all of it is UTF-8.
    pub(super) fn is_unicode(self) -> bool {
        matches!(self, Spelling::Ascii | Spelling::Utf8)
    }

    /// Names of the encodings that it is.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        let (first, second) = match self {
            Spelling::Ascii => ("ascii", None),
            Spelling::Utf8 => ("utf-8", None),
            Spelling::Page(page) => (page.name(), None),
            Spelling::Mostly(page) => ("utf-8", Some(page.name())),
        };
        std::iter::once(first).chain(second)
    }

    /// How many of these bytes stand for themselves in any line.
    pub(super) fn plain(self, bytes: &[u8]) -> usize {
        if bytes.is_ascii() {
            return bytes.len();
        }
        match self {
            Spelling::Page(_) => bytes.iter().position(|b| !b.is_ascii()),
            _ => std::str::from_utf8(bytes).err().map(|e| e.valid_up_to()),
        }
        .unwrap_or(bytes.len())
    }

    /// Decodes the head of a line; what no encoding explains becomes U+FFFD.
    pub(super) fn decode<'a>(self, line: &[u8], head: &'a [u8]) -> Cow<'a, str> {
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        match self {
            Spelling::Page(page) => page.decode(head),
            Spelling::Mostly(page) if std::str::from_utf8(line).is_err() => page.decode(head),
            // The standard library is slow to find that it has nothing to replace.
            _ => match std::str::from_utf8(head) {
                Ok(whole) => Cow::Borrowed(whole),
                Err(_) => String::from_utf8_lossy(head),
            },
        }
    }
}
