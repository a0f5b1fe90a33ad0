//! The bundle: what the customer sent, opened without unpacking to disk, each entry sniffed and decoded once.

mod archive;
mod artifact;
mod limits;
mod open;
mod sniff;
pub mod text;

pub use artifact::{Artifact, Content, Kind};
pub use limits::Limits;
pub use open::{Bundle, Input, OpenError};
