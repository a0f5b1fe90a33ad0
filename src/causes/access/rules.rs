//! What the authorization rules of a path say of users.
//!
//! IIS asks its deny rules first, then its allow rules, and refuses whom none allows. ASP.NET takes the first rule that
//! matches, those of deeper files first, and lets in whom none matches. Rules for roles decide by groups, which a log does
//! not show.

use std::collections::BTreeSet;

use crate::case::split_name;
use crate::evidence::Citation;
use crate::readers::iis_config::{AuthorizationRule, EffectiveSettings};

/// What rules say of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::causes) enum Ruling {
    /// No rule is written that could refuse a signed-in user.
    Allowed,
    /// A rule refuses every one of them.
    Denied(Vec<Citation>),
    /// It depends on their groups: these let members in, or keep them out.
    ByRole(Vec<String>, Vec<Citation>),
}

/// What the rules in force say of users, by their names without domains (of any user, where none is named).
pub(in crate::causes) fn ruling(settings: &EffectiveSettings, users: &BTreeSet<String>) -> Ruling {
    let rulings = [
        by_iis(&settings.authorization, users),
        by_asp_net(&settings.access.asp_net_rules, users),
    ];
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

fn by_iis(rules: &[AuthorizationRule], users: &BTreeSet<String>) -> Ruling {
    let plain = || rules.iter().filter(|rule| rule.verbs.is_empty());
    let denies: Vec<&AuthorizationRule> = plain().filter(|r| !r.allow && names(r, users)).collect();
    if !denies.is_empty() {
        return Ruling::Denied(cited(&denies));
    }
    let denied_roles: Vec<&AuthorizationRule> = plain()
        .filter(|r| !r.allow && !r.roles.is_empty())
        .collect();
    let admitted = plain().any(|r| r.allow && names(r, users));
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

fn by_asp_net(rules: &[AuthorizationRule], users: &BTreeSet<String>) -> Ruling {
    let mut by_roles = Vec::new();
    for rule in rules.iter().filter(|rule| rule.verbs.is_empty()) {
        if names(rule, users) {
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

/// Whether a rule names everybody, or each of these users.
fn names(rule: &AuthorizationRule, users: &BTreeSet<String>) -> bool {
    let listed: Vec<&str> = rule.users.split(',').map(str::trim).collect();
    if listed.contains(&"*") {
        return true;
    }
    !users.is_empty()
        && users
            .iter()
            .all(|user| listed.iter().any(|one| split_name(one).1 == *user))
}
