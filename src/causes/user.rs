//! A user by account name and domain: two domains may have one account name each.

use crate::case::{Accounts, Sameness, split_name};

/// A user as an event or an output spells the name, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// Account name.
    pub(super) sam: String,
    /// Domain, where one is given.
    pub(super) domain: Option<String>,
}

impl Named {
    /// The user of a name, with its domain where the name itself holds none.
    pub(super) fn of(name: &str, domain: Option<&str>) -> Self {
        let (within, sam) = split_name(name);
        Self {
            sam,
            domain: within.or_else(|| domain.map(str::to_lowercase)),
        }
    }

    /// Whether two are one user.
    pub(super) fn compare(&self, other: &Self, accounts: &Accounts) -> Sameness {
        if self.sam != other.sam {
            return Sameness::Different;
        }
        accounts.same_domain(self.domain.as_deref(), other.domain.as_deref())
    }

    /// Whether two are surely one user.
    pub(super) fn is(&self, other: &Self, accounts: &Accounts) -> bool {
        self.compare(other, accounts) == Sameness::Same
    }
}
