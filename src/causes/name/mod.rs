//! Group NAME: which name the client asks for.

mod cname;
mod ip_address;
mod new_binding;
#[cfg(test)]
mod tests;

pub use cname::CAUSE as NAME_02;
pub use ip_address::CAUSE as NAME_01;
pub use new_binding::CAUSE as NAME_06;
