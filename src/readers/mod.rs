//! The readers: bytes in, typed records out, each with its citation.
//!
//! A reader never diagnoses, never panics, and never gives up on a file because one line is bad: it skips that line
//! and reports it as a [`Problem`].

pub mod audit_policy;
mod base64;
pub mod call;
pub mod clixml;
pub mod console;
mod digits;
pub mod directory;
pub mod domain;
pub mod event_export;
pub mod event_xml;
pub mod events;
pub mod evtx;
pub mod exchange;
pub mod group_policy;
pub mod http_err;
pub mod http_sys;
pub mod iis_config;
pub mod iis_state;
mod in_order;
pub mod klist;
mod log_lines;
pub mod machine;
pub mod netlogon_log;
pub mod nslookup;
mod offsets;
mod read;
pub mod registry;
pub mod request_trace;
mod rooms;
mod select;
pub(crate) mod servers;
pub mod setspn;
mod shares;
pub mod token;
pub mod trust;
pub(crate) mod url;
pub mod user_rights;
pub mod web_log;
pub mod whoami;

pub use read::{ArtifactReading, Readings, kind_name, read};
pub use select::{Selected, write_events};
pub use servers::{ConfigChange, Generation};

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
