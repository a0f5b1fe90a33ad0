//! Group ET: keys and encryption types.

mod server_policy;
#[cfg(test)]
mod tests;

pub(super) use server_policy::CAUSE as ET_04;
