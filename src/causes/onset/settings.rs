//! Whether a setting of IIS that was changed is one of the finding's site, application or pool, and matters to who gets in.

use crate::case::{ChangedSetting, Endpoint};

use super::Asked;

/// Parts of paths of settings of authentication, identity and bindings.
const MATTER: [&str; 8] = [
    "authentication",
    "authorization",
    "security/ip",
    "@applicationpool",
    "binding",
    "modules",
    "httpprotocol",
    "aspnetcore",
];

/// Causes that lie in accounts, machines and trusts, whatever IIS is set to.
const NOT_OF_IIS: [&str; 3] = ["AC", "MC", "TR"];

/// Attributes of a pool that say as whom and how it runs: the others only say when, and how much of it.
const OF_POOL: [&str; 8] = [
    "identitytype",
    "username",
    "password",
    "loaduserprofile",
    "logontype",
    "manualgroupmembership",
    "managedpipelinemode",
    "managedruntimeversion",
];

pub(super) fn fits(asked: &Asked<'_>, changed: &ChangedSetting) -> bool {
    let setting = changed.setting.as_str();
    let matters = match setting.split_once("/applicationpools") {
        Some((_, of_pool)) => match of_pool.rsplit_once("/@") {
            Some((_, attribute)) => OF_POOL.contains(&attribute),
            // The pool as a whole: it was made, or removed.
            None => !of_pool.contains("]/"),
        },
        None => MATTER.iter().any(|word| setting.contains(word)),
    };
    matters
        && !NOT_OF_IIS.contains(&asked.group)
        && covers(asked, &changed.location)
        && is_of_named(asked, setting)
}

/// Whether the scope that it was written at is the whole server, or one above or below what the finding is about.
fn covers(asked: &Asked<'_>, location: &str) -> bool {
    let subject = asked.subject();
    if location.is_empty() {
        return true;
    }
    let Some(site) = subject.site.as_deref().map(str::to_lowercase) else {
        return false;
    };
    let application = subject.application.as_deref().unwrap_or_default();
    let application = application.trim_matches('/').to_lowercase();
    let at = match application.is_empty() {
        true => site,
        false => format!("{site}/{application}"),
    };
    is_at_or_below(&at, location) || is_at_or_below(location, &at)
}

fn is_at_or_below(path: &str, above: &str) -> bool {
    let below = path.strip_prefix(above);
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a pool or a site that its path names is the finding's own: `…/applicationPools/add[@name="Portal"]/…`.
fn is_of_named(asked: &Asked<'_>, setting: &str) -> bool {
    let Some(site) = asked.subject().site.as_deref() else {
        return true;
    };
    let endpoints = asked.case.situation.endpoints.iter();
    let own = |endpoint: &&Endpoint| {
        endpoint.site.eq_ignore_ascii_case(site) && asked.is_of_host(endpoint.host)
    };
    if let Some(pool) = named(setting, "applicationpools/add[@name=") {
        let mut pools = endpoints.filter(own).filter_map(|e| e.pool.as_ref());
        return pools.any(|own| own.name.eq_ignore_ascii_case(pool));
    }
    named(setting, "sites/site[@name=").is_none_or(|named| named.eq_ignore_ascii_case(site))
}

/// The name between quotes that follows.
fn named<'a>(setting: &'a str, lead: &str) -> Option<&'a str> {
    let (_, rest) = setting.split_once(lead)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split(quote).next()
}
