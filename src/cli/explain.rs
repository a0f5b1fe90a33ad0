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

/// The causes whose id, name or title has a text in it, group by group; empty when there is none.
fn list(part: &str, width: usize) -> String {
    let part = part.to_lowercase();
    let mut text = String::new();
    let mut group_before = "";
    for (id, name, title) in why401::catalogue() {
        if !format!("{id} {title} {name}")
            .to_lowercase()
            .contains(&part)
        {
            continue;
        }
        let group = id.split('-').next().unwrap_or(id);
        if group != group_before {
            let gap = if text.is_empty() { "" } else { "\n" };
            let heading = why401::group_of_causes(group).unwrap_or(group);
            // Writing to a String cannot fail.
            _ = writeln!(text, "{gap}{heading}");
            group_before = group;
        }
        let options = Options::new(width)
            .initial_indent("  ")
            .subsequent_indent("           ")
            .word_splitter(WordSplitter::NoHyphenation);
        let line = format!("{id:<8} {title}");
        _ = writeln!(text, "{}", textwrap::fill(&line, options));
    }
    if !text.is_empty() {
        text += "\nwhy401 explain SPN-05 prints the page of one.\n";
    }
    text
}

/// A page with its prose wrapped and its commands, which are indented, left as they are.
pub(super) fn wrapped(page: &str, width: usize) -> String {
    let mut text = String::new();
    for line in page.lines() {
        let is_prose = !line.starts_with("    ") && !line.starts_with("```");
        if is_prose {
            let numbered = line.split_once(". ").is_some_and(|(number, _)| {
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
            });
            let hang = match line {
                _ if numbered => "   ",
                _ if line.starts_with("- ") => "  ",
                _ => "",
            };
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
