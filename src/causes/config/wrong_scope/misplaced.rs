//! Values that would work, at a level that a deeper one overrides.

use super::super::{asks_for_windows, last_edit, module_runs, refuses_everybody};
use crate::case::ConfigEdit;
use crate::causes::{Scene, View};
use crate::evidence::Citation;
use crate::negotiate::Outcome;
use crate::readers::iis_config::{Setting, WindowsAuth};
use crate::remedy::{Change, Switch};

/// An attribute that decides whether users can log on.
pub(super) struct Attribute {
    /// As events write it.
    pub(super) event: &'static str,
    /// As appcmd takes it.
    pub(super) argument: &'static str,
    pub(super) name: &'static str,
    pub(super) of: fn(&WindowsAuth) -> &Setting<bool>,
    pub(super) switch: fn(bool) -> Switch,
}

pub(super) const ENABLED: Attribute = Attribute {
    event: "windowsauthentication/@enabled",
    argument: "/enabled:",
    name: "windowsAuthentication/@enabled",
    of: |w| &w.enabled,
    switch: Switch::WindowsEnabled,
};

pub(super) const ACCEPTOR: [Attribute; 2] = [
    Attribute {
        event: "windowsauthentication/@useapppoolcredentials",
        argument: "/useAppPoolCredentials:",
        name: "useAppPoolCredentials",
        of: |w| &w.use_app_pool_credentials,
        switch: Switch::UseAppPoolCredentials,
    },
    Attribute {
        event: "windowsauthentication/@usekernelmode",
        argument: "/useKernelMode:",
        name: "useKernelMode",
        of: |w| &w.use_kernel_mode,
        switch: Switch::UseKernelMode,
    },
];

/// A value that is overridden although it is the one that would work.
pub(super) struct Misplaced {
    pub(super) attribute: &'static Attribute,
    pub(super) wanted: bool,
    /// Where the value without effect stands.
    pub(super) at: Citation,
    /// The change that put it there, where an event shows it.
    pub(super) edit: Option<ConfigEdit>,
}

impl Misplaced {
    fn of(scene: &Scene<'_>, view: &View<'_>, attribute: &'static Attribute) -> Option<Self> {
        let setting = (attribute.of)(&view.endpoint.settings.windows);
        let wanted = !setting.value;
        let (_, at) = setting
            .overridden
            .iter()
            .find(|(value, _)| *value == wanted)?;
        let edit = last_edit(scene, view, attribute.event)
            .filter(|edit| edit.switched_to() == Some(wanted));
        Some(Self {
            attribute,
            wanted,
            at: at.clone(),
            edit,
        })
    }
}

/// Whether Windows authentication was turned on at a scope that does not decide for an endpoint where it is off.
pub(in crate::causes::config) fn enabled_elsewhere(scene: &Scene<'_>, view: &View<'_>) -> bool {
    misplaced_enabled(scene, view).is_some()
}

pub(super) fn misplaced_enabled(scene: &Scene<'_>, view: &View<'_>) -> Option<Misplaced> {
    let settings = &view.endpoint.settings;
    let candidate = refuses_everybody(settings) && module_runs(scene, view);
    // Without the change itself two levels that differ are an ordinary override, or CFG-02.
    candidate
        .then(|| Misplaced::of(scene, view, &ENABLED))
        .flatten()
        .filter(|m| m.edit.is_some())
}

/// An acceptor switch whose overridden value would let the ticket be opened.
pub(super) fn misplaced_acceptor(scene: &Scene<'_>, view: &View<'_>) -> Option<Misplaced> {
    if !view.is_mismatch() || !asks_for_windows(scene, view) || !view.endpoint.name_is_tied() {
        return None;
    }
    ACCEPTOR.iter().find_map(|attribute| {
        let misplaced = Misplaced::of(scene, view, attribute)?;
        let change = Change::Set(
            view.endpoint.server,
            view.endpoint.location(),
            (attribute.switch)(misplaced.wanted),
        );
        (scene.after(view, &[change]) == Outcome::Kerberos).then_some(misplaced)
    })
}
