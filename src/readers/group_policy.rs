//! `gpresult`: the policies in force.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// The policies in force, as one run shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyResult {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<PolicyResult>> {
    let _mine = sections
        .iter()
        .filter(|s| s.tool == Some(Tool::GroupPolicy));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
