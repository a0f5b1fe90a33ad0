//! Events in other clothes, told by the names of columns and keys that the tools never translate, or by shape.
//!
//! ```text
//! Level,Date and Time,Source,Event ID,Task Category          the viewer, in any language: a date second, a number fourth
//! "Message","Id","Version",…,"TimeCreated"                   Export-Csv
//! RecordNumber,EventRecordId,TimeCreated,EventId,…,Payload   EvtxECmd
//! {"Event":{"System":{"EventID":4625,…                       evtx_dump, EvtxECmd, ConvertTo-Json
//! TimeCreated  : 5/7/2024 8:00:00 AM                         Format-List
//! Log Name: System / Source: … / Date: … / Event ID: 4       wevtutil /f:text, "Copy details as text", in any language
//! ```

/// A file of exported events that is no console text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportForm {
    /// Saved by Event Viewer: columns by position; the delimiter.
    Viewer(char),
    /// Properties of PowerShell's event objects as columns; the delimiter.
    PowerShell(char),
    /// The columns of EvtxECmd; the delimiter.
    EvtxECmd(char),
    /// JSON, whoever wrote it.
    Json,
}

/// Bytes of JSON in which the keys of an event must occur.
const JSON_HEAD: usize = 64 << 10;

/// The form of a file's lines, where they are exported events.
pub(crate) fn export_form(lines: &[String]) -> Option<ExportForm> {
    let mut shown = lines
        .iter()
        .map(|line| line.trim_matches(['\0', ' ', '\r']))
        .filter(|line| !line.is_empty() && !line.starts_with("#TYPE "));
    let first = shown.next()?;
    if first.starts_with(['{', '[']) {
        return is_json(lines).then_some(ExportForm::Json);
    }
    for delimiter in [',', ';', '\t'] {
        let heading: Vec<String> = cells(first, delimiter)
            .into_iter()
            .map(|cell| cell.to_ascii_lowercase())
            .collect();
        if heading.len() < 3 {
            continue;
        }
        let has = |name: &str| heading.iter().any(|cell| cell == name);
        if has("eventid") && has("timecreated") && has("provider") && has("channel") {
            return Some(ExportForm::EvtxECmd(delimiter));
        }
        let of_log = has("timecreated") && has("id") && (has("providername") || has("message"));
        let of_classic_log = (has("timegenerated") || has("timewritten"))
            && (has("eventid") || has("instanceid"))
            && has("source");
        if of_log || of_classic_log {
            return Some(ExportForm::PowerShell(delimiter));
        }
        if heading.len() >= 5
            && shown
                .clone()
                .next()
                .is_some_and(|row| is_viewer_row(row, delimiter))
        {
            return Some(ExportForm::Viewer(delimiter));
        }
    }
    None
}

/// Whether a line is the beginning of a row that Event Viewer saved: a level, a time, a source, a number.
pub(crate) fn is_viewer_row(line: &str, delimiter: char) -> bool {
    let cells = cells(line.get(..400).unwrap_or(line), delimiter);
    let cell = |at: usize| cells.get(at).map_or("", String::as_str);
    cells.len() >= 5 && is_date(cell(1)) && is_event_id(cell(3)) && !cell(2).is_empty()
}

/// The cells of one line, for judging it; a quoted cell that is not closed goes to the end.
fn cells(line: &str, delimiter: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for sign in line.chars().take(2000) {
        match sign {
            '"' => quoted = !quoted,
            sign if sign == delimiter && !quoted => cells.push(String::new()),
            sign => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(sign);
                }
            }
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

fn is_json(lines: &[String]) -> bool {
    let mut head = String::new();
    for line in lines {
        let room = JSON_HEAD.saturating_sub(head.len());
        if room == 0 {
            break;
        }
        let end = (0..=room.min(line.len()))
            .rev()
            .find(|at| line.is_char_boundary(*at));
        head.push_str(line.get(..end.unwrap_or(0)).unwrap_or_default());
    }
    let has = |key: &str| head.contains(&format!("\"{key}\""));
    (has("Event") && has("System") && has("EventID"))
        || (has("EventId") && has("Channel") && has("Provider") && has("TimeCreated"))
        || (has("TimeCreated") && has("Id") && has("ProviderName"))
        || (has("TimeGenerated") && has("Source") && (has("EventID") || has("InstanceId")))
}

fn is_event_id(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// `5/7/2024 8:00:00 AM`, `07.05.2024 08:00:00`, `2024-05-07T08:00:00.123Z` and their relatives.
fn is_date(text: &str) -> bool {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}'))
        .take(60)
        .collect();
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    let separated = ["/", ".", "-"]
        .iter()
        .any(|sign| plain.chars().take(12).filter(|c| sign.contains(*c)).count() >= 2);
    let clock = plain.chars().skip(6).any(|c| matches!(c, ':' | '.'));
    plain.starts_with(|c: char| c.is_ascii_digit())
        && (7..=26).contains(&digits)
        && plain.chars().count() <= 45
        && separated
        && clock
}

/// Properties of event objects, one of which a list may begin with.
const PROPERTIES: [&str; 20] = [
    "TimeCreated",
    "ProviderName",
    "Id",
    "Message",
    "LogName",
    "MachineName",
    "RecordId",
    "LevelDisplayName",
    "Version",
    "Index",
    "EntryType",
    "InstanceId",
    "EventID",
    "Source",
    "TimeGenerated",
    "TimeWritten",
    "Category",
    "CategoryNumber",
    "ReplacementStrings",
    "UserName",
];
/// Whether events listed as text begin on the first of these lines.
pub(super) fn opens(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    if property(first).is_some_and(|(name, _)| PROPERTIES.contains(&name)) {
        return opens_list(lines);
    }
    opens_table(lines) || opens_card(lines)
}

/// `Name   : value` in column 0: the name, and where the colon stands.
pub(crate) fn property(line: &str) -> Option<(&str, usize)> {
    let at = line.find(':')?;
    let name = line.get(..at)?;
    let trimmed = name.trim_end();
    let plain = !trimmed.is_empty() && trimmed.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain && name.ends_with(' ')).then_some((trimmed, at))
}

/// The properties of one event stand near each other, though a message may be the first of them.
fn opens_list(lines: &[&str]) -> bool {
    let Some((_, column)) = lines.first().and_then(|line| property(line)) else {
        return false;
    };
    let mut met = [false; PROPERTIES.len()];
    for (name, at) in lines.iter().filter_map(|line| property(line)) {
        let known = PROPERTIES.iter().position(|known| *known == name);
        if let Some(seen) = known.filter(|_| at == column).and_then(|k| met.get_mut(k)) {
            *seen = true;
        }
    }
    let has = |name: &str| {
        let at = PROPERTIES.iter().position(|known| *known == name);
        at.and_then(|at| met.get(at)).is_some_and(|seen| *seen)
    };
    (has("TimeCreated") && has("Id") && (has("ProviderName") || has("Message")))
        || ((has("TimeGenerated") || has("TimeWritten"))
            && (has("InstanceId") || has("EventID"))
            && (has("Source") || has("Message")))
}

/// `TimeCreated  Id LevelDisplayName Message` over a ruler.
fn opens_table(lines: &[&str]) -> bool {
    let [heading, ruler, ..] = lines else {
        return false;
    };
    if !heading.starts_with("TimeCreated") {
        return false;
    }
    let heading: Vec<&str> = heading.split_whitespace().collect();
    heading.contains(&"Id")
        && heading.contains(&"Message")
        && ruler.trim_start().starts_with("----")
}

/// The lines of labels that stand before the description of an event: log, source, date, number, in this order.
pub(crate) fn opens_card(lines: &[&str]) -> bool {
    let numbered = lines.first().is_some_and(|line| is_number_of_event(line));
    let value = |at: usize| {
        let line = lines.get(at + usize::from(numbered))?;
        let (label, value) = line.split_once([':', '：'])?;
        let label = label.trim();
        let named = !label.is_empty() && label.chars().count() <= 40;
        named
            .then(|| value.trim())
            .filter(|value| !value.is_empty())
    };
    value(2).is_some_and(is_date)
        && value(3).is_some_and(is_event_id)
        && value(0).is_some()
        && value(1).is_some()
}

/// `Event[0]:`, as `wevtutil /f:text` counts them.
pub(crate) fn is_number_of_event(line: &str) -> bool {
    line.trim()
        .trim_end_matches(':')
        .strip_prefix("Event[")
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}
