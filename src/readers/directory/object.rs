//! What the attributes of a listing mean.

use super::listing::Listing;
use super::records::{AccountState, DirectoryObject, ObjectClass, Values};
use super::times::{self, Order};
use crate::evidence::{Certainty, Cited, Known, When};

/// Bits of `userAccountControl` (MS-ADTS 2.2.16). The directory does not keep the bits of a lock and of an expired password
/// there: only `msDS-User-Account-Control-Computed` has them.
const DISABLED: u32 = 0x2;
const LOCKED: u32 = 0x10;
const NEVER_EXPIRES: u32 = 0x1_0000;
const SMART_CARD: u32 = 0x4_0000;
const DELEGATION: u32 = 0x8_0000;
const NOT_DELEGATED: u32 = 0x10_0000;
const DES_ONLY: u32 = 0x20_0000;
const NO_PREAUTH: u32 = 0x40_0000;
const PASSWORD_EXPIRED: u32 = 0x80_0000;
const TO_AUTHENTICATE: u32 = 0x100_0000;

/// The account of a listing; `None` where nothing says which one it is.
pub(super) fn object(
    listing: &Listing,
    order: Option<Order>,
    host: Option<String>,
) -> Option<DirectoryObject> {
    let one = |name: &str| listing.one(name).cloned();
    let dn = one("distinguishedname")
        .or_else(|| one("dn"))
        .filter(|dn| dn.contains('='));
    let sam = one("samaccountname").filter(|sam| !sam.contains(['=', '/']));
    if dn.is_none() && sam.is_none() {
        return None;
    }
    Some(DirectoryObject {
        dn,
        sam,
        upn: one("userprincipalname").filter(|upn| upn.contains('@')),
        dns_host_name: one("dnshostname"),
        sid: one("objectsid")
            .or_else(|| one("sid"))
            .filter(|sid| sid.starts_with("S-1-")),
        class: class(listing),
        spns: values(listing, "serviceprincipalname"),
        state: state(listing, order),
        etypes: etypes(listing),
        kvno: number(listing, "msds-keyversionnumber"),
        delegates_to: values(listing, "msds-allowedtodelegateto"),
        delegated_by: values(listing, "principalsallowedtodelegatetoaccount"),
        password_readers: values(listing, "principalsallowedtoretrievemanagedpassword"),
        groups: values(listing, "memberof"),
        changed: first([
            time(listing, "whenchanged", order),
            time(listing, "modified", order),
        ]),
        host,
        from: listing.from()?.clone(),
    })
}

/// The first that is known.
fn first<T, const N: usize>(all: [Known<T>; N]) -> Known<T> {
    all.into_iter()
        .find(|known| !known.is_unknown())
        .unwrap_or_default()
}

/// What the most special class is: PowerShell shows that one alone, the directory all of them.
fn class(listing: &Listing) -> Option<Cited<ObjectClass>> {
    let attribute = listing.get("objectclass")?;
    let is = |name: &str| {
        attribute
            .values
            .iter()
            .find(|v| v.eq_ignore_ascii_case(name))
    };
    let of = |names: &[&str], class: ObjectClass| {
        let found = names.iter().find_map(|name| is(name))?;
        Some(Cited::new(class, found.from.first()?.clone()))
    };
    let managed = [
        "msDS-GroupManagedServiceAccount",
        "msDS-ManagedServiceAccount",
        "msDS-DelegatedManagedServiceAccount",
    ];
    of(&managed, ObjectClass::Managed)
        .or_else(|| of(&["computer"], ObjectClass::Computer))
        .or_else(|| of(&["user", "inetOrgPerson"], ObjectClass::User))
        .or_else(|| {
            let last = attribute.values.last()?.from.first()?.clone();
            (!attribute.cut).then(|| Cited::new(ObjectClass::Other, last))
        })
}

fn values(listing: &Listing, name: &str) -> Known<Values> {
    if let Some(none) = listing.lacks(name) {
        return Known::Absent(vec![none]);
    }
    match listing.get(name) {
        Some(attribute) if !attribute.values.is_empty() => Known::Present(Cited::new(
            Values {
                shown: attribute.values.clone(),
                complete: !attribute.cut,
            },
            attribute.from.clone(),
        )),
        _ => Known::Unknown,
    }
}

/// One value, understood; absent where the object has none.
fn scalar<T>(listing: &Listing, name: &str, read: impl FnOnce(&str) -> Option<T>) -> Known<T> {
    if let Some(none) = listing.lacks(name) {
        return Known::Absent(vec![none]);
    }
    let value = listing.one(name).and_then(|value| {
        Some(Cited {
            value: read(value)?,
            from: value.from.clone(),
        })
    });
    value.map_or(Known::Unknown, Known::Present)
}

/// `512`, `0x200`, `0x200 = ( NORMAL_ACCOUNT )`.
fn number(listing: &Listing, name: &str) -> Known<u32> {
    scalar(listing, name, |value| {
        let word = value.split_ascii_whitespace().next()?;
        match word.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => word.parse().ok(),
        }
    })
}

fn etypes(listing: &Listing) -> Known<u32> {
    let bits = number(listing, "msds-supportedencryptiontypes");
    if !bits.is_unknown() {
        return bits;
    }
    // PowerShell's words for the same bits.
    let Some(attribute) = listing.get("kerberosencryptiontype").filter(|a| !a.cut) else {
        return Known::Unknown;
    };
    let mut sum = 0;
    for word in &attribute.values {
        sum |= match word.to_ascii_uppercase().as_str() {
            "NONE" => 0,
            "DES" => 0x3,
            "RC4" => 0x4,
            "AES128" => 0x8,
            "AES256" => 0x10,
            _ => return Known::Unknown,
        };
    }
    match (attribute.values.is_empty(), sum) {
        (true, _) => match listing.lacks("kerberosencryptiontype") {
            Some(none) => Known::Absent(vec![none]),
            None => Known::Unknown,
        },
        (false, 0) => Known::Absent(vec![attribute.from.clone()]),
        (false, _) => Known::Present(Cited::new(sum, attribute.from.clone())),
    }
}

fn flag(listing: &Listing, name: &str) -> Known<bool> {
    match scalar(listing, name, |value| {
        match value.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }) {
        // A truth value is shown or not fetched; its absence is neither.
        Known::Absent(_) => Known::Unknown,
        known => known,
    }
}

/// A bit of a number that is shown.
fn bit(number: &Known<u32>, bit: u32) -> Known<bool> {
    match number {
        Known::Present(number) => Known::Present(number.clone().map(|bits| bits & bit != 0)),
        _ => Known::Unknown,
    }
}

fn time(listing: &Listing, name: &str, order: Option<Order>) -> Known<When> {
    scalar(listing, name, |value| times::when(value, order))
}

fn state(listing: &Listing, order: Option<Order>) -> AccountState {
    let control = number(listing, "useraccountcontrol");
    let computed = number(listing, "msds-user-account-control-computed");
    let or_bit = |name: &str, mask: u32| first([flag(listing, name), bit(&control, mask)]);
    let enabled = match bit(&control, DISABLED) {
        Known::Present(disabled) => Known::Present(disabled.map(|disabled| !disabled)),
        known => known,
    };
    // 0 stands for none, as does the largest number.
    let number_of = |name: &str| {
        scalar(listing, name, |value| match value {
            "(never)" | "never" | "Never" => Some(i64::MAX),
            _ => value.parse::<i64>().ok(),
        })
    };
    let stamp = |known: &Known<i64>| match known {
        Known::Present(steps) if matches!(steps.value, 0 | i64::MAX) => {
            Known::Absent(steps.from.clone())
        }
        Known::Present(steps) => match times::filetime(steps.value) {
            Some(when) => Known::Present(Cited {
                value: when,
                from: steps.from.clone(),
            }),
            None => Known::Unknown,
        },
        Known::Absent(from) => Known::Absent(from.clone()),
        Known::Unknown => Known::Unknown,
    };
    let set = number_of("pwdlastset");
    let must_change = match &set {
        Known::Present(steps) => Known::Present(steps.clone().map(|steps| steps == 0)),
        _ => Known::Unknown,
    };
    let locked_at = first([
        stamp(&number_of("lockouttime")),
        time(listing, "lockouttime", order),
        time(listing, "accountlockouttime", order),
    ]);
    let not_locked = match &locked_at {
        Known::Absent(from) => Known::Present(Cited {
            value: false,
            from: from.clone(),
        }),
        _ => Known::Unknown,
    };
    AccountState {
        certainty: Certainty::default(),
        enabled: first([flag(listing, "enabled"), enabled]),
        locked_out: first([
            flag(listing, "lockedout"),
            bit(&computed, LOCKED),
            not_locked,
        ]),
        locked_at,
        password_expired: first([
            flag(listing, "passwordexpired"),
            bit(&computed, PASSWORD_EXPIRED),
        ]),
        must_change_password: must_change,
        password_last_set: first([
            stamp(&set),
            time(listing, "pwdlastset", order),
            time(listing, "passwordlastset", order),
        ]),
        password_never_expires: or_bit("passwordneverexpires", NEVER_EXPIRES),
        expires: first([
            stamp(&number_of("accountexpires")),
            time(listing, "accountexpires", order),
            time(listing, "accountexpirationdate", order),
        ]),
        smart_card_required: or_bit("smartcardlogonrequired", SMART_CARD),
        trusted_for_delegation: or_bit("trustedfordelegation", DELEGATION),
        trusted_to_authenticate: or_bit("trustedtoauthfordelegation", TO_AUTHENTICATE),
        not_delegated: or_bit("accountnotdelegated", NOT_DELEGATED),
        no_preauth: or_bit("doesnotrequirepreauth", NO_PREAUTH),
        des_only: or_bit("usedeskeyonly", DES_ONLY),
    }
}
