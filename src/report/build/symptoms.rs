//! Symptoms in words.

use crate::case::{Attempts, Case, HostId, Spn, Symptom, SymptomId, SymptomKind};
use crate::causes::{Judgement, Scene};
use crate::codes;
use crate::report::model;

use super::book::Book;
use super::rates;
use super::timeline::unless_exact;

/// How many paths and clients of a symptom are named.
const SPREAD: usize = 5;
/// How many principals are named in full.
const NAMED: usize = 10;

/// The id of a symptom in the report.
pub(super) fn id(symptom: SymptomId) -> String {
    format!("S{}", symptom.0 + 1)
}

/// The symptoms of a case.
pub(super) fn build(
    scene: &Scene<'_>,
    judgement: &Judgement,
    book: &mut Book<'_>,
) -> Vec<model::Symptom> {
    let case = scene.case;
    let attempts = Attempts::new(case, scene.client_names());
    case.numbered_symptoms()
        .map(|(number, symptom)| model::Symptom {
            id: id(number),
            what: what(case, symptom),
            count: symptom.count,
            first_time: symptom.first.map(model::Time),
            last_time: symptom.last.map(model::Time),
            time_certainty: unless_exact(symptom.certainty),
            endpoint: endpoint(case, symptom),
            principals: symptom.principals.iter().take(NAMED).cloned().collect(),
            rate: rates::rate(symptom),
            details: details(symptom),
            attempt: attempt(case, symptom, &attempts, book),
            missing: (judgement.asks.get(&number).into_iter().flatten())
                .map(super::missing)
                .collect(),
            evidence: book.cite_all(&symptom.from),
        })
        .collect()
}

/// One attempt as several machines wrote of it.
fn attempt(
    case: &Case,
    symptom: &Symptom,
    attempts: &Attempts<'_>,
    book: &mut Book<'_>,
) -> Vec<model::AttemptStep> {
    let steps = attempts.behind(symptom).into_iter();
    steps
        .map(|step| model::AttemptStep {
            time: model::Time(step.time),
            host: step.host.map_or_else(
                || step.event.computer.to_string(),
                |host| case.hosts.get(host).name.clone(),
            ),
            says: step.from.text.to_string(),
            joined_by: step.joined_by.map(str::to_owned),
            surely_after: step.surely_after,
            evidence: vec![book.cite(step.from)],
        })
        .collect()
}

/// The URL of the endpoint whose name a symptom is about, where there is one.
fn endpoint(case: &Case, symptom: &Symptom) -> Option<String> {
    if let Some(logged) = symptom.logged_site().and_then(|id| case.logged_site(id)) {
        let mut all = case.situation.endpoints.iter();
        return all
            .find(|e| {
                Some(e.server) == logged.server
                    && Some(&e.site) == logged.site.as_ref()
                    && e.application == "/"
            })
            .map(crate::case::Endpoint::url);
    }
    let spn = Spn::new(symptom.spn()?);
    case.situation
        .endpoints
        .iter()
        .find(|e| e.is_named(&spn.host()))
        .map(crate::case::Endpoint::url)
}

/// What failed, as one sentence with the codes in words.
pub(super) fn what(case: &Case, symptom: &Symptom) -> String {
    let host = |id| case.hosts.get(id).name.clone();
    match &symptom.kind {
        SymptomKind::KeyMismatch(spn) => format!(
            "clients were told that the ticket for {} cannot be opened (KRB_AP_ERR_MODIFIED)",
            shown(spn)
        ),
        SymptomKind::PrincipalUnknown(spn) => {
            format!("the KDC found no single account for {} (0x7)", shown(spn))
        }
        SymptomKind::KerberosError(spn, code) => format!(
            "the KDC refused a ticket for {}: {}",
            shown(spn),
            codes::KERBEROS.in_words(*code)
        ),
        SymptomKind::ReferralFailed(realm, code) => format!(
            "a ticket for the realm {} was refused: {}",
            realm.to_uppercase(),
            codes::KERBEROS.in_words(*code)
        ),
        SymptomKind::ForeignTicket(id) => format!(
            "{} refused tickets of another machine that carries its own machine id (LsaSrv 6167)",
            host(*id)
        ),
        SymptomKind::NtlmForName(spn, Some(usage)) => format!(
            "NTLM was used towards {}: {}",
            shown(spn),
            codes::NTLM_USAGE.in_words(*usage)
        ),
        SymptomKind::NtlmForName(spn, None) => format!("NTLM was used towards {}", shown(spn)),
        SymptomKind::NtlmLogons(id) => format!(
            "domain users logged on to {} over the network by NTLM",
            host(*id)
        ),
        SymptomKind::LogonFailed {
            host: id,
            status,
            sub_status,
            own_address,
        } => {
            let code = if *sub_status == 0 { status } else { sub_status };
            let from = if *own_address { " from itself" } else { "" };
            format!(
                "network logons to {} failed{from}: {}",
                host(*id),
                codes::NTSTATUS.in_words(*code)
            )
        }
        SymptomKind::TokenRefused {
            host: id,
            code,
            spn,
        } => {
            let what = match spn {
                Some(spn) => format!("a ticket for {}", shown(spn)),
                None => "tokens of users".to_owned(),
            };
            format!(
                "{} refused {what}: {}",
                host(*id),
                codes::status_in_words(*code)
            )
        }
        SymptomKind::SecondHop {
            front,
            target,
            code,
        } => second_hop(case, *front, target, *code),
        SymptomKind::Loopback(id, target) if target.is_empty() => format!(
            "{} refused logons to a name of its own (loop-back check)",
            host(*id)
        ),
        SymptomKind::Loopback(id, target) => format!(
            "{} refused logons to its own name {target} (loop-back check)",
            host(*id)
        ),
        SymptomKind::PoolDown(id, pool) => format!(
            "application pool {pool} on {} did not start or was disabled",
            host(*id)
        ),
        SymptomKind::ServiceLogonFailed(id, account, status) => {
            format!(
                "{account} could not log on as a service or batch job on {}: {}",
                host(*id),
                codes::NTSTATUS.in_words(*status)
            )
        }
        SymptomKind::NtlmBlocked(id, Some(spn)) => format!(
            "a policy or setting on {} blocked NTLM towards {}",
            host(*id),
            shown(spn)
        ),
        SymptomKind::NtlmBlocked(id, None) => {
            format!("a policy or setting blocked NTLM on {}", host(*id))
        }
        SymptomKind::SecureChannel(id) => format!("the secure channel failed on {}", host(*id)),
        SymptomKind::NtlmTimeouts(id) => format!(
            "NTLM logons timed out on {} before a domain controller was asked",
            host(*id)
        ),
        SymptomKind::ClockSkew(id) => {
            format!("the clocks are too far apart, seen on {}", host(*id))
        }
        SymptomKind::ManagedPassword(id, account) => {
            format!("{} could not fetch the password of {account}", host(*id))
        }
        SymptomKind::TracedRefusal(id, sub_status) => format!(
            "traced requests of signed-in users on {} were refused: {}",
            host(*id),
            codes::iis_status::in_words(401, *sub_status)
        ),
        SymptomKind::TokenTooLarge(id) => format!(
            "Kerberos on {} made tokens too large for the buffer of the program that asked",
            host(*id)
        ),
        SymptomKind::TooManyGroups(id) => format!(
            "{} could not build a token for an account in too many groups",
            host(*id)
        ),
        SymptomKind::SecurityPackage(id) => format!(
            "http.sys on {} could not initialise a security package",
            host(*id)
        ),
        kind => in_logs(case, kind),
    }
}

/// A call to another machine in the name of a user that failed. The KDC may not say which web server asked.
fn second_hop(case: &Case, front: Option<HostId>, target: &str, code: Option<u32>) -> String {
    let from = front.map_or("a service".to_owned(), |id| case.hosts.get(id).name.clone());
    match code {
        Some(code) => format!(
            "{from} let users in, and the KDC refused to pass them on to {}: {} (second hop)",
            shown(target),
            codes::KERBEROS.in_words(code)
        ),
        None => format!(
            "{from} let users in, and its calls in their name reach {target} as nobody, ANONYMOUS LOGON (second hop)"
        ),
    }
}

/// What logs of requests show.
fn in_logs(case: &Case, kind: &SymptomKind) -> String {
    let site = |id| case.logged_site_shown(id);
    let at = |host: &Option<HostId>| match host {
        Some(host) => format!(" on {}", case.hosts.get(*host).name),
        None => String::new(),
    };
    match kind {
        SymptomKind::SignInFailed {
            site: id,
            sub_status,
            win32,
            own_address,
        } => {
            let from = if *own_address {
                " from the server itself"
            } else {
                ""
            };
            let status = sub_status.map_or("401".to_owned(), |sub| format!("401.{sub}"));
            let why = win32.map_or(String::new(), |code| {
                format!(", {}", codes::status_in_words(code))
            });
            format!("sign-ins at {}{from} failed: {status}{why}", site(*id))
        }
        SymptomKind::AccessRefused(id, 2) => format!(
            "users who are signed in were refused at {}: 401.2 with the user named, as where a rule keeps them out",
            site(*id)
        ),
        SymptomKind::RefusedUntold(id) => format!(
            "users who are signed in were refused at {}: 401, and the log has no sub-status that says why",
            site(*id)
        ),
        SymptomKind::AccessRefused(id, sub_status) => format!(
            "requests at {} were refused for other reasons than the sign-in: {}",
            site(*id),
            codes::iis_status::in_words(401, *sub_status)
        ),
        SymptomKind::AddressRefused(id, sub_status) => format!(
            "requests at {} were refused for their address: {}",
            site(*id),
            codes::iis_status::in_words(403, *sub_status)
        ),
        SymptomKind::LoginPages(id) => format!(
            "requests at {} were sent to a login page (ReturnUrl), though Windows authentication is on and anonymous users are shut out",
            site(*id)
        ),
        SymptomKind::PreflightsRefused(id) => format!(
            "preflights (OPTIONS without credentials) at {} are answered with the challenge (401.2), and the browsers never come back with the call itself",
            site(*id)
        ),
        SymptomKind::PipelineRefused(id, sub_status) => format!(
            "requests at {} fail before anybody is asked: {}",
            site(*id),
            codes::iis_status::in_words(500, *sub_status)
        ),
        SymptomKind::AnsweredOnTheWay(status) => {
            format!("recorded requests were answered {status} by something between client and IIS")
        }
        SymptomKind::NtlmByLegs(id) => format!(
            "users signed in at {} in two legs after the challenge, as with NTLM (the log does not name the scheme)",
            site(*id)
        ),
        SymptomKind::TokensAlone(id) => format!(
            "callers of {} who never sign in send a first token and no second (401.1, {})",
            site(*id),
            codes::status_in_words(0x8009_030E)
        ),
        SymptomKind::NobodySignsIn(id) => format!(
            "requests at {} are answered with the challenge (401.2), and nobody ever signs in",
            site(*id)
        ),
        SymptomKind::ConfigUnreadable(id, win32) => format!(
            "requests at {} are answered 500.19, the configuration cannot be read{}",
            site(*id),
            win32.map_or(String::new(), |code| format!(
                ": {}",
                codes::status_in_words(code)
            ))
        ),
        SymptomKind::HeaderTooLong(host, reason) => format!(
            "http.sys{} answers 400 ({reason}) before IIS sees the request: its headers are too long, as with the Kerberos ticket of a user in very many groups, or with large cookies",
            at(host)
        ),
        SymptomKind::PoolRefuses(host, pool, reason) => format!(
            "http.sys{} answers 503 for application pool {pool}: {}",
            at(host),
            refusal(reason)
        ),
        // The kinds that events show are said above.
        _ => String::new(),
    }
}

/// What http.sys means by a reason for 503.
fn refusal(reason: &str) -> String {
    let words = match reason {
        "AppOffline" => "the pool was taken off line by rapid-fail protection",
        "Disabled" => "the pool is disabled or stopped",
        "QueueFull" => "the queue of the pool is full",
        _ => "the pool does not serve",
    };
    format!("{reason} ({words})")
}

/// Where the failures of a symptom gather, one sentence each.
fn details(symptom: &Symptom) -> Vec<String> {
    let listed = |all: &[(String, u64)]| {
        let first: Vec<String> = all
            .iter()
            .take(SPREAD)
            .map(|(name, count)| format!("{name} ({count})"))
            .collect();
        let more = match all.len().saturating_sub(SPREAD) {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        format!("{}{more}", first.join(", "))
    };
    let spread = &symptom.spread;
    let mut details: Vec<String> = rates::told(symptom).into_iter().collect();
    if !spread.paths.is_empty() {
        details.push(format!("Paths: {}", listed(&spread.paths)));
    }
    if !spread.clients.is_empty() {
        details.push(format!("Clients: {}", listed(&spread.clients)));
    }
    if let Some((minute, count)) = spread.busiest.filter(|_| symptom.count > 1) {
        details.push(format!(
            "Busiest minute: {} ({count})",
            minute.strftime("%Y-%m-%d %H:%MZ")
        ));
    }
    details
}

/// An SPN key as people write it.
fn shown(key: &str) -> Spn {
    Spn::of_key(key)
}
