//! Group LOOP: the server talks to itself.

mod check;
#[cfg(test)]
mod tests;

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[&check::CAUSE];
