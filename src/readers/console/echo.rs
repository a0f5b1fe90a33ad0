//! The line of a console on which a command was typed.
//!
//! ```text
//! C:\>setspn -L svc_web                       [WEB01]: PS C:\> klist get HTTP/web.corp.example
//! PS C:\Users\uma> & "C:\Tools\setspn.exe" -Q HTTP/web | findstr /i cn=
//! ```
//!
//! gives the host that the prompt names and the commands of the line: program name, arguments with their quotes
//! resolved, and whether what follows is the whole output, a filtered part of it, or nothing because it went to a file.

/// A prompt and what was typed after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt<'a> {
    /// The host that the prompt names: `[WEB01]: PS …>` or `uma@web01:~$`.
    pub host: Option<String>,
    /// What was typed; empty for a prompt that only waits.
    pub typed: &'a str,
}

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

/// Reads the prompt of a line. A bare `> ` counts only before a command that [`is_bare_echo`] knows, because mail
/// quotes and nslookup use the same sign.
pub fn prompt(line: &str) -> Option<Prompt<'_>> {
    let line = line.trim_start();
    if let Some((host, after)) = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]:"))
    {
        let typed = windows_prompt(after.trim_start())?;
        let host = host.trim();
        let named = !host.is_empty() && !host.contains(char::is_whitespace);
        return Some(Prompt {
            host: named.then(|| host.to_owned()),
            typed,
        });
    }
    for lead in ["*Evil-WinRM* ", "(base) ", "(venv) "] {
        if let Some(rest) = line.strip_prefix(lead) {
            return windows_prompt(rest).map(|typed| Prompt { host: None, typed });
        }
    }
    if let Some(typed) = windows_prompt(line) {
        return Some(Prompt { host: None, typed });
    }
    if let Some(rest) = line.strip_prefix("beacon>") {
        let rest = rest.trim();
        let typed = ["shell ", "run "]
            .iter()
            .find_map(|verb| rest.strip_prefix(verb))
            .unwrap_or(rest);
        return Some(Prompt { host: None, typed });
    }
    if let Some(rest) = line.strip_prefix('>') {
        let typed = rest.trim();
        return is_bare_echo(typed).then_some(Prompt { host: None, typed });
    }
    unix_prompt(line)
}

/// `C:\path>`, `C:>`, `PS C:\path>`, `PS >`, `IIS:\>`, `\\server\share>`: what stands after the sign.
fn windows_prompt(line: &str) -> Option<&str> {
    let (powershell, place_on) = match line.strip_prefix("PS") {
        Some(rest) if rest.starts_with([' ', '>']) => (true, rest.trim_start()),
        _ => (false, line),
    };
    let (place, typed) = place_on.split_once('>')?;
    if place.contains(['<', '|', '"', '*', '?']) {
        return None;
    }
    let place = place.trim_end();
    let mut letters = place.chars();
    let drive = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.next() == Some(':')
        && matches!(letters.next(), None | Some('\\' | '/'));
    let shown = drive
        || place.starts_with("IIS:\\")
        || place.starts_with("\\\\")
        || (powershell
            && (place.is_empty()
                || place.starts_with('/')
                || place.starts_with('~')
                || place.contains(":\\")
                || place.contains("::")));
    // A nested PowerShell prompt ends in several signs.
    shown.then(|| typed.trim_start_matches('>').trim())
}

/// `[uma@web01 ~]$`, `uma@web01:~#`, `$`, `#`, before a command that is known: these signs are too common otherwise.
fn unix_prompt(line: &str) -> Option<Prompt<'_>> {
    let (place, typed) = line
        .char_indices()
        .filter(|(_, sign)| matches!(sign, '$' | '#' | '%'))
        .find_map(|(at, sign)| {
            let typed = line.get(at + sign.len_utf8()..)?.strip_prefix(' ')?.trim();
            let program = typed.strip_prefix("sudo ").unwrap_or(typed);
            is_bare_echo(program).then_some((line.get(..at)?, typed))
        })?;
    let host = place
        .trim_start_matches('[')
        .split_once('@')
        .map(|(_, host)| host)
        .and_then(|host| host.split([':', ' ', ']']).next())
        .filter(|host| !host.is_empty())
        .map(str::to_owned);
    let lone = place.trim().is_empty();
    (lone || host.is_some()).then_some(Prompt { host, typed })
}

/// Programs whose echo is recognised without any prompt, and what their first argument looks like. Prose such as
/// "klist failed with 0x…" or "hostname of the server" must not pass.
pub fn is_bare_echo(typed: &str) -> bool {
    let mut words = typed.split_ascii_whitespace();
    let Some(program) = words.next().map(program_name) else {
        return false;
    };
    let first = words.next();
    let switch = first.is_some_and(|word| word.starts_with(['-', '/', '–']) && word.len() > 1);
    match program.as_str() {
        "setspn" => switch,
        "klist" => {
            first.is_none()
                || switch
                || first.is_some_and(|word| {
                    KLIST_VERBS
                        .iter()
                        .any(|verb| verb.eq_ignore_ascii_case(word))
                })
        }
        "hostname" => first.is_none(),
        "ipconfig" | "whoami" | "systeminfo" => first.is_none() || switch,
        "nltest" | "w32tm" | "ksetup" | "gpresult" | "dsregcmd" | "certutil" => switch,
        "nslookup" | "resolve-dnsname" => {
            first.is_some_and(|word| switch || word.contains(['.', '-'])) && words.count() < 4
        }
        "appcmd" | "netsh" => first
            .is_some_and(|word| ["list", "http", "winhttp", "trace", "interface"].contains(&word)),
        _ => false,
    }
}

const KLIST_VERBS: &[&str] = &[
    "tickets",
    "tgt",
    "purge",
    "sessions",
    "kcd_cache",
    "get",
    "add_bind",
    "query_bind",
    "purge_bind",
    "cloud_debug",
];

/// The command that a decorated heading names: `==== klist tickets ====`, `### setspn -X`, `Output of 'klist'`.
pub fn heading_command(line: &str) -> Option<&str> {
    let trimmed = line.trim();
    let bare = trimmed
        .trim_start_matches(['=', '#', '*', '-'])
        .trim_end_matches(['=', '#', '*', '-', ':'])
        .trim();
    let bare = [
        "Output of",
        "Output from",
        "Command:",
        "Running:",
        "Running",
        "Executing:",
        "Executing",
    ]
    .iter()
    .find_map(|lead| bare.strip_prefix(lead))
    .unwrap_or(bare)
    .trim()
    .trim_matches(['\'', '"', '`'])
    .trim();
    is_bare_echo(bare).then_some(bare)
}

/// True for a line that is nothing but a rule or a fence: `=====`, `-----`, `#####`, `*****`, three back-ticks.
/// Rulers of tables have gaps and are not meant.
pub fn is_rule(line: &str) -> bool {
    let line = line.trim();
    let mut signs = line.chars();
    let Some(first) = signs.next() else {
        return false;
    };
    line.starts_with("```")
        || (matches!(first, '=' | '-' | '#' | '*' | '_' | '~')
            && line.len() >= 4
            && signs.all(|sign| sign == first))
}

/// Name without path and extension, lower case.
fn program_name(word: &str) -> String {
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
pub fn commands(typed: &str) -> Vec<Command> {
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
    fn prompts_in_every_form() {
        for (line, host, typed) in [
            (r"C:\>setspn -L x", None, "setspn -L x"),
            (r"C:\WINDOWS\system32>klist", None, "klist"),
            (r"C:>klist", None, "klist"),
            (r"PS C:\Users\uma> Setspn -s a b   ", None, "Setspn -s a b"),
            (r"PS > klist", None, "klist"),
            (r"IIS:\> setspn -X", None, "setspn -X"),
            (r"PS IIS:\AppPools> dir", None, "dir"),
            (r"[WEB01]: PS C:\Users\uma> klist", Some("WEB01"), "klist"),
            (
                r"[web01.corp.example]: PS>hostname",
                Some("web01.corp.example"),
                "hostname",
            ),
            (r"*Evil-WinRM* PS C:\Users\x> klist", None, "klist"),
            ("> setspn -q http/a.b", None, "setspn -q http/a.b"),
            ("beacon> shell klist", None, "klist"),
            (r"PS C:\Users\dark>", None, ""),
            (r"\\srv\share>klist", None, "klist"),
            ("[root@web01 ~]# klist -e", Some("web01"), "klist -e"),
            ("uma@lin01:~$ klist", Some("lin01"), "klist"),
            ("$ klist", None, "klist"),
        ] {
            let prompt = prompt(line).unwrap_or_else(|| panic!("no prompt in {line}"));
            assert_eq!(
                (prompt.host.as_deref(), prompt.typed),
                (host, typed),
                "{line}"
            );
        }
    }

    #[test]
    fn lines_that_are_no_prompt() {
        for line in [
            "#0>     Client: uma @ CORP.EXAMPLE",
            "Ticket Flags 0x40a10000 -> forwardable",
            "> quoted mail text",
            "<sites>",
            "        HTTP/web.corp.example",
            "PSEUDO > x",
            "[0] Session 1 0:0x4f1a2 CORP\\uma Kerberos:Interactive",
            "costs 5$ klist",
        ] {
            assert_eq!(prompt(line), None, "{line}");
        }
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

    #[test]
    fn prose_is_no_echo() {
        for line in [
            "klist failed with 0xc000018b/-1073741429",
            "klist: No credentials cache found",
            "setspn output",
            "hostname of the server",
        ] {
            assert!(!is_bare_echo(line), "{line}");
        }
        assert_eq!(
            heading_command("==== klist tickets ===="),
            Some("klist tickets")
        );
        assert_eq!(heading_command("### setspn -X -F"), Some("setspn -X -F"));
        assert_eq!(heading_command("Output of 'klist tgt'"), Some("klist tgt"));
        assert!(is_rule("====="));
        assert!(!is_rule("----   ----"));
    }
}
