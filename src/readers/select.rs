//! The chosen events of a bundle as lines of JSON, whatever they were exported as; nothing is joined or judged.

use std::io::{self, Write};
use std::ops::ControlFlow;

use rayon::prelude::*;

use super::events::{self, RawEvent, Selection};
use super::{event_export, event_xml, evtx};
use crate::bundle::{Artifact, Bundle, Kind};
use crate::evidence::{Place, Problem};

/// Artifacts are read side by side, this many bytes of them at most; a larger one is read alone, by all threads.
const TOGETHER: u64 = 64 << 20;

/// What came of it.
#[derive(Debug, Default)]
pub struct Selected {
    /// Events written.
    pub events: u64,
    /// Artifacts that may hold events.
    pub logs: u64,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Selected {
    fn add(&mut self, (events, problems): (u64, Vec<Problem>)) {
        self.logs += 1;
        self.events += events;
        self.problems.extend(problems);
    }
}

/// Writes the events of a bundle that are wanted, one a line, in the order of its artifacts and of the events in them.
///
/// # Errors
/// What the writer says.
pub fn write_events(
    bundle: &Bundle,
    selection: &Selection,
    out: &mut (dyn Write + Send),
) -> io::Result<Selected> {
    let mut selected = Selected::default();
    let logs = bundle.artifacts.iter().filter(|artifact| {
        let twice = artifact.duplicate_of.is_some() && artifact.kind.names_its_machine();
        holds_events(artifact.kind) && !twice
    });
    let mut small: Vec<&Artifact> = Vec::new();
    for log in logs {
        let together = small.iter().map(|log| log.bytes).sum::<u64>() + log.bytes;
        if together > TOGETHER {
            write_small(&std::mem::take(&mut small), selection, out, &mut selected)?;
        }
        if log.bytes > TOGETHER {
            selected.add(write_one(log, selection, usize::MAX, out)?);
        } else {
            small.push(log);
        }
    }
    write_small(&small, selection, out, &mut selected)?;
    out.flush()?;
    Ok(selected)
}

fn holds_events(kind: Kind) -> bool {
    use Kind::{Clixml, Console, EventExport, EventXml, Evtx};
    matches!(kind, Evtx | EventXml | EventExport | Clixml | Console)
}

fn write_small(
    logs: &[&Artifact],
    selection: &Selection,
    out: &mut (dyn Write + Send),
    selected: &mut Selected,
) -> io::Result<()> {
    // Of many each has one thread, as in `rooms`.
    let threads = match logs.len() <= 2 * rayon::current_num_threads() {
        true => usize::MAX,
        false => 1,
    };
    let written: Vec<(Vec<u8>, io::Result<_>)> = logs
        .par_iter()
        .map(|log| {
            let mut lines = Vec::new();
            let read = write_one(log, selection, threads, &mut lines);
            (lines, read)
        })
        .collect();
    for (lines, read) in written {
        out.write_all(&lines)?;
        selected.add(read?);
    }
    Ok(())
}

/// Writes the events of one artifact, which no more threads read than these. What cannot be read is a problem; the error is the writer's.
fn write_one(
    log: &Artifact,
    selection: &Selection,
    threads: usize,
    out: &mut (dyn Write + Send),
) -> io::Result<(u64, Vec<Problem>)> {
    let unreadable = |reason: io::Error| {
        let says = format!("could not be read because {reason}");
        vec![Problem::new(log.id, Place::Whole, says)]
    };
    if log.kind == Kind::Evtx {
        let mut written = Ok(());
        let mut take = |lines: &[u8]| {
            written = out.write_all(lines);
            match written {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        };
        let read = evtx::lines(
            log.id,
            &log.path,
            &log.source(),
            selection,
            threads,
            &mut take,
        );
        written?;
        return Ok(match read {
            Ok(read) => (read.count, read.problems),
            Err(reason) => (0, unreadable(reason)),
        });
    }
    let text = match log.text() {
        Ok(text) => text,
        Err(reason) => return Ok((0, unreadable(reason))),
    };
    let opening = events::Opening::new(&log.path);
    let (mut lines, mut count) = (Vec::new(), 0);
    let mut take = |raw: RawEvent, line: u32| {
        if selection.has(&raw) {
            count += 1;
            let place = match raw.record_id {
                0 => Place::Line(line),
                record => Place::Record(record),
            };
            events::write_json_line(&raw, &opening, &place, &mut lines);
        }
    };
    match log.kind {
        Kind::EventXml => event_xml::each(&text, &mut take),
        _ => event_export::each(&text, &mut take),
    }
    out.write_all(&lines)?;
    Ok((count, Vec::new()))
}
