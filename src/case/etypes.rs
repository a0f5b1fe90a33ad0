//! Encryption types: what the KDCs wrote of an account, what listings show, what policies of machines allow.

use std::collections::BTreeMap;

use super::Case;
use super::account::{AccountId, Sameness, split_name};
use super::host::{HostId, Role};
use super::objects::agreed;
use super::spn::Spn;
use crate::codes::EtypeSet;
use crate::evidence::{Citation, Cited, Known};
use crate::readers::events::{Body, Event};
use crate::readers::registry::Key;

/// What KDCs wrote of the encryption types of accounts: for each account name, in lower case, the last that was written.
#[derive(Clone, Debug, Default)]
pub struct EtypesSeen {
    by_name: BTreeMap<String, Vec<Seen>>,
}

/// The types of one account, as the KDCs of one domain wrote them last.
#[derive(Clone, Debug)]
struct Seen {
    /// The domain of the KDC, lower case, where its name shows it.
    realm: Option<String>,
    keys: Option<Cited<EtypeSet>>,
    allowed: Option<Cited<EtypeSet>>,
}

impl EtypesSeen {
    /// Reads the events, in the order of time.
    pub(super) fn of(case: &Case) -> Self {
        let mut seen = Self::default();
        let mut names = ServiceNames::new(case);
        for event in &case.events {
            match &event.body {
                Body::ServiceTicketRequest(e) if matches!(e.status, Some(0 | 0xE)) => {
                    let Some(service) = e.service_name.as_deref().and_then(|n| names.account(n))
                    else {
                        continue;
                    };
                    if let (Some(0), Some(etype)) = (e.status, e.ticket_etype) {
                        let sealed = EtypeSet::of_ticket(etype);
                        seen.forget(&service, |keys| !keys.meets(sealed));
                    }
                    seen.note(event, &service, e.etypes.service_keys, e.etypes.service);
                }
                // A new password brings new keys.
                Body::AccountChanged(e)
                    if matches!(e.id, 4723 | 4724) || e.password_last_set.is_some() =>
                {
                    if let Some(name) = &e.target.name {
                        seen.forget(name, |_| true);
                    }
                }
                Body::TgtRequest(e) if e.status == Some(0) => {
                    if let Some(name) = &e.client.name {
                        seen.note(event, name, e.etypes.account_keys, e.etypes.account);
                    }
                }
                Body::Kdc(e) => {
                    let service = e.sealed_for().and_then(|name| names.account(&name));
                    if let Some(service) = service {
                        seen.note(event, &service, e.keys(), e.allowed());
                    }
                }
                _ => {}
            }
        }
        seen
    }

    /// Forgets what was written of an account, where its keys have changed since.
    fn forget(&mut self, name: &str, changed: impl Fn(EtypeSet) -> bool) {
        let entries = self.by_name.get_mut(&split_name(name).1);
        for seen in entries.into_iter().flatten() {
            if seen.keys.as_ref().is_some_and(|keys| changed(keys.value)) {
                seen.keys = None;
                seen.allowed = None;
            }
        }
    }

    fn note(
        &mut self,
        event: &Event,
        name: &str,
        keys: Option<EtypeSet>,
        allowed: Option<EtypeSet>,
    ) {
        if keys.is_none() && allowed.is_none() {
            return;
        }
        let realm = event
            .computer
            .split_once('.')
            .map(|(_, d)| d.to_lowercase());
        let entries = self.by_name.entry(split_name(name).1).or_default();
        let cited = |types| Some(Cited::new(types, event.citation.clone()));
        let at = match entries.iter().position(|seen| seen.realm == realm) {
            Some(at) => at,
            None => {
                entries.push(Seen {
                    realm,
                    keys: None,
                    allowed: None,
                });
                entries.len() - 1
            }
        };
        if let Some(entry) = entries.get_mut(at) {
            entry.keys = keys.and_then(cited).or(entry.keys.take());
            entry.allowed = allowed.and_then(cited).or(entry.allowed.take());
        }
    }
}

/// Whose key a ticket is sealed with, by the name of the service that a KDC wrote: an account, or an SPN and so its holder.
struct ServiceNames<'a> {
    case: &'a Case,
    held: BTreeMap<String, Option<String>>,
}

impl<'a> ServiceNames<'a> {
    fn new(case: &'a Case) -> Self {
        let held = BTreeMap::new();
        Self { case, held }
    }

    fn account(&mut self, name: &str) -> Option<String> {
        if !name.contains('/') {
            return Some(name.to_owned());
        }
        let spn = Spn::new(name.split('@').next().unwrap_or(name));
        let case = self.case;
        let held = self.held.entry(spn.key());
        held.or_insert_with(|| holder_of(case, &spn)).clone()
    }
}

/// The name of the one account that holds an SPN, or HOST of its host where nobody holds it itself.
fn holder_of(case: &Case, spn: &Spn) -> Option<String> {
    let holders = |spn: &Spn| {
        let directory = &case.situation.directory;
        directory.holders(spn, &case.accounts).shown
    };
    let mut held = holders(spn);
    if held.is_empty() && spn.has_class("HTTP") {
        held = holders(&spn.with_class("HOST"));
    }
    match held.as_slice() {
        [holder] => Some(case.accounts.get(holder.account).bare_name()),
        _ => None,
    }
}

impl Case {
    fn seen_of(
        &self,
        account: AccountId,
        pick: impl Fn(&Seen) -> &Option<Cited<EtypeSet>>,
    ) -> Known<EtypeSet> {
        let known = self.accounts.get(account);
        let entries = self.etypes.by_name.get(&known.bare_name().to_lowercase());
        let own = entries.into_iter().flatten().filter(|seen| {
            let same = self
                .accounts
                .same_domain(seen.realm.as_deref(), known.domain.as_deref());
            same == Sameness::Same
        });
        let facts: Vec<Known<EtypeSet>> = own
            .filter_map(|seen| pick(seen).clone())
            .map(Known::Present)
            .collect();
        agreed(&facts)
    }

    /// The encryption types of which an account has keys, as a KDC wrote last.
    pub fn keys_of(&self, account: AccountId) -> Known<EtypeSet> {
        self.seen_of(account, |seen| &seen.keys)
    }

    /// What `msDS-SupportedEncryptionTypes` of an account names; absent where it names no type, so that the default applies.
    pub fn explicit_etypes(&self, account: AccountId) -> Known<EtypeSet> {
        match self.shown_of(account, |object| &object.etypes) {
            Known::Present(set) => match EtypeSet::of_bits(set.value) {
                types if types.is_empty() => Known::Absent(set.from),
                types => Known::Present(set.map(|_| types)),
            },
            Known::Absent(from) => Known::Absent(from),
            Known::Unknown => Known::Unknown,
        }
    }

    /// What the KDC lets an account use: its own setting, what the KDC wrote of it, else the default where that is set.
    pub fn allowed_etypes(&self, account: AccountId) -> Known<EtypeSet> {
        match self.explicit_etypes(account) {
            Known::Present(set) => Known::Present(set),
            explicit => match self.seen_of(account, |seen| &seen.allowed) {
                Known::Present(seen) => Known::Present(seen),
                _ if explicit.is_absent() => self.default_etypes(account),
                _ => Known::Unknown,
            },
        }
    }

    /// `DefaultDomainSupportedEncTypes` of the domain controllers of an account's domain, where those that show it agree. Where
    /// one has none the default depends on its updates, and is not known here.
    pub fn default_etypes(&self, account: AccountId) -> Known<EtypeSet> {
        self.controllers_say(account, |host| self.kdc_default(host))
    }

    /// What the policies of the domain controllers of an account's domain allow, where those that show one agree; unknown where
    /// one has none, and so allows what its version does.
    pub fn controller_etypes(&self, account: AccountId) -> Known<EtypeSet> {
        self.controllers_say(account, |host| {
            self.etype_policy(Some(host)).map(|bits| bits & 0x1F)
        })
    }

    /// The types that the domain controllers of an account's domain are set to, each as the bits of a setting; 0 is none.
    fn controllers_say(
        &self,
        account: AccountId,
        setting: impl Fn(HostId) -> Known<u64>,
    ) -> Known<EtypeSet> {
        let domain = self.accounts.get(account).domain.as_deref();
        let mut all = Vec::new();
        for (id, host) in self.hosts.iter() {
            let home = self.home_domain(id);
            let is_controller = host.roles.contains(&Role::DomainController)
                || self.kdc_default(id).present().is_some();
            if !is_controller
                || self.accounts.same_domain(home.as_deref(), domain) != Sameness::Same
            {
                continue;
            }
            match setting(id) {
                Known::Present(set) if set.value != 0 => {
                    let bits = u32::try_from(set.value).unwrap_or(0);
                    all.push(Known::Present(set.map(|_| EtypeSet::of_bits(bits))));
                }
                Known::Unknown => {}
                _ => return Known::Unknown,
            }
        }
        agreed(&all)
    }

    /// The types that a domain controller gives accounts without a setting, as bits.
    fn kdc_default(&self, host: HostId) -> Known<u64> {
        let Some(machine) = self.machine(Some(host)) else {
            return Known::Unknown;
        };
        match machine.setting(Key::Kdc, "DefaultDomainSupportedEncTypes") {
            Known::Present(set) => match set.value.number() {
                Some(bits) => Known::Present(set.map(|_| bits)),
                None => Known::Unknown,
            },
            Known::Absent(from) => Known::Absent(from),
            Known::Unknown => Known::Unknown,
        }
    }

    /// The encryption types that the policy of a machine allows, as the bits of SupportedEncryptionTypes; 0 is no policy.
    /// Policy writes its own key; the other one is older.
    pub fn etype_policy(&self, host: Option<HostId>) -> Known<u64> {
        let Some(machine) = self.machine(host) else {
            return Known::Unknown;
        };
        let keys = [Key::KerberosPolicy, Key::Kerberos];
        let settings = keys.map(|key| machine.setting(key, "SupportedEncryptionTypes"));
        for setting in &settings {
            if let Known::Present(set) = setting
                && let Some(number) = set.value.number()
            {
                return Known::Present(set.clone().map(|_| number));
            }
        }
        match settings {
            [Known::Absent(from), _] => Known::Absent(from),
            _ => Known::Unknown,
        }
    }

    /// Whether an account may use DES alone (`USE_DES_KEY_ONLY`).
    pub fn is_des_only(&self, account: AccountId) -> Option<Vec<Citation>> {
        let flag = self.state_of(account, |state| state.des_only.clone());
        flag.present()
            .filter(|flag| flag.value)
            .map(|flag| flag.from.clone())
    }
}
