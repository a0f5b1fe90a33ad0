//! Input that could not be read or understood: cited, counted, never swallowed.

use super::{ArtifactId, Place};

/// Something in an artifact that was skipped, and why; or a remark on how it was understood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The artifact it stands in.
    pub artifact: ArtifactId,
    /// The place that was skipped.
    pub place: Place,
    /// What is wrong there and what was done, as one sentence.
    pub says: String,
    /// Whether something of the artifact was lost by it. A remark loses nothing.
    pub lost: bool,
}

impl Problem {
    /// A problem at a place.
    pub fn new(artifact: ArtifactId, place: Place, says: impl Into<String>) -> Self {
        Self {
            artifact,
            place,
            says: says.into(),
            lost: true,
        }
    }

    /// What a reader of the report must know of an artifact that was read whole.
    pub fn remark(artifact: ArtifactId, place: Place, says: impl Into<String>) -> Self {
        Self {
            lost: false,
            ..Self::new(artifact, place, says)
        }
    }
}
