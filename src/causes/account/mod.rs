//! Group AC: the user's account and its logon rights. The failure follows the user, not the URL.

mod disabled;
mod expired;
mod locked;
mod no_network_right;
mod password_expired;
mod refusal;
mod restricted_hours;
mod restriction;
mod smart_card;
mod state;
mod stored_credential;
#[cfg(test)]
mod tests;
mod unknown_user;
mod upn;
mod users;
mod wrong_password;

use crate::causes::Cause;
use crate::remedy::Step;
use crate::remedy::commands::{self as c, AccountKind};
use users::User;
pub(super) use users::Users;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &wrong_password::CAUSE,
    &locked::CAUSE,
    &disabled::CAUSE,
    &expired::CAUSE,
    &password_expired::CAUSE,
    &restricted_hours::CAUSE,
    &no_network_right::CAUSE,
    &unknown_user::CAUSE,
    &stored_credential::CAUSE,
    &restriction::CAUSE,
    &upn::CAUSE,
    &smart_card::CAUSE,
];

/// Looks at the account of each user, before anything is changed.
fn look(users: &[&User]) -> Vec<Step> {
    let one = |user: &&User| {
        Step::run(
            c::get_ad_account(AccountKind::User, user.identity()),
            format!("look at the account of {} (keep the output)", user.shown),
        )
    };
    users.iter().map(one).collect()
}

/// How to see that the users get in again.
fn verify() -> Vec<Step> {
    vec![
        Step::by_hand("the user signs in to the site again"),
        Step::by_hand(
            "the web server's Security log shows a 4624 of type 3 for the user and no new 4625; a domain controller shows 4768 or 4776 with status 0x0",
        ),
    ]
}

/// Where most of the facts of this group come from.
const SOURCE: &str = "Microsoft: auditing of 4625, 4768, 4771 and 4776, with their status codes";
