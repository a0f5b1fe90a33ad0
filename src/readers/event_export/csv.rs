//! Rows of a table whose cells may be quoted and then hold line breaks, delimiters and doubled quotes.

/// Lines that one row may stand on: the longest message of an event that is read has 80.
const LONGEST: usize = 400;
/// Rows that may lack their closing quote before what follows them is no longer searched for rows.
const BROKEN: usize = 1000;

/// A row, and the line it begins on, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) line: u32,
    pub(super) cells: Vec<String>,
}

/// Hands out the rows of a table. `begins` judges whether a line can be the beginning of one: where a quote is never
/// closed, the rows that it would swallow are found again. `broken` is told the lines of rows that were given up.
pub(super) fn rows(
    lines: &[String],
    delimiter: char,
    begins: &dyn Fn(&str) -> bool,
    row: &mut dyn FnMut(Row),
    broken: &mut dyn FnMut(u32),
) {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
    let mut given_up = 0;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if line.trim_matches(['\0', ' ', '\t']).is_empty() && delimiter != '\t' {
            at += 1;
            continue;
        }
        let mut reading = Reading::default();
        let mut open = reading.push(line, delimiter);
        let mut next = at + 1;
        while open && next < lines.len() && next - at < LONGEST {
            reading.cell.push('\n');
            open = reading.push(lines.get(next).map_or("", String::as_str), delimiter);
            next += 1;
        }
        if open {
            broken(number(at));
            given_up += 1;
            let search = lines.get(at + 1..next).unwrap_or_default();
            let found = search.iter().position(|line| begins(line));
            at = match found {
                Some(found) if given_up <= BROKEN => at + 1 + found,
                _ => next,
            };
            continue;
        }
        row(Row {
            line: number(at),
            cells: reading.finish(),
        });
        at = next;
    }
}

/// The cells of a single line, for headings.
pub(super) fn cells(line: &str, delimiter: char) -> Vec<String> {
    let mut reading = Reading::default();
    reading.push(line, delimiter);
    reading.finish()
}

/// A row while it is read.
#[derive(Default)]
struct Reading {
    cells: Vec<String>,
    cell: String,
    quoted: bool,
}

impl Reading {
    /// Reads a line of the row; true when a quoted cell goes on.
    fn push(&mut self, line: &str, delimiter: char) -> bool {
        let mut signs = line.chars().peekable();
        while let Some(sign) = signs.next() {
            match sign {
                '"' if self.quoted && signs.peek() == Some(&'"') => {
                    signs.next();
                    self.cell.push('"');
                }
                '"' if self.quoted => self.quoted = false,
                '"' if self.cell.is_empty() => self.quoted = true,
                '\0' => {}
                sign if sign == delimiter && !self.quoted => {
                    self.cells.push(std::mem::take(&mut self.cell));
                }
                sign => self.cell.push(sign),
            }
        }
        self.quoted
    }

    fn finish(mut self) -> Vec<String> {
        self.cells.push(self.cell);
        self.cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(u32, Vec<String>)>, Vec<u32>) {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let (mut found, mut broken) = (Vec::new(), Vec::new());
        rows(
            &lines,
            ',',
            &|line| line.starts_with("row,"),
            &mut |row| found.push((row.line, row.cells)),
            &mut |line| broken.push(line),
        );
        (found, broken)
    }

    #[test]
    fn quotes_hold_breaks_delimiters_and_quotes() {
        let (rows, broken) = read("a,\"b\nc,\"\"d\"\"\n\",e\n\nf\0,\n");
        let text = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            rows,
            [
                (1, text(&["a", "b\nc,\"d\"\n", "e"])),
                (5, text(&["f", ""]))
            ]
        );
        assert!(broken.is_empty());
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_row() {
        let many = "row,1\n".repeat(500);
        let (rows, broken) = read(&format!("row,\"open\nx\n{many}"));
        assert_eq!((rows.len(), broken), (500, vec![1]));
        let open = "row,\"\n".repeat(3001);
        let (_, broken) = read(&open);
        assert!(broken.len() < 1100, "{}", broken.len());
    }
}
