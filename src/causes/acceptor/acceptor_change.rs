//! Changes of the configuration of IIS after which another account opens the tickets of an application.

use crate::case::{PoolIdentity, Sameness};
use crate::causes::{Scene, View};
use crate::negotiate::{accept, has_restricted_provider};
use crate::readers::events::{Body, ConfigChanged, Event};

/// The attributes that decide whose key opens tickets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Decides {
    /// `useAppPoolCredentials`.
    PoolCredentials,
    /// `useKernelMode`.
    KernelMode,
    /// `userName` of a pool.
    UserName,
    /// `identityType` of a pool.
    IdentityType,
}

/// What a change decides of it, where it does.
pub fn decides(change: &ConfigChanged) -> Option<Decides> {
    let path = change.configuration.as_deref()?.to_lowercase();
    let attribute = path.rsplit('/').next()?.trim_start_matches('@');
    let windows = path.contains("/windowsauthentication/");
    match attribute {
        "useapppoolcredentials" if windows => Some(Decides::PoolCredentials),
        "usekernelmode" if windows => Some(Decides::KernelMode),
        "username" if path.contains("/processmodel/") => Some(Decides::UserName),
        "identitytype" if path.contains("/processmodel/") => Some(Decides::IdentityType),
        _ => None,
    }
}

/// Whether an event is such a change, of whatever application.
pub fn changes_acceptor(body: &Body) -> Option<()> {
    match body {
        Body::ConfigChanged(change) => decides(change).map(|_| ()),
        _ => None,
    }
}

/// The last change after which another account opens tickets here.
pub fn acceptor_change<'a>(
    scene: &Scene<'a>,
    view: &View<'_>,
) -> Option<(&'a Event, &'a ConfigChanged)> {
    let host = view.endpoint.host?;
    scene
        .case
        .config_changes(host)
        .filter(|(_, change)| {
            decides(change).is_some_and(|what| was_other(scene, view, change, what) == Some(true))
        })
        .last()
}

/// Whether the old value made another account open the tickets.
fn was_other(
    scene: &Scene<'_>,
    view: &View<'_>,
    change: &ConfigChanged,
    what: Decides,
) -> Option<bool> {
    let pool = view.endpoint.pool.as_ref()?;
    let windows = &view.endpoint.settings.windows;
    let (mut kernel, mut credentials) = (
        windows.use_kernel_mode.value,
        windows.use_app_pool_credentials.value,
    );
    // An attribute that was not written had its schema default.
    let old = change.old_value.as_deref().unwrap_or_default();
    match what {
        Decides::UserName | Decides::IdentityType => {
            let named = format!("[@name='{}']", pool.name.to_lowercase());
            let path = change
                .configuration
                .as_deref()?
                .to_lowercase()
                .replace('"', "'");
            let own_key = credentials || !kernel;
            if !path.contains(&named) || !own_key {
                return Some(false);
            }
            let account = pool.identity.account();
            return Some(match what {
                Decides::UserName => account.is_some_and(|id| {
                    !old.is_empty() && scene.case.accounts.is_named(id, old, None) != Sameness::Same
                }),
                _ => !old.is_empty() && !same_type(old, &pool.identity),
            });
        }
        Decides::PoolCredentials if covers(change, view) => {
            credentials = old.eq_ignore_ascii_case("true");
        }
        Decides::KernelMode if covers(change, view) => {
            kernel = !old.eq_ignore_ascii_case("false");
        }
        _ => return Some(false),
    }
    let restricted = has_restricted_provider(&view.endpoint.settings);
    let before = accept(kernel, credentials, &pool.identity, restricted);
    Some(Some(&before.acceptor) != view.acceptor())
}

fn same_type(written: &str, identity: &PoolIdentity) -> bool {
    let specific = matches!(
        identity,
        PoolIdentity::Domain(_)
            | PoolIdentity::Managed(_)
            | PoolIdentity::Local(_)
            | PoolIdentity::Unclear(_)
    );
    let was_specific = matches!(written.to_lowercase().as_str(), "specificuser" | "3");
    specific == was_specific
}

/// Whether a change was made for the application or a level above it.
fn covers(change: &ConfigChanged, view: &View<'_>) -> bool {
    let below = |path: &Option<String>| {
        let path = path.as_deref().unwrap_or_default().to_lowercase();
        let path = path
            .strip_prefix("machine/webroot/apphost")
            .unwrap_or(&path);
        path.trim_matches('/').to_owned()
    };
    let (own, location) = (below(&change.config_path), below(&change.location));
    let level = if location.len() > own.len() {
        location
    } else {
        own
    };
    let at = view.endpoint.location().to_lowercase();
    level.is_empty()
        || at == level
        || at
            .strip_prefix(&level)
            .is_some_and(|rest| rest.starts_with('/'))
}
