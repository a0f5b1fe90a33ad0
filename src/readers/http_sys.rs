//! `netsh http`: what http.sys serves, and with which certificates.

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// A fact about http.sys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSysFact {
    /// Where it stands.
    pub from: Citation,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<HttpSysFact>> {
    let _mine = sections.iter().filter(|s| s.tool == Some(Tool::HttpSys));
    Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    }
}
