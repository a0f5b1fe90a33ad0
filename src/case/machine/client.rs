//! What the client side of a machine is set to: its device, stored credentials, proxy, realms, and browsers.

use crate::evidence::{Cited, Known};
use crate::readers::machine::{DeviceState, Fact, StoredCredential, WinHttpProxy};
use crate::readers::registry::{Key, Setting};

use super::MachineState;

/// A browser whose policies are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Browser {
    /// Microsoft Edge.
    Edge,
    /// Google Chrome.
    Chrome,
}

impl Browser {
    /// Its policies for the machine and for the user.
    fn keys(self) -> [Key; 2] {
        match self {
            Self::Edge => [Key::EdgePolicy, Key::EdgeUserPolicy],
            Self::Chrome => [Key::ChromePolicy, Key::ChromeUserPolicy],
        }
    }
}

impl MachineState {
    /// Whether it belongs to a domain of Active Directory, as `dsregcmd` or `systeminfo` says.
    pub fn domain_joined(&self) -> Option<Cited<bool>> {
        self.fact(|fact| match fact {
            Fact::DomainJoined(joined) => Some(*joined),
            _ => None,
        })
    }

    /// What `dsregcmd /status` answers to one of its questions.
    pub fn device(&self, asked: DeviceState) -> Option<Cited<bool>> {
        self.fact(|fact| match fact {
            Fact::Device(state, answer) if *state == asked => Some(*answer),
            _ => None,
        })
    }

    /// The credentials that the user who asked has stored for Windows authentication: absent where a list shows none.
    pub fn stored_credentials(&self) -> Known<Vec<StoredCredential>> {
        let stored = self.facts(|fact| match fact {
            Fact::StoredCredential(credential) => Some(credential.clone()),
            _ => None,
        });
        let listed = self.facts(|fact| matches!(fact, Fact::CredentialsListed).then_some(()));
        let places = |cited: &[Cited<()>]| cited.iter().flat_map(|c| c.from.clone()).collect();
        if !stored.is_empty() {
            let from = stored.iter().flat_map(|c| c.from.clone()).collect();
            let value = stored.into_iter().map(|c| c.value).collect();
            return Known::Present(Cited { value, from });
        }
        match listed.is_empty() {
            true => Known::Unknown,
            false => Known::Absent(places(&listed)),
        }
    }

    /// The proxy of services (`netsh winhttp show proxy`).
    pub fn winhttp_proxy(&self) -> Option<Cited<WinHttpProxy>> {
        self.fact(|fact| match fact {
            Fact::WinHttpProxy(proxy) => Some(proxy.clone()),
            _ => None,
        })
    }

    /// The realms that `ksetup` lists, with their KDCs.
    pub fn realms(&self) -> Vec<Cited<(&str, &[String])>> {
        self.facts(|fact| match fact {
            Fact::Realm { name, kdcs } => Some((name.as_str(), kdcs.as_slice())),
            _ => None,
        })
    }

    /// The encryption types that are set for the trust with a realm (`ksetup /getenctypeattr`).
    pub fn realm_etypes(&self, realm: &str) -> Option<Cited<u32>> {
        self.fact(|fact| match fact {
            Fact::RealmEtypes { realm: of, etypes } if of.eq_ignore_ascii_case(realm) => {
                Some(*etypes)
            }
            _ => None,
        })
    }

    /// Which realm the registry sends hosts to: the realm, and the host names or `.suffixes` sent there.
    pub fn host_realms(&self) -> Vec<Cited<(&str, Vec<&str>)>> {
        let keys = self
            .registry
            .iter()
            .filter(|key| key.key == Key::HostToRealm);
        keys.filter_map(|key| {
            let realm = key.below.as_deref()?;
            let value = key.values.first()?;
            let hosts = match &value.value {
                Setting::List { entries, .. } => entries.iter().map(String::as_str).collect(),
                Setting::Text(host) => vec![host.as_str()],
                Setting::Number(_) => return None,
            };
            Some(Cited::new((realm, hosts), value.from.clone()))
        })
        .collect()
    }

    /// A policy of a browser, set for the machine or else for the user who asked: absent where both were shown whole
    /// without it.
    pub fn browser_policy(&self, browser: Browser, name: &str) -> Known<Setting> {
        let [machine, user] = browser.keys().map(|key| self.setting(key, name));
        match (machine, user) {
            (Known::Present(set), _) | (_, Known::Present(set)) => Known::Present(set),
            (Known::Absent(mut machine), Known::Absent(user)) => {
                machine.extend(user);
                Known::Absent(machine)
            }
            _ => Known::Unknown,
        }
    }
}
