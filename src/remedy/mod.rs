//! What to do about a finding: exact commands in their order, proven against the simulation. Everything that a bundle
//! says enters a command through [`quoting`] only, and the commands that the catalogue needs stand ready in [`commands`].

pub mod assume;
pub mod commands;
mod plan;
pub mod procedures;
pub mod quoting;
mod what_if;

pub use plan::{Remedy, Step};
pub use quoting::{Command, Shell, Unquotable};
pub use what_if::{Change, EndpointChange, Switch, apply, assume, effect, is_worse};
