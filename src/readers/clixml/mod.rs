//! Objects that PowerShell exported (`Export-Clixml`): a tree of names and values, whatever they are about.
//!
//! ```text
//! <Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
//!   <Obj RefId="0">
//!     <TN RefId="0"><T>System.Diagnostics.Eventing.Reader.EventLogRecord</T><T>System.Object</T></TN>
//!     <ToString>System.Diagnostics.Eventing.Reader.EventLogRecord</ToString>
//!     <Props><I32 N="Id">4625</I32><S N="LogName">Security</S><Nil N="Qualifiers" /></Props>
//!     <MS><S N="Message">An account failed to log on._x000D__x000A_…</S></MS>
//!   </Obj>
//! </Objs>
//! ```
//!
//! gives one [`Object`] after another, each with its type names, properties and items in the order of the file
//! ([`each`]): a list of a million events needs the room of one. The items of an exported array count as objects of
//! their own. [`read`] hands the objects to the readers that know their types.

mod build;
mod names;
#[cfg(test)]
mod tests;
mod tree;

pub use tree::{Object, Value};

use quick_xml::Reader;
use quick_xml::events::Event as Token;

use super::Reading;
use super::console::ConsoleRecords;
use super::event_export;
use super::iis_state;
use super::offsets::LineNumbers;
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Place, Problem};
use build::{Building, Step};

/// Reads exported objects: each goes to the reader that knows its type, and its records land where those of the same
/// command on a console land.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<ConsoleRecords> {
    let mut events = event_export::Objects::default();
    let mut iis = Vec::new();
    let mut problems = each(artifact, text, &mut |_, value| {
        if let Value::Object(object) = value
            && !events.take(&object)
        {
            iis.extend(iis_state::of_object(artifact, &object));
        }
    });
    let events = events.finish(artifact);
    problems.extend(events.problems);
    Reading {
        artifact,
        count: events.count.saturating_add(iis.len() as u64),
        records: ConsoleRecords {
            events: events.records,
            iis,
            ..ConsoleRecords::default()
        },
        problems,
    }
}

/// Hands out the exported values one after another, each with the number of the line it begins on. What is malformed or
/// cut off costs the object that it stands in. Says what was skipped.
pub fn each(artifact: ArtifactId, text: &Text, take: &mut dyn FnMut(u32, Value)) -> Vec<Problem> {
    let whole = text.lines.join("\n");
    let mut lines = LineNumbers::new(&whole);
    let mut problems = Vec::new();
    let mut building = Building::default();
    let mut from = 0;
    while let Some(rest) = whole.get(from..) {
        let Err((at, why)) = walk(rest, from, &mut building, &mut lines, take) else {
            break;
        };
        let place = building.begun().unwrap_or_else(|| lines.of(at));
        let says = format!("The object was skipped because {why}.");
        problems.push(Problem::new(artifact, Place::Line(place), says));
        building.forget();
        // The next object of the outermost level: `Export-Clixml` indents it by two blanks.
        let next = whole.get(at..).and_then(|rest| rest.find("\n  <Obj "));
        let Some(next) = next else { break };
        from = at + next;
    }
    if building.left_out() > 0 {
        let says = format!(
            "{} values are nested too deeply or belong to objects that are too large; they were not read.",
            building.left_out()
        );
        problems.push(Problem::new(artifact, Place::Whole, says));
    }
    problems
}

/// Walks a stretch of the file from its start (at `from` in the whole) to its end, or to where it cannot be read: there,
/// and why.
fn walk(
    xml: &str,
    from: usize,
    building: &mut Building,
    lines: &mut LineNumbers<'_>,
    take: &mut dyn FnMut(u32, Value),
) -> Result<(), (usize, String)> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    // A stretch after a damaged object closes elements that it did not open.
    config.allow_unmatched_ends = true;
    loop {
        let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let at = from.saturating_add(position);
        let step = match reader.read_event() {
            Ok(Token::Start(tag)) => building.open(&tag, || lines.of(at)),
            Ok(Token::Empty(tag)) => building
                .open(&tag, || lines.of(at))
                .and_then(|()| building.close(take)),
            Ok(Token::End(_)) => building.close(take),
            Ok(Token::Text(text)) => building.text(&text.xml10_content()),
            Ok(Token::CData(text)) => building.text(&text.xml10_content()),
            Ok(Token::GeneralRef(entity)) => building.reference(&entity),
            Ok(Token::Eof) if building.begun().is_some() => Err("it is not closed".to_owned()),
            Ok(Token::Eof) => return Ok(()),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("its XML is malformed ({error})")),
        };
        step.map_err(|why: Step| (at, why))?;
    }
}
