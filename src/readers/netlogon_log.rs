//! `netlogon.log`.

use super::Reading;
use crate::bundle::text::Text;
use crate::evidence::ArtifactId;

/// What a `netlogon.log` holds.
#[derive(Clone, Debug, Default)]
pub struct NetlogonLog {}

/// Reads it.
pub fn read(artifact: ArtifactId, _text: &Text) -> Reading<NetlogonLog> {
    Reading {
        artifact,
        records: NetlogonLog::default(),
        count: 0,
        problems: Vec::new(),
    }
}
