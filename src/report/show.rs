//! `why401 show`: a piece of evidence with what stands around it, read from the bundle again.

use std::borrow::Cow;
use std::fmt::Write;
use std::io;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;

use crate::bundle::text::Lines;
use crate::bundle::{Artifact, Bundle, Kind};
use crate::codes;
use crate::readers::events::RawEvent;
use crate::readers::{event_export, event_xml, evtx, web_log};
use crate::report::model::{Evidence, Report};

/// Lines shown before and after the cited one.
const AROUND: usize = 3;

/// The evidence of these ids, one text each, in the order asked for. Ids that the report does not have are left out.
pub fn show(bundle: &Bundle, report: &Report, ids: &[String]) -> Vec<String> {
    ids.iter()
        .filter_map(|id| report.evidence.iter().find(|e| e.id == *id))
        .map(|evidence| one(bundle, report, evidence))
        .collect()
}

fn one(bundle: &Bundle, report: &Report, evidence: &Evidence) -> String {
    let mut text = format!("{}  {}", evidence.id, evidence.artifact);
    // Writing to a String cannot fail.
    if let Some(line) = evidence.line {
        let _ = write!(text, ":{line}");
    }
    if let Some(record) = evidence.record_id {
        let _ = write!(text, "  record {record}");
    }
    if let Some(time) = evidence.time {
        let _ = write!(text, "  {}", time.to_the_second());
    }
    text.push('\n');
    if let Some(path) = &evidence.xpath {
        let _ = writeln!(text, "    {path}");
    }
    let _ = writeln!(text, "    {}", evidence.text);
    if let (Some(line), Some(artifact)) = (evidence.line, find(bundle, &evidence.artifact)) {
        text.push('\n');
        text.push_str(&exported(artifact, line).unwrap_or_else(|| surroundings(artifact, line)));
    }
    if let (Some(record), Some(artifact)) = (evidence.record_id, find(bundle, &evidence.artifact)) {
        text.push_str(&fields(artifact, record));
    }
    let mut cited_by: Vec<&str> = report
        .findings
        .iter()
        .filter(|f| f.evidence.iter().any(|e| e.id == evidence.id))
        .map(|f| f.cause.as_str())
        .collect();
    cited_by.dedup();
    if !cited_by.is_empty() {
        let _ = writeln!(text, "\n    cited by {}", cited_by.join(", "));
    }
    text
}

fn find<'a>(bundle: &'a Bundle, path: &str) -> Option<&'a Artifact> {
    bundle.artifacts.iter().find(|a| a.path == path)
}

/// All values of a record of an event log, codes in words.
fn fields(artifact: &Artifact, record: u64) -> String {
    let raw = match artifact.kind {
        Kind::Evtx => evtx::find(&artifact.source(), record).ok().flatten(),
        Kind::EventXml => artifact
            .text()
            .ok()
            .and_then(|text| event_xml::find(&text, record)),
        _ => None,
    };
    raw.map_or(String::new(), |raw| format!("\n{}", values(&raw)))
}

/// All values of the event that begins on a line of an export, and which events stand beside it.
fn exported(artifact: &Artifact, line: u32) -> Option<String> {
    let kinds = [Kind::EventExport, Kind::Clixml, Kind::Console];
    if !kinds.contains(&artifact.kind) {
        return None;
    }
    let (cited, beside) = event_export::find(&artifact.text().ok()?, line)?;
    let mut text = values(&cited);
    for raw in beside {
        let _ = writeln!(
            text,
            "    beside it: {} {} at {}",
            raw.provider, raw.id, raw.time
        );
    }
    Some(text)
}

/// The values of an event, codes in words.
fn values(raw: &RawEvent) -> String {
    let computer = match &*raw.computer {
        "" => "a machine that the file does not name",
        named => named,
    };
    let mut text = format!(
        "    {} {} in {} on {computer}\n",
        raw.provider, raw.id, raw.channel
    );
    for (number, datum) in raw.shown_values().iter().enumerate() {
        let name = datum
            .name
            .as_deref()
            .map_or_else(|| format!("value {}", number + 1), str::to_owned);
        let words = in_words(&name, &datum.value).map_or(String::new(), |w| format!("  = {w}"));
        let _ = writeln!(text, "      {name:<28} {}{words}", datum.value);
    }
    text
}

/// What a field's code means, where the field is one that holds codes.
fn in_words(name: &str, value: &str) -> Option<String> {
    if let Some(number) = codes::failure_reason_number(value) {
        // Other texts of events have the same form (%%1833): they are no failure reasons, and no code is missing.
        return codes::FAILURE_REASONS
            .lookup(number)
            .map(|_| codes::FAILURE_REASONS.in_words(number));
    }
    let number = match value.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => value.parse().ok()?,
    };
    let table = match name.to_ascii_lowercase().as_str() {
        "errorcode" => &codes::KERBEROS,
        // Kerberos errors are small numbers, NTSTATUS values have the top bits set.
        "status" | "failurecode" if number < 0x1000 => &codes::KERBEROS,
        "status" | "substatus" => &codes::NTSTATUS,
        "logontype" => &codes::LOGON_TYPES,
        "ticketencryptiontype" | "sessionkeyencryptiontype" => &codes::TICKET_ETYPES,
        "ntlmusageid" => &codes::NTLM_USAGE,
        "preauthtype" => &codes::PREAUTH,
        _ => return None,
    };
    Some(table.in_words(number))
}

/// The cited line with those around it, secrets removed.
fn surroundings(artifact: &Artifact, line: u32) -> String {
    // A recording is made of header values, cookies and bodies, often in one line: what was read of it is said above.
    if artifact.kind == Kind::HttpRecording {
        return String::new();
    }
    let at = usize::try_from(line).unwrap_or(usize::MAX);
    let wanted = at.saturating_sub(AROUND).max(1)..=at.saturating_add(AROUND);
    let lines = match lines(artifact, wanted) {
        Ok(Some(lines)) => lines,
        // The rows of a table with a column of passwords do not say which word is one.
        Ok(None) => {
            return "    (its lines are not shown: the artifact has a column of passwords)\n"
                .to_owned();
        }
        Err(_) => return "    (the artifact can no longer be read)\n".to_owned(),
    };
    let mut text = String::new();
    for (number, content) in lines {
        let mark = if number == at { '>' } else { ' ' };
        let _ = writeln!(text, "  {mark} {number:>6}  {}", without_secrets(&content));
    }
    text
}

/// Lines by their numbers; `None` where a line of the artifact is the heading of a column of passwords.
fn lines(
    artifact: &Artifact,
    wanted: RangeInclusive<usize>,
) -> io::Result<Option<Vec<(usize, String)>>> {
    if !artifact.kind.is_log_of_lines() {
        let decoded = artifact.text()?;
        if decoded.lines.iter().any(|line| COLUMN.is_match(line)) {
            return Ok(None);
        }
        let all = (1..).zip(decoded.lines);
        return Ok(Some(
            all.filter(|(number, _)| wanted.contains(number)).collect(),
        ));
    }
    let mut lines = Lines::new(artifact.source())?;
    let mut found = Vec::new();
    while let Some((number, line)) = lines.next_line()? {
        if COLUMN.is_match(line) {
            return Ok(None);
        }
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        if wanted.contains(&number) {
            let line = match artifact.kind {
                Kind::HttpErrLog => QUERIES.replace_all(line, "?…").into_owned(),
                _ => line.to_owned(),
            };
            found.push((number, line));
        }
    }
    if artifact.kind == Kind::WebLog {
        lines.rewind()?;
        found = web_log::retell(&mut lines, wanted)?;
    }
    Ok(Some(found))
}

/// Values that are secrets, behind what announces them: passwords and keys of attributes and connection strings,
/// encrypted blobs, authorization headers, session keys, and the bytes of tickets as a dump or in one run.
static SECRETS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?ix)
        (?<name> (?: password | pwd | sessionkey | secret ) \s*=\s* ) (?: "[^"]*"? | '[^']*'? | [^\s;/>"']+ )
        | (?<header> (?: authorization | authentication-info | www-authenticate | cookie ) : | keylength ) .*
        | (?<attribute> \b (?: ms-mcs-admpwd | mslaps-[a-z]+ | unicodepwd | userpassword | unixuserpassword
            | supplementalcredentials | msds-managedpassword ) "? \s* : ) .*
        | (?<user> \s (?: -u | --user | --proxy-user ) [=\s]+ ) (?: "[^"]*"? | '[^']*'? | \S+ )
        | \[enc: .*? (?: :enc\] | $ )
        | (?: \b [0-9a-f]{2} [\ :-]+ ){8} .*
        | [0-9a-z+/=]{80,}"#,
    )
    .expect("the pattern is a literal, and a test compiles it")
});

/// The header of a table of directory objects that has a column of passwords.
static COLUMN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:ms-mcs-admpwd|mslaps-password|unicodepwd|userpassword|supplementalcredentials|msds-managedpassword)\b[^:]*$",
    )
    .expect("the pattern is a literal, and a test compiles it")
});

/// The query of a URL.
static QUERIES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\?\S*").expect("the pattern is a literal, and a test compiles it")
});

/// A line without its secrets.
fn without_secrets(line: &str) -> Cow<'_, str> {
    SECRETS.replace_all(line, "$name$header$attribute$user(removed)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let line = r#"<processModel userName="CORP\svc" password="[enc:IISWASOnlyAesProvider:abc:enc]" x="1" />"#;
        assert_eq!(
            without_secrets(line),
            r#"<processModel userName="CORP\svc" password=(removed) x="1" />"#
        );
        assert_eq!(without_secrets("a [enc:X:secret:enc] b"), "a (removed) b");
        assert_eq!(QUERIES.replace_all("GET /a?t=x 400", "?…"), "GET /a?… 400");
        assert_eq!(
            without_secrets("< Set-Cookie: a=b"),
            "< Set-Cookie:(removed)"
        );
        assert_eq!(
            without_secrets("C:\\>curl -v -u uma:secret http://web/"),
            "C:\\>curl -v -u (removed) http://web/"
        );
        assert_eq!(
            without_secrets("Authorization: Negotiate YIIabc"),
            "Authorization:(removed)"
        );
        assert_eq!(
            without_secrets("connectionString=\"a;pwd=x;b\""),
            "connectionString=\"a;pwd=(removed);b\""
        );
        assert_eq!(
            without_secrets("password=\"unterminated"),
            "password=(removed)"
        );
        assert_eq!(
            without_secrets("0000  61 82 04 86 30 82 04 82 a0 03 02"),
            "0000  (removed)"
        );
        assert_eq!(without_secrets(&"YIIK".repeat(30)), "(removed)");
        for line in [
            "ms-Mcs-AdmPwd      : secret",
            "unicodePwd:: c2VjcmV0",
            "    1> msLAPS-Password: secret",
        ] {
            assert!(!without_secrets(line).contains("cret"), "{line}");
            assert!(!COLUMN.is_match(line), "{line}");
        }
        for header in ["DN,ms-Mcs-AdmPwd,sAMAccountName", "  cn    unicodePwd"] {
            assert!(COLUMN.is_match(header), "{header}");
        }
        let ordinary = "#1>     Client: uma @ CORP.EXAMPLE  3/2/2026 8:01:10 (local) 0x40a10000";
        assert_eq!(without_secrets(ordinary), ordinary);
    }
}
