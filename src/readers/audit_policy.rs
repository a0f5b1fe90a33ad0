//! `auditpol`: what is audited.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// What is audited of one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSetting {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<AuditSetting>> {
    let _mine = sections
        .iter()
        .filter(|s| s.tool == Some(Tool::AuditPolicy));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
