//! User rights: `secedit` and other lists.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// Who has one user right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRight {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<UserRight>> {
    let _mine = sections.iter().filter(|s| s.tool == Some(Tool::UserRights));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
