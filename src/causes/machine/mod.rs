//! Group MC: machine, domain controllers, time.

mod channel_signs;
mod clock_signs;
mod clock_skew;
mod secure_channel;
#[cfg(test)]
mod tests;

pub use clock_skew::CAUSE as MC_05;
pub use secure_channel::CAUSE as MC_01;
