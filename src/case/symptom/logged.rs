//! Symptoms that logs of IIS and of http.sys show. Ordinary legs, health checks, preflights and slips are none.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::sighting::{OwnAddresses, is_own};
use super::{KEPT, Symptom, SymptomKind, earlier};
use crate::case::requests::{HttpRefusal, LoggedSite, LoggedSiteId, Meaning};
use crate::case::{Case, HostId, split_name};
use crate::evidence::{Citation, When};
use crate::readers::iis_config::is_below;
use crate::readers::web_log::{Exchange, Leg};

/// Refusals of callers who send no credentials, or no second token, from which on they are a failure and no chance.
const REPEATED: u64 = 3;
/// SEC_E_INVALID_TOKEN.
const INVALID_TOKEN: u32 = 0x8009_0308;

/// How many exchanges were no slip, which the same caller's next sign-in mends. Behind an address that many call from, the
/// next one who signs in may be another user; and a token that fits no handshake is nobody's typing error.
fn lasting(shared: &BTreeSet<&str>, exchange: &Exchange) -> u64 {
    let last = exchange.legs.last().and_then(|leg| leg.win32);
    match last == Some(INVALID_TOKEN) && shared.contains(&*exchange.caller.client) {
        true => exchange.count,
        false => exchange.count - exchange.recovered.min(exchange.count),
    }
}

/// The symptoms of all logs.
pub(super) fn collect(case: &Case, own: &OwnAddresses) -> Vec<Symptom> {
    let mut groups = BTreeMap::new();
    for (at, site) in case.logged_sites.iter().enumerate() {
        of_site(case, LoggedSiteId(at), site, own, &mut groups);
    }
    for refused in &case.http_refusals {
        if let Some(kind) = http_kind(refused) {
            let symptom = groups
                .entry(kind.clone())
                .or_insert_with(|| Symptom::new(kind));
            let refusal = &refused.refusal;
            symptom.add(
                case,
                refused.host,
                refusal.count,
                (refusal.first, refusal.last),
                &refusal.from,
            );
            symptom
                .clients
                .extend(refusal.clients.iter().map(|c| c.to_string()));
            symptom
                .principals
                .extend(case.users_of_calls(&refusal.calls));
        }
    }
    groups.into_values().filter(|s| s.count > 0).collect()
}

fn of_site(
    case: &Case,
    id: LoggedSiteId,
    site: &LoggedSite,
    own: &OwnAddresses,
    groups: &mut BTreeMap<SymptomKind, Symptom>,
) {
    let mut seen: BTreeMap<SymptomKind, Vec<&Exchange>> = BTreeMap::new();
    let is_own = |exchange: &Exchange| {
        let client = &*exchange.caller.client;
        match site.host {
            Some(host) => is_own(host, Some(client), own),
            None => client
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback()),
        }
    };
    let asks_otherwise = asks_otherwise(case, site);
    for (_, exchange, meaning) in site.read() {
        let kind = match meaning {
            Meaning::SignInFailed(sub_status, win32) => SymptomKind::SignInFailed {
                site: id,
                sub_status,
                win32,
                own_address: is_own(exchange),
            },
            Meaning::AccessRefused(sub_status) => SymptomKind::AccessRefused(id, sub_status),
            Meaning::RefusedUntold => SymptomKind::RefusedUntold(id),
            Meaning::AddressRefused(sub_status) => SymptomKind::AddressRefused(id, sub_status),
            Meaning::PipelineRefused(sub_status) => SymptomKind::PipelineRefused(id, sub_status),
            Meaning::PreflightInVain => SymptomKind::PreflightsRefused(id),
            Meaning::ConfigUnreadable(win32) => SymptomKind::ConfigUnreadable(id, win32),
            Meaning::TwoLegs if !is_own(exchange) && is_of_domain_users(case, site, exchange) => {
                SymptomKind::NtlmByLegs(id)
            }
            Meaning::TokenAlone if !exchange.caller.signed_in => SymptomKind::TokensAlone(id),
            Meaning::NoCredentials if site.signed_in == 0 && !asks_otherwise => {
                SymptomKind::NobodySignsIn(id)
            }
            _ => continue,
        };
        seen.entry(kind).or_default().push(exchange);
    }
    let failed = seen.keys().any(|kind| {
        matches!(
            kind,
            SymptomKind::SignInFailed { .. }
                | SymptomKind::AccessRefused(..)
                | SymptomKind::RefusedUntold(_)
                | SymptomKind::TokensAlone(_)
        )
    });
    let pages = login_pages(case, id, site);
    if pages.count >= REPEATED {
        groups.insert(pages.kind.clone(), pages);
    }
    let shared = site.shared_addresses();
    for (kind, exchanges) in seen {
        let count: u64 = exchanges.iter().map(|e| lasting(&shared, e)).sum();
        let enough = match kind {
            SymptomKind::NobodySignsIn(_) => !failed && count >= REPEATED,
            SymptomKind::TokensAlone(_) => count >= REPEATED,
            _ => count > 0,
        };
        if enough {
            let symptom = groups
                .entry(kind.clone())
                .or_insert_with(|| Symptom::new(kind));
            symptom.fill(case, site, &shared, &exchanges);
        }
    }
}

/// Whether a site is set up for another scheme than Windows authentication: who asks it without credentials is none of ours.
fn asks_otherwise(case: &Case, site: &LoggedSite) -> bool {
    let endpoints = || {
        let all = case.situation.endpoints.iter();
        all.filter(|e| Some(e.server) == site.server && Some(&e.site) == site.site.as_ref())
    };
    endpoints().any(|e| e.settings.basic.value || e.settings.digest.value)
        && endpoints().all(|e| !e.settings.windows.enabled.value)
}

/// Requests for login pages of applications that have Windows authentication on and shut anonymous users out.
fn login_pages(case: &Case, id: LoggedSiteId, site: &LoggedSite) -> Symptom {
    let mut symptom = Symptom::new(SymptomKind::LoginPages(id));
    let spans = site.logs.iter();
    let mut spans = spans.filter_map(|(_, first, last)| first.zip(*last));
    let span = spans.next().unzip();
    let mut paths = BTreeMap::new();
    for (path, (count, from)) in &site.login_pages {
        if wants_windows(case, site, path) {
            symptom.add(case, site.host, *count, span, std::slice::from_ref(from));
            paths.insert(path.to_string(), *count);
        }
    }
    symptom.spread.paths = most(paths);
    symptom
}

/// Whether a login page is not what users expect at a path: the application that serves it has Windows authentication on and
/// shuts anonymous users out.
fn wants_windows(case: &Case, site: &LoggedSite, path: &str) -> bool {
    let all = case.situation.endpoints.iter();
    let own = all.filter(|e| site.is_of(e) && is_below(path, &e.application));
    let serving = own.max_by_key(|e| e.application.len());
    serving.is_some_and(|e| e.settings.windows.enabled.value && !e.settings.anonymous.enabled.value)
}

/// Whether users of a domain signed in: not accounts of the machine itself, and no computers.
fn is_of_domain_users(case: &Case, site: &LoggedSite, exchange: &Exchange) -> bool {
    let machine = site
        .host
        .map(|host| case.hosts.get(host).name.to_lowercase());
    exchange.users.iter().any(|user| {
        let (domain, name) = split_name(user);
        !name.ends_with('$') && (domain.is_none() || domain != machine)
    })
}

/// What http.sys refused, where it is a failure of authentication or of a pool.
fn http_kind(refused: &HttpRefusal) -> Option<SymptomKind> {
    let kind = &refused.refusal.kind;
    match (kind.status?, &*kind.reason, &kind.queue) {
        (400, "FieldLength" | "RequestLength", _) => Some(SymptomKind::HeaderTooLong(
            refused.host,
            kind.reason.to_string(),
        )),
        (503, "AppOffline" | "Disabled" | "QueueFull" | "N/A", Some(pool)) => Some(
            SymptomKind::PoolRefuses(refused.host, pool.to_string(), kind.reason.to_string()),
        ),
        _ => None,
    }
}

impl Symptom {
    fn add(
        &mut self,
        case: &Case,
        host: Option<HostId>,
        count: u64,
        (first, last): (Option<When>, Option<When>),
        from: &[Citation],
    ) {
        let mut certainty = self.certainty;
        let mut utc = |when: Option<When>| {
            let (time, sure) = case.clocks.utc(host, when?)?;
            certainty = certainty.max(sure);
            Some(time)
        };
        let (first, last) = (utc(first), utc(last));
        self.certainty = certainty;
        self.count += count;
        self.first = earlier(self.first, first);
        self.last = last.max(self.last);
        self.from.extend(from.iter().cloned());
        self.from
            .sort_by(|a, b| (a.time, &a.artifact, &a.place).cmp(&(b.time, &b.artifact, &b.place)));
        self.from.dedup();
        if self.from.len() > KEPT
            && let Some(last) = self.from.pop()
        {
            self.from.truncate(KEPT - 1);
            self.from.push(last);
        }
    }

    fn fill(
        &mut self,
        case: &Case,
        site: &LoggedSite,
        shared: &BTreeSet<&str>,
        exchanges: &[&Exchange],
    ) {
        let mut paths: BTreeMap<&str, u64> = BTreeMap::new();
        let mut clients: BTreeMap<String, u64> = BTreeMap::new();
        let mut legs = BTreeSet::new();
        for exchange in exchanges {
            let left = lasting(shared, exchange);
            if left == 0 {
                continue;
            }
            self.add(
                case,
                site.host,
                left,
                (exchange.first, exchange.last),
                &exchange.from,
            );
            self.principals
                .extend(exchange.users.iter().map(|u| u.to_string()));
            // A line that refuses a sign-in names nobody; the event of its connection does.
            if exchange.users.is_empty() {
                self.principals.extend(case.users_of_calls(&exchange.calls));
            }
            let caller = &exchange.caller;
            if !caller.client.is_empty() {
                self.clients.insert(caller.client.to_string());
            }
            let named = match &caller.forwarded {
                Some(claimed) => format!("{} (forwarded for {claimed})", caller.client),
                None => caller.client.to_string(),
            };
            *clients.entry(named).or_default() += left;
            *paths.entry(&exchange.path).or_default() += left;
            legs.insert(&exchange.legs);
        }
        let minutes = minutes(site, &legs);
        for (minute, count) in &minutes {
            self.pace.add(Some(*minute), *count);
        }
        for (artifact, ..) in &site.logs {
            self.pace.shown_by(*artifact);
        }
        self.spread = Spread {
            clients: most(clients),
            paths: most(paths.into_iter().map(|(p, n)| (p.to_owned(), n)).collect()),
            busiest: minutes
                .into_iter()
                .max_by_key(|(minute, count)| (*count, std::cmp::Reverse(*minute))),
        };
    }
}

/// Where failures gather: those who met most of them, most first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Clients with their number of failures, all of them.
    pub clients: Vec<(String, u64)>,
    /// Paths with their number of failures, all of them.
    pub paths: Vec<(String, u64)>,
    /// The minute with most failures, and how many.
    pub busiest: Option<(Timestamp, u64)>,
}

fn most(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// How many exchanges of these legs ended in each minute, UTC.
fn minutes(site: &LoggedSite, legs: &BTreeSet<&Vec<Leg>>) -> BTreeMap<Timestamp, u64> {
    // Minutes of a local clock are no minutes of UTC.
    if !site
        .logs
        .iter()
        .all(|(_, first, _)| matches!(first, Some(When::Utc(_))))
    {
        return BTreeMap::new();
    }
    let mut minutes: BTreeMap<Timestamp, u64> = BTreeMap::new();
    for ((of, minute), count) in &site.minutes {
        let begin = minute.checked_mul(60).map(Timestamp::from_second);
        if let (true, Some(Ok(begin))) = (legs.contains(of), begin) {
            *minutes.entry(begin).or_default() += count;
        }
    }
    minutes
}
