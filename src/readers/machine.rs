//! The machine itself: `systeminfo`, `ipconfig`, `nltest`, `w32tm`, installed updates, the notes of collectors.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// A fact about a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineFact {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<MachineFact>> {
    let _mine = sections.iter().filter(|s| s.tool == Some(Tool::Machine));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
