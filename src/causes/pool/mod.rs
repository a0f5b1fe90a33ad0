//! Group POOL: the identity of an application pool and its password.

mod account_state;
mod config_file;
mod copied_password;
mod delegated;
mod failure;
mod fetch;
mod logon_right;
mod managed_password;
mod named_opener;
mod password_change;
mod password_readers;
mod rapid_fail;
mod refusal;
mod rotation;
mod stale_password;
mod stopped;
#[cfg(test)]
mod tests;
mod wrong_password;

use crate::case::{PoolIdentity, Role};
use crate::causes::Cause;
use crate::causes::{Assessment, Input, Scene};

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &wrong_password::CAUSE,
    &stale_password::CAUSE,
    &account_state::CAUSE,
    &logon_right::CAUSE,
    &managed_password::CAUSE,
    &rotation::CAUSE,
    &copied_password::CAUSE,
    &rapid_fail::CAUSE,
    &config_file::CAUSE,
    &delegated::CAUSE,
];

/// Pools with a stored password can fail unseen where the System log of the web server is not in the bundle.
fn lack_system_log(scene: &Scene<'_>, out: &mut Assessment, identity: fn(&PoolIdentity) -> bool) {
    let concerned = scene
        .views
        .iter()
        .filter_map(|v| v.endpoint.pool.as_ref())
        .any(|p| identity(&p.identity));
    if concerned && !scene.has_log("System", Role::WebServer) {
        out.lack(Input::ServerSystemLog);
    }
}
