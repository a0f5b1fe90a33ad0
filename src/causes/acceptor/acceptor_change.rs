//! Changes of the configuration of IIS after which another account opens the tickets of an application.

use crate::case::{ConfigEdit, PoolIdentity, Sameness, split_name};
use crate::causes::{Scene, View};
use crate::negotiate::{accept, has_restricted_provider};

/// The settings that decide whose key opens tickets.
const POOL_CREDENTIALS: &str = "windowsauthentication/@useapppoolcredentials";
const KERNEL_MODE: &str = "windowsauthentication/@usekernelmode";
const USER_NAME: &str = "processmodel/@username";
const IDENTITY_TYPE: &str = "processmodel/@identitytype";

/// A change after which another account opens tickets.
pub(in crate::causes) struct AcceptorChange {
    /// The change.
    pub edit: ConfigEdit,
    /// The SAM name of the account that opened them before, lower case, where the change says it.
    pub before: Option<String>,
}

impl AcceptorChange {
    /// Whether the pool got another account: then its worker process runs as another one once it is recycled.
    pub(super) fn is_of_pool_account(&self) -> bool {
        self.edit.setting == USER_NAME
    }

    /// Whether kernel mode or useAppPoolCredentials was switched.
    pub(in crate::causes) fn is_of_settings(&self) -> bool {
        matches!(self.edit.setting.as_str(), POOL_CREDENTIALS | KERNEL_MODE)
    }
}

/// Every change of such a setting, of whatever application, oldest first.
pub(in crate::causes) fn edits(scene: &Scene<'_>) -> Vec<ConfigEdit> {
    let mut all: Vec<ConfigEdit> = [POOL_CREDENTIALS, KERNEL_MODE, USER_NAME, IDENTITY_TYPE]
        .into_iter()
        .flat_map(|setting| scene.case.config_edits(setting))
        .collect();
    all.sort_by_key(|edit| edit.time);
    all
}

/// The last change after which another account opens tickets at an endpoint.
pub(in crate::causes) fn last_change(
    scene: &Scene<'_>,
    view: &View<'_>,
    edits: &[ConfigEdit],
) -> Option<AcceptorChange> {
    edits.iter().rev().find_map(|edit| {
        let in_pool = matches!(edit.setting.as_str(), USER_NAME | IDENTITY_TYPE);
        let before = if in_pool {
            by_identity(scene, view, edit)
        } else {
            by_switch(scene, view, edit)
        }?;
        Some(AcceptorChange {
            edit: edit.clone(),
            before,
        })
    })
}

/// The pool got another identity, and its key opens the tickets.
fn by_identity(scene: &Scene<'_>, view: &View<'_>, edit: &ConfigEdit) -> Option<Option<String>> {
    let pool = view.endpoint.pool.as_ref()?;
    let named = format!("[@name='{}']", pool.name.to_lowercase());
    let path = edit.path.to_lowercase().replace('"', "'");
    let old = edit.old.as_deref().filter(|old| !old.is_empty())?;
    if Some(edit.host) != view.endpoint.host
        || !path.contains(&named)
        || !super::shared_name::uses_pool_key(view)
    {
        return None;
    }
    if edit.setting == IDENTITY_TYPE {
        return (!same_type(old, &pool.identity)).then_some(None);
    }
    let account = pool.identity.account()?;
    let other = scene.case.accounts.is_named(account, old, None) != Sameness::Same;
    other.then(|| Some(split_name(old).1))
}

/// useAppPoolCredentials or kernel mode was switched, and that moved the key.
fn by_switch(scene: &Scene<'_>, view: &View<'_>, edit: &ConfigEdit) -> Option<Option<String>> {
    if !edit.covers(view.endpoint) {
        return None;
    }
    let windows = &view.endpoint.settings.windows;
    let (mut kernel, mut credentials) = (
        windows.use_kernel_mode.value,
        windows.use_app_pool_credentials.value,
    );
    // The value that is in force now must be the one that the change wrote.
    if edit.setting == POOL_CREDENTIALS && edit.turns(credentials) {
        credentials = !credentials;
    } else if edit.setting == KERNEL_MODE && edit.turns(kernel) {
        kernel = !kernel;
    } else {
        return None;
    }
    let identity = &view.endpoint.pool.as_ref()?.identity;
    let restricted = has_restricted_provider(&view.endpoint.settings);
    let before = accept(kernel, credentials, identity, restricted).acceptor;
    if Some(&before) == view.acceptor() {
        return None;
    }
    let account = scene.case.acceptor_account(view.endpoint, &before);
    Some(account.and_then(|id| scene.case.accounts.get(id).sam.clone()))
}

/// Whether a written identity type is of the same kind as the present one: an account of its own, or a built-in one.
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
