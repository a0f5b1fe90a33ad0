//! `why401 explain`: the catalogue of causes, and the page of one of them.

use std::fmt::Write as _;

use clap::Args;
use textwrap::{Options, WordSplitter};

use super::NOTHING_WRONG;
use super::failure::Failure;
use super::output::{self, Look};

/// Explain a cause: what it is, how it is told from its look-alikes, how to fix it
#[derive(Args, Debug)]
pub struct Explain {
    /// The id (SPN-05), the name, or a word of it; without one, all causes are listed
    #[arg(value_name = "ID|NAME")]
    cause: Option<String>,
}

impl Explain {
    /// Writes the page, or the list.
    pub fn run(&self) -> Result<u8, Failure> {
        let width = Look::of_stdout().width;
        let text = match &self.cause {
            None => list("", width),
            Some(name) => match why401::explain(name) {
                Some(page) => wrapped(&page, width),
                None => list(name, width),
            },
        };
        match (&self.cause, text.is_empty()) {
            (Some(name), true) => Err(Failure::UnknownCause { name: name.clone() }),
            _ => output::print(&text).map(|()| NOTHING_WRONG),
        }
    }
}

/// The causes whose id, name or title has a text in it.
fn list(part: &str, width: usize) -> String {
    let part = part.to_lowercase();
    let mut text = String::new();
    for (id, name, title) in why401::catalogue() {
        let whole = format!("{id:<8} {title} ({name})");
        if whole.to_lowercase().contains(&part) {
            let options = Options::new(width)
                .subsequent_indent("         ")
                .word_splitter(WordSplitter::NoHyphenation);
            // Writing to a String cannot fail.
            _ = writeln!(text, "{}", textwrap::fill(&whole, options));
        }
    }
    text
}

/// A page with its prose wrapped and its commands, which are indented, left as they are.
pub(super) fn wrapped(page: &str, width: usize) -> String {
    let mut text = String::new();
    for line in page.lines() {
        let is_prose = !line.starts_with("    ") && !line.starts_with("```");
        if is_prose {
            let hang = if line.starts_with("- ") { "  " } else { "" };
            let options = Options::new(width)
                .subsequent_indent(hang)
                .word_splitter(WordSplitter::NoHyphenation);
            text += &textwrap::fill(line, options);
        } else {
            text += line;
        }
        text.push('\n');
    }
    text
}
