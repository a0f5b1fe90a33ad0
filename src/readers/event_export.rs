//! Events in other clothes: CSV and text of Event Viewer, `Get-WinEvent | Format-List`, CLIXML, JSON, tables of other tools.

use super::Reading;
use super::console::{Section, Tool};
use super::events::EventLog;
use crate::bundle::text::Text;
use crate::evidence::ArtifactId;

/// Reads a file of exported events.
pub fn read(artifact: ArtifactId, _text: &Text) -> Reading<EventLog> {
    nothing(artifact)
}

/// Reads the sections of a console file that list events.
pub fn read_sections(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<EventLog> {
    let _mine = sections.iter().filter(|s| s.tool == Some(Tool::Events));
    nothing(artifact)
}

fn nothing(artifact: ArtifactId) -> Reading<EventLog> {
    Reading {
        artifact,
        records: EventLog::default(),
        count: 0,
        problems: Vec::new(),
    }
}
