//! Small models of how the shells and the C runtime read a line, written from their documentation and apart from the
//! code under test. Each yields the arguments of the one program that runs, or `None` when the line would do more.

/// cmd.exe, then CommandLineToArgvW: `None` for redirections, pipes, chaining, expansions and open quotes.
pub(super) fn cmd_arguments(line: &str) -> Option<Vec<String>> {
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            '%' | '!' | '\n' | '\r' | '\0' => return None,
            '&' | '|' | '<' | '>' | '^' if !quoted => return None,
            _ => {}
        }
    }
    (!quoted).then(|| argv(line))
}

fn argv(line: &str) -> Vec<String> {
    let (mut arguments, mut word, mut in_word, mut quoted) =
        (Vec::new(), String::new(), false, false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let mut backslashes = 1;
                while chars.next_if_eq(&'\\').is_some() {
                    backslashes += 1;
                }
                // Before a quote, pairs are backslashes and an odd one escapes the quote.
                let before_quote = chars.peek() == Some(&'"');
                let kept = if before_quote {
                    backslashes / 2
                } else {
                    backslashes
                };
                word.extend(std::iter::repeat_n('\\', kept));
                if before_quote && backslashes % 2 == 1 {
                    word.extend(chars.next());
                }
                in_word = true;
            }
            '"' => {
                quoted = !quoted;
                in_word = true;
            }
            ' ' | '\t' if !quoted => {
                if in_word {
                    arguments.push(std::mem::take(&mut word));
                }
                in_word = false;
            }
            _ => {
                word.push(c);
                in_word = true;
            }
        }
    }
    if in_word {
        arguments.push(word);
    }
    arguments
}

/// PowerShell in argument mode: `None` for statements, pipes, expansions, splats, subexpressions and open strings.
pub(super) fn powershell_arguments(line: &str) -> Option<Vec<String>> {
    let mut arguments = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars
            .next_if(|c| c.is_whitespace() && !matches!(c, '\n' | '\r'))
            .is_some()
        {}
        let Some(&first) = chars.peek() else {
            return Some(arguments);
        };
        let mut word = String::new();
        if is_single(first) || is_double(first) {
            chars.next();
            loop {
                let c = chars.next()?;
                let closes = if is_single(first) {
                    is_single(c)
                } else {
                    is_double(c)
                };
                if closes {
                    // A doubled quote is one character of the string.
                    if chars
                        .next_if(|&next| {
                            if is_single(first) {
                                is_single(next)
                            } else {
                                is_double(next)
                            }
                        })
                        .is_none()
                    {
                        break;
                    }
                } else if is_double(first) && expands(c, chars.peek().copied()) {
                    return None;
                }
                word.push(c);
            }
            // What touches a closing quote would be read into another token.
            if chars.peek().is_some_and(|c| !c.is_whitespace()) {
                return None;
            }
        } else {
            if matches!(first, '@' | '#' | '~' | '\u{2013}'..='\u{2015}') {
                return None;
            }
            while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
                let special =
                    matches!(c, ';' | '|' | '&' | '<' | '>' | '(' | ')' | '{' | '}' | ',')
                        || is_single(c)
                        || is_double(c);
                if special || c.is_control() || expands(c, chars.peek().copied()) {
                    return None;
                }
                word.push(c);
            }
            if word.is_empty() {
                return None;
            }
        }
        arguments.push(word);
        if chars.peek().is_some_and(|c| matches!(c, '\n' | '\r')) {
            return None;
        }
    }
}

fn expands(c: char, next: Option<char>) -> bool {
    match c {
        '`' => true,
        '$' => next.is_some_and(|n| {
            n.is_alphanumeric() || matches!(n, '_' | ':' | '(' | '{' | '?' | '^' | '$')
        }),
        _ => false,
    }
}

fn is_single(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}'..='\u{201B}')
}

fn is_double(c: char) -> bool {
    matches!(c, '"' | '\u{201C}'..='\u{201E}')
}
