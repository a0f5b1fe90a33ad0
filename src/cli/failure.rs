//! Why a command could not do its work, in sentences that say what to do about it.

use std::io;
use std::path::PathBuf;

use why401::bundle::OpenError;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No path was named.
    #[error(
        "could not show anything because no bundle was named; name its folder, file or archive as well, as in \
         `why401 show CASE E17`"
    )]
    NoBundle,
    /// A path could not be opened.
    #[error("{0} (`why401 --help` lists the commands)")]
    Open(#[from] OpenError),
    /// Nothing in the bundle is of a kind that tells anything.
    #[error(
        "could not find anything to analyse because {} an event log, a configuration or log of IIS, or the output of a \
         command that is read; `why401 inspect` shows how each file was understood, `why401 --help` what a bundle is",
        none_of(*artifacts)
    )]
    NothingReadable {
        /// How many artifacts there are.
        artifacts: usize,
    },
    /// Nothing in one of two bundles is of a kind that tells anything.
    #[error(
        "could not compare anything with {path} because nothing in it is an event log, a configuration or log of IIS, or the \
         output of a command that is read; `why401 inspect` shows how each file was understood"
    )]
    NothingToCompare {
        /// The bundle as named.
        path: PathBuf,
    },
    /// No id stood among the arguments of `show`.
    #[error(
        "could not tell what to show because no id was given; name one from the report, as in `why401 show CASE E17`"
    )]
    NoId,
    /// The report has no such evidence.
    #[error(
        "could not show {ids} because the report of this bundle has no such evidence; use the ids that `why401 analyze` \
         prints for it, with the same --since and --until"
    )]
    UnknownId {
        /// The ids, with commas between them.
        ids: String,
    },
    /// The catalogue has no such cause.
    #[error(
        "could not explain {name} because no cause has that in its id, name or title; run `why401 explain` for the list"
    )]
    UnknownCause {
        /// The id or name as given.
        name: String,
    },
    /// The bundle knows no such server.
    #[error(
        "could not look at {host} alone because the bundle knows no such machine; name one of: {known}"
    )]
    UnknownHost {
        /// The name as given.
        host: String,
        /// The names of the bundle, with commas between them.
        known: String,
    },
    /// The bundle has no such site.
    #[error(
        "could not look at {site} alone because the bundle has no such site there; `why401 endpoints` shows the sites"
    )]
    UnknownSite {
        /// The name as given.
        site: String,
    },
    /// The bundle does not have what an assumption names.
    #[error("could not assume `{text}` because {error}")]
    Assumption {
        /// The assumption as given.
        text: String,
        /// What is wrong and what would be right.
        error: String,
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

/// That no file of a bundle is what the sentence goes on to name.
fn none_of(artifacts: usize) -> String {
    match artifacts {
        0 => "it is empty, without".to_owned(),
        1 => "its only file is not".to_owned(),
        n => format!("none of its {n} files is"),
    }
}
