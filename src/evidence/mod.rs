//! The ledger of cited facts: where something was read, and whether it is present, absent or simply not known.
//!
//! Every statement a report makes about the customer's system rests on a [`Citation`]. Readers make citations, the
//! case carries them along inside [`Cited`] and [`Known`], and the report gives each one a short id (`E17`).

mod citation;
mod known;
mod problem;
mod when;

pub use citation::{ArtifactId, Citation, Place};
pub use known::{Cited, Known};
pub use problem::Problem;
pub use when::{Certainty, When};
