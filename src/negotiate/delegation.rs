//! The second hop (S8): whether the directory lets an account pass users on to a service of another machine.
//!
//! Three ways lead there, and one is enough: the account is trusted to delegate to any service; its list
//! (msDS-AllowedToDelegateTo) has the service's SPN; the account that holds that SPN names it
//! (msDS-AllowedToActOnBehalfOfOtherIdentity). Which account it is follows from the acceptor: only the account whose key opened the
//! user's ticket has a ticket to show for the user (MS-SFU 3.1.5.2).

use crate::case::{AccountId, AccountKind, Case, Sameness, Spn, common_name, dn_domain};
use crate::evidence::{Cited, Known};
use crate::readers::directory::{ObjectClass, Values};

/// What the directory says of each way, three-valued.
#[derive(Clone, Debug, Default)]
pub struct Delegation {
    /// Trusted to delegate to any service (userAccountControl 0x80000).
    pub any_service: Known<bool>,
    /// Its list has the SPN.
    pub listed: Known<bool>,
    /// The list itself.
    pub list: Known<Values>,
    /// The account that holds the SPN names it.
    pub named_by_holder: Known<bool>,
    /// The principals that the holder names.
    pub named: Known<Values>,
    /// It may also pass on users who did not come by Kerberos (0x1000000).
    pub any_protocol: Known<bool>,
}

/// What the directory says of passing users on from an account to a service, whose SPN and holder may not be known.
pub fn delegation(
    case: &Case,
    account: AccountId,
    target: Option<&Spn>,
    holder: Option<AccountId>,
) -> Delegation {
    let list = case.shown_of(account, |object| &object.delegates_to);
    let named = holder.map_or(Known::Unknown, |holder| {
        case.shown_of(holder, |object| &object.delegated_by)
    });
    Delegation {
        any_service: case.state_of(account, |state| state.trusted_for_delegation.clone()),
        any_protocol: case.state_of(account, |state| state.trusted_to_authenticate.clone()),
        // Without a target only an account that has no list at all is known to lead nowhere by it.
        listed: match target.is_some() || list.is_absent() {
            true => holds(&list, |entry| target.is_some_and(|t| Spn::new(entry) == *t)),
            false => Known::Unknown,
        },
        named_by_holder: holds(&named, |dn| is_account(case, account, dn)),
        list,
        named,
    }
}

/// Whether a list has an entry; unknown where it was cut.
fn holds(list: &Known<Values>, is: impl Fn(&str) -> bool) -> Known<bool> {
    match list {
        Known::Present(values) => match values.shown.iter().find(|entry| is(&entry.value)) {
            Some(entry) => Known::Present(entry.clone().map(|_| true)),
            None if values.complete => Known::Present(Cited {
                value: false,
                from: values.from.clone(),
            }),
            None => Known::Unknown,
        },
        Known::Absent(from) => Known::Present(Cited {
            value: false,
            from: from.clone(),
        }),
        Known::Unknown => Known::Unknown,
    }
}

/// Whether a distinguished name is that of an account, a computer's or managed account's `$` left out as there.
pub fn is_account(case: &Case, account: AccountId, dn: &str) -> bool {
    if let Some(known) = case.accounts.get(account).dn.as_deref() {
        return known.eq_ignore_ascii_case(dn);
    }
    let Some(cn) = common_name(dn) else {
        return false;
    };
    let domain = dn_domain(dn);
    [cn.clone(), format!("{cn}$")]
        .iter()
        .any(|name| case.accounts.is_named(account, name, domain.as_deref()) == Sameness::Same)
}

/// Whether a distinguished name is known to be that of an account: what is not may be a group, whose members no listing of an
/// account shows.
pub fn is_known_account(case: &Case, dn: &str) -> bool {
    let listed = case.objects.iter().any(|object| {
        let known = object.dn.as_ref();
        let class = object.class.as_ref().map(|class| class.value);
        known.is_some_and(|known| known.eq_ignore_ascii_case(dn))
            && class.is_some_and(|class| class != ObjectClass::Other)
    });
    let mut known = case.accounts.iter();
    listed || known.any(|(id, a)| a.kind != AccountKind::Unknown && is_account(case, id, dn))
}

impl Delegation {
    /// Whether one of the ways is shown to lead there.
    pub fn is_allowed(&self) -> bool {
        self.any_service.is_true() || self.listed.is_true() || self.named_by_holder.is_true()
    }

    /// Whether the account's own attributes are shown to lead nowhere.
    pub fn own_ways_are_shut(&self) -> bool {
        self.any_service.is_false() && self.listed.is_false()
    }
}
