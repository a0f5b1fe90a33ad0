//! Who an application pool runs as.

use super::account::{AccountId, Accounts, split_name};
use crate::readers::iis_config::{IdentityType, Pool};

/// Who an application pool runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolIdentity {
    /// `LocalSystem`: acts on the network as the computer account.
    LocalSystem,
    /// `NetworkService`: acts on the network as the computer account.
    NetworkService,
    /// `ApplicationPoolIdentity`: acts on the network as the computer account.
    ApplicationPool,
    /// `LocalService`: anonymous on the network.
    LocalService,
    /// A domain user.
    Domain(AccountId),
    /// A managed service account (its name ends in `$`).
    Managed(AccountId),
    /// An account of the machine itself: it has no key in the directory.
    Local(String),
    /// A name without a domain, or none at all: the bundle does not say whose it is.
    Unclear(String),
}

impl PoolIdentity {
    /// The identity of a pool as configured. `host` is the server's short name, where known.
    pub fn of(pool: &Pool, host: Option<&str>, accounts: &mut Accounts) -> Self {
        match pool.identity_type.value {
            IdentityType::LocalSystem => Self::LocalSystem,
            IdentityType::NetworkService => Self::NetworkService,
            IdentityType::LocalService => Self::LocalService,
            IdentityType::ApplicationPoolIdentity => Self::ApplicationPool,
            IdentityType::SpecificUser => Self::specific(&pool.user_name.value, host, accounts),
        }
    }

    /// The identity of a name that stands for it: a word of IIS, or an account.
    pub fn named(name: &str, host: Option<&str>, accounts: &mut Accounts) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "localsystem" => Self::LocalSystem,
            "networkservice" => Self::NetworkService,
            "localservice" => Self::LocalService,
            "applicationpoolidentity" => Self::ApplicationPool,
            _ => Self::specific(name, host, accounts),
        }
    }

    fn specific(user: &str, host: Option<&str>, accounts: &mut Accounts) -> Self {
        let (domain, name) = split_name(user);
        match domain.as_deref() {
            Some("nt authority") => match name.replace(' ', "").as_str() {
                "system" => Self::LocalSystem,
                "networkservice" => Self::NetworkService,
                "localservice" => Self::LocalService,
                _ => Self::Unclear(user.to_owned()),
            },
            Some("iis apppool") => Self::ApplicationPool,
            Some(".") => Self::Local(user.to_owned()),
            Some(domain) if host.is_some_and(|h| h.eq_ignore_ascii_case(domain)) => {
                Self::Local(user.to_owned())
            }
            Some(_) if name.ends_with('$') => Self::Managed(accounts.by_name(user)),
            Some(_) => Self::Domain(accounts.by_name(user)),
            None => Self::Unclear(user.to_owned()),
        }
    }

    /// The directory account of the identity, where it has one of its own.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Domain(id) | Self::Managed(id) => Some(*id),
            _ => None,
        }
    }

    /// How it is shown.
    pub fn shown(&self, accounts: &Accounts) -> String {
        match self {
            Self::LocalSystem => "LocalSystem".into(),
            Self::NetworkService => "NetworkService".into(),
            Self::ApplicationPool => "ApplicationPoolIdentity".into(),
            Self::LocalService => "LocalService".into(),
            Self::Domain(id) | Self::Managed(id) => accounts.get(*id).shown.clone(),
            Self::Local(name) => format!("{name} (local account)"),
            Self::Unclear(name) if name.is_empty() => "SpecificUser without a name".into(),
            Self::Unclear(name) => name.clone(),
        }
    }
}
