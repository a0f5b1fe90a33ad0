//! HTTP exchanges: HAR, Fiddler, `curl -v`.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read_sections(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<Exchange>> {
    let _mine = sections.iter().filter(|s| s.tool == Some(Tool::Exchange));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}

/// Reads a recording (HAR, one message of a Fiddler session).
pub fn read(artifact: ArtifactId, _text: &crate::bundle::text::Text) -> Reading<Vec<Exchange>> {
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
