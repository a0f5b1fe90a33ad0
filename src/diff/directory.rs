//! The attributes of the accounts that the sites and the findings of either bundle have to do with.

use super::Side;
use super::attributes::Attribute;
use super::pairs::counterpart;
use crate::case::{AccountId, Case, Sameness};
use crate::codes::SUPPORTED_ETYPES;
use crate::evidence::{Known, When};
use crate::readers::directory::AccountState;
use crate::report::model::AttributeKind;

/// Accounts that are compared.
const ACCOUNTS: usize = 500;

/// The attributes of the accounts, in the order in which the accounts are met.
pub(super) fn collect(before: &mut Side<'_>, after: &mut Side<'_>) -> Vec<Attribute> {
    let mut accounts = concerned(before);
    for account in concerned(after) {
        let there = counterpart(&after.case, account, &mut before.case);
        accounts.push(there);
    }
    let mut met: Vec<AccountId> = Vec::new();
    let mut all = Vec::new();
    for account in accounts {
        let same = |other: &AccountId| before.case.accounts.compare(*other, account);
        if met.len() >= ACCOUNTS || met.iter().any(|other| same(other) == Sameness::Same) {
            continue;
        }
        met.push(account);
        let there = counterpart(&before.case, account, &mut after.case);
        let subject = before.case.accounts.get(account).shown.clone();
        let pairs = of(&before.case, account)
            .into_iter()
            .zip(of(&after.case, there));
        all.extend(pairs.filter(|((_, a), (_, b))| comparable(a, b)).map(
            |((name, before), (_, after))| Attribute {
                kind: AttributeKind::Account,
                subject: subject.clone(),
                name: name.to_owned(),
                before,
                after,
            },
        ));
    }
    all
}

/// The accounts that pools run as, that hold the names of endpoints, the computers of the servers, and those of findings.
fn concerned(side: &mut Side<'_>) -> Vec<AccountId> {
    let case = &side.case;
    let mut accounts = Vec::new();
    for endpoint in &case.situation.endpoints {
        accounts.extend(
            endpoint
                .pool
                .as_ref()
                .and_then(|pool| pool.identity.account()),
        );
        accounts.extend(endpoint.host.map(|host| case.hosts.get(host).machine));
    }
    let names: std::collections::BTreeSet<&str> = case
        .situation
        .endpoints
        .iter()
        .map(|e| e.name.as_str())
        .collect();
    let registrations = case.situation.directory.registrations.iter();
    accounts.extend(
        registrations
            .filter(|r| r.spn.has_class("HTTP") && names.contains(r.spn.host().as_str()))
            .map(|r| r.holder),
    );
    let findings = side.judgement.findings.iter();
    let named: Vec<String> = findings
        .filter_map(|f| f.finding.subject.account.clone())
        .collect();
    let named = named.iter().map(|name| side.case.accounts.by_name(name));
    accounts.extend(named.collect::<Vec<_>>());
    accounts.dedup();
    accounts
}

fn of(case: &Case, account: AccountId) -> Vec<(&'static str, Known<String>)> {
    let flag = |pick: fn(&AccountState) -> &Known<bool>| {
        case.state_of(account, |state| pick(state).clone())
            .map(|on| on.to_string())
    };
    let time = |when: When| match when {
        When::Utc(time) => time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        When::Local(time) => format!("{time} {LOCAL}"),
    };
    let etypes = case.shown_of(account, |object| &object.etypes);
    let kvno = case.shown_of(account, |object| &object.kvno);
    let set = case.shown_of(account, |object| &object.state.password_last_set);
    let expires = case.shown_of(account, |object| &object.state.expires);
    vec![
        ("enabled", flag(|state| &state.enabled)),
        ("locked out", flag(|state| &state.locked_out)),
        ("password expired", flag(|state| &state.password_expired)),
        (
            "password must be changed",
            flag(|state| &state.must_change_password),
        ),
        ("pwdLastSet", set.map(time)),
        ("accountExpires", expires.map(time)),
        (
            "msDS-SupportedEncryptionTypes",
            etypes.map(|bits| SUPPORTED_ETYPES.in_words(bits)),
        ),
        (
            "msDS-KeyVersionNumber",
            kvno.map(|number| number.to_string()),
        ),
        (
            "trusted for delegation",
            flag(|state| &state.trusted_for_delegation),
        ),
    ]
}

/// What stands behind a time on the clock of a machine.
const LOCAL: &str = "(local time)";

/// A local time and one in UTC cannot be compared.
fn comparable(a: &Known<String>, b: &Known<String>) -> bool {
    match (a.present(), b.present()) {
        (Some(a), Some(b)) => a.value.ends_with(LOCAL) == b.value.ends_with(LOCAL),
        _ => true,
    }
}
