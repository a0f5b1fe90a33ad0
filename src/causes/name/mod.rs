//! Group NAME: which name the client asks for.

mod cname;
mod disjoint;
mod external;
mod idn;
mod ip_address;
mod literal_alias;
mod new_binding;
mod no_record;
mod other_suffix;
mod rewritten;
mod several_addresses;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod wrong_name_tests;
mod wrong_server;

use crate::causes::Cause;
pub(super) use idn::to_ascii;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &ip_address::CAUSE,
    &cname::CAUSE,
    &literal_alias::CAUSE,
    &other_suffix::CAUSE,
    &wrong_server::CAUSE,
    &new_binding::CAUSE,
    &rewritten::CAUSE,
    &no_record::CAUSE,
    &disjoint::CAUSE,
    &external::CAUSE,
    &several_addresses::CAUSE,
];
