//! S1: what IIS answers to a request without credentials. The challenge follows from the effective settings alone:
//! schemes that are on, modules that run, the providers offered, rules that deny anonymous users.

use super::path::{Outcome, Stage, Step};
use crate::case::{Case, Endpoint};
use crate::evidence::{Citation, Place};
use crate::readers::iis_config::{EffectiveSettings, Origin, Setting};

/// Whether the providers stand in the missing part of a configuration: nothing in what is left lists or clears them.
pub(super) fn hides_providers(endpoint: &Endpoint, whole: bool) -> bool {
    let windows = &endpoint.settings.windows;
    !whole && windows.providers.is_empty() && windows.providers_shaped_by.is_empty()
}

/// Whether what the configuration says about authentication here was damaged; or it is cut, and what is left would let nobody use
/// Windows authentication, by values of the whole server: a location tag in the missing part may say otherwise.
pub fn is_cut_off(case: &Case, endpoint: &Endpoint) -> bool {
    let (config, settings) = (&case.server(endpoint).config, &endpoint.settings);
    let of_a_path = |path: &str| {
        let location = path.split_once("location[@path=");
        location.is_some_and(|(_, rest)| !rest.starts_with("''"))
    };
    let own = |setting: &Setting<bool>| match &setting.origin {
        Origin::SchemaDefault => false,
        Origin::Set(from) => {
            let Place::Element { path, .. } = &from.place else {
                return from.artifact != config.from.artifact;
            };
            // What tools printed for the whole server stands in an empty location of any file.
            let of_server = path.contains("location[@path='']");
            of_a_path(path) || (from.artifact != config.from.artifact && !of_server)
        }
    };
    let (anonymous, windows) = (&settings.anonymous.enabled, &settings.windows.enabled);
    settings.garbled
        || !config.complete
            && ((anonymous.value && !denies_anonymous(settings) && !own(anonymous))
                || (!windows.value && !own(windows)))
}

/// Whether a provider that shuts NTLM out is offered (`Negotiate:Kerberos`, `Negotiate:PKU2U`).
pub fn has_restricted_provider(settings: &EffectiveSettings) -> bool {
    settings
        .windows
        .providers
        .iter()
        .any(|(name, _)| name.to_lowercase().starts_with("negotiate:"))
}

/// The places a setting rests on: the element that set it, or none for a schema default.
pub fn origin_of<T>(setting: &Setting<T>) -> Vec<Citation> {
    match &setting.origin {
        Origin::Set(citation) => vec![citation.clone()],
        Origin::SchemaDefault => Vec::new(),
    }
}

/// S1. `Some` outcome when Windows authentication is not reached. `whole` is false where the configuration is cut: what
/// it does not show may stand in the missing part.
pub(super) fn challenge(
    endpoint: &Endpoint,
    whole: bool,
    steps: &mut Vec<Step>,
) -> Option<Outcome> {
    let settings = &endpoint.settings;
    let windows = &settings.windows;
    let mut step = |says: String, from: Vec<Citation>| {
        steps.push(Step {
            stage: Stage::Challenge,
            says,
            from,
        });
    };
    if let Some(violation) = settings.lock_violations.first() {
        let mut from = vec![violation.set_at.clone()];
        from.extend(violation.locked_by.clone());
        step(
            format!(
                "{} is set where it is locked: IIS answers 500.19",
                violation.section
            ),
            from,
        );
        return Some(Outcome::Unavailable);
    }
    if let Some(slip) = settings.unknown_items.iter().find(|i| i.meant.is_some()) {
        step(
            format!("IIS does not know this {}: it answers 500.19", slip.what),
            vec![slip.at.clone()],
        );
        return Some(Outcome::Unavailable);
    }
    let anonymous = settings.anonymous.enabled.value;
    if anonymous && !denies_anonymous(settings) {
        step(
            "anonymous authentication is on and nothing denies anonymous users: no challenge is sent".into(),
            origin_of(&settings.anonymous.enabled),
        );
        return Some(Outcome::NotWindowsAuth);
    }
    let missing = settings.global_module.is_none() || settings.enabled_module.is_none();
    if missing && (whole || settings.module_removed_by.is_some()) {
        step(
            "WindowsAuthenticationModule does not run for this path: no Negotiate or NTLM challenge".into(),
            settings.module_removed_by.iter().cloned().collect(),
        );
        return Some(without_windows(settings));
    }
    if !windows.enabled.value {
        step(
            "Windows authentication is off for this path".into(),
            origin_of(&windows.enabled),
        );
        return Some(without_windows(settings));
    }
    if hides_providers(endpoint, whole) {
        step(
            "IIS answers 401.2; the configuration is incomplete and does not show whether it offers Negotiate, as it does when installed".into(),
            origin_of(&windows.enabled),
        );
        return None;
    }
    let names: Vec<&str> = windows.providers.iter().map(|(n, _)| n.as_str()).collect();
    let from: Vec<Citation> = windows.providers.iter().map(|(_, c)| c.clone()).collect();
    if names.is_empty() {
        step(
            "Windows authentication is on, but its list of providers is empty: the 401 carries no challenge".into(),
            windows.providers_shaped_by.clone(),
        );
        return Some(Outcome::Denied);
    }
    step(
        format!("IIS answers 401.2 and offers {}", names.join(", ")),
        from,
    );
    if !names
        .iter()
        .any(|n| n.to_lowercase().starts_with("negotiate"))
    {
        return Some(Outcome::NtlmByDesign);
    }
    None
}

fn without_windows(settings: &EffectiveSettings) -> Outcome {
    let others = [
        &settings.basic,
        &settings.digest,
        &settings.client_certificate,
        &settings.iis_client_certificate,
    ];
    if others.iter().any(|s| s.value) {
        Outcome::NotWindowsAuth
    } else {
        Outcome::Denied
    }
}

/// Whether an authorization rule makes IIS challenge although anonymous authentication is on.
pub fn denies_anonymous(settings: &EffectiveSettings) -> bool {
    if settings.asp_net_denies_anonymous.is_some() {
        return true;
    }
    let covers = |users: &str| users.split(',').any(|u| matches!(u.trim(), "?" | "*"));
    // Deny rules win over allow rules; whoever no rule allows is denied.
    settings
        .authorization
        .iter()
        .any(|r| !r.allow && covers(&r.users) && r.verbs.is_empty())
        || (!settings.authorization.is_empty()
            && !settings
                .authorization
                .iter()
                .any(|r| r.allow && covers(&r.users)))
}
