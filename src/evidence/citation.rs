//! A citation: the artifact, the place inside it, and the text that stands there.

use std::sync::Arc;

use jiff::Timestamp;

/// The number of an artifact in its bundle. Artifacts are numbered in the order of their paths, so that the same
/// bundle gives the same numbers whatever order the file system listed it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactId(pub u32);

/// Where in an artifact something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The artifact as a whole (it is empty, or its kind is the fact).
    Whole,
    /// A line of text, counted from 1.
    Line(u32),
    /// An XML element or attribute: its line, counted from 1, and its path (`configuration/location[@path='X']/…`).
    Element {
        /// Line of the element's start tag, counted from 1.
        line: u32,
        /// Path from the root element, with the attributes that identify each step.
        path: Arc<str>,
    },
    /// A record of an event log, by the `EventRecordID` of its System element.
    Record(u64),
}

/// One place in the bundle that a statement rests on. Cheap to clone. Ordered by artifact, then place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Citation {
    /// The artifact it stands in.
    pub artifact: ArtifactId,
    /// The place inside the artifact.
    pub place: Place,
    /// When it happened, in UTC, where the place itself says so (events do, configuration lines do not).
    pub time: Option<Timestamp>,
    /// What stands there, in one line, secrets removed.
    pub text: Arc<str>,
}

impl Citation {
    /// A citation of a line of text.
    pub fn line(artifact: ArtifactId, line: u32, text: &str) -> Self {
        Self {
            artifact,
            place: Place::Line(line),
            time: None,
            text: text.trim().into(),
        }
    }

    /// A citation of an event record.
    pub fn record(artifact: ArtifactId, record_id: u64, time: Timestamp, text: &str) -> Self {
        Self {
            artifact,
            place: Place::Record(record_id),
            time: Some(time),
            text: text.into(),
        }
    }

    /// A citation of an XML element.
    pub fn element(artifact: ArtifactId, line: u32, path: &str, text: &str) -> Self {
        Self {
            artifact,
            place: Place::Element {
                line,
                path: path.into(),
            },
            time: None,
            text: text.trim().into(),
        }
    }
}
