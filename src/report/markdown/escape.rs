//! Text from the bundle as Markdown (CommonMark and GitHub's tables) that shows exactly that text and does nothing.

use crate::report::sanitize;

/// The text as one line of Markdown prose: no markup, no HTML, no table border, no list or heading at its beginning.
pub(super) fn text(text: &str) -> String {
    let line = sanitize::line(text);
    let line = line.trim();
    let mut escaped = String::with_capacity(line.len() + 8);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mut previous: Option<char> = None;
    let mut rest = line.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().map(|(_, next)| *next);
        let within_word =
            previous.is_some_and(char::is_alphanumeric) && next.is_some_and(char::is_alphanumeric);
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '`' | '*' | '[' | ']' | '|' | '~' | '#' => push_escaped(&mut escaped, c),
            // snake_case is no emphasis, and CONTOSO\alice no escape: leave them readable in the source too.
            '_' if !within_word => push_escaped(&mut escaped, c),
            '\\' if next.is_none_or(|next| next.is_ascii_punctuation()) => {
                push_escaped(&mut escaped, c)
            }
            '$' if next.is_some_and(|next| !next.is_whitespace()) => push_escaped(&mut escaped, c),
            '-' | '+' | '=' if at == 0 => push_escaped(&mut escaped, c),
            '.' | ')' if at > 0 && at == digits && next.is_none_or(char::is_whitespace) => {
                push_escaped(&mut escaped, c)
            }
            c => escaped.push(c),
        }
        previous = Some(c);
    }
    escaped
}

fn push_escaped(escaped: &mut String, c: char) {
    escaped.push('\\');
    escaped.push(c);
}

/// The text as a code span, for use outside of tables.
pub(super) fn code(text: &str) -> String {
    let line = sanitize::line(text);
    let line = line.trim();
    if line.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(line, '`') + 1);
    // The blanks are stripped by the renderer; without them a leading backtick would join the fence.
    let gap = if line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{gap}{line}{gap}{fence}")
}

/// The text, line by line, as a fenced block that nothing in it can close.
pub(super) fn block(indent: &str, language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text, '`') + 1).max(3));
    let mut block = format!("{indent}{fence}{language}\n");
    for line in sanitize::lines(text) {
        block.push_str(indent);
        block.push_str(&line);
        block.push('\n');
    }
    block.push_str(indent);
    block.push_str(&fence);
    block.push('\n');
    block
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_the_field_stay_readable() {
        assert_eq!(
            text("CONTOSO\\svc_web holds HTTP/web01.contoso.com:8080"),
            "CONTOSO\\svc_web holds HTTP/web01.contoso.com:8080"
        );
        assert_eq!(text("the key of WEB01$ is"), "the key of WEB01$ is");
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(
            text("<img src=x onerror=y>&amp;"),
            "&lt;img src=x onerror=y&gt;&amp;amp;"
        );
        assert_eq!(
            text("a|b `c` *d* _e_ [f](g) ~~h~~"),
            "a\\|b \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g) \\~\\~h\\~\\~"
        );
        assert_eq!(text("D\\*x\\"), "D\\\\\\*x\\\\");
        assert_eq!(text("$x$"), "\\$x$");
    }

    #[test]
    fn the_beginning_of_a_line_is_text() {
        assert_eq!(text("# x"), "\\# x");
        assert_eq!(text("  - x"), "\\- x");
        assert_eq!(text("+ x"), "\\+ x");
        assert_eq!(text("=== x"), "\\=== x");
        assert_eq!(text("12. x"), "12\\. x");
        assert_eq!(text("1) x"), "1\\) x");
        assert_eq!(text("401.1 and 401.2"), "401.1 and 401.2");
        assert_eq!(text("> x"), "&gt; x");
    }

    #[test]
    fn nothing_closes_a_code_span_or_block() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code(""), "");
        assert_eq!(
            block("", "cmd", "echo ```\nklist"),
            "````cmd\necho ```\nklist\n````\n"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn prose_holds_no_bare_markup(input in "[ -~]{0,40}") {
            let escaped = text(&input);
            prop_assert!(!escaped.contains(['<', '>', '\n']));
            // Every pipe and backtick has an odd number of backslashes before it.
            for (at, _) in escaped.match_indices(['|', '`', '*', '[']) {
                let slashes = escaped[..at].chars().rev().take_while(|c| *c == '\\').count();
                prop_assert_eq!(slashes % 2, 1, "{}", escaped);
            }
        }
    }
}
