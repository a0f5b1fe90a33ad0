//! Which change of an account began the failures that a finding is about.

use jiff::Timestamp;

use crate::case::{Case, Sameness, common_name, dn_domain, split_name};
use crate::causes::Subject;
use crate::readers::events::{AccountChanged, Body, DirectoryChanged, Event};

/// Flags of an account in the encoding of SAM (MS-SAMR 2.2.1.12), as 4738 and 4742 write them.
mod flag {
    pub(super) const USE_DES_KEY_ONLY: u32 = 0x8000;
    /// Trusted for delegation, not delegated, trusted to authenticate for delegation.
    pub(super) const DELEGATION: u32 = 0x2000 | 0x4000 | 0x4_0000;
}

/// Whether a change of an account of this plain name may have begun the failures that a finding explains: it is the account that
/// the finding is about, the change fits the cause, and nothing shows that all was well after it.
pub(super) fn began(
    case: &Case,
    event: &Event,
    (cause, subject): (&str, &Subject),
    name: &str,
    well_until: Option<Timestamp>,
) -> bool {
    let group = cause.split('-').next().unwrap_or(cause);
    // A computer's own account matters where its key or its channel does.
    let machine = || matches!(group, "MC" | "TR") && is_computer_of(subject, name);
    let cleared = is_of_service(event) && well_until.is_some_and(|well| well > event.time);
    fits(event, cause, group)
        && !cleared
        && (is_account_of(case, event, subject, name) || machine())
}

/// When last before the failures something worked for the account of a finding that its cause breaks.
pub(super) fn well_until(
    case: &Case,
    cause: &str,
    subject: &Subject,
    first: Timestamp,
) -> Option<Timestamp> {
    let account = subject.account.as_deref()?;
    let name = plain(&common_name(account).unwrap_or_else(|| account.to_owned()));
    let before = case.events.partition_point(|event| event.time < first);
    let before = case.events.get(..before).unwrap_or_default();
    let last = before.iter().rfind(|event| worked(event, cause, &name))?;
    Some(last.time)
}

/// Whether a change is one that can bring a cause about.
fn fits(event: &Event, cause: &str, group: &str) -> bool {
    match &event.body {
        Body::AccountChanged(e) => changes_who_may(e) || changes_flags(e, group),
        Body::DirectoryChanged(e) => match attribute(e).as_str() {
            "msds-supportedencryptiontypes" => group == "ET",
            // What is put on a list takes nothing away.
            "msds-allowedtodelegateto" => group == "DG" && e.added != Some(true),
            "msds-allowedtoactonbehalfofotheridentity" => group == "DG",
            _ => true,
        },
        // Protected Users: no NTLM, no delegation, no RC4.
        Body::Other(_) => group == "ET" || matches!(cause, "NT-05" | "DG-02"),
        _ => true,
    }
}

/// Whether a change of an account changes its state, its password or its keys: not any change of its object.
fn changes_who_may(change: &AccountChanged) -> bool {
    matches!(change.id, 4723 | 4724 | 4725 | 4726 | 4740 | 4743)
        || change.password_last_set.is_some()
}

fn changes_flags(change: &AccountChanged, group: &str) -> bool {
    let flipped = match (change.old_uac, change.new_uac) {
        (Some(old), Some(new)) => old ^ new,
        _ => 0,
    };
    match group {
        "ET" => flipped & flag::USE_DES_KEY_ONLY != 0,
        "DG" => flipped & flag::DELEGATION != 0 || change.delegates_to.is_some(),
        _ => false,
    }
}

fn attribute(change: &DirectoryChanged) -> String {
    let name = change.attribute.as_deref().unwrap_or_default();
    name.to_ascii_lowercase()
}

/// Whether a change takes effect with the next ticket or logon, so that one that worked after it clears it: a password or the
/// state of an account may go on working from what is cached.
fn is_of_service(event: &Event) -> bool {
    match &event.body {
        Body::AccountChanged(e) => !changes_who_may(e),
        Body::DirectoryChanged(e) => attribute(e).starts_with("msds-"),
        _ => true,
    }
}

/// Whether an event shows that what a cause breaks worked for an account.
fn worked(event: &Event, cause: &str, name: &str) -> bool {
    let is = |of: &Option<String>| of.as_deref().is_some_and(|of| plain(of) == name);
    match &event.body {
        Body::ServiceTicketRequest(e) if e.id == 4769 && e.status == Some(0) => {
            if cause.starts_with("DG") {
                is(&e.transmitted_services)
            } else {
                cause.starts_with("ET") && is(&e.service_name)
            }
        }
        Body::Logon(e) => cause == "NT-05" && !e.is_kerberos() && is(&e.target.name),
        _ => false,
    }
}

/// Whether an account of this plain name, met in a change, may be the one that a finding is about: no other domain is named.
fn is_account_of(case: &Case, event: &Event, subject: &Subject, name: &str) -> bool {
    let Some(account) = subject.account.as_deref() else {
        return false;
    };
    let of_dn = |dn: &Option<String>| dn.as_deref().and_then(dn_domain);
    let domain = match &event.body {
        Body::AccountChanged(e) => e.target.domain.clone(),
        Body::DirectoryChanged(e) => of_dn(&e.object_dn),
        Body::Other(fields) => of_dn(&fields.text("MemberName")),
        _ => None,
    };
    let domain = domain.map(|domain| domain.to_lowercase());
    let of = dn_domain(account).or_else(|| split_name(account).0);
    let same = case
        .accounts
        .same_domain(of.as_deref(), domain.or_else(|| event.domain()).as_deref());
    let bare = common_name(account).unwrap_or_else(|| account.to_owned());
    plain(&bare) == name && !matches!(same, Sameness::Different | Sameness::PresumedDifferent)
}

/// Whether an account is that of a computer which the finding is about.
fn is_computer_of(subject: &Subject, name: &str) -> bool {
    let mut hosts = subject.host.iter().flat_map(|hosts| hosts.split(", "));
    hosts.any(|host| {
        host.split('.')
            .next()
            .is_some_and(|short| short.eq_ignore_ascii_case(name))
    })
}

/// A name without its domain and without the `$` of a computer, in lower case.
fn plain(name: &str) -> String {
    split_name(name).1.trim_end_matches('$').to_lowercase()
}
