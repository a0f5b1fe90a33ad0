//! What to do about a finding: commands that a support engineer can paste. Everything that a bundle says enters a
//! command through [`quoting`] only, and the commands that the catalogue needs stand ready in [`commands`].

pub mod commands;
pub mod quoting;

pub use quoting::{Command, Shell, Unquotable};
