//! The line of a console on which a command was typed: its prompt, or the heading that stands for one.
//!
//! ```text
//! C:\>setspn -L svc_web                       [WEB01]: PS C:\> klist get HTTP/web.corp.example
//! ==== klist tickets ====                     [root@web01 ~]# klist -e
//! ```
//!
//! gives what was typed and the host that the prompt names.

use super::command::program_name;
use crate::bundle::KLIST_VERBS;

/// A prompt and what was typed after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prompt<'a> {
    /// The host that the prompt names: `[WEB01]: PS …>` or `uma@web01:~$`.
    pub host: Option<String>,
    /// What was typed; empty for a prompt that only waits.
    pub typed: &'a str,
}

/// Reads the prompt of a line. A bare `> ` counts only before a command that [`is_bare_echo`] knows, because mail
/// quotes and nslookup use the same sign.
pub(super) fn prompt(line: &str) -> Option<Prompt<'_>> {
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
pub(super) fn is_bare_echo(typed: &str) -> bool {
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
        "reg" => first == Some("query"),
        "tasklist" | "get-hotfix" | "test-computersecurechannel" => first.is_none() || switch,
        "auditpol" | "secedit" => switch,
        "nltest" | "w32tm" | "ksetup" | "gpresult" | "dsregcmd" | "certutil" | "cmdkey" => switch,
        "nslookup" | "resolve-dnsname" => {
            first.is_some_and(|word| switch || word.contains(['.', '-'])) && words.nth(2).is_none()
        }
        "appcmd" | "netsh" => first
            .is_some_and(|word| ["list", "http", "winhttp", "trace", "interface"].contains(&word)),
        _ => false,
    }
}

/// The command that a decorated heading names: `==== klist tickets ====`, `### setspn -X`, `Output of 'klist'`.
pub(super) fn heading_command(line: &str) -> Option<&str> {
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
pub(super) fn is_rule(line: &str) -> bool {
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

/// True for a heading that decoration sets off: `=== WEB01 ===`, `### Kerberos`. Stars must stand at both ends, because
/// nslookup begins its errors with them; rulers of tables hold nothing else.
pub(super) fn is_heading(line: &str) -> bool {
    let line = line.trim_end();
    ['=', '-', '#', '*'].iter().any(|sign| {
        let inner = line.trim_start_matches(*sign);
        let led = line.len().saturating_sub(inner.len()) >= 3 && inner.starts_with(' ');
        let words = inner.contains(|letter: char| letter.is_alphanumeric());
        led && words && (*sign != '*' || line.ends_with("***"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(is_heading("=== WEB01 ===") && is_heading("### Kerberos"));
        assert!(
            !is_heading("----   ----")
                && !is_heading("*** dc1 can't find web: Non-existent domain")
        );
    }
}
