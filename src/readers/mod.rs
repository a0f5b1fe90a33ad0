//! The readers: bytes in, typed records out, each with its citation.
//!
//! A reader never diagnoses, never panics, and never gives up on a file because one line is bad: it skips that line
//! and reports it as a [`Problem`].

pub mod console;
pub mod event_xml;
pub mod events;
pub mod evtx;
pub mod iis_config;
pub mod klist;
pub mod nslookup;
mod read;
pub mod setspn;

pub use read::{ArtifactReading, Readings, kind_name, read};

use crate::evidence::{ArtifactId, Problem};

/// What a reader made of one artifact.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// The artifact that was read.
    pub artifact: ArtifactId,
    /// The typed records.
    pub records: T,
    /// How many records (events, tickets, registrations, elements) were understood.
    pub count: u64,
    /// What was skipped, and why.
    pub problems: Vec<Problem>,
}
