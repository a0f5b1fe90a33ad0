//! Group CFG: what the IIS configuration says about who must log on, and how.
//!
//! These causes look at whole servers with many sites, most of which work. A site that is anonymous, or asks for
//! another scheme, is no fault; only where something shows that Windows authentication is wanted is there a finding.

mod all_off;
mod anonymous_wins;
mod core_token;
mod disabled;
mod drift;
mod forms;
mod impersonation;
mod isapi_filter;
mod keep_alive;
mod mixed_paths;
mod module_removed;
mod no_providers;
mod not_installed;
mod ntlm_first;
mod ntlm_only;
mod other_scheme;
mod preflight;
mod refused_config;
mod restricted_provider;
mod security_package;
mod single_request;
#[cfg(test)]
mod tests;
mod token_unasked;
mod wrong_scope;

use crate::case::{ConfigEdit, HostId, SymptomId, SymptomKind};
use crate::causes::Cause;
use crate::causes::{Finding, Group, Scene, Subject, View};
use crate::evidence::Citation;
use crate::negotiate::{denies_anonymous, origin_of};
use crate::readers::iis_config::{EffectiveSettings, Setting};
use crate::remedy::{Change, Switch};

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &not_installed::CAUSE,
    &disabled::CAUSE,
    &ntlm_only::CAUSE,
    &ntlm_first::CAUSE,
    &no_providers::CAUSE,
    &restricted_provider::CAUSE,
    &anonymous_wins::CAUSE,
    &all_off::CAUSE,
    &refused_config::CAUSE,
    &forms::CAUSE,
    &impersonation::CAUSE,
    &single_request::CAUSE,
    &module_removed::CAUSE,
    &keep_alive::CAUSE,
    &drift::CAUSE,
    &wrong_scope::CAUSE,
    &core_token::CAUSE,
    &preflight::CAUSE,
    &isapi_filter::CAUSE,
    &security_package::CAUSE,
    &token_unasked::CAUSE,
    &other_scheme::CAUSE,
    &mixed_paths::CAUSE,
];

/// The endpoints that `pick` takes, a group a site. Configurations of IIS Express are no server's.
pub(super) fn sites<'s, 'a>(
    scene: &'s Scene<'a>,
    pick: impl Fn(&View<'a>) -> bool,
) -> Vec<Group<'s, 'a>> {
    scene.by_site(|v| !scene.case.server(v.endpoint).config.iis_express && pick(v))
}

/// The last change of a setting that an event shows at the scope of an endpoint or above it.
pub(super) fn last_edit(scene: &Scene<'_>, view: &View<'_>, setting: &str) -> Option<ConfigEdit> {
    let mut edits = scene.case.config_edits(setting).into_iter();
    edits.rfind(|edit| edit.covers(view.endpoint))
}

/// The scope of a change as text.
pub(super) fn scope(location: &str) -> &str {
    if location.is_empty() {
        "server level"
    } else {
        location
    }
}

/// Whether the bundle holds a server's configuration.
pub(super) fn has_server(scene: &Scene<'_>) -> bool {
    scene.case.servers.iter().any(|s| !s.config.iis_express)
}

/// The applications of a group, as `Site` or `Site/app`, sorted.
pub(super) fn locations(views: &[&View<'_>]) -> Vec<String> {
    let mut all: Vec<String> = views.iter().map(|v| v.endpoint.location()).collect();
    all.sort();
    all.dedup();
    all
}

/// Applications as text: the first few, and how many more.
pub(super) fn listed(locations: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = locations.get(..SHOWN).unwrap_or(locations).join(", ");
    match locations.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What a finding about these endpoints of one site is about: more than one application or name is left open.
pub(super) fn subject(scene: &Scene<'_>, views: &[&View<'_>]) -> Subject {
    let Some(first) = views.first() else {
        return Subject::default();
    };
    let mut subject = first.subject(scene.case);
    subject.spn = None;
    if locations(views).len() > 1 {
        subject.application = None;
    }
    if views.iter().any(|v| v.endpoint.name != first.endpoint.name) {
        subject.host_name = None;
    }
    subject
}

/// The places of a setting: what set it, or the application it holds for where the default does.
pub(super) fn places<T>(scene: &Scene<'_>, view: &View<'_>, setting: &Setting<T>) -> Vec<Citation> {
    let mut from = origin_of(setting);
    if from.is_empty() {
        let config = &scene.case.server(view.endpoint).config;
        let site = config.sites.iter().find(|s| s.name == view.endpoint.site);
        let application = site.and_then(|s| {
            s.applications
                .iter()
                .find(|a| a.path == view.endpoint.application)
        });
        from.extend(application.map(|a| a.from.clone()));
    }
    from
}

/// Whether the native module runs for an endpoint, as far as the file shows.
pub(super) fn module_runs(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    let shown = settings.global_module.is_some() && settings.enabled_module.is_some();
    let whole = scene.case.server(view.endpoint).config.complete;
    shown || (!whole && settings.module_removed_by.is_none())
}

/// Whether IIS serves requests without asking who sends them.
pub(super) fn is_anonymous(settings: &EffectiveSettings) -> bool {
    settings.anonymous.enabled.value && !denies_anonymous(settings)
}

/// Whether a scheme other than Windows and anonymous authentication is on.
pub(super) fn has_other_scheme(settings: &EffectiveSettings) -> bool {
    [
        &settings.basic,
        &settings.digest,
        &settings.client_certificate,
        &settings.iis_client_certificate,
    ]
    .iter()
    .any(|s| s.value)
}

/// Whether nobody can get in: no scheme is on, and anonymous users are shut out. ASP.NET may log users on with a form
/// although it denies anonymous ones, so there its mode must be `Windows`.
pub(super) fn refuses_everybody(settings: &EffectiveSettings) -> bool {
    let windows_mode =
        matches!(&settings.asp_net_mode, Some((mode, _)) if mode.eq_ignore_ascii_case("Windows"));
    let shut = !settings.anonymous.enabled.value || (denies_anonymous(settings) && windows_mode);
    !settings.windows.enabled.value && shut && !has_other_scheme(settings)
}

/// Where no scheme is on, a module of a third party may be what logs users on.
pub(super) fn doubt_modules(views: &[&View<'_>], finding: Finding) -> Finding {
    let mut foreign = views
        .iter()
        .flat_map(|v| &v.endpoint.settings.foreign_modules);
    match foreign.next() {
        Some((name, at)) => finding.contradicting(
            format!("the module {name} of a third party may log users on by itself there"),
            std::slice::from_ref(at),
        ),
        None => finding,
    }
}

/// Whether IIS asks for Windows authentication at an endpoint.
pub(super) fn asks_for_windows(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    settings.windows.enabled.value
        && module_runs(scene, view)
        && !is_anonymous(settings)
        && !settings.is_refused()
}

/// The position of a provider in the list, without regard to case.
pub(super) fn position(settings: &EffectiveSettings, provider: &str) -> Option<usize> {
    let mut providers = settings.windows.providers.iter();
    providers.position(|(name, _)| name.eq_ignore_ascii_case(provider))
}

/// The list of providers as text.
pub(super) fn provider_list(settings: &EffectiveSettings) -> String {
    let names: Vec<&str> = settings
        .windows
        .providers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.join(", ")
}

/// NTLM logons on a server where every endpoint that asks for Windows authentication is one that `pick` takes:
/// otherwise they cannot be laid at these endpoints' door.
pub(super) fn ntlm_logons_of<'a>(
    scene: &Scene<'a>,
    host: Option<HostId>,
    pick: impl Fn(&View<'a>) -> bool,
) -> Vec<(SymptomId, &'a crate::case::Symptom)> {
    let only = scene
        .views
        .iter()
        .filter(|v| v.endpoint.host == host && asks_for_windows(scene, v))
        .all(pick);
    if host.is_none() || !only {
        return Vec::new();
    }
    scene.symptoms(|k| matches!(k, SymptomKind::NtlmLogons(h) if Some(*h) == host))
}

/// Adds symptoms as observations of the same endpoints, and explains them.
pub(super) fn observe(
    mut finding: Finding,
    symptoms: Vec<(SymptomId, &crate::case::Symptom)>,
    what: &str,
) -> Finding {
    for (id, symptom) in symptoms {
        finding = finding
            .observed(format!("{what} ({} times)", symptom.count), &symptom.from)
            .explains([id]);
    }
    finding
}

/// The same switch at each location.
pub(super) fn switch_all(view: &View<'_>, locations: &[String], switch: &Switch) -> Vec<Change> {
    let server = view.endpoint.server;
    locations
        .iter()
        .map(|l| Change::Set(server, l.clone(), switch.clone()))
        .collect()
}
