//! What listings of the directory say of accounts, at the time when they were made: after the failures of the bundle, so
//! that a state seen there does not say how it was before.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::tz::Offset;

use super::account::{AccountId, Sameness, common_name, dn_domain};
use super::host::HostId;
use super::{Accounts, Case, Contradiction};
use crate::evidence::{Certainty, Citation, Cited, Known, When};
use crate::readers::directory::{AccountState, DirectoryObject};

/// The objects that the bundle lists, found by account name.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    list: Vec<DirectoryObject>,
    /// Their places in the list, by account name or else common name, in lower case.
    by_name: BTreeMap<String, Vec<usize>>,
}

/// The answer of `Test-ADServiceAccount` on a machine.
#[derive(Clone, Debug)]
pub struct ManagedAccountTest {
    /// The account, as typed.
    pub account: String,
    /// The machine, where it is known.
    pub host: Option<HostId>,
    /// Whether the machine can use the account.
    pub usable: Cited<bool>,
}

/// Citations kept of what several listings say alike.
const KEPT: usize = 3;

impl Objects {
    /// Adds an object.
    pub fn add(&mut self, object: DirectoryObject) {
        let name = name_of(&object);
        self.by_name.entry(name).or_default().push(self.list.len());
        self.list.push(object);
    }

    /// All objects, in the order of the bundle.
    pub fn iter(&self) -> impl Iterator<Item = &DirectoryObject> {
        self.list.iter()
    }

    /// All objects, to put their times into UTC.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut DirectoryObject> {
        self.list.iter_mut()
    }

    /// The objects that are listed under an account name in a domain (unknown: in any, where the bundle has only one).
    pub fn named<'a>(
        &'a self,
        accounts: &'a Accounts,
        name: &str,
        domain: Option<&'a str>,
    ) -> impl Iterator<Item = &'a DirectoryObject> {
        let places = self.by_name.get(&name.to_lowercase()).into_iter().flatten();
        places
            .filter_map(|at| self.list.get(*at))
            .filter(move |object| {
                accounts.same_domain(domain_of(object).as_deref(), domain) == Sameness::Same
            })
    }
}

/// The account name, or the common name of the distinguished name, in lower case.
fn name_of(object: &DirectoryObject) -> String {
    let sam = object.sam.as_ref().map(|sam| sam.value.clone());
    let name = sam.or_else(|| common_name(&object.dn.as_ref()?.value));
    name.unwrap_or_default().to_lowercase()
}

fn domain_of(object: &DirectoryObject) -> Option<String> {
    dn_domain(&object.dn.as_ref()?.value)
}

impl Case {
    /// What listings show of an account: the fact that `pick` takes, where those that know it agree.
    pub fn shown_of<T: Clone + PartialEq>(
        &self,
        account: AccountId,
        pick: impl Fn(&DirectoryObject) -> &Known<T>,
    ) -> Known<T> {
        agreed(self.objects_of(account).into_iter().map(pick))
    }

    /// What listings show of the state of an account, where they agree.
    pub fn state_of(
        &self,
        account: AccountId,
        pick: impl Fn(&AccountState) -> Known<bool>,
    ) -> Known<bool> {
        let objects = self.objects_of(account);
        let states: Vec<Known<bool>> = objects.iter().map(|object| pick(&object.state)).collect();
        agreed(&states)
    }

    /// What listings show of the state of an account by its name, where they agree.
    pub fn listed_state(
        &self,
        name: &str,
        domain: Option<&str>,
        pick: impl Fn(&AccountState) -> Known<bool>,
    ) -> Known<bool> {
        let objects = self.objects.named(&self.accounts, name, domain);
        let states: Vec<Known<bool>> = objects.map(|object| pick(&object.state)).collect();
        agreed(&states)
    }

    /// The listings of an account.
    pub fn objects_of(&self, account: AccountId) -> Vec<&DirectoryObject> {
        let known = self.accounts.get(account);
        let name = known.bare_name();
        let found = self
            .objects
            .named(&self.accounts, &name, known.domain.as_deref());
        let dn = known.dn.as_deref();
        found
            .filter(|object| match (&object.dn, dn) {
                (Some(a), Some(b)) => a.value.eq_ignore_ascii_case(b),
                _ => true,
            })
            .collect()
    }

    /// What `Test-ADServiceAccount` printed for an account on a machine.
    pub fn managed_account_test(&self, account: &str, host: HostId) -> Option<&ManagedAccountTest> {
        let bare = |name: &str| super::split_name(name).1.trim_end_matches('$').to_owned();
        let mut tests = self.account_tests.iter();
        // The last one: whoever repairs it tests again.
        tests.rfind(|test| test.host == Some(host) && bare(&test.account) == bare(account))
    }
}

/// What all that know it say alike.
pub(super) fn agreed<'a, T: Clone + PartialEq + 'a>(
    facts: impl IntoIterator<Item = &'a Known<T>>,
) -> Known<T> {
    let mut sum: Known<T> = Known::Unknown;
    for fact in facts {
        match (&mut sum, fact) {
            (_, Known::Unknown) => {}
            (Known::Unknown, fact) => sum = fact.clone(),
            (Known::Present(known), Known::Present(other)) if known.value == other.value => {
                known.from.extend(other.from.iter().take(KEPT).cloned());
                known.from.truncate(KEPT);
            }
            (Known::Absent(known), Known::Absent(other)) => {
                known.extend(other.iter().take(KEPT).cloned());
                known.truncate(KEPT);
            }
            _ => return Known::Unknown,
        }
    }
    sum
}

/// Listings that disagree about one account: taken at different times, or from different domain controllers.
pub(super) fn contradictions(case: &Case) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for places in case
        .objects
        .by_name
        .values()
        .filter(|places| places.len() > 1)
    {
        let objects: Vec<&DirectoryObject> = places
            .iter()
            .filter_map(|at| case.objects.list.get(*at))
            .take(16)
            .collect();
        for (index, a) in objects.iter().enumerate() {
            let other = objects
                .iter()
                .skip(index + 1)
                .find(|b| is_one(&case.accounts, a, b));
            let Some(b) = other else { continue };
            let state = |o: &DirectoryObject| o.state.clone();
            let (x, y) = (state(a), state(b));
            let disagreements = [
                ("whether it is enabled", differ(&x.enabled, &y.enabled)),
                (
                    "whether it is locked out",
                    differ(&x.locked_out, &y.locked_out),
                ),
                (
                    "whether its password has expired",
                    differ(&x.password_expired, &y.password_expired),
                ),
                (
                    "when its password was set",
                    times_differ((&x, &x.password_last_set), (&y, &y.password_last_set)),
                ),
                ("its encryption types", differ(&a.etypes, &b.etypes)),
            ];
            let name = a
                .sam
                .as_ref()
                .or(a.dn.as_ref())
                .map_or("", |name| name.value.as_str());
            for (what, from) in disagreements {
                found.extend(from.map(|from| Contradiction {
                    says: format!(
                        "two listings of {name} disagree about {what}: they were made at different times, or against different domain controllers"
                    ),
                    from,
                }));
            }
        }
    }
    found
}

fn is_one(accounts: &Accounts, a: &DirectoryObject, b: &DirectoryObject) -> bool {
    match (&a.dn, &b.dn) {
        (Some(a), Some(b)) => a.value.eq_ignore_ascii_case(&b.value),
        _ => {
            accounts.same_domain(domain_of(a).as_deref(), domain_of(b).as_deref()) == Sameness::Same
        }
    }
}

/// The places of two facts that are known and differ.
fn differ<T: PartialEq>(a: &Known<T>, b: &Known<T>) -> Option<Vec<Citation>> {
    let (x, y) = match (a, b) {
        (Known::Present(a), Known::Present(b)) if a.value != b.value => (&a.from, &b.from),
        (Known::Present(a), Known::Absent(b)) => (&a.from, b),
        (Known::Absent(a), Known::Present(b)) => (a, &b.from),
        _ => return None,
    };
    Some(x.iter().take(1).chain(y.iter().take(1)).cloned().collect())
}

/// The places of two times that differ by more than their clocks can: two zones lie at most 26 hours apart, and one is at
/// most 14 hours from UTC; of a zone that was assumed, summer time may be missing.
fn times_differ(
    (a, x): (&AccountState, &Known<When>),
    (b, y): (&AccountState, &Known<When>),
) -> Option<Vec<Citation>> {
    let (Known::Present(one), Known::Present(other)) = (x, y) else {
        return differ(x, y);
    };
    let second = |time: When| match time {
        When::Utc(time) => Some(time.as_second()),
        When::Local(time) => Offset::UTC.to_timestamp(time).ok().map(|t| t.as_second()),
    };
    let hours = match (one.value, other.value) {
        (When::Utc(_), When::Utc(_)) if a.certainty.max(b.certainty) == Certainty::Exact => 0,
        (When::Utc(_), When::Utc(_)) => 1,
        (When::Local(_), When::Local(_)) => 26,
        _ => 15,
    };
    let apart = second(one.value)?.abs_diff(second(other.value)?);
    (apart > hours * 3600).then(|| {
        let from = one.from.iter().take(1).chain(other.from.iter().take(1));
        from.cloned().collect()
    })
}
