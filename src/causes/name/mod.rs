//! Group NAME: which name the client asks for.

mod cname;
mod ip_address;
mod new_binding;
#[cfg(test)]
mod tests;

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[&ip_address::CAUSE, &cname::CAUSE, &new_binding::CAUSE];
