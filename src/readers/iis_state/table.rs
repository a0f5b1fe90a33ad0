//! Tables of the cmdlets of IIS.
//!
//! ```text
//! Name             ID   State    Physical Path        Bindings
//! ----             --   -----    -------------        --------
//! Default Web Site 1    Started  %SystemDrive%\inetp  http *:80:
//!                                ub\wwwroot           net.tcp 808:*
//! Portal of the    1696 Started  D:\portal            https *:443:portal.corp.example sslFlags=0
//! finance team     5705
//!                  67
//! ```
//!
//! Long values wrap inside their column; more bindings follow below the first one.

use super::super::console::{Command, Line};
use super::arguments::{first, named};
use super::{Found, IisState, Pool, ShownSetting, Site};

/// A column: its heading in lower case, and where it begins, in characters.
struct Column {
    name: String,
    start: usize,
}

/// The tables that are known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sites,
    Applications,
    Bindings,
    Pools,
}

fn kind(columns: &[Column]) -> Option<Kind> {
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    if has("name") && has("id") && has("bindings") {
        Some(Kind::Sites)
    } else if has("name") && has("application pool") {
        Some(Kind::Applications)
    } else if has("protocol") && has("bindinginformation") {
        Some(Kind::Bindings)
    } else if has("name")
        && ((has("status") && has("pipeline mode")) || (has("state") && has("applications")))
    {
        Some(Kind::Pools)
    } else {
        None
    }
}

/// The columns that a ruler marks: runs of dashes with gaps between them.
fn columns(heading: &str, ruler: &str) -> Option<Vec<Column>> {
    if ruler.len() > 1024
        || !ruler.trim_start().starts_with('-')
        || ruler.trim().contains(|c| c != '-' && c != ' ')
    {
        return None;
    }
    let mut starts = Vec::new();
    let mut before = ' ';
    for (at, sign) in ruler.chars().enumerate() {
        if sign == '-' && before == ' ' {
            starts.push(at);
        }
        before = sign;
    }
    let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
    let columns = starts.iter().zip(ends).map(|(start, end)| Column {
        name: slice(heading, *start, end).to_lowercase(),
        start: *start,
    });
    Some(columns.collect())
}

/// The characters from one column to another, trimmed.
fn slice(line: &str, start: usize, end: usize) -> String {
    let signs = line.chars().skip(start).take(end.saturating_sub(start));
    signs.collect::<String>().trim().to_owned()
}

/// One row, its cells in the pieces that their lines hold.
struct Row<'a> {
    line: Line<'a>,
    cells: Vec<Vec<String>>,
}

impl Row<'_> {
    /// A cell whose pieces were cut anywhere, as file names and numbers are.
    fn cut(&self, at: Option<usize>) -> String {
        at.and_then(|at| self.cells.get(at))
            .map(|pieces| pieces.concat())
            .unwrap_or_default()
    }
}

/// Reads a table that begins with the first line; how many lines it has.
pub(super) fn take(
    found: &mut Found,
    command: Option<&Command>,
    lines: &[Line<'_>],
) -> Option<usize> {
    let (heading, ruler) = (lines.first()?, lines.get(1)?);
    let columns = columns(heading.text, ruler.text)?;
    if let [column] = columns.as_slice() {
        return single(found, command, &column.name, lines);
    }
    let kind = kind(&columns)?;
    let at = |name: &str| columns.iter().position(|column| column.name == name);
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut taken = 2;
    for line in lines.iter().skip(2) {
        // A blank line ends the table; a long one may stand between groups.
        if line.is_blank() {
            break;
        }
        taken += 1;
        let ends = columns
            .iter()
            .skip(1)
            .map(|column| column.start)
            .chain([usize::MAX]);
        let cells: Vec<String> = columns
            .iter()
            .zip(ends)
            .map(|(column, end)| slice(line.text, column.start, end))
            .collect();
        match rows
            .last_mut()
            .filter(|row| continues(kind, &columns, row, &cells))
        {
            Some(row) => {
                for (own, cell) in row.cells.iter_mut().zip(cells) {
                    if !cell.is_empty() {
                        own.push(cell);
                    }
                }
            }
            None => rows.push(Row {
                line: *line,
                cells: cells
                    .into_iter()
                    .map(|cell| {
                        if cell.is_empty() {
                            Vec::new()
                        } else {
                            vec![cell]
                        }
                    })
                    .collect(),
            }),
        }
    }
    for row in &rows {
        let name = joined(&columns, row, at("name"));
        match kind {
            Kind::Sites => {
                let site = Site {
                    name,
                    id: row.cut(at("id")).parse().ok(),
                    state: Some(row.cut(at("state"))).filter(|state| !state.is_empty()),
                    bindings: bindings(
                        at("bindings")
                            .and_then(|at| row.cells.get(at))
                            .map_or(&[][..], Vec::as_slice),
                    ),
                };
                found.fact(IisState::Site(site), row.line);
            }
            Kind::Applications => {
                let path = format!("/{}", name.trim_start_matches('/'));
                let pool = joined(&columns, row, at("application pool"));
                let site = command
                    .and_then(|command| named(command, "site"))
                    .map(str::to_owned);
                found.fact(IisState::Application { site, path, pool }, row.line);
            }
            Kind::Bindings => {
                let site =
                    command.and_then(|command| named(command, "name").or_else(|| first(command)));
                let binding = (row.cut(at("protocol")), row.cut(at("bindinginformation")));
                let shown = Site {
                    name: site.unwrap_or_default().to_owned(),
                    bindings: vec![binding],
                    ..Site::default()
                };
                found.fact(IisState::Site(shown), row.line);
            }
            Kind::Pools => {
                let state = row.cut(at("status").or(at("state")));
                let filled = |at: Option<usize>| Some(row.cut(at)).filter(|cell| !cell.is_empty());
                let pool = Pool {
                    name,
                    state: Some(state).filter(|state| !state.is_empty()),
                    runtime: filled(at("clr ver")),
                    pipeline: filled(at("pipeline mode")),
                    identity: None,
                };
                found.fact(IisState::Pool(pool), row.line);
            }
        }
    }
    Some(taken)
}

/// Whether a line goes on with the row before it.
fn continues(kind: Kind, columns: &[Column], row: &Row<'_>, cells: &[String]) -> bool {
    let filled = |name: &str| {
        let at = columns.iter().position(|column| column.name == name);
        at.and_then(|at| cells.get(at))
            .is_some_and(|cell| !cell.is_empty())
    };
    if !filled("name") {
        return kind != Kind::Bindings;
    }
    match kind {
        Kind::Sites => {
            // The number goes on below itself only where it filled its column.
            let id = columns.iter().position(|column| column.name == "id");
            let width = id.and_then(|at| {
                Some(
                    columns
                        .get(at + 1)?
                        .start
                        .saturating_sub(columns.get(at)?.start)
                        .saturating_sub(1),
                )
            });
            let before = id
                .and_then(|at| row.cells.get(at)?.last())
                .map(|cell| cell.chars().count());
            let full = width.is_some() && before.is_some() && before >= width;
            !filled("id") || (full && !filled("state"))
        }
        Kind::Applications => !filled("application pool"),
        Kind::Pools => !filled("status") && !filled("state"),
        Kind::Bindings => false,
    }
}

/// A cell of words: pieces that ended before the edge of the column were cut at a space.
fn joined(columns: &[Column], row: &Row<'_>, at: Option<usize>) -> String {
    let Some((at, pieces)) = at.and_then(|at| Some((at, row.cells.get(at)?))) else {
        return String::new();
    };
    let width = columns
        .get(at + 1)
        .zip(columns.get(at))
        .map(|(next, own)| next.start.saturating_sub(own.start).saturating_sub(1));
    let mut whole = String::new();
    for (number, piece) in pieces.iter().enumerate() {
        whole.push_str(piece);
        let full = width.is_some_and(|width| piece.chars().count() >= width);
        if number + 1 < pieces.len() && !full {
            whole.push(' ');
        }
    }
    whole
}

/// `http *:80:host`, `https *:443:host sslFlags=0`: a piece without a protocol goes on with the one before it.
fn bindings(pieces: &[String]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for piece in pieces {
        match piece.split_once(' ') {
            Some((protocol, rest)) if is_protocol(protocol) && rest.contains([':', '*']) => {
                all.push((protocol.to_owned(), rest.to_owned()));
            }
            _ => {
                if let Some((_, information)) = all.last_mut() {
                    information.push_str(piece);
                }
            }
        }
    }
    for (_, information) in &mut all {
        if let Some((before, _)) = information.split_once("sslFlags=") {
            *information = before.trim().to_owned();
        }
    }
    all
}

fn is_protocol(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'.')
}

/// `Value` / `-----` / `Started`: the answer to one question, which the command alone tells.
fn single(
    found: &mut Found,
    command: Option<&Command>,
    column: &str,
    lines: &[Line<'_>],
) -> Option<usize> {
    if column != "value" {
        return None;
    }
    let command = command?;
    let values: Vec<Line<'_>> = lines
        .iter()
        .skip(2)
        .take_while(|line| !line.is_blank())
        .copied()
        .collect();
    let line = *values.first()?;
    let shown: Vec<String> = values
        .iter()
        .map(|line| line.text.trim().to_owned())
        .collect();
    answer(found, command, shown, None, line);
    Some(values.len().saturating_add(2))
}

/// The answer of a cmdlet that prints values without saying what they are.
pub(super) fn answer(
    found: &mut Found,
    command: &Command,
    values: Vec<String>,
    inherited: Option<bool>,
    line: Line<'_>,
) {
    match command.name.as_str() {
        "get-webapppoolstate" => {
            let name = named(command, "name").or_else(|| first(command));
            if let Some(name) = name {
                let pool = Pool {
                    name: name.rsplit(['\\', '/']).next().unwrap_or(name).to_owned(),
                    state: values.into_iter().next(),
                    ..Pool::default()
                };
                found.fact(IisState::Pool(pool), line);
            }
        }
        "get-webconfigurationproperty" => {
            let section = named(command, "filter")
                .or_else(|| first(command))
                .unwrap_or_default();
            let name = named(command, "name").unwrap_or_default();
            // `…/windowsAuthentication/providers -Name Collection` and `-Name providers.Collection` ask for the same.
            let section = section.trim_start_matches('/');
            let lower = format!("{section}/{name}").to_lowercase();
            let (section, name) = match lower.contains("/providers") {
                true => (
                    section.strip_suffix("/providers").unwrap_or(section),
                    "providers",
                ),
                false => (section, name),
            };
            let setting = ShownSetting {
                section: section.to_owned(),
                name: name.to_owned(),
                values,
                place: super::arguments::place(command),
                inherited,
            };
            if !setting.name.is_empty() && !is_secret(&setting.name) {
                let text = format!(
                    "{}/@{}: {}",
                    setting.section,
                    setting.name,
                    setting.values.join(", ")
                );
                let from = crate::evidence::Citation::line(found.artifact, line.number, &text);
                found.cited(IisState::Setting(setting), from);
            }
        }
        _ => {}
    }
}

/// Whether an attribute holds a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("password") || name.contains("key") || name.contains("secret")
}
