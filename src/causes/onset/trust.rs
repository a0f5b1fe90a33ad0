//! Whether a change of a trust began the failures that a finding is about.

use crate::case::{Sameness, SymptomKind, split_name};

use super::Asked;

/// Whether the trust may be the one that the finding is about: where both name a domain besides the one in which the trust was
/// changed, it is the same.
pub(super) fn fits(asked: &Asked<'_>, with: Option<&str>, own: Option<&str>) -> bool {
    let Some(with) = with else {
        return true;
    };
    let realm = asked.subject().account.as_deref();
    let realm = realm.and_then(|account| account.strip_prefix("krbtgt/"));
    let crossed = asked.symptoms().filter_map(|symptom| match &symptom.kind {
        SymptomKind::ReferralFailed(realm, _) => Some(realm.as_str()),
        _ => None,
    });
    let users = asked.symptoms().flat_map(|symptom| &symptom.principals);
    let users = users.filter_map(|user| split_name(user).0);
    let same = |one: &str, other| asked.case.accounts.same_domain(Some(one), other);
    let mut others = (realm.into_iter().chain(crossed).map(str::to_lowercase))
        .chain(users.map(|domain| domain.to_lowercase()))
        .filter(|other| own.is_none() || same(other, own) != Sameness::Same)
        .peekable();
    others.peek().is_none() || others.any(|other| may_be_one(asked, &other, with))
}

/// Whether two names may mean one domain, or a domain of one forest. The names of DNS tell.
fn may_be_one(asked: &Asked<'_>, one: &str, other: &str) -> bool {
    if one.contains('.') && other.contains('.') {
        let below = |name: &str, above: &str| name.ends_with(&format!(".{above}"));
        return one == other || below(one, other) || below(other, one);
    }
    let same = asked.case.accounts.same_domain(Some(one), Some(other));
    !matches!(same, Sameness::Different | Sameness::PresumedDifferent)
}
