//! Opening a bundle: folders, files and archives, several at once.

use std::path::PathBuf;

use super::Artifact;
use crate::evidence::Problem;

/// One path that the user named.
#[derive(Clone, Debug)]
pub struct Input {
    /// The path as given.
    pub path: String,
    /// SHA-256: of the bytes of a file, of the sorted (path, hash) list of a folder.
    pub sha256: String,
}

/// Everything the user named, opened.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// What the user named, in the order given.
    pub inputs: Vec<Input>,
    /// The artifacts, in the order of their paths; `artifacts[i].id` is `i`.
    pub artifacts: Vec<Artifact>,
    /// Entries that could not be opened.
    pub problems: Vec<Problem>,
}

/// Why a bundle could not be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path is not there or may not be read.
    #[error("could not open {path} because {reason}; check the path and your rights to it")]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
}
