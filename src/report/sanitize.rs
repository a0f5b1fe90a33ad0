//! Text from the bundle made fit to be shown: what would steer a terminal or hide from the reader becomes visible.
//!
//! User names, URLs and SPNs are chosen by strangers, and an invisible character in an SPN is a cause in itself: a
//! character that cannot be seen is shown by its number, `HTTP/web<U+200B>`, never dropped.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text as one line: line breaks and tabs become a space, everything else that cannot be seen its `<U+XXXX>`.
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\t' => shown.push(' '),
            c if is_plain(c) => shown.push(c),
            // Writing to a String cannot fail.
            c => _ = write!(shown, "<U+{:04X}>", u32::from(c)),
        }
    }
    Cow::Owned(shown)
}

/// The text line by line, each fit to be shown: for commands and file contents, whose line breaks mean something.
/// Tabs become four spaces.
pub fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines()
        .map(|row| line(&row.replace('\t', "    ")).into_owned())
}

/// Whether a character shows as itself.
fn is_plain(c: char) -> bool {
    !(c.is_control() || (c.is_whitespace() && c != ' ') || is_invisible(c))
}

/// Characters that take no ink or change how others are laid out: the default-ignorable code points of Unicode, bidi
/// controls among them, and interlinear annotation marks.
fn is_invisible(c: char) -> bool {
    matches!(
        u32::from(c),
        0x00AD
            | 0x034F
            | 0x061C
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x200B..=0x200F
            | 0x2028..=0x202E
            | 0x2060..=0x206F
            | 0x2800
            | 0x3164
            | 0xFE00..=0xFE0F
            | 0xFEFF
            | 0xFFA0
            | 0xFFF0..=0xFFFB
            | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(
            line("CONTOSO\\svc-web žluť 漢字"),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn what_steers_a_terminal_is_shown_by_number() {
        assert_eq!(line("a\u{1b}[2Jb"), "a<U+001B>[2Jb");
        assert_eq!(line("\u{9b}31m"), "<U+009B>31m");
        assert_eq!(line("\u{7}\u{7f}\0"), "<U+0007><U+007F><U+0000>");
        assert_eq!(line("user\u{202e}exe.txt"), "user<U+202E>exe.txt");
        assert_eq!(line("\u{2066}x\u{2069}"), "<U+2066>x<U+2069>");
    }

    #[test]
    fn what_hides_in_a_name_is_shown_by_number() {
        assert_eq!(line("HTTP/web\u{200b}"), "HTTP/web<U+200B>");
        assert_eq!(line("HTTP/web\u{a0}"), "HTTP/web<U+00A0>");
        assert_eq!(line("\u{feff}HTTP/we\u{ad}b"), "<U+FEFF>HTTP/we<U+00AD>b");
        assert_eq!(line("\u{e0041}"), "<U+E0041>");
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(
            line("a\r\nb\rc\n\td\u{2028}e\u{b}f"),
            "a b c  d<U+2028>e<U+000B>f"
        );
    }

    #[test]
    fn commands_keep_their_lines() {
        let shown: Vec<_> = lines("setspn -Q x\r\n\tklist\u{1b}\n").collect();
        assert_eq!(shown, ["setspn -Q x", "    klist<U+001B>"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn nothing_unseen_is_left(text in any::<String>()) {
            prop_assert!(line(&text).chars().all(is_plain));
            prop_assert!(lines(&text).all(|row| row.chars().all(is_plain)));
        }
    }
}
