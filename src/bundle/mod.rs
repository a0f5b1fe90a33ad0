//! The bundle: what the customer sent, opened without unpacking to disk, each entry sniffed and decoded once.

mod archive;
mod artifact;
mod digest;
mod label;
mod limits;
mod open;
mod packed;
mod sniff;
mod source;
mod starts;
#[cfg(test)]
mod tests;
pub mod text;
mod walk;

pub use artifact::{Artifact, Content, Kind, common_folder};
pub use limits::Limits;
pub use open::{Bundle, Input, OpenError};
pub use packed::Packed;
pub use sniff::Tool;
pub(crate) use sniff::{
    AHEAD, ExportForm, KLIST_VERBS, MachineOutput, ReplicationLine, build_line, cached_field,
    credential_target, dotted, export_form, har_entries, is_audit_row, is_file_head,
    is_hosts_file_head, is_key_line, is_number_of_event, is_os_version, is_policy_export,
    is_proxy_heading, is_viewer_row, labelled, local_and_offset, milliseconds, none_stored,
    opens_card, package, property, property_path, replication_line, role, ruler, sample, status,
    suffix_line, trust_line, underlines,
};
pub use source::Source;
pub(crate) use source::fill;
