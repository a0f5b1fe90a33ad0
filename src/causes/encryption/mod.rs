//! Group ET: keys and encryption types.

mod server_policy;
#[cfg(test)]
mod tests;

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[&server_policy::CAUSE];
