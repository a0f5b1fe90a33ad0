//! What the authorization rules of a path say of users.
//!
//! IIS asks its deny rules first, then its allow rules, and refuses whom none allows. ASP.NET takes the first rule that
//! matches, those of deeper files first, and lets in whom none matches. Rules for roles decide by groups, which a log does
//! not show.

use std::collections::BTreeSet;

use crate::case::{Accounts, Sameness};
use crate::evidence::Citation;
use crate::readers::iis_config::AuthorizationRule;

/// The rules that are asked at a path.
#[derive(Clone, Copy)]
pub(in crate::causes) struct Rules<'r> {
    /// Those of IIS.
    pub iis: &'r [AuthorizationRule],
    /// Those of ASP.NET.
    pub asp_net: &'r [AuthorizationRule],
}

/// Who asks: a user by name, and what is known of names; nobody in particular where no user is named.
#[derive(Clone, Copy)]
struct Who<'r> {
    user: Option<&'r str>,
    accounts: &'r Accounts,
}

/// What rules say of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::causes) enum Ruling {
    /// No rule is written that could refuse a signed-in user.
    Allowed,
    /// A rule refuses the user.
    Denied(Vec<Citation>),
    /// It depends on the user's groups: these let members in, or keep them out.
    ByRole(Vec<String>, Vec<Citation>),
}

/// What the rules in force say of each of these users; of any user, where none is named.
pub(in crate::causes) fn rulings<'u>(
    accounts: &Accounts,
    rules: Rules<'_>,
    users: &'u BTreeSet<String>,
) -> Vec<(Option<&'u str>, Ruling)> {
    let named = users.iter().map(|user| Some(user.as_str()));
    let anybody = users.is_empty().then_some(None);
    named
        .chain(anybody)
        .map(|user| (user, ruling(accounts, rules, user)))
        .collect()
}

/// What the rules in force say of a user; of any user, where none is named.
pub(in crate::causes) fn ruling(
    accounts: &Accounts,
    rules: Rules<'_>,
    user: Option<&str>,
) -> Ruling {
    let who = Who { user, accounts };
    let rulings = [by_iis(rules.iis, who), by_asp_net(rules.asp_net, who)];
    let mut roles = Vec::new();
    let mut from = Vec::new();
    for ruling in rulings {
        match ruling {
            Ruling::Denied(from) => return Ruling::Denied(from),
            Ruling::ByRole(mut own, mut at) => {
                roles.append(&mut own);
                from.append(&mut at);
            }
            Ruling::Allowed => {}
        }
    }
    match from.is_empty() {
        true => Ruling::Allowed,
        false => Ruling::ByRole(roles, from),
    }
}

fn by_iis(rules: &[AuthorizationRule], who: Who<'_>) -> Ruling {
    let plain = || rules.iter().filter(|rule| rule.verbs.is_empty());
    let denies: Vec<&AuthorizationRule> = plain().filter(|r| !r.allow && names(r, who)).collect();
    if !denies.is_empty() {
        return Ruling::Denied(cited(&denies));
    }
    let denied_roles: Vec<&AuthorizationRule> = plain()
        .filter(|r| !r.allow && !r.roles.is_empty())
        .collect();
    let admitted = plain().any(|r| r.allow && names(r, who));
    if rules.is_empty() || (admitted && denied_roles.is_empty()) {
        return Ruling::Allowed;
    }
    if admitted {
        return by_role(&denied_roles);
    }
    let admitting: Vec<&AuthorizationRule> =
        plain().filter(|r| r.allow && !r.roles.is_empty()).collect();
    // A rule for some verbs may let them in with those.
    if admitting.is_empty() && rules.iter().all(|rule| rule.verbs.is_empty()) {
        return Ruling::Denied(cited(&rules.iter().collect::<Vec<_>>()));
    }
    by_role(&admitting)
}

fn by_asp_net(rules: &[AuthorizationRule], who: Who<'_>) -> Ruling {
    let mut by_roles = Vec::new();
    for rule in rules.iter().filter(|rule| rule.verbs.is_empty()) {
        if names(rule, who) {
            return match (rule.allow, by_roles.is_empty()) {
                (true, true) => Ruling::Allowed,
                (false, true) => Ruling::Denied(vec![rule.from.clone()]),
                // Whom no role above matches meets this one.
                (false, false) => {
                    by_roles.push(rule);
                    by_role(&by_roles)
                }
                (true, false) if by_roles.iter().all(|r| r.allow) => Ruling::Allowed,
                (true, false) => by_role(&by_roles),
            };
        }
        if !rule.roles.is_empty() {
            by_roles.push(rule);
        }
    }
    match by_roles.iter().any(|rule| !rule.allow) {
        true => by_role(&by_roles),
        false => Ruling::Allowed,
    }
}

fn by_role(rules: &[&AuthorizationRule]) -> Ruling {
    let roles = rules
        .iter()
        .flat_map(|rule| rule.roles.split(','))
        .map(|role| role.trim().to_owned())
        .filter(|role| !role.is_empty());
    Ruling::ByRole(roles.collect(), cited(rules))
}

fn cited(rules: &[&AuthorizationRule]) -> Vec<Citation> {
    rules.iter().map(|rule| rule.from.clone()).collect()
}

/// Whether a rule names everybody, or the user. Where the domain of either name is not known, a rule may admit the user, and
/// is not said to refuse.
fn names(rule: &AuthorizationRule, who: Who<'_>) -> bool {
    let is_user = |listed: &str| {
        let same = who.user.map(|user| who.accounts.is_spelled(listed, user));
        match rule.allow {
            true => same.is_some_and(|same| same != Sameness::Different),
            false => same == Some(Sameness::Same),
        }
    };
    let mut listed = rule.users.split(',').map(str::trim);
    listed.any(|one| one == "*" || is_user(one))
}
