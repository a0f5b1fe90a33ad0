//! What an exchange of a log of IIS means (`causes.md` 1.5). A log never shows the scheme: Kerberos and NTLM are told by
//! the number of legs, and by the size of the token where the log has it, so neither reading is ever certain.

use crate::readers::web_log::{Ended, Exchange, Leg};

/// What an exchange means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// One leg after the challenge: a user signed in as with Kerberos, or with Basic authentication where it is on.
    OneLeg,
    /// Two legs after the challenge: a user signed in as with NTLM, be it inside Negotiate or not.
    TwoLegs,
    /// A user signed in, and the log does not tell how: a token sent unasked, legs of several connections, no sub-status.
    SignedIn,
    /// The request was answered without a user.
    Unnamed,
    /// OPTIONS without credentials: what a browser asks before it calls another site, by design without any.
    Preflight,
    /// The same, of browsers that never come back with the call itself.
    PreflightInVain,
    /// The challenge, at steady intervals, for one path, by a caller who never signs in: a health check.
    Probe,
    /// The challenge, and no answer to it.
    NoCredentials,
    /// A first token, and no second.
    TokenAlone,
    /// The credentials were refused with this (sub-status, Win32 status).
    SignInFailed(Option<u16>, Option<u32>),
    /// A user was signed in and then refused, or refused before any sign-in, with this sub-status of 401.
    AccessRefused(u16),
    /// A user is named, and refused, and the log has no sub-status that says why.
    RefusedUntold,
    /// The address was refused, with this sub-status of 403.
    AddressRefused(u16),
    /// The configuration could not be read (500.19), with this Win32 status.
    ConfigUnreadable(Option<u32>),
    /// The configuration does not fit the integrated pipeline: this sub-status of 500.
    PipelineRefused(u16),
    /// The application answered 401 by itself, to nobody in particular.
    ByApplication,
    /// Something else: 400, 403, 503.
    Other,
}

/// ERROR_ACCESS_DENIED.
const ACCESS_DENIED: u32 = 5;
/// A health check calls at least so often…
const PROBES: u64 = 5;
/// …and its longest pause is at most this many times its shortest, and some seconds.
const STEADY: i64 = 2;
const SECONDS: i64 = 2;
/// Preflights of one caller for one path from which on they are a failure and no chance.
const REPEATED: u64 = 3;
/// An Authorization header with a Kerberos ticket is usually longer than this, in bytes…
const KERBEROS_BYTES: i64 = 2000;
/// …and one with an NTLM token shorter than this.
const NTLM_BYTES: i64 = 1400;

/// The meaning of an exchange.
pub(in crate::case) fn meaning(exchange: &Exchange) -> Meaning {
    let Some(last) = exchange.legs.last() else {
        return Meaning::Other;
    };
    match exchange.ended {
        Ended::SignedIn => signed_in(exchange),
        Ended::Unnamed => Meaning::Unnamed,
        Ended::Open if exchange.options && is_in_vain(exchange) => Meaning::PreflightInVain,
        Ended::Open if exchange.options => Meaning::Preflight,
        Ended::Open if last.is_token() => Meaning::TokenAlone,
        Ended::Open if is_steady(exchange) => Meaning::Probe,
        Ended::Open => Meaning::NoCredentials,
        Ended::Refused(named) => refused(exchange, *last, named),
    }
}

fn signed_in(exchange: &Exchange) -> Meaning {
    let told = exchange.legs.iter().all(|leg| leg.sub_status.is_some());
    let tokens = exchange.legs.iter().filter(|leg| leg.is_token()).count();
    let challenged = exchange.legs.first().is_some_and(|leg| leg.is_challenge());
    let (least, most) = exchange.header_bytes.unzip();
    if !told || !challenged || exchange.crossed {
        return Meaning::SignedIn;
    }
    match (tokens, exchange.legs.len()) {
        (0, 1) if most.is_none_or(|most| most >= NTLM_BYTES) => Meaning::OneLeg,
        (1, 2) if least.is_none_or(|least| least < KERBEROS_BYTES) => Meaning::TwoLegs,
        _ => Meaning::SignedIn,
    }
}

fn refused(exchange: &Exchange, last: Leg, named: bool) -> Meaning {
    match (last.status, last.sub_status, last.win32) {
        (500, Some(sub @ 22..=24), _) => Meaning::PipelineRefused(sub),
        (500, _, win32) => Meaning::ConfigUnreadable(win32),
        // 6: the address, 8: its name, 501 to 503: dynamic restrictions (the status codes of IIS 7 and later).
        (403, Some(sub @ (6 | 8 | 501..=503)), _) => Meaning::AddressRefused(sub),
        // Who is named is signed in: the configuration refuses the user, and asks for nobody.
        (401, Some(2), _) if named => Meaning::AccessRefused(2),
        (401, Some(1 | 2), win32) => Meaning::SignInFailed(last.sub_status, win32),
        // Who is named and is denied access is signed in; with another status it may be the name that was refused.
        (401, None, Some(0 | ACCESS_DENIED) | None) if named => Meaning::RefusedUntold,
        // The IIS format has no sub-status; the Win32 status is that of a refused logon.
        (401, None, Some(win32 @ 1..)) => Meaning::SignInFailed(None, Some(win32)),
        (401, Some(0) | None, _) if !named => Meaning::ByApplication,
        // The anonymous account may not read the file: IIS asks for a user next.
        (401, Some(3), _) if !named && exchange.caller.signed_in => Meaning::Other,
        (401, Some(sub_status), _) => Meaning::AccessRefused(sub_status),
        _ => Meaning::Other,
    }
}

/// Whether preflights are those of browsers, repeated, and nobody with that browser is ever signed in.
fn is_in_vain(exchange: &Exchange) -> bool {
    let browser = exchange
        .caller
        .agent
        .as_deref()
        .is_some_and(|agent| agent.starts_with("Mozilla/"));
    browser && !exchange.caller.signed_in && exchange.count >= REPEATED
}

/// Whether calls come as steadily as those of a machine, from one that never signs in.
fn is_steady(exchange: &Exchange) -> bool {
    !exchange.caller.signed_in
        && exchange.count >= PROBES
        && exchange
            .gaps
            .is_some_and(|(least, most)| least > 0 && most <= least * STEADY + SECONDS)
}
