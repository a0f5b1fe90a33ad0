//! `setspn` output, in any language: which account holds which SPN, and what was searched.
//!
//! ```text
//! C:\>setspn -Q HTTP/web.corp.example
//! Checking domain DC=corp,DC=example
//! CN=svc_web,OU=Service,DC=corp,DC=example
//!         HTTP/web.corp.example
//!
//! Existing SPN found!
//! ```
//!
//! becomes a [`SetspnRun`] with [`Mode::Query`], [`Scope::Domain`], one [`Holder`] and [`Outcome::Found`]. Lines are read
//! by shape (`shape`), commands by their switches (`switches`); a run is put together row by row (`run`) and judged at its
//! end (`run::outcome`).

mod opening;
mod records;
mod run;
mod shape;
mod switches;
#[cfg(test)]
mod tests;
mod wrap;

pub use opening::opens;
pub use records::{Holder, Mode, Outcome, Scope, SetspnRun};

use run::Building;
use switches::Asked;

use super::Reading;
use super::console::{Line, Section, Tool};
use crate::evidence::{ArtifactId, Problem};

/// Reads the setspn sections of a console file. One run for each command run, in the order of the file; nothing is
/// merged. `count` is the number of SPNs, and 1 for each captured run that has none.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<SetspnRun>> {
    let mut reader = Reader {
        artifact,
        runs: Vec::new(),
        problems: Vec::new(),
    };
    for section in sections
        .iter()
        .filter(|section| section.tool == Some(Tool::Setspn))
    {
        reader.section(section);
    }
    let count = reader.runs.iter().map(registrations).sum();
    Reading {
        artifact,
        records: reader.runs,
        count,
        problems: reader.problems,
    }
}

fn registrations(run: &SetspnRun) -> u64 {
    let spns: usize = run.holders.iter().map(|holder| holder.spns.len()).sum();
    match run.outcome {
        Outcome::NotCaptured => 0,
        _ => u64::try_from(spns).unwrap_or(u64::MAX).max(1),
    }
}

struct Reader {
    artifact: ArtifactId,
    runs: Vec<SetspnRun>,
    problems: Vec<Problem>,
}

impl Reader {
    fn section(&mut self, section: &Section<'_>) {
        let mut commands = section.commands_of(Tool::Setspn);
        let mut next = || {
            let command = commands.next();
            let asked = command.map(|command| Asked::new(&command.arguments));
            let help = asked.as_ref().is_some_and(|asked| asked.mode.is_none());
            let echo = command.and_then(|command| section.cite_echo(self.artifact, command));
            let filtered = command.is_some_and(|command| command.filtered);
            let run = Building::new(self.artifact, asked, filtered, echo, section.host.clone());
            (run, help, command.is_some())
        };
        let (mut run, mut help, _) = next();
        let mut skipped: Vec<Line<'_>> = Vec::new();
        let mut done = Vec::new();
        let rows = wrap::rows(&section.lines);
        for (index, row) in rows.iter().enumerate() {
            // The help text; its examples look like output.
            help |= row.text.contains("[modifiers");
            if help {
                break;
            }
            let following = rows
                .iter()
                .skip(index.saturating_add(1))
                .take(16)
                .map(|row| row.text.as_ref())
                .find(|text| !text.trim().is_empty());
            let shape = shape::classify(&row.text, following);
            if run.closes_before(&shape) {
                let (fresh, _, _) = next();
                done.push(std::mem::replace(&mut run, fresh));
            }
            if !run.take(row, shape) {
                skipped.push(row.line);
            }
        }
        if !help {
            done.push(run);
        }
        // Commands of the line that left no output of their own.
        loop {
            let (rest, help, named) = next();
            if !named {
                break;
            }
            if !help {
                done.push(rest);
            }
        }
        for run in done {
            self.finish(run, section);
        }
        if let Some(first) = skipped.first() {
            let says = match skipped.len() {
                1 => "this line is not known from setspn and was skipped".to_owned(),
                more => format!(
                    "this line and {} after it are not known from setspn and were skipped",
                    more - 1
                ),
            };
            self.problems
                .push(Problem::new(self.artifact, first.place(), says));
        }
    }

    fn finish(&mut self, run: Building, section: &Section<'_>) {
        let (run, says) = run.finish();
        if let Some(says) = says {
            let place = run
                .as_ref()
                .and_then(|run| run.ended.as_ref().map(|ended| ended.place.clone()))
                .or_else(|| run.as_ref().map(|run| run.from.place.clone()))
                .or_else(|| section.lines.first().map(|line| line.place()));
            if let Some(place) = place {
                self.problems.push(Problem::new(self.artifact, place, says));
            }
        }
        self.runs.extend(run);
    }
}
