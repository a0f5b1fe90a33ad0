//! Group LOOP: the server talks to itself.

mod check;
#[cfg(test)]
mod tests;

pub(super) use check::CAUSE as LOOP_01;
