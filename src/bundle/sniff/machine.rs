//! Output about the machine itself, told by shape.
//!
//! ```text
//! Nom de l'hôte:      WEB01           systeminfo: three labels in column 0, the third value a version
//!    Suffixe DNS . . . : corp.test    ipconfig: labels that end in dots
//! Trusted DC Name \\DC1               nltest: a status in decimal, hexadecimal and words
//! 10:20:00, +00,0206779s              w32tm: times and offsets
//! w3wp.exe   4712 Services …          tasklist: a ruler of many columns, or the process that matters
//! ```

use super::client;
use super::lines::{dotted, labelled, ruler};

/// Which output about the machine some lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MachineOutput {
    /// `systeminfo`, as a list or as CSV.
    SystemSummary,
    /// `ipconfig`.
    Network,
    /// `nltest`.
    DomainTest,
    /// `w32tm`.
    TimeService,
    /// `wmic qfe`, `Get-HotFix`, `dism /get-packages`.
    Updates,
    /// `script-info.txt` of the auth scripts.
    CollectorNotes,
    /// `tasklist`.
    Tasks,
    /// `set`.
    Environment,
    /// `dsregcmd /status`.
    Device,
    /// `Build.txt` of the auth scripts and of TSS.
    Build,
    /// `cmdkey /list`.
    Credentials,
    /// `netsh winhttp show proxy`.
    Proxy,
    /// `ksetup`.
    Realms,
    /// `Test-ComputerSecureChannel`: a word that says nothing without its echo.
    ChannelTest,
    /// `hostname`: likewise.
    OwnName,
}

/// The programs, lower case, whose echo says whose output follows.
pub(crate) const PROGRAMS: &[&str] = &[
    "systeminfo",
    "ipconfig",
    "nltest",
    "w32tm",
    "wmic",
    "get-hotfix",
    "dism",
    "tasklist",
    "dsregcmd",
    "cmdkey",
    "ksetup",
    "test-computersecurechannel",
    "hostname",
];

impl MachineOutput {
    /// By the name of the program and what it is told.
    pub(crate) fn of_command(name: &str, arguments: &[String]) -> Option<Self> {
        let first = arguments.first().map(String::as_str).unwrap_or_default();
        Some(match name {
            "netsh" if first.eq_ignore_ascii_case("winhttp") => Self::Proxy,
            "cmdkey" => Self::Credentials,
            "ksetup" => Self::Realms,
            "systeminfo" => Self::SystemSummary,
            "ipconfig" => Self::Network,
            "nltest" => Self::DomainTest,
            "w32tm" => Self::TimeService,
            "wmic" | "get-hotfix" => Self::Updates,
            "dism"
                if arguments
                    .iter()
                    .any(|a| a.eq_ignore_ascii_case("/get-packages")) =>
            {
                Self::Updates
            }
            "tasklist" => Self::Tasks,
            "set" => Self::Environment,
            "dsregcmd" => Self::Device,
            "test-computersecurechannel" => Self::ChannelTest,
            "hostname" => Self::OwnName,
            _ => return None,
        })
    }

    /// By the shape of the lines from a given one on.
    pub(crate) fn opened_by(lines: &[&str]) -> Option<Self> {
        let first = *lines.first()?;
        if first.trim().is_empty() {
            return None;
        }
        let output = if opens_summary(lines) {
            Self::SystemSummary
        } else if opens_network(lines) {
            Self::Network
        } else if opens_domain_test(lines) {
            Self::DomainTest
        } else if opens_time_service(lines) {
            Self::TimeService
        } else if first.contains("HotFixID") || package(first).is_some() {
            Self::Updates
        } else if local_and_offset(first).is_some() {
            Self::CollectorNotes
        } else if opens_tasks(lines) {
            Self::Tasks
        } else if opens_environment(first) {
            Self::Environment
        } else if first.trim_start().starts_with("AzureAdJoined : ") {
            Self::Device
        } else if client::build_line(first).is_some() {
            Self::Build
        } else if client::opens_credentials(lines) {
            Self::Credentials
        } else if client::is_proxy_heading(first) {
            Self::Proxy
        } else if client::opens_realms(first) {
            Self::Realms
        } else {
            return None;
        };
        Some(output)
    }
}

/// Whether output about the machine begins with the first of these lines.
pub(super) fn opens(lines: &[&str]) -> bool {
    MachineOutput::opened_by(lines).is_some()
}

/// `Package Identity : Package_for_RollupFix~31bf3856ad364e35~amd64~~17763.3650.1.7`, in any language, and the same as a row of
/// a table: the name of a package, and its version.
pub(crate) fn package(line: &str) -> Option<(&str, &str)> {
    let cell = match line.split_once('|') {
        Some((first, _)) => first,
        None => labelled(line)?.1,
    };
    let mut parts = cell.trim().split('~');
    let (name, key) = (parts.next()?, parts.next()?);
    let version = parts.nth(2)?;
    let is_one = key == "31bf3856ad364e35" && !name.contains(' ') && parts.next().is_none();
    is_one.then_some((name, version))
}

/// Builds of Windows begin here: a date such as `6.3.2026` has a year in the third place.
const FIRST_BUILD: u32 = 3_000;

/// `10.0.17763 N/A Build 17763`
pub(crate) fn is_os_version(value: &str) -> bool {
    let word = value.split_whitespace().next().unwrap_or("");
    let parts: Option<Vec<u32>> = word.split('.').map(|part| part.parse().ok()).collect();
    matches!(parts.as_deref(), Some([_, _, build]) if *build >= FIRST_BUILD)
}

fn opens_summary(lines: &[&str]) -> bool {
    let [first, second, third, ..] = lines else {
        return lines.len() == 2 && csv_summary(lines);
    };
    if first.starts_with('"') {
        return csv_summary(lines);
    }
    let flush = |line: &str| !line.starts_with([' ', '\t']);
    let one_word = |value: &str| !value.is_empty() && !value.contains([' ', '\\', '/', ':']);
    flush(first)
        && flush(second)
        && flush(third)
        && labelled(third).is_some_and(|(_, value)| is_os_version(value))
        && labelled(second).is_some_and(|(_, value)| value.contains(' '))
        && labelled(first).is_some_and(|(_, value)| one_word(value))
}

fn csv_summary(lines: &[&str]) -> bool {
    let [head, row, ..] = lines else {
        return false;
    };
    head.starts_with('"')
        && head.matches("\",\"").count() >= 20
        && row.split("\",\"").nth(2).is_some_and(is_os_version)
}

/// Three blanks stand before its labels, four before those of `/displaydns`.
fn opens_network(lines: &[&str]) -> bool {
    let [first, second, ..] = lines else {
        return false;
    };
    let field = |line: &str| {
        let three = line.starts_with("   ") && !line.starts_with("    ");
        three && dotted(line).is_some()
    };
    let leaders = |line: &str| line.contains(". .");
    field(first) && field(second) && (leaders(first) || leaders(second))
}

fn opens_domain_test(lines: &[&str]) -> bool {
    let [first, rest @ ..] = lines else {
        return false;
    };
    if first.contains("I_NetLogonControl") && status(first).is_some() {
        return true;
    }
    if trust_line(first).is_some() || (first.contains("[DS]") && first.starts_with([' ', '\t'])) {
        return true;
    }
    let Some((_, value)) = labelled(first) else {
        return false;
    };
    let mut below = rest.iter();
    let (next, after) = (below.next(), below.next());
    if value.starts_with("\\\\") {
        let address = next.and_then(|line| labelled(line));
        let id = after.and_then(|line| labelled(line));
        return address.is_some_and(|(_, a)| a.starts_with("\\\\"))
            && id.is_some_and(|(_, id)| id.len() == 36 && id.matches('-').count() == 4);
    }
    let flags = value.split_whitespace().next().unwrap_or("");
    !flags.is_empty()
        && flags.len() <= 8
        && flags.bytes().all(|b| b.is_ascii_hexdigit())
        && after.is_some_and(|line| status(line).is_some())
}

/// `0: CORP corp.example (NT 5) (Primary Domain)`: what stands after the number.
pub(crate) fn trust_line(line: &str) -> Option<&str> {
    let (number, rest) = line.trim_start().split_once(": ")?;
    (line.starts_with([' ', '\t'])
        && number.parse::<u16>().is_ok()
        && ["(NT ", "(MIT)"].iter().any(|kind| rest.contains(kind)))
    .then_some(rest)
}

/// `… = 1311 0x51f ERROR_NO_LOGON_SERVERS`: the number, which stands there twice in every language.
pub(crate) fn status(line: &str) -> Option<u32> {
    let mut words = line.split_whitespace().rev();
    let word = words.next()?;
    // A status without a name ends with its hexadecimal form.
    let hexadecimal = if word.starts_with("0x") {
        word
    } else {
        words.next()?
    };
    let value = u32::from_str_radix(hexadecimal.strip_prefix("0x")?, 16).ok()?;
    let decimal: i64 = words.next()?.parse().ok()?;
    let same = decimal == i64::from(value) || decimal == i64::from(value.cast_signed());
    (same && words.next()?.ends_with('=')).then_some(value)
}

fn opens_time_service(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    let values = || lines.iter().skip(1).map_while(|line| labelled(line));
    let leap = labelled(first).is_some_and(|(_, v)| {
        let mut letters = v.chars();
        letters.next().is_some_and(|c| c.is_ascii_digit()) && letters.next() == Some('(')
    });
    let ticks = || {
        values()
            .nth(1)
            .and_then(|(_, v)| v.split_once(' '))
            .is_some_and(|(n, rest)| n.parse::<i32>().is_ok() && rest.starts_with('('))
    };
    first.contains(":123]") || sample(first).is_some() || (leap && ticks())
}

/// `10:20:00, +00.0206779s` and `10:20:00, d:+00.0010000s o:+00.0206779s  [ * ]`: the offset in milliseconds.
pub(crate) fn sample(line: &str) -> Option<i64> {
    let (time, rest) = line.split_once(", ")?;
    if time.len() != 8 || time.matches([':', '.']).count() != 2 {
        return None;
    }
    let offset = match rest.split_once("o:") {
        Some((_, offset)) => offset.split_whitespace().next()?,
        None => rest.split_whitespace().next()?,
    };
    milliseconds(offset)
}

/// `+00.0206779s`, `-0,0072123s`: seconds with a point or, in many languages, a comma.
pub(crate) fn milliseconds(word: &str) -> Option<i64> {
    let number = word.strip_suffix('s')?.replace(',', ".");
    let seconds: f64 = number.parse().ok()?;
    // A year is more than any clock is off, and keeps the conversion exact.
    (seconds.abs() < 31_536_000.0 * 100.0).then(|| (seconds * 1000.0).round() as i64)
}

/// `2026/03/02 09:00:00 <UTC+01:00>`: the words of the date and the time, and what follows `UTC`.
pub(crate) fn local_and_offset(line: &str) -> Option<(&str, &str)> {
    let (before, after) = line.split_once("UTC")?;
    let offset = after.get(..6)?;
    let before = before.trim_end_matches([' ', '<', '(', '[']);
    let local = before.get(before.len().checked_sub(19)?..)?;
    let date = local.as_bytes().get(4) == Some(&b'/') && local.as_bytes().get(7) == Some(&b'/');
    (date && offset.starts_with(['+', '-'])).then_some((local, offset))
}

fn opens_tasks(lines: &[&str]) -> bool {
    let many = |line: &&str| line.starts_with('=') && ruler(line).is_some_and(|c| c.len() >= 5);
    let Some(first) = lines.first() else {
        return false;
    };
    let process = |rest: &str| {
        let id = rest.trim_start_matches([' ', '"', ',']);
        id.len() < rest.len() && id.starts_with(|c: char| c.is_ascii_digit())
    };
    lines.get(1).is_some_and(many)
        || many(first)
        || first
            .trim_start_matches('"')
            .strip_prefix("w3wp.exe")
            .is_some_and(process)
}

fn opens_environment(line: &str) -> bool {
    line.starts_with("COMPUTERNAME=") || line.starts_with("ALLUSERSPROFILE=")
}
