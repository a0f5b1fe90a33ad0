//! Group SPN: who owns the name.

mod controllers;
mod dead_holder;
mod duplicate;
mod duplicate_by_case;
mod farm;
mod front_end;
mod homonym;
mod host_spns;
mod invisible;
mod malformed;
mod mapping;
mod missing;
mod moved;
mod obsolete_account;
mod on_machine;
mod on_pool_account;
mod other_form;
mod port;
mod product;
mod refused;
mod repair;
mod replication;
mod shadow;
#[cfg(test)]
pub(crate) mod tests;
mod two_forests;
mod two_holders;
mod virtual_name;

use crate::causes::Cause;
pub(super) use controllers::answers_of_controllers;
pub(super) use host_spns::{finding as own_name_finding, rule_out_or_ask};
pub(super) use product::product_of;
pub(super) use repair::{register, share};

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &missing::CAUSE,
    &duplicate::CAUSE,
    &duplicate_by_case::CAUSE,
    &shadow::CAUSE,
    &on_pool_account::CAUSE,
    &on_machine::CAUSE,
    &obsolete_account::CAUSE,
    &dead_holder::CAUSE,
    &malformed::CAUSE,
    &other_form::CAUSE,
    &port::CAUSE,
    &farm::CAUSE,
    &mapping::CAUSE,
    &host_spns::CAUSE,
    &two_forests::CAUSE,
    &refused::CAUSE,
    &replication::CAUSE,
    &invisible::CAUSE,
    &product::CAUSE,
    &virtual_name::CAUSE,
    &homonym::CAUSE,
    &front_end::CAUSE,
];
