//! Group MC: machine, domain controllers, time.

mod channel_signs;
mod clock_signs;
mod clock_skew;
mod secure_channel;
#[cfg(test)]
mod state_tests;
#[cfg(test)]
mod tests;

pub(super) use clock_skew::CAUSE as MC_05;
pub(super) use secure_channel::CAUSE as MC_01;
