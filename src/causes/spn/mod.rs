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

pub(super) use duplicate::CAUSE as SPN_02;
pub(super) use duplicate_by_case::CAUSE as SPN_03;
pub(super) use farm::CAUSE as SPN_12;
pub(super) use homonym::CAUSE as SPN_21;
pub(super) use invisible::CAUSE as SPN_18;
pub(super) use malformed::CAUSE as SPN_09;
pub(super) use missing::CAUSE as SPN_01;
pub(super) use obsolete_account::CAUSE as SPN_07;
pub(super) use on_machine::CAUSE as SPN_06;
pub(super) use on_pool_account::CAUSE as SPN_05;
pub(super) use other_form::CAUSE as SPN_10;
pub(super) use port::CAUSE as SPN_11;
pub(super) use product::CAUSE as SPN_19;
pub(super) use shadow::CAUSE as SPN_04;

pub(super) use product::product_of;
pub(super) use repair::register;
