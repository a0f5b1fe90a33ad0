//! Why a command could not do its work, in sentences that say what to do about it.

use std::io;
use std::path::PathBuf;

use why401::bundle::OpenError;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No path was named.
    #[error(
        "could not tell which bundle the ids belong to; name its folder, file or archive as well"
    )]
    NoBundle,
    /// A path could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Nothing in the bundle is of a kind that tells anything.
    #[error(
        "could not find anything to analyse because none of its {artifacts} artifacts is an event log, an IIS \
         configuration, or the output of setspn or klist; run `why401 inspect` on it to see what was found"
    )]
    NothingReadable {
        /// How many artifacts there are.
        artifacts: usize,
    },
    /// No id stood among the arguments of `show`.
    #[error(
        "could not tell what to show because no id was given; name one from the report, such as E17"
    )]
    NoId,
    /// The report has no such evidence.
    #[error(
        "could not find {ids} in the report of this bundle; use the ids that `why401 analyze` prints for it"
    )]
    UnknownId {
        /// The ids, with commas between them.
        ids: String,
    },
    /// The catalogue has no such cause.
    #[error("could not find a cause called {name}; run `why401 explain` for the list")]
    UnknownCause {
        /// The id or name as given.
        name: String,
    },
    /// The output names one of the inputs.
    #[error("could not write {path} because it is part of the bundle; name another file after -o")]
    OutputIsInput {
        /// The path as given.
        path: PathBuf,
    },
    /// The output could not be written.
    #[error("could not write {to} because {reason}; check the path and the space on it")]
    Write {
        /// The path as given, or words for standard output.
        to: String,
        /// The system's reason.
        reason: io::Error,
    },
    /// The threads could not be started.
    #[error("could not start {threads} threads because {reason}; try fewer with --threads")]
    Threads {
        /// How many.
        threads: usize,
        /// The reason.
        reason: String,
    },
    /// The reader of standard output has closed it.
    #[error("could not go on writing because the reader has gone; nothing is wrong")]
    ReaderGone,
}
