//! Who crosses a trust: users of other domains at a web server, and what the KDCs of other realms answered.

use std::collections::BTreeSet;

use crate::case::{Case, HostId, Role, Sameness, Spn, Symptom, SymptomId, SymptomKind, split_name};
use crate::causes::Scene;
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, Logon, LogonFailed};
use crate::readers::trust::{Trust, TrustKind};

/// Whether two domains are shown to be different ones. Realms of KDCs and of trusts are domains by their DNS names, so that
/// two names are two domains.
pub(super) fn differ(case: &Case, a: &str, b: &str) -> bool {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    if a.contains('.') && b.contains('.') {
        return a != b;
    }
    case.accounts.same_domain(Some(&a), Some(&b)) == Sameness::Different
}

/// Network logons that failed with one of these statuses: the machine, the event, what it says. A server of which only a log
/// was sent may be a web server; a domain controller that is none passes logons on for others.
pub(super) fn refusals<'a>(
    scene: &Scene<'a>,
    codes: &'static [u32],
) -> Vec<(HostId, &'a Event, &'a LogonFailed)> {
    let case = scene.case;
    let failed = case.pick(|body| match body {
        Body::LogonFailed(e) if e.logon_type == Some(3) => Some(e),
        _ => None,
    });
    failed
        .filter(|(_, e)| codes.contains(&code(e)))
        .filter_map(|(event, e)| {
            let host = case.hosts.find(&event.computer)?;
            let controller = case.hosts.get(host).roles.contains(&Role::DomainController);
            (is_web(case, host) || !controller).then_some((host, event, e))
        })
        .collect()
}

/// Whether a machine is shown to be a web server.
pub(super) fn is_web(case: &Case, host: HostId) -> bool {
    case.hosts.get(host).roles.contains(&Role::WebServer)
}

/// The status with the detail.
pub(super) fn code(e: &LogonFailed) -> u32 {
    let sub = e.sub_status.filter(|sub| *sub != 0);
    sub.or(e.status).unwrap_or(0)
}

/// Whether the user of a refused logon is of another domain than the machine.
pub(super) fn is_foreign_user(case: &Case, host: HostId, e: &LogonFailed) -> bool {
    case.is_foreign_domain(host, e.target.domain.as_deref())
}

/// Whether the user of a refused logon is shown to be of the machine's own domain.
pub(super) fn is_own_user(case: &Case, host: HostId, e: &LogonFailed) -> bool {
    let domain = e.target.domain.as_deref().map(str::to_lowercase);
    let home = case.home_domain(host);
    let short = home.as_deref().and_then(|home| home.split('.').next());
    domain.is_some() && (domain == home || domain.as_deref() == short)
}

/// The domains that refused logons name, in capitals.
pub(super) fn domains(refused: &[(&Event, &LogonFailed)]) -> BTreeSet<String> {
    let of = |e: &LogonFailed| e.target.domain.clone().unwrap_or_default().to_uppercase();
    refused.iter().map(|(_, e)| of(e)).collect()
}

/// The symptoms on a machine with one of these statuses that are of the users of these refused logons alone.
pub(super) fn failed_for(
    scene: &Scene<'_>,
    host: HostId,
    codes: &'static [u32],
    refused: &[(&Event, &LogonFailed)],
) -> Vec<SymptomId> {
    let bare = |e: &LogonFailed| split_name(e.target.name.as_deref().unwrap_or_default()).1;
    let known: BTreeSet<String> = refused.iter().map(|(_, e)| bare(e)).collect();
    let theirs = failed_on(scene, host, codes).into_iter();
    let theirs = theirs.filter(|(_, s)| users(s).is_subset(&known));
    theirs.map(|(id, _)| id).collect()
}

/// The symptoms of network logons that failed on a machine with one of these statuses.
pub(super) fn failed_on<'a>(
    scene: &Scene<'a>,
    host: HostId,
    codes: &'static [u32],
) -> Vec<(SymptomId, &'a Symptom)> {
    scene.symptoms(|kind| match kind {
        SymptomKind::LogonFailed {
            host: h,
            status,
            sub_status,
            ..
        } => {
            let code = if *sub_status == 0 {
                *status
            } else {
                *sub_status
            };
            *h == host && codes.contains(&code)
        }
        _ => false,
    })
}

/// Logons of people over the network on a machine.
pub(super) fn logons(case: &Case, host: HostId) -> impl Iterator<Item = (&Event, &Logon)> {
    case.pick(|body| match body {
        Body::Logon(logon) if logon.logon_type == Some(3) => Some(logon),
        _ => None,
    })
    .filter(move |(event, logon)| {
        let person = logon.target.name.as_deref().is_some_and(|name| {
            !name.ends_with('$') && !name.eq_ignore_ascii_case("anonymous logon")
        });
        person && case.hosts.find(&event.computer) == Some(host)
    })
}

/// Logons of users of another domain than the machine's, each with that domain.
pub(super) fn foreign_logons(case: &Case, host: HostId) -> Vec<(String, &Event, &Logon)> {
    logons(case, host)
        .filter_map(|(event, logon)| {
            let domain = logon.target.domain.as_deref();
            case.is_foreign_domain(host, domain)
                .then(|| (domain.unwrap_or_default().to_lowercase(), event, logon))
        })
        .collect()
}

/// Web servers of the case.
pub(super) fn web_servers(case: &Case) -> impl Iterator<Item = HostId> {
    let all = case.hosts.iter();
    all.filter(|(_, h)| h.roles.contains(&Role::WebServer))
        .map(|(id, _)| id)
}

/// Who answered for an SPN with one of these errors: the realm of the KDC, lower case, and the record.
pub(super) fn answers<'a>(case: &'a Case, spn: &Spn, codes: &[u32]) -> Vec<(String, &'a Event)> {
    let key = spn.key();
    let is = |name: &str| Spn::new(name.split('@').next().unwrap_or(name)).key() == key;
    let mut found = Vec::new();
    for event in &case.events {
        let (code, name) = match &event.body {
            Body::KerberosError(e) => (
                e.code,
                e.target_name.as_deref().or(e.server_name.as_deref()),
            ),
            Body::ServiceTicketRequest(e) => (e.status, e.service_name.as_deref()),
            _ => continue,
        };
        if code.is_some_and(|code| codes.contains(&code)) && name.is_some_and(is) {
            found.extend(event.kdc_realm().map(|realm| (realm, event)));
        }
    }
    found
}

/// The domain of the account that holds a name, by its DNS name, where that is known.
pub(super) fn realm_of(case: &Case, account: crate::case::AccountId) -> Option<String> {
    let account = case.accounts.get(account);
    let dn = account.dn.as_deref().and_then(crate::case::dn_domain);
    dn.or_else(|| account.domain.clone().filter(|d| d.contains('.')))
}

/// The names of users in the symptoms, without their domains.
pub(super) fn users(symptom: &Symptom) -> BTreeSet<String> {
    symptom.principals.iter().map(|p| split_name(p).1).collect()
}

/// Tickets for another realm in a cache: the trust was crossed.
pub(super) fn referral_tickets(case: &Case, realm: &str) -> Vec<Citation> {
    let name = format!("krbtgt/{realm}");
    let held = case
        .tickets
        .iter()
        .filter(|t| t.spn.as_str().eq_ignore_ascii_case(&name));
    held.map(|t| t.ticket.from.clone()).collect()
}

/// The listings of the trust between two domains, whichever side they were taken on.
pub(super) fn trusts<'a>(case: &'a Case, a: &str, b: &str) -> Vec<&'a Trust> {
    let with = |trust: &Trust, name: &str, other: &str| {
        let mut names = [&trust.dns, &trust.netbios].into_iter().flatten();
        names.any(|own| case.is_one_domain(own, name))
            && trust
                .of
                .as_deref()
                .is_none_or(|of| case.is_one_domain(of, other))
    };
    let all = case.domains.trusts.iter();
    all.filter(|trust| with(trust, a, b) || with(trust, b, a))
        .collect()
}

/// Whether two domains are shown to be of one forest: one below the other, or joined by a trust within the forest.
pub(super) fn is_one_forest(case: &Case, a: &str, b: &str) -> bool {
    let below = |a: &str, b: &str| a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    let within = |trust: &&Trust| trust.kind == Some(TrustKind::WithinForest);
    below(a, b) || below(b, a) || trusts(case, a, b).iter().any(within)
}
