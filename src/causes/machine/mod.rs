//! Group MC: machine, domain controllers, time.

mod channel_signs;
mod clock_signs;
mod clock_skew;
mod secure_channel;
#[cfg(test)]
mod state_tests;
#[cfg(test)]
mod tests;

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[&secure_channel::CAUSE, &clock_skew::CAUSE];
