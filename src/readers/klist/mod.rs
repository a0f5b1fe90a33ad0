//! `klist` output: Windows in any language, the old Resource Kit, MIT and Heimdal.
//!
//! ```text
//! C:\>klist get HTTP/web.corp.example
//!
//! Current LogonId is 0:0x4f1a2
//! Error calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x6fb
//!
//! klist failed with 0xc000018b/-1073741429: …
//! ```
//!
//! becomes a [`KlistRun`] that shows a [`GetResult`] with both codes. `windows` reads by position, `unix` by the rows of
//! MIT and Heimdal. Session keys and encoded tickets are never kept.

mod asked;
mod lines;
mod names;
mod records;
#[cfg(test)]
mod tests;
mod ticket;
mod unix;
mod windows;

pub use records::{Cache, Failure, Flavour, GetResult, KlistRun, Session, Shown, Tgt, Ticket};

use asked::Verb;
use unix::Listing;
use windows::{Block, Origin};

use super::Reading;
use super::console::{Line, Section, Tool};
use crate::evidence::{ArtifactId, Problem};

/// True when the output of klist begins at the first of these lines, judged by its shape.
pub fn opens(lines: &[Line<'_>]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    let text = first.text;
    if lines::is_dump(text) {
        return false;
    }
    if lines::logon_line(text).is_some() || unix::flavour(text).is_some() {
        return true;
    }
    if lines::entry(text).is_some_and(|rest| rest.contains('@'))
        || lines::session(ArtifactId(0), *first).is_some()
    {
        return true;
    }
    let lead = text.trim_start();
    let named = [
        "Error calling API LsaCallAuthenticationPackage",
        "klist failed with 0x",
        "Cached TGT:",
    ];
    if named.iter().any(|name| lead.starts_with(name)) {
        return true;
    }
    let next = lines
        .iter()
        .skip(1)
        .take(4)
        .map(|line| line.text)
        .find(|next| !next.trim().is_empty());
    if lines::announcement(text).is_some() {
        return next.is_some_and(|next| lines::entry(next).is_some())
            || lead.starts_with("Cached Tickets:");
    }
    ticket::loose_server(text).is_some() && next.is_some_and(|next| next.contains("KerbTicket"))
}

/// Reads the klist sections of a console file, in the order of the file. `count` is the number of tickets, sessions
/// and bindings, and 1 for each other run that was captured.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<KlistRun>> {
    let mut reader = Reader {
        artifact,
        runs: Vec::new(),
        problems: Vec::new(),
    };
    for section in sections
        .iter()
        .filter(|section| section.tool == Some(Tool::Klist))
    {
        reader.section(section);
    }
    Reading {
        artifact,
        count: reader.runs.iter().map(entries).sum(),
        records: reader.runs,
        problems: reader.problems,
    }
}

fn entries(run: &KlistRun) -> u64 {
    let count = match &run.shown {
        Shown::NotCaptured => return 0,
        Shown::Cache(cache) => cache.tickets.len(),
        Shown::Sessions(sessions) => sessions.len(),
        Shown::Bindings(bindings) => bindings.len(),
        Shown::Get(_) | Shown::Tgt(_) | Shown::Changed | Shown::Failed(_) => 1,
    };
    u64::try_from(count).unwrap_or(u64::MAX).max(1)
}

struct Reader {
    artifact: ArtifactId,
    runs: Vec<KlistRun>,
    problems: Vec<Problem>,
}

/// Where the lines of a section go.
enum Current<'a> {
    Windows(Box<Block<'a>>),
    Unix(Box<Listing<'a>>),
    /// Output that is known and not read.
    Passed,
}

impl Reader {
    fn section<'a>(&mut self, section: &Section<'a>) {
        let mut commands = section.commands_of(Tool::Klist);
        let mut next = || match commands.next() {
            Some(command) => Some(Origin {
                verb: Some(Verb::new(&command.arguments)),
                echo: section.cite_echo(self.artifact, command),
                filtered: command.filtered,
                host: section.host.clone(),
            }),
            None => None,
        };
        let nameless = Origin {
            host: section.host.clone(),
            ..Origin::default()
        };
        let mut done = Vec::new();
        let mut skipped = Vec::new();
        let mut unread = None;
        let mut current = self.begin(next().unwrap_or_else(|| nameless.clone()));
        for line in section
            .lines
            .iter()
            .copied()
            .filter(|line| !line.is_blank())
        {
            if matches!(current, Current::Passed) {
                unread.get_or_insert(line);
                if lines::logon_line(line.text).is_none() {
                    continue;
                }
                // The first such line belongs to the passed command, a later one opens the next command's output.
                match (unread == Some(line), next()) {
                    (false, Some(origin)) => current = self.begin(origin),
                    _ => continue,
                }
            }
            if let Some(flavour) = unix::flavour(line.text) {
                let untouched = match &current {
                    Current::Windows(block) if block.is_fresh() => Some(block.origin()),
                    _ => None,
                };
                let first = untouched.is_some();
                let origin = untouched
                    .or_else(&mut next)
                    .unwrap_or_else(|| nameless.clone());
                let listing = Listing::new(self.artifact, origin, flavour, line);
                let last = std::mem::replace(&mut current, Current::Unix(Box::new(listing)));
                if !first {
                    done.push(last);
                }
                continue;
            }
            let closes = match &current {
                Current::Windows(block) => block.closes_before(line),
                Current::Unix(_) => lines::logon_line(line.text).is_some(),
                Current::Passed => false,
            };
            if closes {
                let fresh = self.begin(next().unwrap_or_else(|| nameless.clone()));
                done.push(std::mem::replace(&mut current, fresh));
            }
            let understood = match &mut current {
                Current::Windows(block) => block.take(line),
                Current::Unix(listing) => listing.take(line),
                Current::Passed => true,
            };
            if !understood {
                skipped.push(line);
            }
        }
        done.push(current);
        // Commands of the line that left no output of their own.
        while let Some(origin) = next() {
            done.push(self.begin(origin));
        }
        for part in done {
            self.finish(part);
        }
        if let Some(first) = skipped.first() {
            let says = match skipped.len() {
                1 => "this line is not known from klist and was skipped".to_owned(),
                more => format!(
                    "this line and {} after it are not known from klist and were skipped",
                    more - 1
                ),
            };
            self.problems
                .push(Problem::new(self.artifact, first.place(), says));
        }
        let verbs = section
            .commands_of(Tool::Klist)
            .map(|command| Verb::new(&command.arguments));
        if let (Some(line), true) = (unread, verbs.into_iter().any(|verb| verb == Verb::Unread)) {
            let says = "the output of this klist sub-command is not read".to_owned();
            self.problems
                .push(Problem::new(self.artifact, line.place(), says));
        }
    }

    fn begin<'a>(&self, origin: Origin) -> Current<'a> {
        match origin.verb {
            Some(Verb::Unread | Verb::Ignored) => Current::Passed,
            _ => Current::Windows(Box::new(Block::new(self.artifact, origin))),
        }
    }

    fn finish(&mut self, part: Current<'_>) {
        let broken = match part {
            Current::Windows(block) => {
                let (runs, broken) = block.finish();
                self.runs.extend(runs);
                broken
            }
            Current::Unix(listing) => {
                let (run, broken) = listing.finish();
                self.runs.push(run);
                broken
            }
            Current::Passed => return,
        };
        self.problems.extend(broken.into_iter().map(|line| {
            Problem::new(
                self.artifact,
                line.place(),
                "a ticket begins here that could not be read; it was skipped",
            )
        }));
    }
}
