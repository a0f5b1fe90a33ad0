//! Failures that a failed-request trace or a recorded exchange shows. The first leg of a handshake, which every client
//! gets a 401 for, is none.
//!
//! The logs tell of the same requests: what they tell already is not counted again.

use std::collections::BTreeMap;

use super::sighting::{Sighting, Writer, web_name};
use super::{Symptom, SymptomKind};
use crate::case::Case;
use crate::case::account::split_name;
use crate::case::host::HostId;
use crate::evidence::Certainty;
use crate::readers::exchange::Exchange;
use crate::readers::request_trace::{Package, RequestTrace, StepKind};
use crate::readers::token::{AuthHeader, Message, NtlmMessage, Token};

/// STATUS_BAD_BINDINGS, as which the Security log shows SEC_E_BAD_BINDINGS.
const BAD_BINDINGS: u32 = 0xC000_035B;
const KRB_AP_ERR_MODIFIED: u32 = 0x29;

/// The failures that traces and exchanges show beyond `told`.
pub(super) fn sightings<'a>(
    case: &'a Case,
    told: &BTreeMap<SymptomKind, Symptom>,
) -> Vec<Sighting<'a>> {
    let traced = case.traces.iter().filter_map(|trace| of_trace(case, trace));
    // A proxy's challenge is none where the request went through after it.
    let challenges = case.proxy_challenges().filter(|(_, passed)| !passed);
    let exchanges = case.exchanges.iter().filter(|e| e.status != Some(407));
    let recorded = exchanges
        .chain(challenges.map(|(exchange, _)| exchange))
        .filter_map(|exchange| of_exchange(case, exchange));
    traced
        .chain(recorded)
        .filter(|sighting| !is_told(&sighting.kind, told))
        .collect()
}

/// Whether the logs tell of this already, perhaps under another kind.
fn is_told(kind: &SymptomKind, told: &BTreeMap<SymptomKind, Symptom>) -> bool {
    told.contains_key(kind)
        || told.keys().any(|known| match (kind, known) {
            (SymptomKind::NtlmForName(spn, _), SymptomKind::NtlmForName(other, _)) => spn == other,
            (
                SymptomKind::LogonFailed { host, .. },
                SymptomKind::LogonFailed {
                    host: other,
                    status,
                    sub_status,
                    ..
                },
            ) => host == other && [*status, *sub_status].contains(&BAD_BINDINGS),
            (
                SymptomKind::TokenRefused { host, .. },
                SymptomKind::LogonFailed { host: other, .. },
            ) => host == other,
            (SymptomKind::TokenRefused { spn, .. }, SymptomKind::KeyMismatch(other)) => {
                spn.as_ref() == Some(other)
            }
            _ => false,
        })
}

fn of_trace<'a>(case: &'a Case, trace: &'a RequestTrace) -> Option<Sighting<'a>> {
    let host = case.hosts.find(trace.computer.as_deref()?)?;
    let logged = || case.logged_sites.iter().any(|site| site.host == Some(host));
    // Where there are logs of requests, those tell.
    let denied = trace.denied().filter(|_| !logged());
    let refusal = |sub_status| SymptomKind::TracedRefusal(host, sub_status);
    let (kind, from) = match trace.authenticated() {
        _ if denied.is_some() => denied.map(|d| (refusal(d.sub_status), d.from))?,
        Some((Package::Kerberos, _, _)) => return None,
        Some((Package::Ntlm, user, from)) => (ntlm_used(case, trace, host, user)?, from),
        None => {
            let token = trace.token().map(|(token, _)| token);
            if let Some(spn) =
                token.and_then(|token| mismatch(token, trace.challenges().into_iter()))
            {
                (SymptomKind::KeyMismatch(spn), &trace.from)
            } else {
                let (code, from) = trace.refused()?;
                (refused(token, host, code)?, from)
            }
        }
    };
    let user = trace
        .token()
        .and_then(|(token, _)| user_of(token))
        .or(trace.user.as_deref());
    let client = trace.steps.iter().find_map(|step| match &step.value.kind {
        StepKind::Endpoint { remote, .. } => remote.clone(),
        _ => None,
    });
    Some(Sighting {
        kind,
        time: from.time.or(trace.started),
        certainty: Certainty::Exact,
        again: None,
        principal: user.map(str::to_owned),
        client,
        count: 1,
        by: Writer::Peer,
        from,
    })
}

fn of_exchange<'a>(case: &'a Case, exchange: &'a Exchange) -> Option<Sighting<'a>> {
    let (kind, from) = match exchange.answered_on_the_way() {
        Some(status) => (SymptomKind::AnsweredOnTheWay(status), &exchange.from),
        None => {
            let (token, from) = exchange.token()?;
            let kind = match mismatch(token, exchange.challenges.iter()) {
                Some(spn) => SymptomKind::KeyMismatch(spn),
                None => signed_in_by_ntlm(case, exchange, token)?,
            };
            (kind, from)
        }
    };
    Some(Sighting {
        kind,
        time: from.time,
        certainty: Certainty::Exact,
        again: None,
        principal: exchange
            .token()
            .and_then(|(token, _)| user_of(token))
            .map(str::to_owned),
        client: None,
        count: 1,
        by: Writer::Peer,
        from,
    })
}

/// A user of the domain whose last message of NTLM was answered with something else than 401: towards the name that the
/// client meant, or else the host of the URL.
fn signed_in_by_ntlm(case: &Case, exchange: &Exchange, token: &Token) -> Option<SymptomKind> {
    let NtlmMessage::Authenticate(message) = token.ntlm()? else {
        return None;
    };
    let answered = exchange
        .status
        .is_some_and(|status| !matches!(status, 401 | 407 | 500..));
    let domain = message
        .domain
        .as_deref()
        .filter(|domain| !domain.is_empty());
    let host = exchange.host()?;
    // An account of the server or of the client itself has no Kerberos.
    let local = |domain: &str| {
        let is = |name: &str| {
            let short = name.split('.').next().unwrap_or_default();
            short.eq_ignore_ascii_case(domain)
        };
        domain == "." || is(&host) || message.workstation.as_deref().is_some_and(is)
    };
    let name = message.user.as_deref().filter(|name| !name.is_empty())?;
    let by_user_name = name.contains('@');
    let of_domain = domain.map_or(by_user_name, |domain| {
        !local(domain) && case.hosts.find(domain).is_none()
    });
    if !answered || !of_domain || name.ends_with('$') {
        return None;
    }
    let meant = message.names.target_spn.as_deref().and_then(web_name);
    let spn = meant.or_else(|| web_name(&format!("HTTP/{host}")))?;
    Some(SymptomKind::NtlmForName(spn, None))
}

/// The SPN of a ticket to which the server answered that it cannot open it.
fn mismatch<'h>(
    token: &Token,
    mut challenges: impl Iterator<Item = &'h AuthHeader>,
) -> Option<String> {
    let modified = challenges.any(|challenge| {
        let message = challenge.token.as_ref().map(|token| &token.message);
        matches!(message, Some(Message::KerberosError(error)) if error.code == Some(KRB_AP_ERR_MODIFIED))
    });
    modified
        .then(|| web_name(token.ticket()?.service.as_deref()?))
        .flatten()
}

/// A user of the domain by NTLM: towards the name that the client meant, where the token says which.
fn ntlm_used(case: &Case, trace: &RequestTrace, host: HostId, user: &str) -> Option<SymptomKind> {
    let (domain, name) = split_name(user);
    let local = domain.is_none_or(|domain| {
        domain == "."
            || domain == "nt authority"
            || domain.eq_ignore_ascii_case(&case.hosts.get(host).name)
    });
    if local || name.ends_with('$') {
        return None;
    }
    let meant = trace.token().and_then(|(token, _)| match token.ntlm()? {
        NtlmMessage::Authenticate(message) => web_name(message.names.target_spn.as_deref()?),
        _ => None,
    });
    Some(meant.map_or(SymptomKind::NtlmLogons(host), |spn| {
        SymptomKind::NtlmForName(spn, None)
    }))
}

fn refused(token: Option<&Token>, host: HostId, code: u32) -> Option<SymptomKind> {
    match code {
        // No credentials yet, and another leg to come: how NTLM begins.
        0 | 0x8009_030E | 0x0009_0312 => None,
        0x8009_0324 => Some(SymptomKind::ClockSkew(host)),
        0x8009_0346 => Some(SymptomKind::LogonFailed {
            host,
            status: BAD_BINDINGS,
            sub_status: 0,
            own_address: false,
        }),
        code => {
            let spn = token.and_then(|token| web_name(token.ticket()?.service.as_deref()?));
            Some(SymptomKind::TokenRefused { host, code, spn })
        }
    }
}

fn user_of(token: &Token) -> Option<&str> {
    match token.ntlm()? {
        NtlmMessage::Authenticate(message) => message.user.as_deref(),
        _ => None,
    }
}
