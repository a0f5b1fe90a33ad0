//! Group LOOP: the server talks to itself.

mod check;
mod own_vip;
#[cfg(test)]
mod tests;

use crate::case::HostId;
use crate::causes::{Cause, Scene, View};
use crate::evidence::Citation;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[&check::CAUSE, &own_vip::CAUSE];

/// Where several machines are bound to a name that one of them serves: a farm's.
fn shared_name(scene: &Scene<'_>, host: HostId, name: &str) -> Option<Vec<Citation>> {
    let named = |v: &&View<'_>| v.endpoint.name_is_tied() && v.endpoint.is_named(name);
    let views: Vec<&View<'_>> = scene.views.iter().filter(named).collect();
    let own = views.iter().any(|v| v.endpoint.host == Some(host));
    (own && scene.on_several_machines(&views))
        .then(|| views.iter().map(|v| v.endpoint.binding.clone()).collect())
}
