//! Group LOOP: the server talks to itself.

mod check;
#[cfg(test)]
mod tests;

pub use check::CAUSE as LOOP_01;
