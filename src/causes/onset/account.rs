//! Which change of an account began the failures that a finding is about.

use jiff::Timestamp;

use super::Asked;
use crate::case::{Case, Sameness, Spn, common_name, dn_domain, split_name};
use crate::causes::Subject;
use crate::readers::events::{AccountChanged, Body, DirectoryChanged, Event};

/// Who may act for users at an account's services: it stands on the account of the back end.
const ACT_ON_BEHALF: &str = "msds-allowedtoactonbehalfofotheridentity";

/// Flags of an account in the encoding of SAM (MS-SAMR 2.2.1.12), as 4738 and 4742 write them.
mod flag {
    pub(super) const USE_DES_KEY_ONLY: u32 = 0x8000;
    /// Trusted for delegation, not delegated, trusted to authenticate for delegation.
    pub(super) const DELEGATION: u32 = 0x2000 | 0x4000 | 0x4_0000;
}

/// Whether a change of an account of this plain name may have begun the failures that a finding explains: it is an account that
/// the finding is about, the change fits the cause, and nothing shows that all was well after it.
pub(super) fn began(asked: &Asked<'_>, event: &Event, name: &str) -> bool {
    // A computer's own account matters where its key or its channel does.
    let machine = || matches!(asked.group, "MC" | "TR") && is_computer_of(asked.subject(), name);
    let cleared = is_of_service(event) && asked.well_until.is_some_and(|well| well > event.time);
    fits(event, asked.cause, asked.group)
        && !cleared
        && (concerned(asked, event)
            .iter()
            .any(|of| is_account(asked.case, event, of, name))
            || machine())
}

/// When last before the failures something worked for the account of a finding that its cause breaks.
pub(super) fn well_until(asked: &Asked<'_>) -> Option<Timestamp> {
    let name = asked.account()?;
    let target = back_ends(asked);
    let target: Vec<String> = target.iter().map(|holder| bare(holder)).collect();
    let events = &asked.case.events;
    let before = events.partition_point(|event| event.time < asked.first.time);
    let before = events.get(..before).unwrap_or_default();
    let last = before
        .iter()
        .rfind(|event| worked(event, asked.cause, &name, &target))?;
    Some(last.time)
}

impl Asked<'_> {
    /// The account that the finding is about, by its plain name.
    pub(super) fn account(&self) -> Option<String> {
        self.subject().account.as_deref().map(bare)
    }
}

/// The accounts whose change matters: the finding's own, that of the back end where the change says who may act there, those
/// of the users where they are protected.
fn concerned(asked: &Asked<'_>, event: &Event) -> Vec<String> {
    let at_back_end = match &event.body {
        Body::DirectoryChanged(e) => attribute(e) == ACT_ON_BEHALF,
        _ => false,
    };
    match asked.cause {
        _ if at_back_end => back_ends(asked),
        "DG-02" => {
            let users = asked.symptoms().flat_map(|symptom| &symptom.principals);
            users.cloned().collect()
        }
        _ => asked.subject().account.iter().cloned().collect(),
    }
}

/// Who holds the name of the second hop.
fn back_ends(asked: &Asked<'_>) -> Vec<String> {
    let spn = asked
        .subject()
        .spn
        .as_deref()
        .filter(|_| asked.group == "DG");
    let (case, Some(spn)) = (asked.case, spn) else {
        return Vec::new();
    };
    let holders = case
        .situation
        .directory
        .holders(&Spn::new(spn), &case.accounts);
    let accounts = holders
        .shown
        .iter()
        .map(|holder| case.accounts.get(holder.account));
    let named = accounts.map(|account| account.dn.as_ref().unwrap_or(&account.shown).clone());
    named.collect()
}

/// Whether a change is one that can bring a cause about.
fn fits(event: &Event, cause: &str, group: &str) -> bool {
    match &event.body {
        Body::AccountChanged(e) => {
            changes_flags(e, group)
                || changes_who_may(e)
                    && (lies_in_accounts(cause, group)
                        || cause == "SPN-01" && matches!(e.id, 4726 | 4743))
        }
        Body::DirectoryChanged(e) => match attribute(e).as_str() {
            "msds-supportedencryptiontypes" => group == "ET",
            // What is put on a list takes nothing away.
            "msds-allowedtodelegateto" => group == "DG" && e.added != Some(true),
            ACT_ON_BEHALF => group == "DG",
            "dnshostname" => true,
            _ => lies_in_accounts(cause, group),
        },
        // Protected Users: no NTLM, no delegation, no RC4.
        Body::Other(_) => group == "ET" || matches!(cause, "NT-05" | "DG-02"),
        _ => true,
    }
}

/// Whether the state of an account, its password or who may use it can bring a cause about: not one that lies in names, or in
/// what servers and clients are set to.
fn lies_in_accounts(cause: &str, group: &str) -> bool {
    let elsewhere = ["SPN", "NAME", "CFG", "LOOP", "EPA", "PRX", "SZ"];
    cause == "SPN-08" || !elsewhere.contains(&group)
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

/// Whether an event shows that what a cause breaks worked for an account: where it is passing users on, to one of the targets,
/// if they are known.
fn worked(event: &Event, cause: &str, name: &str, targets: &[String]) -> bool {
    let is = |of: &Option<String>| of.as_deref().is_some_and(|of| plain(of) == name);
    let is_target = |of: &Option<String>| {
        let named = of.as_deref().map(plain);
        targets.is_empty() || named.is_some_and(|named| targets.contains(&named))
    };
    match &event.body {
        Body::ServiceTicketRequest(e) if e.id == 4769 && e.status == Some(0) => {
            if cause.starts_with("DG") {
                is(&e.transmitted_services) && is_target(&e.service_name)
            } else {
                cause.starts_with("ET") && is(&e.service_name)
            }
        }
        Body::Logon(e) => cause == "NT-05" && !e.is_kerberos() && is(&e.target.name),
        _ => false,
    }
}

/// Whether an account of this plain name, met in a change, may be this one: no other domain is named.
fn is_account(case: &Case, event: &Event, account: &str, name: &str) -> bool {
    let of_dn = |dn: &Option<String>| dn.as_deref().and_then(dn_domain);
    let domain = match &event.body {
        Body::AccountChanged(e) => e.target.domain.clone(),
        Body::DirectoryChanged(e) => of_dn(&e.object_dn),
        Body::Other(fields) => of_dn(&fields.text("MemberName")),
        _ => None,
    };
    let domain = domain.map(|domain| domain.to_lowercase());
    // Distinguished names end in the domain itself.
    if let (Some(of), Some(domain), Body::DirectoryChanged(_)) =
        (dn_domain(account), &domain, &event.body)
        && of != *domain
    {
        return false;
    }
    let of = dn_domain(account).or_else(|| split_name(account).0);
    let same = case
        .accounts
        .same_domain(of.as_deref(), domain.or_else(|| event.domain()).as_deref());
    bare(account) == name && !matches!(same, Sameness::Different | Sameness::PresumedDifferent)
}

/// Whether a domain is the one that a finding is about: that of its account, else that of the machine that saw it first.
pub(super) fn same_domain(asked: &Asked<'_>, domain: Option<&str>) -> bool {
    let case = asked.case;
    let account = asked.subject().account.as_deref().unwrap_or_default();
    let of = dn_domain(account).or_else(|| split_name(account).0);
    let saw = asked
        .first
        .host
        .and_then(|host| case.hosts.get(host).domain());
    let same = case.accounts.same_domain(of.as_deref().or(saw), domain);
    !matches!(same, Sameness::Different | Sameness::PresumedDifferent)
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

/// The plain name of an account that is shown by its distinguished name, or by another.
fn bare(account: &str) -> String {
    plain(&common_name(account).unwrap_or_else(|| account.to_owned()))
}

/// A name without its domain and without the `$` of a computer, in lower case.
pub(super) fn plain(name: &str) -> String {
    split_name(name).1.trim_end_matches('$').to_lowercase()
}
