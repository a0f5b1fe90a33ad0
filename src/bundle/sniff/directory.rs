//! Objects of the directory, told by the names of their attributes, which no language translates.
//!
//! ```text
//! DistinguishedName : CN=svc_web,OU=Service,DC=corp,DC=example      Get-ADUser and its relatives
//! dn: CN=svc_web,OU=Service,DC=corp,DC=example                      ldifde
//! DN,objectClass,sAMAccountName,servicePrincipalName                csvde
//!   sAMAccountName    servicePrincipalName                          dsquery
//! DN: CN=svc_web,OU=Service,DC=corp,DC=example                      repadmin /showattr
//!     4> objectClass: top; person; organizationalPerson; user
//! ```

/// Names that only objects of Active Directory have, in lower case: one of them in a list is enough.
const OWN: [&str; 12] = [
    "distinguishedname",
    "samaccountname",
    "serviceprincipalname",
    "serviceprincipalnames",
    "useraccountcontrol",
    "userprincipalname",
    "principalsallowedtoretrievemanagedpassword",
    "selectiveauthentication",
    "sidfilteringquarantined",
    "spnmappings",
    "msds-supportedencryptiontypes",
    "kerberosencryptiontype",
];
/// Names that objects of other tools have too, in lower case: they count beside one of [`OWN`].
const SHARED: [&str; 22] = [
    "dn",
    "cn",
    "name",
    "objectclass",
    "objectguid",
    "objectsid",
    "sid",
    "enabled",
    "lockedout",
    "dnshostname",
    "passwordlastset",
    "passwordexpired",
    "pwdlastset",
    "accountexpires",
    "accountexpirationdate",
    "lockouttime",
    "memberof",
    "whenchanged",
    "whencreated",
    "description",
    "msds-keyversionnumber",
    "msds-allowedtodelegateto",
];
/// Lines of one object that are looked at: a list of all attributes has its first own name near its top.
const NEAR: usize = 60;

/// Whether output about objects of the directory begins here.
pub(super) fn opens(lines: &[&str]) -> bool {
    let Some(first) = lines.first().map(|line| line.trim_end()) else {
        return false;
    };
    let next = lines.get(1).copied().unwrap_or_default();
    is_ldif(first, lines)
        || is_showattr(first, next)
        || is_header(first, next)
        || is_list(first, lines)
        || is_json(first, lines)
}

fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}

fn is_known(name: &str) -> bool {
    is_own(name) || SHARED.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// `dn: CN=…`, then attributes; a bare DN in mail may be folded, and has no attribute below it.
fn is_ldif(first: &str, lines: &[&str]) -> bool {
    let named = |line: &str| {
        line.strip_prefix("dn:: ")
            .is_some_and(|coded| !coded.is_empty())
            || line
                .strip_prefix("dn: ")
                .is_some_and(|dn| dn.to_ascii_uppercase().contains("DC="))
    };
    let attribute = |line: &&str| {
        line.split_once(": ").is_some_and(|(name, _)| {
            let name = name.trim_end_matches(':');
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-;=*".contains(c))
        })
    };
    let below = |lines: &[&str]| {
        (lines.iter().skip(1))
            .find(|line| !line.starts_with(' '))
            .is_some_and(attribute)
    };
    named(first) && below(lines)
}

/// `DN: CN=…` with `    1> cn: svc_web` below it.
fn is_showattr(first: &str, next: &str) -> bool {
    first.trim_start().starts_with("DN: ")
        && first.contains("DC=")
        && next
            .trim_start()
            .split_once("> ")
            .is_some_and(|(count, rest)| {
                !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()) && rest.contains(':')
            })
}

/// A row of attribute names: with commas (csvde, `Export-Csv`), with a ruler of dashes (a table of PowerShell), or with
/// blanks and known names alone (dsquery).
fn is_header(first: &str, next: &str) -> bool {
    if first.contains(',') {
        let cells: Vec<&str> = first
            .split(',')
            .map(|cell| cell.trim_matches('"'))
            .take(400)
            .collect();
        let names = |test: fn(&str) -> bool| cells.iter().filter(|cell| test(cell)).count();
        return cells.len() > 1
            && names(is_own) > 0
            && names(is_known) > 1
            && cells.iter().all(|cell| !cell.contains(' '));
    }
    let words: Vec<&str> = first.split_ascii_whitespace().take(40).collect();
    if !words.iter().any(|word| is_own(word)) {
        return false;
    }
    let known = words.iter().filter(|word| is_known(word)).count();
    let most = known * 2 >= words.len();
    let plain =
        (words.iter().flat_map(|word| word.chars())).all(|c| c.is_ascii_alphanumeric() || c == '-');
    let ruled = !next.trim().is_empty() && next.chars().all(|c| c == '-' || c == ' ' || c == '\r');
    ruled || (first.starts_with("  ") && words.len() > 1 && plain && most && !next.is_empty())
}

/// The name and the value of `Name   : value`; `None` for other lines.
fn listed(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    let padded = name.ends_with(' ') && (value.is_empty() || value.starts_with(' '));
    let name = name.trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (padded && plain).then_some(name)
}

/// Lines `Name   : value` of one object, among them one that only the directory has.
fn is_list(first: &str, lines: &[&str]) -> bool {
    listed(first).is_some()
        && (lines.iter().take(NEAR))
            .take_while(|line| !line.trim().is_empty())
            .filter_map(|line| listed(line))
            .any(is_own)
}

/// What `ConvertTo-Json` makes of an object.
fn is_json(first: &str, lines: &[&str]) -> bool {
    matches!(first.trim(), "{" | "[")
        && (lines.iter().skip(1).take(NEAR)).any(|line| {
            line.trim_start()
                .strip_prefix('"')
                .and_then(|rest| rest.split_once("\":"))
                .is_some_and(|(name, _)| is_own(name))
        })
}
