//! Tries a fix on a copy: the changes are applied to the situation, and every endpoint is simulated again.

use std::collections::BTreeMap;
use std::fmt;

use crate::case::{AccountId, Case, Endpoint, PoolIdentity, ServerId, Situation, Spn};
use crate::evidence::{ArtifactId, Citation, Cited};
use crate::negotiate::{Outcome, Profile, simulate};
use crate::readers::iis_config::{Origin, Setting};

/// A change of directory or configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An SPN is registered on an account.
    AddSpn(Spn, AccountId),
    /// An SPN is taken from an account.
    RemoveSpn(Spn, AccountId),
    /// A setting of the applications at a location (`Site` or `Site/App`, with what lies below a site).
    Set(ServerId, String, Switch),
    /// The identity of an application pool of a server, for every application that runs in it.
    Pool(ServerId, String, PoolIdentity),
    /// `msDS-SupportedEncryptionTypes` of an account; 0 leaves it to the default of the domain.
    EncryptionTypes(AccountId, u32),
}

/// A setting that a fix switches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switch {
    /// `useAppPoolCredentials`.
    UseAppPoolCredentials(bool),
    /// `useKernelMode`.
    UseKernelMode(bool),
    /// `windowsAuthentication/@enabled`.
    WindowsEnabled(bool),
    /// `anonymousAuthentication/@enabled`.
    AnonymousEnabled(bool),
    /// The list of providers, in order.
    Providers(Vec<String>),
    /// The native module runs. Its installation writes Negotiate and NTLM where there is no provider.
    ModulePresent,
    /// Locked sections are no longer set below the lock.
    NoLockViolations,
    /// The pool's identity.
    Identity(PoolIdentity),
}

/// An endpoint that a fix changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointChange {
    /// Its URL.
    pub endpoint: String,
    /// What its users get now.
    pub before: Outcome,
    /// What they get after the fix.
    pub after: Outcome,
}

impl EndpointChange {
    /// Whether users lose something: a working logon, or Kerberos.
    pub fn is_worse(&self) -> bool {
        is_worse(self.before, self.after)
    }
}

/// Whether users lose something from one outcome to another: a working logon, or Kerberos.
pub fn is_worse(before: Outcome, after: Outcome) -> bool {
    rank(after) > rank(before)
}

/// Outcomes from best to worst for a user of Windows authentication; what is unknown counts as no loss.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Kerberos => 0,
        Outcome::NtlmByDesign | Outcome::NtlmFallback => 1,
        Outcome::Unknown | Outcome::NotWindowsAuth => 2,
        Outcome::Denied | Outcome::Unavailable => 3,
    }
}

/// The situation after the changes.
pub fn apply(case: &Case, changes: &[Change]) -> Situation {
    apply_from(case, changes, &Citation::line(NOWHERE, 0, "planned"))
}

/// What a change makes has no place in the bundle.
const NOWHERE: ArtifactId = ArtifactId(u32::MAX);

/// The situation after the changes that an assumption is: what they make cites it by its number and words.
pub fn assume(case: &Case, changes: &[Change], number: u32, text: &str) -> Situation {
    apply_from(case, changes, &Citation::line(NOWHERE, number, text))
}

fn apply_from(case: &Case, changes: &[Change], from: &Citation) -> Situation {
    let mut situation = case.situation.clone();
    for change in changes {
        match change {
            Change::AddSpn(spn, account) => {
                let directory = &mut situation.directory;
                // No output of before the change denies it.
                directory.supersede(spn, *account);
                directory.add(spn.clone(), *account, from.clone());
            }
            Change::RemoveSpn(spn, account) => {
                situation.directory.remove(spn, *account, &case.accounts)
            }
            Change::Set(server, location, switch) => {
                for endpoint in &mut situation.endpoints {
                    if endpoint.server == *server && endpoint.is_at(location) {
                        switch.apply(endpoint, from);
                    }
                }
            }
            Change::EncryptionTypes(account, bits) => {
                let set = Cited::new(*bits, from.clone());
                situation.assumed_etypes.insert(*account, set);
            }
            Change::Pool(server, name, identity) => {
                let pools = (situation.endpoints.iter_mut())
                    .filter(|endpoint| endpoint.server == *server)
                    .filter_map(|endpoint| endpoint.pool.as_mut());
                for pool in pools.filter(|pool| pool.name.eq_ignore_ascii_case(name)) {
                    pool.identity = identity.clone();
                    pool.from = vec![from.clone()];
                }
            }
        }
    }
    situation
}

impl Switch {
    fn apply(&self, endpoint: &mut Endpoint, from: &Citation) {
        let settings = &mut endpoint.settings;
        let windows = &mut settings.windows;
        let put = |setting: &mut Setting<bool>, value: bool| {
            setting.value = value;
            setting.origin = Origin::Set(from.clone());
        };
        let offer = |names: &[&str]| {
            let offered = names.iter().map(|n| ((*n).to_owned(), from.clone()));
            offered.collect::<Vec<_>>()
        };
        match self {
            Self::UseAppPoolCredentials(value) => {
                put(&mut windows.use_app_pool_credentials, *value);
            }
            Self::UseKernelMode(value) => put(&mut windows.use_kernel_mode, *value),
            Self::WindowsEnabled(value) => put(&mut windows.enabled, *value),
            Self::AnonymousEnabled(value) => put(&mut settings.anonymous.enabled, *value),
            Self::Providers(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                windows.providers = offer(&names);
            }
            Self::ModulePresent => {
                if settings.global_module.is_none() && windows.providers.is_empty() {
                    windows.providers = offer(&["Negotiate", "NTLM"]);
                }
                settings.global_module.get_or_insert(from.clone());
                settings.enabled_module.get_or_insert(from.clone());
                settings.module_removed_by = None;
            }
            Self::NoLockViolations => settings.lock_violations.clear(),
            Self::Identity(identity) => {
                if let Some(pool) = &mut endpoint.pool {
                    pool.identity = identity.clone();
                    pool.from = vec![from.clone()];
                }
            }
        }
    }

    /// Whether an endpoint is as the switch would make it.
    pub(super) fn is_set(&self, endpoint: &Endpoint) -> bool {
        let settings = &endpoint.settings;
        let windows = &settings.windows;
        match self {
            Self::UseAppPoolCredentials(value) => windows.use_app_pool_credentials.value == *value,
            Self::UseKernelMode(value) => windows.use_kernel_mode.value == *value,
            Self::WindowsEnabled(value) => windows.enabled.value == *value,
            Self::AnonymousEnabled(value) => settings.anonymous.enabled.value == *value,
            Self::Providers(names) => {
                let offered = windows.providers.iter().map(|(name, _)| name);
                offered.eq(names)
            }
            Self::ModulePresent => {
                settings.global_module.is_some() && settings.enabled_module.is_some()
            }
            Self::NoLockViolations => settings.lock_violations.is_empty(),
            Self::Identity(identity) => {
                let pool = endpoint.pool.as_ref();
                pool.is_some_and(|pool| pool.identity == *identity)
            }
        }
    }
}

impl fmt::Display for Switch {
    /// What is so once it is set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UseAppPoolCredentials(value) => write!(f, "useAppPoolCredentials is {value}"),
            Self::UseKernelMode(value) => write!(f, "useKernelMode is {value}"),
            Self::WindowsEnabled(value) => write!(f, "Windows authentication is {}", on(*value)),
            Self::AnonymousEnabled(value) => {
                write!(f, "anonymous authentication is {}", on(*value))
            }
            Self::Providers(names) => write!(f, "{} is offered", names.join(", ")),
            Self::ModulePresent => f.write_str("WindowsAuthenticationModule runs"),
            Self::NoLockViolations => f.write_str("no locked section is set"),
            Self::Identity(_) => f.write_str("the pool runs as another identity"),
        }
    }
}

fn on(value: bool) -> &'static str {
    if value { "on" } else { "off" }
}

/// Every endpoint that the changes move from one outcome to another, by URL.
pub fn effect(case: &Case, changes: &[Change]) -> Vec<EndpointChange> {
    let after = apply(case, changes);
    let mut moved = BTreeMap::new();
    for (old, new) in case.situation.endpoints.iter().zip(&after.endpoints) {
        if !old.name_is_tied() {
            continue;
        }
        let before = simulate(case, &case.situation, old, Profile::Browser).outcome;
        let after = simulate(case, &after, new, Profile::Browser).outcome;
        if before != after {
            let server = &case.server(old).label;
            moved.insert((old.url(), server.clone()), (before, after));
        }
    }
    let several = case.servers.len() > 1;
    moved
        .into_iter()
        .map(|((url, server), (before, after))| EndpointChange {
            endpoint: if several {
                format!("{url} on {server}")
            } else {
                url
            },
            before,
            after,
        })
        .collect()
}
