//! S4: with which encryption types the KDC can seal a ticket for an account.
//!
//! ```text
//!   what the account may use     msDS-SupportedEncryptionTypes, else the default of the domain
//! ∩ what it has keys of          an old password has no AES keys
//! ∩ what the KDC may use         policy of the domain controllers; DES only where that names it
//! ∩ what the client asks for     known from events alone, so left to the causes
//! ```
//!
//! What the bundle does not show limits nothing: what is left is what may be left, and nothing is left only where that is
//! certain. The KDC then answers 0xE. Whether the client goes on with NTLM is documented nowhere.

use crate::case::{AccountId, Case};
use crate::codes::EtypeSet;
use crate::evidence::{Citation, Known};

/// What may be left to seal tickets for an account with.
#[derive(Clone, Debug)]
pub struct Sealing {
    /// The types.
    pub left: EtypeSet,
    /// What limits them.
    pub limits: Vec<Limit>,
}

/// One limit that the bundle shows.
#[derive(Clone, Debug)]
pub struct Limit {
    /// What it is, as half a sentence: `its keys are RC4`.
    pub says: String,
    /// The types it leaves.
    pub types: EtypeSet,
    /// Where it is shown.
    pub from: Vec<Citation>,
}

impl Sealing {
    /// Whether nothing is left, so that the KDC answers 0xE.
    pub fn fails(&self) -> bool {
        self.left.is_empty()
    }

    /// The limits as one sentence.
    pub fn says(&self) -> String {
        let limits: Vec<&str> = self
            .limits
            .iter()
            .map(|limit| limit.says.as_str())
            .collect();
        limits.join("; ")
    }

    /// Where the limits are shown.
    pub fn from(&self) -> Vec<Citation> {
        let limits = self.limits.iter().filter_map(|limit| limit.from.first());
        limits.cloned().collect()
    }
}

/// What may be left to seal tickets for an account with.
pub fn sealing(case: &Case, account: AccountId) -> Sealing {
    let mut limits = Vec::new();
    let mut limit = |known: Known<EtypeSet>, says: &str| {
        if let Known::Present(set) = known {
            limits.push(Limit {
                says: format!("{says} {}", set.value),
                types: set.value,
                from: set.from,
            });
        }
    };
    limit(case.allowed_etypes(account), "it may use");
    limit(case.keys_of(account), "its keys are");
    let policy = case.controller_etypes(account);
    limit(
        policy.clone(),
        "the policy of the domain controllers allows",
    );
    if let Some(from) = case.is_des_only(account) {
        limits.push(Limit {
            says: "it is set to use DES only".to_owned(),
            types: EtypeSet::DES,
            from,
        });
    }
    let names_des = |limit: &Limit| limit.types.meets(EtypeSet::DES);
    let des = policy
        .present()
        .is_some_and(|set| set.value.meets(EtypeSet::DES));
    let all = match des {
        true => EtypeSet::ALL,
        false => EtypeSet::ALL.without(EtypeSet::DES),
    };
    let left = limits.iter().fold(all, |left, l| left.and(l.types));
    if left.is_empty() && !des && limits.iter().all(names_des) {
        limits.push(Limit {
            says: "DES is off where no policy turns it on".to_owned(),
            types: all,
            from: Vec::new(),
        });
    }
    Sealing { left, limits }
}
