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
pub(crate) use sniff::{KLIST_VERBS, har_entries};
