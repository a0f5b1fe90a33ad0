//! The commands of an echoed line.
//!
//! ```text
//! & "C:\Tools\setspn.exe" -Q HTTP/web | findstr /i cn=
//! ```
//!
//! gives the program `setspn`, its arguments with their quotes resolved, and that only a filtered part of the output
//! follows. Output that went to a file, the clipboard or a variable is told apart from output that was lost.

use super::echo::is_bare_echo;

/// One command of an echoed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Program name without path and `.exe`, in lower case.
    pub name: String,
    /// Its arguments, quotes resolved.
    pub arguments: Vec<String>,
    /// The command as typed, without prompt and without its neighbours on the line.
    pub raw: String,
    /// The output was piped through something that drops lines (`findstr`, `Select-String`): absence proves nothing.
    pub filtered: bool,
    /// The output went to a file, the clipboard or a variable.
    pub redirected: bool,
}

/// Name without path and extension, lower case.
pub(super) fn program_name(word: &str) -> String {
    let word = word.trim_matches(['"', '\'', '(', '@', '`']);
    let file = word.rsplit(['\\', '/']).next().unwrap_or(word);
    let lower = file.to_lowercase();
    match lower.strip_suffix(".exe") {
        Some(stem) => stem.to_owned(),
        None => lower,
    }
}

/// Cuts an echoed line into its commands. Commands joined by `&`, `&&`, `;` come one after the other; the later
/// stages of a pipe are not commands of their own but say what happened to the output.
pub(super) fn commands(typed: &str) -> Vec<Command> {
    commands_within(typed, 0)
}

fn commands_within(typed: &str, depth: u8) -> Vec<Command> {
    let mut found = Vec::new();
    for part in parts(typed) {
        let mut words = part.words.into_iter().peekable();
        let mut redirected = part.redirected;
        if words.peek().is_some_and(|word| word.starts_with('$')) {
            let mut ahead = words.clone();
            let assigned = ahead.nth(1).is_some_and(|word| word == "=");
            if assigned {
                words = ahead;
                redirected = true;
            }
        }
        while let Some(word) = words.next() {
            let name = program_name(&word);
            let next = words.peek().map(|word| word.to_ascii_lowercase());
            match (name.as_str(), next.as_deref()) {
                ("" | "sudo" | "time" | "call" | "shell", Some(_)) => continue,
                ("cmd", Some("/c" | "/k")) => {
                    words.next();
                    continue;
                }
                ("powershell" | "pwsh", Some("-command" | "-c")) => {
                    words.next();
                    continue;
                }
                _ => {}
            }
            if depth == 0 && word.contains(' ') && is_bare_echo(&word) {
                found.extend(commands_within(&word, 1));
                break;
            }
            found.push(Command {
                name,
                arguments: words.by_ref().collect(),
                raw: part.raw.trim().to_owned(),
                filtered: part.filtered,
                redirected,
            });
        }
    }
    found
}

/// A stretch of an echoed line between command separators.
#[derive(Default)]
struct Part {
    words: Vec<String>,
    raw: String,
    filtered: bool,
    redirected: bool,
}

/// Stages of a pipe that hand every line on to the console, and those that swallow all of them.
const PASSING: &[&str] = &[
    "more",
    "tee",
    "tee-object",
    "cat",
    "out-host",
    "out-string",
    "out-default",
];
const SWALLOWING: &[&str] = &[
    "out-file",
    "clip",
    "set-clipboard",
    "set-content",
    "add-content",
    "out-null",
];

fn parts(typed: &str) -> Vec<Part> {
    let mut done = Vec::new();
    let mut part = Part::default();
    let mut word = String::new();
    let mut quoted_word = false;
    let mut quote: Option<char> = None;
    // Words after the first pipe belong to a filter, not to the command.
    let mut stage: Option<Vec<String>> = None;
    let mut signs = typed.chars().peekable();

    fn end_word(
        word: &mut String,
        quoted: &mut bool,
        part: &mut Part,
        stage: &mut Option<Vec<String>>,
    ) {
        if !word.is_empty() || *quoted {
            let word = std::mem::take(word);
            match stage {
                Some(words) => words.push(word),
                None => part.words.push(word),
            }
        }
        *quoted = false;
    }
    fn end_stage(part: &mut Part, stage: &mut Option<Vec<String>>) {
        if let Some(words) = stage.take() {
            let name = words
                .first()
                .map(|word| program_name(word))
                .unwrap_or_default();
            if SWALLOWING.contains(&name.as_str()) {
                part.redirected = true;
            } else if !PASSING.contains(&name.as_str()) {
                part.filtered = true;
            }
        }
    }

    while let Some(sign) = signs.next() {
        if let Some(open) = quote {
            part.raw.push(sign);
            if sign == open {
                quote = None;
            } else {
                word.push(sign);
            }
            continue;
        }
        match sign {
            '"' => quote = Some('"'),
            '\'' if word.is_empty() => quote = Some('\''),
            _ => {}
        }
        if quote.is_some() {
            quoted_word = true;
            part.raw.push(sign);
            continue;
        }
        match sign {
            '|' | '&' | ';' => {
                let doubled = signs.peek() == Some(&sign) && sign != ';';
                if doubled {
                    signs.next();
                }
                let calls = sign == '&' && !doubled && part.words.is_empty() && word.is_empty();
                end_word(&mut word, &mut quoted_word, &mut part, &mut stage);
                if calls {
                    continue; // PowerShell's call operator
                }
                end_stage(&mut part, &mut stage);
                if sign == '|' && !doubled {
                    stage = Some(Vec::new());
                    part.raw.push(sign);
                } else {
                    done.push(std::mem::take(&mut part));
                }
            }
            '>' => {
                let stream = matches!(word.as_str(), "1" | "2" | "3" | "4" | "5" | "6" | "*")
                    .then(|| word.clone());
                if stream.is_some() {
                    word.clear();
                }
                end_word(&mut word, &mut quoted_word, &mut part, &mut stage);
                part.raw.push(sign);
                while signs.next_if_eq(&'>').is_some() {
                    part.raw.push('>');
                }
                let merged = signs.next_if_eq(&'&').is_some();
                while let Some(blank) = signs.next_if(|sign| sign.is_ascii_whitespace()) {
                    part.raw.push(blank);
                }
                let mut in_quotes = false;
                while let Some(letter) = signs.next_if(|sign| {
                    in_quotes
                        || !(sign.is_ascii_whitespace() || matches!(sign, '|' | '&' | ';' | '>'))
                }) {
                    in_quotes ^= letter == '"';
                    part.raw.push(letter);
                }
                if !merged && matches!(stream.as_deref(), None | Some("1" | "*")) {
                    part.redirected = true;
                }
            }
            _ if sign.is_whitespace() => {
                part.raw.push(sign);
                end_word(&mut word, &mut quoted_word, &mut part, &mut stage);
            }
            _ => {
                part.raw.push(sign);
                word.push(sign);
            }
        }
    }
    end_word(&mut word, &mut quoted_word, &mut part, &mut stage);
    end_stage(&mut part, &mut stage);
    done.push(part);
    done.retain(|part| !part.words.is_empty());
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(typed: &str) -> Command {
        let found = commands(typed);
        assert_eq!(found.len(), 1, "{typed}: {found:?}");
        found.into_iter().next().unwrap()
    }

    #[test]
    fn arguments_and_names() {
        let command = one(r#"& "C:\Program Files\T\SetSPN.exe" -L "svc web""#);
        assert_eq!(command.name, "setspn");
        assert_eq!(command.arguments, ["-L", "svc web"]);
        assert_eq!(one("cmd /c setspn -X").arguments, ["-X"]);
        assert_eq!(
            one(r#"cmd.exe /c "setspn -Q HTTP/web""#).arguments,
            ["-Q", "HTTP/web"]
        );
        assert_eq!(one("setspn -L o'brien").arguments, ["-L", "o'brien"]);
    }

    #[test]
    fn what_became_of_the_output() {
        assert!(one("setspn -L x | findstr /i http").filtered);
        assert!(!one("setspn -Q */* | more").filtered);
        assert!(one("klist > c:\\temp\\k.txt").redirected);
        assert!(one("klist | Out-File k.txt").redirected);
        assert!(one("$k = klist").redirected);
        let merged = one("setspn -L x 2>&1");
        assert!(!merged.redirected && !merged.filtered);
        assert_eq!(merged.arguments, ["-L", "x"]);
    }

    #[test]
    fn several_commands_on_one_line() {
        let found = commands("klist purge && klist get HTTP/web; hostname");
        let names: Vec<_> = found.iter().map(|command| command.raw.as_str()).collect();
        assert_eq!(names, ["klist purge", "klist get HTTP/web", "hostname"]);
    }
}
