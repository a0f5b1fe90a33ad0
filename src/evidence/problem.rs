//! Input that could not be read or understood: cited, counted, never swallowed.

use super::{ArtifactId, Place};

/// Something in an artifact that was skipped, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The artifact it stands in.
    pub artifact: ArtifactId,
    /// The place that was skipped.
    pub place: Place,
    /// What is wrong there and what was done, as one sentence.
    pub says: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(artifact: ArtifactId, place: Place, says: impl Into<String>) -> Self {
        Self {
            artifact,
            place,
            says: says.into(),
        }
    }
}
