//! Group SPN: who owns the name.

mod duplicate;
mod duplicate_by_case;
mod farm;
mod homonym;
mod invisible;
mod malformed;
mod missing;
mod obsolete_account;
mod on_machine;
mod on_pool_account;
mod other_form;
mod port;
mod product;
mod repair;
mod shadow;
#[cfg(test)]
pub(crate) mod tests;
mod two_holders;

use crate::causes::Cause;
pub(super) use product::product_of;
pub(super) use repair::register;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &missing::CAUSE,
    &duplicate::CAUSE,
    &duplicate_by_case::CAUSE,
    &shadow::CAUSE,
    &on_pool_account::CAUSE,
    &on_machine::CAUSE,
    &obsolete_account::CAUSE,
    &malformed::CAUSE,
    &other_form::CAUSE,
    &port::CAUSE,
    &farm::CAUSE,
    &invisible::CAUSE,
    &product::CAUSE,
    &homonym::CAUSE,
];
