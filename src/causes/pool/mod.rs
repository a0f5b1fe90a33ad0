//! Group POOL: the identity of an application pool and its password.

mod account_state;
mod copied_password;
mod failure;
mod fetch;
mod logon_right;
mod managed_password;
mod named_opener;
mod refusal;
mod stale_password;
#[cfg(test)]
mod tests;
mod wrong_password;

pub(super) use account_state::CAUSE as POOL_03;
pub(super) use copied_password::CAUSE as POOL_07;
pub(super) use logon_right::CAUSE as POOL_04;
pub(super) use managed_password::CAUSE as POOL_05;
pub(super) use stale_password::CAUSE as POOL_02;
pub(super) use wrong_password::CAUSE as POOL_01;

use crate::case::{PoolIdentity, Role};
use crate::causes::{Assessment, Input, Scene};

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
