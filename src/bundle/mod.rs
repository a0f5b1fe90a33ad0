//! The bundle: what the customer sent, opened without unpacking to disk, each entry sniffed and decoded once.

mod archive;
mod artifact;
mod digest;
mod label;
mod limits;
mod open;
mod sniff;
mod source;
#[cfg(test)]
mod tests;
pub mod text;
mod walk;

pub use artifact::{Artifact, Content, Kind};
pub use limits::Limits;
pub use open::{Bundle, Input, OpenError};
pub use sniff::Tool;
pub(crate) use sniff::{
    KLIST_VERBS, MachineOutput, cached_field, dotted, is_audit_row, is_file_head,
    is_hosts_file_head, is_key_line, is_os_version, labelled, local_and_offset, milliseconds,
    property_path, ruler, sample, status, trust_line,
};
