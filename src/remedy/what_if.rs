//! Tries a fix on a copy: the changes are applied to the situation, and every endpoint is simulated again.

use std::collections::BTreeMap;

use crate::case::{AccountId, Case, PoolIdentity, ServerId, Situation, Spn};
use crate::evidence::{ArtifactId, Citation};
use crate::negotiate::{Outcome, Profile, simulate};

/// A change of directory or configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An SPN is registered on an account.
    AddSpn(Spn, AccountId),
    /// An SPN is taken from an account.
    RemoveSpn(Spn, AccountId),
    /// A setting of the applications at a location (`Site` or `Site/App`, with what lies below a site).
    Set(ServerId, String, Switch),
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
        rank(self.after) > rank(self.before)
    }
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
    let mut situation = case.situation.clone();
    // A registration that a fix makes has no place in the bundle; it never reaches the report's evidence.
    let planned = Citation::line(ArtifactId(u32::MAX), 0, "planned");
    for change in changes {
        match change {
            Change::AddSpn(spn, account) => {
                situation
                    .directory
                    .add(spn.clone(), *account, planned.clone())
            }
            Change::RemoveSpn(spn, account) => {
                situation.directory.remove(spn, *account, &case.accounts)
            }
            Change::Set(server, location, switch) => {
                let below = format!("{}/", location.to_lowercase());
                for endpoint in &mut situation.endpoints {
                    let at = endpoint.location().to_lowercase();
                    if endpoint.server == *server
                        && (at == location.to_lowercase() || at.starts_with(&below))
                    {
                        switch.apply(endpoint);
                    }
                }
            }
        }
    }
    situation
}

impl Switch {
    fn apply(&self, endpoint: &mut crate::case::Endpoint) {
        let binding = endpoint.binding.clone();
        let settings = &mut endpoint.settings;
        match self {
            Self::UseAppPoolCredentials(value) => {
                settings.windows.use_app_pool_credentials.value = *value
            }
            Self::UseKernelMode(value) => settings.windows.use_kernel_mode.value = *value,
            Self::WindowsEnabled(value) => settings.windows.enabled.value = *value,
            Self::AnonymousEnabled(value) => settings.anonymous.enabled.value = *value,
            Self::Providers(names) => {
                settings.windows.providers =
                    names.iter().map(|n| (n.clone(), binding.clone())).collect();
            }
            Self::ModulePresent => {
                if settings.global_module.is_none() && settings.windows.providers.is_empty() {
                    let installed = ["Negotiate", "NTLM"];
                    settings.windows.providers =
                        installed.map(|n| (n.to_owned(), binding.clone())).into();
                }
                settings.global_module.get_or_insert(binding.clone());
                settings.enabled_module.get_or_insert(binding);
                settings.module_removed_by = None;
            }
            Self::NoLockViolations => settings.lock_violations.clear(),
            Self::Identity(identity) => {
                if let Some(pool) = &mut endpoint.pool {
                    pool.identity = identity.clone();
                }
            }
        }
    }
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
