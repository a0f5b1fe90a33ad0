//! The settings of IIS in force at every site and application of both bundles.

use super::attributes::Attribute;
use super::pairs::{Pairs, locations};
use crate::case::{Case, Endpoint, ServerId};
use crate::evidence::{Cited, Known};
use crate::readers::iis_config::{Origin, Setting, TokenChecking};
use crate::report::model::AttributeKind;

/// The settings of every location, in the order of the servers and locations.
pub(super) fn collect(before: &Case, after: &Case, pairs: &Pairs) -> Vec<Attribute> {
    let mut all = Vec::new();
    for (first, second) in pairs.servers.values() {
        let (old, new) = (locations(before, *first), locations(after, *second));
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let (a, b) = (old.get(name).copied(), new.get(name).copied());
            let (a, b) = (of(before, *first, a), of(after, *second, b));
            let subject = a.0.clone().or_else(|| b.0.clone()).unwrap_or_default();
            for ((name, before), (_, after)) in a.1.into_iter().zip(b.1) {
                all.push(Attribute {
                    kind: AttributeKind::Setting,
                    subject: subject.clone(),
                    name: name.to_owned(),
                    before,
                    after,
                });
            }
        }
    }
    all
}

/// The settings of a location by their names: always the same ones. Where the whole configuration of the server is there and
/// has no such location, they are absent.
fn of(
    case: &Case,
    server: Option<ServerId>,
    endpoint: Option<&Endpoint>,
) -> (Option<String>, Vec<(&'static str, Known<String>)>) {
    const NAMES: [&str; 9] = [
        "windowsAuthentication",
        "anonymousAuthentication",
        "basicAuthentication",
        "providers",
        "useKernelMode",
        "useAppPoolCredentials",
        "extendedProtection tokenChecking",
        "application pool",
        "pool identity",
    ];
    let server = server.and_then(|id| case.servers.get(id.0 as usize));
    let whole = server.is_some_and(|server| server.config.complete);
    let Some(endpoint) = endpoint else {
        let absent = match server.filter(|_| whole) {
            Some(server) => Known::Absent(vec![server.config.from.clone()]),
            None => Known::Unknown,
        };
        return (None, NAMES.map(|name| (name, absent.clone())).into());
    };
    let settings = &endpoint.settings;
    let windows = &settings.windows;
    let switch = |setting: &Setting<bool>| known(setting, whole, |on| on.to_string());
    let checking = |checking: &TokenChecking| {
        match checking {
            TokenChecking::None => "None",
            TokenChecking::Allow => "Allow",
            TokenChecking::Require => "Require",
        }
        .to_owned()
    };
    let pool = |pick: &dyn Fn(&crate::case::EndpointPool) -> String| match &endpoint.pool {
        Some(pool) => Known::Present(Cited {
            value: pick(pool),
            from: pool.from.clone(),
        }),
        None => Known::Unknown,
    };
    let values = [
        switch(&windows.enabled),
        switch(&settings.anonymous.enabled),
        switch(&settings.basic),
        providers(endpoint, whole),
        switch(&windows.use_kernel_mode),
        switch(&windows.use_app_pool_credentials),
        known(&windows.extended_protection.token_checking, whole, checking),
        pool(&|pool| pool.name.clone()),
        pool(&|pool| pool.identity.shown(&case.accounts)),
    ];
    let subject = format!("{} on {}", endpoint.location(), case.server(endpoint).label);
    (Some(subject), NAMES.into_iter().zip(values).collect())
}

/// A setting; a default of the schema counts only where the whole configuration is there.
fn known<T>(setting: &Setting<T>, whole: bool, shown: impl Fn(&T) -> String) -> Known<String> {
    let from = match &setting.origin {
        Origin::Set(citation) => vec![citation.clone()],
        Origin::SchemaDefault if whole => Vec::new(),
        Origin::SchemaDefault => return Known::Unknown,
    };
    Known::Present(Cited {
        value: shown(&setting.value),
        from,
    })
}

fn providers(endpoint: &Endpoint, whole: bool) -> Known<String> {
    let windows = &endpoint.settings.windows;
    let names: Vec<&str> = windows.providers.iter().map(|(n, _)| n.as_str()).collect();
    let mut from: Vec<_> = windows.providers.iter().map(|(_, c)| c.clone()).collect();
    if names.is_empty() {
        from.extend(windows.providers_shaped_by.iter().cloned());
    }
    match (names.is_empty(), from.is_empty()) {
        (true, true) if !whole => Known::Unknown,
        (true, _) => Known::Present(Cited {
            value: "none".to_owned(),
            from,
        }),
        (false, _) => Known::Present(Cited {
            value: names.join(", "),
            from,
        }),
    }
}
