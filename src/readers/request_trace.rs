//! Failed-request traces of IIS.

use super::Reading;
use crate::bundle::text::Text;
use crate::evidence::ArtifactId;

/// The trace of one request.
#[derive(Clone, Debug, Default)]
pub struct RequestTrace {}

/// Reads it.
pub fn read(artifact: ArtifactId, _text: &Text) -> Reading<RequestTrace> {
    Reading {
        artifact,
        records: RequestTrace::default(),
        count: 0,
        problems: Vec::new(),
    }
}
