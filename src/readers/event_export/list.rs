//! Events listed as text on a console.
//!
//! ```text
//! TimeCreated  : 5/7/2024 8:00:00 AM            Log Name:      System              Event[0]:
//! ProviderName : Microsoft-Windows-WAS          Source:        Microsoft-…-WAS       Log Name: System
//! Id           : 5059                           Date:          5/7/2024 8:00:00 AM   Source: Microsoft-Windows-WAS
//! Message      : Application pool web has …     Event ID:      5059                  Date: 2024-05-07T08:00:00.123
//!                                               …                                    Event ID: 5059
//!                                               Computer:      web01.corp.example    …
//!                                               Description:                         Computer: web01.corp.example
//!                                               Application pool web has …           Description:
//!                                                                                    Application pool web has …
//! ```
//!
//! `Format-List` names properties, which are never translated. The other two name columns in the language of the server:
//! they are read by position. An `<Event>` below a description is the event itself, and is read instead.

use super::dates;
use super::exported::{Content, Exported, Met};
use super::properties;
use crate::bundle::{is_number_of_event, opens_card, property};
use crate::readers::console::Line;
use crate::readers::event_xml;
use crate::readers::events::is_failure;

/// Lines of one event.
const LONGEST: usize = 2000;

/// Walks the events of a stretch of console text; `computer` is the machine that it shows events of, where the prompt
/// says so.
pub(super) fn walk(lines: &[Line<'_>], computer: Option<&str>, take: &mut dyn FnMut(Met)) {
    let shown: Vec<&str> = lines.iter().map(|line| line.text).collect();
    let mut at = 0;
    let mut provider = String::new();
    while let (Some(line), Some(rest)) = (lines.get(at), shown.get(at..)) {
        let number = line.number;
        if line.text.trim_start().starts_with("<Event ") {
            let (event, used) = element(rest);
            if let Some(event) = event {
                take(of_element(number, event));
            }
            at += used;
        } else if opens_card(rest) {
            let (met, used) = card(number, rest);
            take(met);
            at += used;
        } else if property(line.text).is_some() {
            let (met, used) = list(number, rest, computer);
            if let Some(met) = met {
                take(met);
            }
            at += used;
        } else if let Some(name) = line.text.trim().strip_prefix("ProviderName: ") {
            provider = name.trim().to_owned();
            at += 1;
        } else if let Some(columns) = Columns::of(rest) {
            at += 2;
            while let Some(row) = lines.get(at).filter(|row| !row.is_blank()) {
                let below = shown.get(at + 1..).unwrap_or_default();
                let used = columns.goes_on(below);
                let below = below.get(..used).unwrap_or_default();
                if let Some(event) = columns.event(*row, below, &provider, computer) {
                    take(Met::Event(event));
                }
                at += 1 + used;
            }
        } else {
            at += 1;
        }
    }
}

/// An `<Event>` element over several lines, and how many.
fn element(lines: &[&str]) -> (Option<crate::readers::events::RawEvent>, usize) {
    let end = lines
        .iter()
        .take(LONGEST)
        .position(|line| line.contains("</Event>"));
    let used = end.map_or(1, |end| end + 1);
    let text = lines.get(..used).unwrap_or_default().join("\n");
    (event_xml::read_event(text.trim_start()).ok(), used)
}

fn of_element(line: u32, raw: crate::readers::events::RawEvent) -> Met {
    Met::Event(Exported {
        line,
        provider: raw.provider.to_string(),
        id: raw.id,
        version: raw.version,
        failed: raw.failed,
        channel: raw.channel.to_string(),
        computer: raw.computer.to_string(),
        time: dates::Shown::Utc(raw.time),
        record_id: raw.record_id,
        user_sid: raw.user_sid,
        content: Content::Values(raw.data, raw.binary),
    })
}

/// An event whose columns stand one below the other, and how many lines it takes.
fn card(number: u32, lines: &[&str]) -> (Met, usize) {
    let skip = usize::from(lines.first().is_some_and(|line| is_number_of_event(line)));
    let labels: Vec<(&str, &str)> = lines
        .iter()
        .skip(skip)
        .take(14)
        .map_while(|line| line.split_once([':', '：']))
        .map(|(label, value)| (label.trim(), value.trim()))
        .collect();
    let value = |at: usize| labels.get(at).map_or("", |(_, value)| *value);
    // The description has its text below it, and the computer stands before it.
    let described = labels
        .iter()
        .skip(4)
        .position(|(_, value)| value.is_empty())
        .map(|at| at + 4);
    let head = described.map_or(labels.len(), |at| at + 1);
    let computer = described.map_or("", |at| value(at - 1));
    let begin = skip + head;
    let body = lines.get(begin..).unwrap_or_default();
    let mut used = 0;
    while used < body.len().min(LONGEST) {
        let rest = body.get(used..).unwrap_or_default();
        let text = rest.first().copied().unwrap_or_default();
        let xml = text.trim_start().starts_with("<Event ");
        if xml {
            let (event, more) = element(rest);
            if let Some(event) = event {
                return (of_element(number, event), begin + used + more);
            }
        }
        if xml || opens_card(rest) {
            break;
        }
        used += 1;
    }
    let message = body.get(..used).unwrap_or_default().join("\n");
    let plain = |text: &str| match text {
        "N/A" => String::new(),
        text => text.to_owned(),
    };
    let met = match (dates::shown(value(2)), value(3).parse()) {
        (Some(time), Ok(id)) => Met::Event(Exported {
            line: number,
            provider: plain(value(1)),
            id,
            version: 0,
            failed: labels.iter().any(|(_, value)| is_failure(value)),
            channel: plain(value(0)),
            computer: plain(computer),
            time,
            record_id: 0,
            user_sid: None,
            content: match described {
                Some(_) => Content::Message(message),
                None => Content::CutMessage,
            },
        }),
        _ => Met::Skipped(number, "its time cannot be read"),
    };
    (met, begin + used)
}

/// An event of `Format-List`, and how many lines it takes.
fn list(number: u32, lines: &[&str], computer: Option<&str>) -> (Option<Met>, usize) {
    let column = lines
        .first()
        .and_then(|line| property(line))
        .map_or(0, |(_, at)| at);
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut used = 0;
    for line in lines.iter().take(LONGEST) {
        let own = property(line).filter(|(_, at)| *at == column);
        match own {
            Some((name, _)) if found.iter().any(|(known, _)| *known == name) => break,
            Some((name, at)) => {
                let value = line.get(at + 1..).unwrap_or_default();
                found.push((name, value.strip_prefix(' ').unwrap_or(value).to_owned()));
            }
            // Values go on below their own column.
            None => {
                let blanks = line.len() - line.trim_start_matches(' ').len();
                let goes_on = line.trim().is_empty() || blanks > column;
                if !goes_on {
                    break;
                }
                if let Some((_, value)) = found.last_mut() {
                    value.push('\n');
                    value.push_str(line.get((column + 2).min(blanks)..).unwrap_or_default());
                }
            }
        }
        used += 1;
    }
    let get = |name: &str| {
        let of = found
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        let machine = (name == "MachineName").then_some(computer).flatten();
        of.map(|(_, value)| value.clone())
            .or_else(|| machine.map(str::to_owned))
    };
    let is_event = get("TimeCreated")
        .or_else(|| get("TimeGenerated"))
        .is_some()
        && found.len() > 2;
    let met = is_event.then(|| match properties::event(number, &get, None) {
        Ok(event) => Met::Event(event),
        Err(why) => Met::Skipped(number, why),
    });
    (met, used.max(1))
}

/// Where the columns of `Format-Table` stand that are needed: the number of an event ends below the end of its name, the
/// message begins below the beginning of its own.
///
/// ```text
/// TimeCreated                     Id LevelDisplayName Message
/// -----------                     -- ---------------- -------
/// 5/7/2024 8:00:00 AM           5059 Error            Application pool web has been
///                                                     disabled. …
/// ```
///
/// Without `-Wrap` a message ends in `...` at the end of its row.
struct Columns {
    id_end: usize,
    /// Where the message begins, if it is the last column, and where it ends.
    message: Option<(usize, usize)>,
}

impl Columns {
    fn of(lines: &[&str]) -> Option<Self> {
        let [heading, ruler, rows @ ..] = lines else {
            return None;
        };
        let at = heading.find(" Id ")?;
        let told = heading.starts_with("TimeCreated") && ruler.starts_with("---");
        let message = heading.trim_end().strip_suffix(" Message");
        let begin = message.map(|before| before.len() + 1);
        let length = |line: &&str| line.chars().count();
        let end = || {
            let table = rows.iter().take(LONGEST).take_while(|row| !row.is_empty());
            table.map(length).chain([length(heading)]).max()
        };
        told.then(|| Self {
            id_end: at + 3,
            message: begin.map(|begin| (begin, end().unwrap_or(begin))),
        })
    }

    /// What a row has in the column of messages, where it has nothing before it.
    fn more<'l>(&self, row: &'l str) -> Option<&'l str> {
        let (before, more) = row.split_at_checked(self.message?.0)?;
        (before.trim().is_empty() && !more.trim().is_empty()).then(|| more.trim_end())
    }

    /// How many of the rows below one belong to its message, with the blank ones in it.
    fn goes_on(&self, below: &[&str]) -> usize {
        let is_blank = |row: &&&str| row.trim().is_empty();
        let rows = below.iter().take(LONGEST);
        let ours = rows.take_while(|row| is_blank(row) || self.more(row).is_some());
        let last = ours.enumerate().filter(|(_, row)| !is_blank(row)).last();
        let used = last.map_or(0, |(at, _)| at + 1);
        // A message may end in blank lines, and the table goes on.
        let rest = below.get(used..).unwrap_or_default();
        let blank = rest.iter().take_while(is_blank).count();
        match rest.get(blank).is_some_and(|row| self.head(row).is_some()) {
            true => used + blank,
            false => used,
        }
    }

    /// Time and number of the event that a row begins.
    fn head(&self, row: &str) -> Option<(dates::Shown, u32)> {
        let (time, id) = row.get(..self.id_end)?.rsplit_once(' ')?;
        Some((dates::shown(time)?, id.parse().ok()?))
    }

    fn event(
        &self,
        row: Line<'_>,
        below: &[&str],
        provider: &str,
        computer: Option<&str>,
    ) -> Option<Exported> {
        let (time, id) = self.head(row.text)?;
        Some(Exported {
            line: row.number,
            provider: provider.to_owned(),
            id,
            version: 0,
            failed: false,
            channel: String::new(),
            computer: computer.unwrap_or_default().to_owned(),
            time,
            record_id: 0,
            user_sid: None,
            content: match self.text(row.text, below) {
                Some(text) => Content::Message(text),
                None => Content::CutMessage,
            },
        })
    }

    /// The message of a row and of those below it that go on with it; `None` where it was cut.
    fn text(&self, row: &str, below: &[&str]) -> Option<String> {
        let (begin, end) = self.message?;
        let mut last = row.get(begin..)?.trim_end();
        let mut text = last.to_owned();
        for row in below {
            let more = self.more(row).unwrap_or_default();
            // A row ends where the line of the message does, or where the next word has no more room; a word that is longer
            // than a row goes on.
            let word = more.split(' ').next().unwrap_or_default().chars().count();
            let filled = begin + last.chars().count();
            match () {
                () if filled + word < end => text.push('\n'),
                () if filled < end || last.contains(' ') => text.push(' '),
                () => {}
            }
            text.push_str(more);
            last = more;
        }
        let cut = text.trim().is_empty() || text.ends_with("...") || text.ends_with('…');
        (!cut).then(|| text.trim_end().to_owned())
    }
}
