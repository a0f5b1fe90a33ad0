//! The page that the terminal report is written on: indentation, wrapping, colour and tables, nothing of the field.
//!
//! All text goes through [`sanitize`] on its way in, so that no caller can forget it. Every line fits the width,
//! except commands: they are meant to be copied, and are never wrapped.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width};
use textwrap::{Options, WordSplitter};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::sanitize;

/// No frame: only a rule under the header, which survives being pasted into a ticket.
const PLAIN_TABLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// What a piece of text is, from which its colour follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    Bad,
    Doubtful,
    Good,
    Command,
}

impl Ink {
    fn style(self) -> Style {
        match self {
            Ink::Plain => Style::new(),
            Ink::Strong => Style::new().bold(),
            Ink::Faint => Style::new().dimmed(),
            Ink::Bad => AnsiColor::Red.on_default().bold(),
            Ink::Doubtful => AnsiColor::Yellow.on_default().bold(),
            Ink::Good => AnsiColor::Green.on_default().bold(),
            Ink::Command => AnsiColor::Cyan.on_default(),
        }
    }
}

/// A page of a fixed width that grows downwards.
pub(super) struct Page {
    out: String,
    width: usize,
    colour: bool,
}

impl Page {
    /// An empty page. Widths under 60 columns are taken for 60: nothing readable fits less.
    pub(super) fn new(width: usize, colour: bool) -> Self {
        Self {
            out: String::new(),
            width: width.max(60),
            colour,
        }
    }

    /// What was written, ending in one line feed.
    pub(super) fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end().len());
        self.out.push('\n');
        self.out
    }

    /// How many lines were written.
    pub(super) fn lines(&self) -> usize {
        self.out.matches('\n').count()
    }

    /// An empty line; several in a row are one.
    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A heading of the page with a rule to the right edge.
    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        let text = shorten(&sanitize::line(text), self.width.saturating_sub(4));
        let rule = self.width.saturating_sub(text.width() + 4);
        let line = format!("── {text} {}", "─".repeat(rule));
        self.put(0, Ink::Strong, line.trim_end());
    }

    /// A heading inside a section.
    pub(super) fn label(&mut self, indent: usize, text: &str) {
        self.put(indent, Ink::Strong, text);
    }

    /// A wrapped paragraph; line breaks in the text begin a new one.
    pub(super) fn text(&mut self, indent: usize, ink: Ink, text: &str) {
        for paragraph in text.lines() {
            for line in self.wrap(indent, paragraph) {
                self.put(indent, ink, &line);
            }
        }
    }

    /// A wrapped paragraph cut off after some lines.
    pub(super) fn text_at_most(&mut self, indent: usize, ink: Ink, text: &str, lines: usize) {
        for line in self.wrap_at_most(indent, text, lines) {
            self.put(indent, ink, &line);
        }
    }

    /// A label with wrapped text to the right of it, the text's lines aligned under each other.
    pub(super) fn item(&mut self, indent: usize, (label, ink): (&str, Ink), text: impl Display) {
        self.item_at_most(indent, (label, ink), text, usize::MAX);
    }

    /// As [`Page::item`], cut off after some lines.
    pub(super) fn item_at_most(
        &mut self,
        indent: usize,
        (label, ink): (&str, Ink),
        text: impl Display,
        lines: usize,
    ) {
        let label = sanitize::line(label).into_owned();
        let hang = indent + label.width() + 1;
        let wrapped = self.wrap_at_most(hang, &text.to_string(), lines);
        for (number, line) in wrapped.iter().enumerate() {
            if number == 0 {
                let label = self.inked(ink, &label);
                self.put(indent, Ink::Plain, format!("{label} {line}").trim_end());
            } else {
                self.put(hang, Ink::Plain, line);
            }
        }
    }

    /// One line of text, cut to fit, of something quoted.
    pub(super) fn quote(&mut self, indent: usize, text: &str) {
        let room = self.width.saturating_sub(indent + 2);
        let text = shorten(&sanitize::line(text), room);
        self.put(indent, Ink::Faint, &format!("│ {text}"));
    }

    /// A quotation in full.
    pub(super) fn whole_quote(&mut self, indent: usize, text: &str) {
        for line in self.wrap(indent + 2, text) {
            self.put(indent, Ink::Faint, &format!("│ {line}"));
        }
    }

    /// A command on lines of its own, as wide as it is.
    pub(super) fn command(&mut self, indent: usize, command: &str) {
        for line in sanitize::lines(command) {
            self.put(indent, Ink::Command, &line);
        }
    }

    /// A table.
    pub(super) fn table(
        &mut self,
        indent: usize,
        header: &[&str],
        rows: impl IntoIterator<Item = Vec<String>>,
    ) {
        let room = u16::try_from(self.width.saturating_sub(indent)).unwrap_or(u16::MAX);
        let mut table = Table::new();
        table
            .load_style(PLAIN_TABLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(room)
            .set_header(header.to_vec());
        for row in rows {
            table.add_row(
                row.iter()
                    .map(|cell| sanitize::line(cell).into_owned())
                    .collect::<Vec<_>>(),
            );
        }
        let widest = table.column_max_content_widths();
        let fits = widest.iter().map(|w| usize::from(*w) + 1).sum::<usize>() <= usize::from(room);
        for (number, column) in table.column_iter_mut().enumerate() {
            let gap = if number + 1 == header.len() { 0 } else { 1 };
            column.set_padding((0, gap));
            if number == 0 && !fits {
                // The first column names the row: it is the last to be broken.
                let wanted = widest
                    .first()
                    .map_or(0, |widest| widest.saturating_add(gap));
                let least = wanted.min(room.saturating_mul(2) / 5);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
        }
        let lines: Vec<String> = table.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let ink = if number == 0 { Ink::Strong } else { Ink::Plain };
            self.put(indent, ink, line.trim_end());
        }
    }

    fn wrap(&self, indent: usize, text: &str) -> Vec<String> {
        let options = Options::new(self.width.saturating_sub(indent).max(20))
            // An id or a name cut at its hyphen cannot be searched for.
            .word_splitter(WordSplitter::NoHyphenation);
        textwrap::wrap(&sanitize::line(text), options)
            .into_iter()
            .map(|line| line.into_owned())
            .collect()
    }

    fn wrap_at_most(&self, indent: usize, text: &str, lines: usize) -> Vec<String> {
        let mut wrapped = self.wrap(indent, text);
        if wrapped.len() > lines {
            wrapped.truncate(lines);
            if let Some(last) = wrapped.last_mut() {
                *last = shorten(&format!("{last} …"), self.width.saturating_sub(indent));
            }
        }
        wrapped
    }

    fn inked(&self, ink: Ink, text: &str) -> String {
        if self.colour && ink != Ink::Plain && !text.is_empty() {
            let style = ink.style();
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn put(&mut self, indent: usize, ink: Ink, line: &str) {
        if !line.is_empty() {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.out.push_str(&self.inked(ink, line));
        }
        self.out.push('\n');
    }
}

/// The text, or as much of it as fits some columns with an ellipsis.
pub(super) fn shorten(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end_matches([' ', '…']).len());
    kept.push('…');
    kept
}
