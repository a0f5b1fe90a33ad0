//! Objects of the directory as commands list them: `Get-ADUser` and its relatives, `ldifde`, `csvde`, `dsquery`, `repadmin`.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// An object of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryObject {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<DirectoryObject>> {
    let _mine = sections.iter().filter(|s| s.tool == Some(Tool::Directory));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
