//! Events in other clothes: CSV and text of Event Viewer, `Get-WinEvent` and `Get-EventLog` as list, CSV, JSON or CLIXML,
//! `wevtutil /f:text`, evtx_dump and EvtxECmd.
//!
//! ```text
//! TimeCreated  : 5/7/2024 8:00:00 AM
//! ProviderName : Microsoft-Windows-Security-Kerberos
//! Id           : 4
//! Message      : The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server web01$. The target name used was
//!                HTTP/web.corp.example. …
//! ```
//!
//! gives the event 4 of an `.evtx` file, server `web01$`, target name `HTTP/web.corp.example`, at a local time.
//!
//! Where a form has the names and values of the event, they are taken; where it has only the rendered message, the values
//! are read back from it (`message`). Then the event is understood as one of an `.evtx` file is. Some forms show the
//! wall clock of whoever exported (`dates`), some do not say which machine wrote the event: its `computer` is empty then,
//! for the case to fill in.

mod csv;
mod dates;
mod exported;
mod json;
mod json_value;
mod list;
mod message;
mod objects;
mod properties;
mod table;
#[cfg(test)]
mod tests;

use super::Reading;
use super::clixml::Object;
use super::console::{Line, Section, Tool};
use super::events::{EventLog, RawEvent};
use crate::bundle::text::Text;
use crate::bundle::{ExportForm, export_form};
use crate::evidence::{ArtifactId, Problem};
use exported::{Clock, Collector, Exported, Met, Readable};

/// Reads a file of exported events.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<EventLog> {
    collect(artifact, &|take| walk(&text.lines, take))
}

/// Reads the sections of a console file that list events.
pub fn read_sections(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<EventLog> {
    if sections
        .iter()
        .all(|section| section.tool != Some(Tool::Events))
    {
        return empty(artifact);
    }
    collect(artifact, &|take| walk_sections(sections, take))
}

/// Takes the events among objects that PowerShell exported, one after another.
#[derive(Default)]
pub struct Objects {
    met: Vec<Met>,
}

impl Objects {
    /// Takes an object if it is an event; false when it is something else.
    pub fn take(&mut self, object: &Object) -> bool {
        let Some(event) = objects::event(object) else {
            return false;
        };
        self.met.push(match event {
            Ok(event) => Met::Event(event),
            Err(why) => Met::Skipped(object.line, why),
        });
        true
    }

    /// The events.
    pub fn finish(self, artifact: ArtifactId) -> Reading<EventLog> {
        let mut clock = Clock::default();
        for met in &self.met {
            if let Met::Event(event) = met {
                clock.see(event);
            }
        }
        let mut collector = Collector::new(artifact, clock);
        self.met.into_iter().for_each(|met| collector.take(met));
        collector.finish()
    }
}

/// The event that begins on a line, and those before and after it, as the file shows them.
pub fn find(text: &Text, line: u32) -> Option<(RawEvent, Vec<RawEvent>)> {
    let walk = |take: &mut dyn FnMut(Met)| walk_any(text, take);
    let clock = clock(&walk);
    let (mut before, mut cited, mut after) = (None, None, None);
    walk(&mut |met| {
        let Met::Event(event) = met else { return };
        let at = event.line;
        if at > line && (cited.is_none() || after.is_some()) {
            return;
        }
        let raw = event.raw(&clock).map(|Readable { raw, .. }| raw);
        match at {
            at if at < line => before = raw,
            at if at == line => cited = raw,
            _ => after = raw,
        }
    });
    cited.map(|cited| (cited, before.into_iter().chain(after).collect()))
}

/// Every event of a text, whatever it is that lists them, with the line it begins on.
pub fn each(text: &Text, take: &mut dyn FnMut(RawEvent, u32)) {
    let walk = |take: &mut dyn FnMut(Met)| walk_any(text, take);
    let clock = clock(&walk);
    walk(&mut |met| {
        if let Met::Event(event) = met
            && let Some(Readable { raw, line }) = event.raw(&clock)
        {
            take(raw, line);
        }
    });
}

/// Walks an export, objects of PowerShell, or the sections of a console text.
fn walk_any(text: &Text, take: &mut dyn FnMut(Met)) {
    if export_form(&text.lines).is_some() {
        walk(&text.lines, take);
    } else if text.lines.iter().any(|line| line.contains("<Objs ")) {
        super::clixml::each(ArtifactId(0), text, &mut |_, value| {
            let event = value.object().and_then(objects::event);
            if let Some(Ok(event)) = event {
                take(Met::Event(event));
            }
        });
    } else {
        walk_sections(&super::console::sections(text), take);
    }
}

type Walk<'w> = &'w dyn Fn(&mut dyn FnMut(Met));

/// Walks twice: the order of day and month comes from all times of the file.
fn collect(artifact: ArtifactId, walk: Walk<'_>) -> Reading<EventLog> {
    let mut collector = Collector::new(artifact, clock(walk));
    walk(&mut |met| collector.take(met));
    collector.finish()
}

fn clock(walk: Walk<'_>) -> Clock {
    let mut clock = Clock::default();
    walk(&mut |met| {
        if let Met::Event(event) = met {
            clock.see(&event);
        }
    });
    clock
}

fn walk(lines: &[String], take: &mut dyn FnMut(Met)) {
    match export_form(lines) {
        Some(ExportForm::Json) => json::walk(lines, take),
        Some(form) => table::walk(lines, form, take),
        None => {}
    }
}

fn walk_sections(sections: &[Section<'_>], take: &mut dyn FnMut(Met)) {
    for section in sections
        .iter()
        .filter(|section| section.tool == Some(Tool::Events))
    {
        let computer = asked_computer(section).or(section.host.as_deref());
        let lines: Vec<String> = section.lines.iter().map(|l| l.text.to_owned()).collect();
        if export_form(&lines).is_none() {
            list::walk(&section.lines, computer, take);
            continue;
        }
        // `… | ConvertTo-Json` on a console: the lines of the section have numbers of their own.
        let number = |line: u32| {
            let at = usize::try_from(line)
                .unwrap_or(usize::MAX)
                .saturating_sub(1);
            section.lines.get(at).map_or(line, |l: &Line<'_>| l.number)
        };
        walk(&lines, &mut |met| {
            take(match met {
                Met::Event(event) => Met::Event(Exported {
                    line: number(event.line),
                    ..event
                }),
                Met::Skipped(line, why) => Met::Skipped(number(line), why),
            });
        });
    }
}

/// The machine that `-ComputerName` names.
fn asked_computer<'s>(section: &'s Section<'_>) -> Option<&'s str> {
    let arguments = section
        .commands
        .iter()
        .flat_map(|command| &command.arguments);
    arguments
        .skip_while(|argument| !argument.eq_ignore_ascii_case("-ComputerName"))
        .nth(1)
        .map(String::as_str)
        .filter(|name| !name.starts_with(['-', '$', '(']))
}

fn empty(artifact: ArtifactId) -> Reading<EventLog> {
    Reading {
        artifact,
        records: EventLog::default(),
        count: 0,
        problems: Vec::<Problem>::new(),
    }
}
