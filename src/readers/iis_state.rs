//! The state of IIS as `appcmd`, the cmdlets of IIS and inventories list it.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// A fact about the state of IIS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IisFact {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<IisFact>> {
    let _mine = sections.iter().filter(|s| s.tool == Some(Tool::Iis));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
