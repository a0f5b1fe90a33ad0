//! Who refused the account of an application pool, and why: failed batch and service logons of the server itself, and
//! answers of domain controllers about the same account. Only refusals at the time of the WAS events count.

use jiff::{SignedDuration, Timestamp};

use super::failure::FailedPool;
use crate::case::{Case, HostId, PoolIdentity, Sameness, split_name};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, LogonFailed, Principal};

/// How far apart WAS and a refusal may stand: what Kerberos allows two clocks to differ.
const NEAR: SignedDuration = SignedDuration::from_mins(5);

/// Why an account was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// The password is wrong.
    Password,
    /// Nobody has this user name.
    UnknownName,
    /// The account is locked.
    Locked,
    /// The account is disabled.
    Disabled,
    /// The account has expired.
    Expired,
    /// The password has expired or must be changed.
    PasswordExpired,
    /// The KDC's one word for locked, disabled and expired.
    Revoked,
    /// The logon right for this type of logon is missing or denied.
    Right,
    /// The machine has no secret to log on with.
    NoSecret,
    /// Another reason.
    Other,
}

impl Why {
    fn of_status(code: u32) -> Self {
        match code {
            0xC000_006A | 0xC000_006D => Self::Password,
            0xC000_0064 => Self::UnknownName,
            0xC000_0234 => Self::Locked,
            0xC000_0072 => Self::Disabled,
            0xC000_0193 => Self::Expired,
            0xC000_0071 | 0xC000_0224 => Self::PasswordExpired,
            0xC000_015B => Self::Right,
            0xC000_0371 => Self::NoSecret,
            _ => Self::Other,
        }
    }

    fn of_kerberos(code: u32) -> Self {
        match code {
            0x6 => Self::UnknownName,
            0x12 => Self::Revoked,
            0x17 => Self::PasswordExpired,
            0x18 => Self::Password,
            _ => Self::Other,
        }
    }

    /// The reason, to follow the account's name.
    pub(super) fn says(self) -> &'static str {
        match self {
            Self::Password => "the password is wrong",
            Self::UnknownName => "the user name is not known",
            Self::Locked => "the account is locked",
            Self::Disabled => "the account is disabled",
            Self::Expired => "the account has expired",
            Self::PasswordExpired => "the password has expired or must be changed",
            Self::Revoked => "the account is disabled, expired or locked",
            Self::Right => "the right to log on this way is missing or denied",
            Self::NoSecret => "the machine holds no password for it",
            Self::Other => "the logon failed",
        }
    }
}

/// A refusal of the pool's account.
#[derive(Clone, Debug)]
pub(super) struct Refusal<'a> {
    /// Why.
    pub why: Why,
    /// The NTSTATUS of a failed logon on the server itself; `None` for an answer of a domain controller.
    pub status: Option<u32>,
    /// The account, as the event names it.
    pub account: &'a Principal,
    /// Its domain: the event's, else that of the domain controller that wrote it.
    domain: Option<&'a str>,
    /// True when the event shows that the logon came from this server.
    pub from_server: bool,
    /// When.
    pub time: Timestamp,
    /// Its place.
    pub from: &'a Citation,
}

/// The refusals that belong to a pool: of its account when that is known, else of the one account whose batch or service
/// logon failed on the server while WAS complained.
pub(super) fn refusals<'a>(case: &'a Case, pool: &FailedPool<'_, 'a>) -> Vec<Refusal<'a>> {
    let mut complaints: Vec<Timestamp> = pool.was().map(|e| e.time).collect();
    complaints.sort_unstable();
    let near = |time: Timestamp| {
        let next = complaints.partition_point(|c| *c < time);
        let around = [next.checked_sub(1), Some(next)];
        complaints.is_empty()
            || around
                .into_iter()
                .flatten()
                .filter_map(|i| complaints.get(i))
                .any(|c| c.duration_since(time).abs() <= NEAR)
    };
    let all: Vec<Refusal<'a>> = case
        .events
        .iter()
        .filter(|e| near(e.time))
        .filter_map(|e| refusal(case, pool.host, e))
        .collect();
    match pool.identity() {
        Some(identity) => all
            .into_iter()
            .filter(|r| r.from_server || !complaints.is_empty())
            .filter(|r| is_identity(case, pool.host, identity, r))
            .filter(|r| !is_from_elsewhere(case, pool.host, identity, r))
            .collect(),
        None => {
            let here: Vec<Refusal<'a>> = all.into_iter().filter(|r| r.status.is_some()).collect();
            let one = here.windows(2).all(|pair| match pair {
                [a, b] => a
                    .account
                    .to_string()
                    .eq_ignore_ascii_case(&b.account.to_string()),
                _ => true,
            });
            if one && !complaints.is_empty() {
                here
            } else {
                Vec::new()
            }
        }
    }
}

/// The refusal that an event shows, of whatever account.
fn refusal<'a>(case: &'a Case, host: HostId, event: &'a Event) -> Option<Refusal<'a>> {
    let here = || case.hosts.find(&event.computer) == Some(host);
    let own_domain = event.computer.split_once('.').map(|(_, domain)| domain);
    let seen = |why, account: &'a Principal, from_server| Refusal {
        why,
        status: None,
        account,
        domain: account.domain.as_deref().or(own_domain),
        from_server,
        time: event.time,
        from: &event.citation,
    };
    match &event.body {
        Body::LogonFailed(e) if matches!(e.logon_type, Some(4 | 5)) && here() => {
            let code = code(e)?;
            Some(Refusal {
                status: Some(code),
                domain: e.target.domain.as_deref(),
                ..seen(Why::of_status(code), &e.target, true)
            })
        }
        Body::PreauthFailed(e) => Some(seen(Why::of_kerberos(e.status?), &e.target, false)),
        Body::TgtRequest(e) if e.status != Some(0) => {
            Some(seen(Why::of_kerberos(e.status?), &e.client, false))
        }
        Body::NtlmValidation(e) if e.status != Some(0) => {
            let named = e.workstation.as_deref().is_some_and(|w| {
                w.trim_start_matches('\\')
                    .eq_ignore_ascii_case(&case.hosts.get(host).name)
            });
            Some(seen(Why::of_status(e.status?), &e.target, named))
        }
        _ => None,
    }
}

fn code(failure: &LogonFailed) -> Option<u32> {
    failure
        .sub_status
        .filter(|code| *code != 0)
        .or(failure.status)
}

/// Whether a domain controller's answer about a wrong password is about another machine: 4740 names the one whose wrong
/// passwords locked the account.
fn is_from_elsewhere(
    case: &Case,
    host: HostId,
    identity: &PoolIdentity,
    refusal: &Refusal<'_>,
) -> bool {
    let Some(account) = identity.account() else {
        return false;
    };
    let mut locks = case.account_changes(account).filter_map(|(event, change)| {
        let caller = change.caller_computer.as_deref()?;
        let near = event.time.duration_since(refusal.time).abs() <= NEAR;
        near.then(|| caller.trim_start_matches('\\'))
    });
    refusal.why == Why::Password
        && !refusal.from_server
        && locks.next().is_some_and(|first| {
            let here = |name: &str| name.eq_ignore_ascii_case(&case.hosts.get(host).name);
            !here(first) && !locks.any(here)
        })
}

fn is_identity(case: &Case, host: HostId, identity: &PoolIdentity, refusal: &Refusal<'_>) -> bool {
    let Some(name) = refusal.account.name.as_deref() else {
        return false;
    };
    let domain = refusal.domain;
    match identity {
        PoolIdentity::Domain(id) | PoolIdentity::Managed(id) => {
            case.accounts.is_named(*id, name, domain) == Sameness::Same
        }
        PoolIdentity::Local(user) => {
            split_name(user).1 == split_name(name).1
                && domain
                    .is_none_or(|d| d == "." || d.eq_ignore_ascii_case(&case.hosts.get(host).name))
                && refusal.from_server
        }
        PoolIdentity::Unclear(user) => {
            refusal.status.is_some() && split_name(user).1 == split_name(name).1
        }
        _ => false,
    }
}
