//! Group NAME: which name the client asks for.

mod cname;
mod ip_address;
mod new_binding;
#[cfg(test)]
mod tests;

pub(super) use cname::CAUSE as NAME_02;
pub(super) use ip_address::CAUSE as NAME_01;
pub(super) use new_binding::CAUSE as NAME_06;
