//! Tables of events: what Event Viewer saves as CSV or text, `Export-Csv`, and EvtxECmd.
//!
//! ```text
//! Level,Date and Time,Source,Event ID,Task Category
//! Error,5/7/2024 8:00:00 AM,Microsoft-Windows-Security-Kerberos,4,None,"The Kerberos client received …
//! … identify the server."
//! ```

use super::csv::{self, Row};
use super::dates;
use super::exported::{Content, Exported, Met};
use super::{json, properties};
use crate::bundle::{ExportForm, is_viewer_row};
use crate::readers::events::is_failure;

/// How a row of a form becomes an event.
type ReadRow = fn(&Columns, &Row) -> Result<Exported, &'static str>;

/// Walks the rows of a table.
pub(super) fn walk(lines: &[String], form: ExportForm, take: &mut dyn FnMut(Met)) {
    let (delimiter, of): (char, ReadRow) = match form {
        ExportForm::Viewer(delimiter) => (delimiter, viewer),
        ExportForm::PowerShell(delimiter) => (delimiter, power_shell),
        ExportForm::EvtxECmd(delimiter) => (delimiter, evtx_e_cmd),
        ExportForm::Json => return,
    };
    let heading_at = lines.iter().position(|line| {
        let line = line.trim_matches(['\0', ' ']);
        !line.is_empty() && !line.starts_with("#TYPE ")
    });
    let Some(heading_at) = heading_at else { return };
    let columns = Columns::new(lines.get(heading_at).map_or("", String::as_str), delimiter);
    let rows = lines.get(heading_at + 1..).unwrap_or_default();
    let before = u32::try_from(heading_at + 1).unwrap_or(u32::MAX);
    let begins = |line: &str| match form {
        ExportForm::Viewer(_) => is_viewer_row(line, delimiter),
        _ => csv::cells(line, delimiter).len() >= columns.names.len() / 2,
    };
    // Both hands of the reader of rows give to the same taker.
    let take = std::cell::RefCell::new(take);
    csv::rows(
        rows,
        delimiter,
        &begins,
        &mut |mut row| {
            row.line = row.line.saturating_add(before);
            if !columns.are(&row) {
                let met = match of(&columns, &row) {
                    Ok(event) => Met::Event(event),
                    Err(why) => Met::Skipped(row.line, why),
                };
                (take.borrow_mut())(met);
            }
        },
        &mut |line| {
            let why = "a quote in its row is never closed";
            (take.borrow_mut())(Met::Skipped(line.saturating_add(before), why));
        },
    );
}

/// The columns of a table by name, in lower case.
struct Columns {
    names: Vec<String>,
}

impl Columns {
    fn new(heading: &str, delimiter: char) -> Self {
        Self {
            names: csv::cells(heading, delimiter)
                .iter()
                .map(|name| name.trim().to_ascii_lowercase())
                .collect(),
        }
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.names
            .iter()
            .position(|of| of.eq_ignore_ascii_case(name))
    }

    fn get(&self, row: &Row, name: &str) -> Option<String> {
        row.cells.get(self.at(name)?).cloned()
    }

    /// Whether a row repeats the heading: two tables in one file.
    fn are(&self, row: &Row) -> bool {
        let own = self.names.iter().zip(&row.cells);
        row.cells.len() == self.names.len()
            && own
                .into_iter()
                .all(|(name, cell)| cell.trim().eq_ignore_ascii_case(name))
    }
}

/// Event Viewer: the first five columns by position, because their names are translated; the message has no heading.
fn viewer(columns: &Columns, row: &Row) -> Result<Exported, &'static str> {
    let cell = |at: usize| row.cells.get(at).map_or("", |cell| cell.trim());
    let named = |name: &str| columns.get(row, name).unwrap_or_default().trim().to_owned();
    if row.cells.len() < 5 {
        return Err("its row has too few cells");
    }
    let last = row.cells.len() - 1;
    let message = match last >= columns.names.len().max(5) {
        true => row.cells.get(last).cloned(),
        false => columns
            .get(row, "Message")
            .or_else(|| columns.get(row, "Description")),
    };
    Ok(Exported {
        line: row.line,
        provider: cell(2).to_owned(),
        id: cell(3).parse().map_err(|_| "it has no event id")?,
        version: 0,
        failed: is_failure(cell(0)),
        channel: named("Log"),
        computer: named("Computer"),
        time: dates::shown(cell(1)).ok_or("its time cannot be read")?,
        record_id: 0,
        user_sid: None,
        content: message.map_or(Content::CutMessage, Content::Message),
    })
}

/// `Get-WinEvent | Export-Csv`, `Get-EventLog | Export-Csv`.
fn power_shell(columns: &Columns, row: &Row) -> Result<Exported, &'static str> {
    if row.cells.len() * 2 < columns.names.len() {
        return Err("its row has too few cells");
    }
    properties::event(row.line, &|name| columns.get(row, name), None)
}

/// EvtxECmd: the values are JSON in the last column.
fn evtx_e_cmd(columns: &Columns, row: &Row) -> Result<Exported, &'static str> {
    let text = |name: &str| columns.get(row, name).unwrap_or_default().trim().to_owned();
    json::of_evtx_e_cmd(row.line, &text)
}
