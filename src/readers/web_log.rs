//! Logs of IIS, in W3C, IIS and NCSA format.

use super::Reading;
use crate::bundle::text::Text;
use crate::evidence::ArtifactId;

/// What a log of IIS holds.
#[derive(Clone, Debug, Default)]
pub struct WebLog {}

/// Reads it.
pub fn read(artifact: ArtifactId, _text: &Text) -> Reading<WebLog> {
    Reading {
        artifact,
        records: WebLog::default(),
        count: 0,
        problems: Vec::new(),
    }
}
