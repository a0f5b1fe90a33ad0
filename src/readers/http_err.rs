//! Logs of http.sys: requests that never reached IIS.

use super::Reading;
use crate::bundle::text::Text;
use crate::evidence::ArtifactId;

/// What a log of http.sys holds.
#[derive(Clone, Debug, Default)]
pub struct HttpErrLog {}

/// Reads it.
pub fn read(artifact: ArtifactId, _text: &Text) -> Reading<HttpErrLog> {
    Reading {
        artifact,
        records: HttpErrLog::default(),
        count: 0,
        problems: Vec::new(),
    }
}
