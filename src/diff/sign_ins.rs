//! How users signed in: by package in the Security logs of the servers, by legs in the IIS logs of the sites.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Side;
use super::sources::{self, Source, Sources, rate, round};
use super::symptoms::in_hours;
use crate::case::{Case, Meaning, Role};
use crate::readers::events::Body;
use crate::report::model::{SignInChange, SignIns};

/// Sign-ins by Kerberos and by NTLM.
type Counts = (u64, u64);

/// The servers, then the sites, of both bundles.
pub(super) fn compare(
    before: &Side<'_>,
    after: &Side<'_>,
    since: Option<Timestamp>,
) -> Vec<SignInChange> {
    let covered = (
        Sources::of(&before.case, None),
        Sources::of(&after.case, since),
    );
    let (old, new) = (counts(&before.case), counts(&after.case));
    let mut all: Vec<&Source> = old.keys().chain(new.keys()).collect();
    all.sort_by_key(|(host, name)| (name != SECURITY, host.as_str(), name.as_str()));
    all.dedup();
    all.into_iter()
        .map(|source| {
            let before = signed_in(old.get(source), source, &covered.0);
            let after = signed_in(new.get(source), source, &covered.1);
            let (host, name) = source;
            SignInChange {
                at: match host.is_empty() {
                    true => "a server that is not named".to_owned(),
                    false => host.clone(),
                },
                source: match name == SECURITY {
                    true => "logons in the Security log".to_owned(),
                    false => format!("legs in the {name}"),
                },
                says: says(before.as_ref(), after.as_ref()),
                before,
                after,
            }
        })
        .filter(|change| {
            let any = |s: &Option<SignIns>| s.as_ref().is_some_and(|s| s.ntlm_share.is_some());
            any(&change.before) || any(&change.after)
        })
        .collect()
}

const SECURITY: &str = "Security";

/// The sign-ins that each source of a case shows. Network logons of people count; computers log on to each other all day.
fn counts(case: &Case) -> BTreeMap<Source, Counts> {
    let mut counts: BTreeMap<Source, Counts> = BTreeMap::new();
    for (event, logon) in case.pick(|body| match body {
        Body::Logon(logon) if logon.logon_type == Some(3) => Some(logon),
        _ => None,
    }) {
        let name = logon.target.name.as_deref().unwrap_or("$");
        let of_windows = matches!(
            logon.target.domain.as_deref(),
            Some("NT AUTHORITY" | "Window Manager" | "Font Driver Host")
        );
        let host = case.hosts.find(&event.computer);
        let Some(host) = host.map(|id| case.hosts.get(id)) else {
            continue;
        };
        if name.ends_with('$') || of_windows || !host.roles.contains(&Role::WebServer) {
            continue;
        }
        let source = (host.name.clone(), SECURITY.to_owned());
        if logon.is_kerberos() {
            counts.entry(source).or_default().0 += 1;
        } else if logon.lm_package.is_some() || logon.package.as_deref() == Some("NTLM") {
            counts.entry(source).or_default().1 += 1;
        }
    }
    for site in &case.logged_sites {
        let counted = counts.entry(sources::of_site(case, site)).or_default();
        for (_, exchange, meaning) in site.read() {
            match meaning {
                Meaning::OneLeg => counted.0 = counted.0.saturating_add(exchange.count),
                Meaning::TwoLegs => counted.1 = counted.1.saturating_add(exchange.count),
                _ => {}
            }
        }
    }
    counts
}

fn signed_in(counts: Option<&Counts>, source: &Source, covered: &Sources) -> Option<SignIns> {
    let span = covered.longest([source])?;
    let (kerberos, ntlm) = counts.copied().unwrap_or_default();
    let all = kerberos.saturating_add(ntlm);
    Some(SignIns {
        kerberos: rate(kerberos, Some(span)),
        ntlm: rate(ntlm, Some(span)),
        ntlm_share: (all > 0).then(|| round(ntlm as f64 / all as f64)),
    })
}

/// What keeps the two from being compared.
fn says(before: Option<&SignIns>, after: Option<&SignIns>) -> String {
    let short = |side: &SignIns, name: &str| {
        let hours = side.ntlm.hours.filter(|_| side.ntlm.per_hour.is_none());
        hours.map(|hours| {
            format!(
                "{name} covers only {}: too short for a rate",
                in_hours(hours)
            )
        })
    };
    match (before, after) {
        (None, _) => "BEFORE does not cover it".to_owned(),
        (_, None) => "AFTER does not cover it".to_owned(),
        (Some(before), Some(after)) => short(after, "AFTER")
            .or_else(|| short(before, "BEFORE"))
            .or_else(|| {
                let nobody = after.ntlm_share.is_none();
                nobody.then(|| "nobody signed in in AFTER".to_owned())
            })
            .unwrap_or_default(),
    }
}
