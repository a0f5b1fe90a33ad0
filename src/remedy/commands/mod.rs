//! The commands that the remedies of the catalogue use, one small function a command, a file a tool. Names come from the
//! bundle, so each may yield [`Unquotable`](super::Unquotable); switches and settings are literals of this program.

mod directory;
mod iis;
mod machine;
mod spn;
mod tickets;

pub use directory::*;
pub use iis::*;
pub use machine::*;
pub use spn::*;
pub use tickets::*;

/// What each function here returns: the command, or the name that cannot stand in one.
pub type Written = Result<super::Command, super::Unquotable>;

#[cfg(test)]
mod tests;
