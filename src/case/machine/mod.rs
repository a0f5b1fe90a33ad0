//! What the bundle shows of the state of one machine: its system, its clock, its registry, its rights, its secure channel.
//!
//! The records of the readers, put together by machine, and the questions that causes ask of them. What was printed
//! says how it was when it was collected: after the failures that the bundle shows.

mod agreement;
mod client;
mod dumps;
#[cfg(test)]
mod tests;

pub use client::Browser;

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::civil::DateTime;

use super::host::HostId;
use crate::evidence::{ArtifactId, Citation, Cited, Known};
use crate::readers::audit_policy::{AuditSetting, Subcategory};
use crate::readers::group_policy::PolicyResult;
use crate::readers::machine::{Fact, MachineFact};
use crate::readers::netlogon_log::NetlogonLog;
use crate::readers::registry::{Extent, Key, RegistryKey, Setting};
use crate::readers::user_rights::UserRight;
use dumps::Settled;
pub(super) use dumps::contradictions;

/// The state of the machines of a case.
pub type Machines = BTreeMap<HostId, MachineState>;

/// What the bundle shows of one machine.
#[derive(Clone, Debug, Default)]
pub struct MachineState {
    /// What its own tools say.
    pub facts: Vec<MachineFact>,
    /// Keys of its registry.
    pub registry: Vec<RegistryKey>,
    /// Who has which right on it.
    pub rights: Vec<UserRight>,
    /// The policies in force on it.
    pub policies: Vec<PolicyResult>,
    /// What it audits.
    pub auditing: Vec<AuditSetting>,
    /// Its logs of Netlogon.
    pub netlogon: Vec<NetlogonLog>,
    /// When the collections were made that its dumps are from, where they say so.
    pub taken: BTreeMap<ArtifactId, DateTime>,
}

/// The state of a machine's secure channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// It was used, and works.
    Works,
    /// It worked when it was used last.
    Worked,
    /// It does not work: the Win32 status, where one was printed.
    Broken(Option<u32>),
    /// No domain controller was reached, which says nothing about its password.
    Unreached(u32),
}

/// Places that are cited for a list.
const SHOWN: usize = 3;

/// The holder of a right as `secedit` writes it. Groups of every machine are SIDs there; of their names IIS_IUSRS is the same
/// in every language, and the others are the English ones.
fn holder(shown: &str) -> String {
    match shown.trim_start_matches("BUILTIN\\") {
        "IIS_IUSRS" => "S-1-5-32-568".to_owned(),
        "Administrators" => "S-1-5-32-544".to_owned(),
        "Users" => "S-1-5-32-545".to_owned(),
        "Guests" => "S-1-5-32-546".to_owned(),
        "Everyone" => "S-1-1-0".to_owned(),
        "Authenticated Users" => "S-1-5-11".to_owned(),
        _ => shown.trim_start_matches('*').to_owned(),
    }
}

/// A clock compared with another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredClock {
    /// The other clock, where named.
    pub other: Option<String>,
    /// How far the other one is ahead, in milliseconds.
    pub milliseconds: i64,
}

/// Rights of a template from which on all of them were exported: a right that is not listed then belongs to nobody.
const ALL_RIGHTS: usize = 10;
/// Win32 statuses of a channel whose domain controller could not be found or reached.
const UNREACHED: [u32; 4] = [1311, 1355, 1722, 53];

impl MachineState {
    /// The first fact that `pick` takes.
    fn fact<'a, T>(&'a self, pick: impl Fn(&'a Fact) -> Option<T>) -> Option<Cited<T>> {
        self.facts
            .iter()
            .find_map(|f| Some(Cited::new(pick(&f.fact)?, f.from.clone())))
    }

    /// All facts that `pick` takes.
    fn facts<'a, T>(&'a self, pick: impl Fn(&'a Fact) -> Option<T>) -> Vec<Cited<T>> {
        self.facts
            .iter()
            .filter_map(|f| Some(Cited::new(pick(&f.fact)?, f.from.clone())))
            .collect()
    }

    /// Its operating system, by name.
    pub fn system(&self) -> Option<Cited<&str>> {
        self.fact(|fact| match fact {
            Fact::System(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The build of its operating system: 17763, 26100.
    pub fn build(&self) -> Option<Cited<u32>> {
        self.fact(|fact| match fact {
            Fact::Version(version) => version.split('.').nth(2)?.parse().ok(),
            _ => None,
        })
    }

    /// Its own addresses.
    pub fn addresses(&self) -> Vec<Cited<IpAddr>> {
        self.facts(|fact| match fact {
            Fact::Address(address) => Some(*address),
            _ => None,
        })
    }

    /// Its secure channel: what the last test shows first, then what was asked without a test. `None` too where tests
    /// differ and nothing tells which one was the last.
    pub fn channel(&self) -> Option<Cited<Channel>> {
        let tested = match self.settle(self.channel_tests()) {
            Settled::Disputed(_) => return None,
            settled => settled.sure(),
        };
        let untested = self.channel_states().into_iter().filter(|s| !is_test(s));
        let rank = |state: &Cited<Channel>| match state.value {
            Channel::Broken(_) => 0,
            Channel::Unreached(_) => 1,
            Channel::Works => 2,
            Channel::Worked => 3,
        };
        untested.chain(tested).min_by_key(rank)
    }

    /// The first test that shows its secure channel broken, whatever later ones show, with the Win32 status.
    pub fn broken_channel(&self) -> Option<Cited<Option<u32>>> {
        let mut tests = self.channel_tests().into_iter();
        tests.find_map(|test| match test.value {
            Channel::Broken(status) => Some(test.map(|_| status)),
            _ => None,
        })
    }

    fn channel_tests(&self) -> Vec<Cited<Channel>> {
        let states = self.channel_states().into_iter();
        states.filter(is_test).collect()
    }

    fn channel_states(&self) -> Vec<Cited<Channel>> {
        self.facts(|fact| match fact {
            Fact::ChannelTest(true) => Some(Channel::Works),
            Fact::ChannelTest(false) => Some(Channel::Broken(None)),
            Fact::Channel {
                status: 0,
                verified,
                ..
            } => Some(if *verified {
                Channel::Works
            } else {
                Channel::Worked
            }),
            Fact::Channel { status, .. } if UNREACHED.contains(status) => {
                Some(Channel::Unreached(*status))
            }
            Fact::Channel { status, .. } => Some(Channel::Broken(Some(*status))),
            _ => None,
        })
    }

    /// How far other clocks are ahead of its own.
    pub fn clocks(&self) -> Vec<Cited<MeasuredClock>> {
        self.facts(|fact| match fact {
            Fact::ClockOffset {
                clock,
                from: None,
                milliseconds,
            } => Some(MeasuredClock {
                other: clock.clone(),
                milliseconds: *milliseconds,
            }),
            _ => None,
        })
    }

    /// The worker processes of IIS by their ids, with the accounts that they run as; `None` where it was not shown.
    pub fn workers(&self) -> Vec<Cited<(u32, Option<&str>)>> {
        self.facts(|fact| match fact {
            Fact::WorkerProcess { id, account } => Some((*id, account.as_deref())),
            _ => None,
        })
    }

    /// A value of the registry: absent where its key was printed whole, or it was asked for alone, and is not there.
    pub fn setting(&self, key: Key, name: &str) -> Known<Setting> {
        self.settle(self.said_of_setting(key, name)).known()
    }

    fn said_of_setting(&self, key: Key, name: &str) -> Vec<Cited<Option<Setting>>> {
        let is_named = |other: &str| other.eq_ignore_ascii_case(name);
        let mut said = Vec::new();
        let is_it = |dump: &&RegistryKey| dump.key == key && dump.below.is_none();
        for dump in self.registry.iter().filter(is_it) {
            let shown = dump.values.iter().filter(|value| is_named(value.name));
            let before = said.len();
            said.extend(shown.map(|v| Cited::new(Some(v.value.clone()), v.from.clone())));
            let closed = match &dump.extent {
                Extent::Whole => true,
                Extent::One(asked) => is_named(asked),
                Extent::Part => false,
            };
            if closed && said.len() == before {
                said.push(Cited::new(None, dump.from.clone()));
            }
        }
        said
    }

    /// Who has a right: SIDs, and names where no SID was found.
    pub fn right(&self, name: &str) -> Known<Vec<String>> {
        self.settle(self.said_of_right(name)).known()
    }

    fn said_of_right(&self, name: &str) -> Vec<Cited<Option<Vec<String>>>> {
        let mut said = Vec::new();
        // The rights of each file, with the first of them, and whether this one is there.
        let mut files: BTreeMap<ArtifactId, (usize, &Citation, bool)> = BTreeMap::new();
        for right in &self.rights {
            let file = files
                .entry(right.from.artifact)
                .or_insert((0, &right.from, false));
            file.0 += 1;
            if right.right == name {
                file.2 = true;
                let holders = Some(right.holders.clone()).filter(|h| !h.is_empty());
                said.push(Cited::new(holders, right.from.clone()));
            }
        }
        for (rights, first, shown) in files.into_values() {
            if rights >= ALL_RIGHTS && !shown {
                said.push(Cited::new(None, first.clone()));
            }
        }
        if said.is_empty() {
            said.extend(
                self.policies
                    .iter()
                    .filter_map(|result| by_policy(result, name)),
            );
        }
        said
    }

    /// What is audited of a subcategory: successes and failures.
    pub fn audits(&self, subcategory: Subcategory) -> Option<Cited<(bool, bool)>> {
        self.settle(self.said_of_auditing(subcategory)).sure()
    }

    fn said_of_auditing(&self, subcategory: Subcategory) -> Vec<Cited<(bool, bool)>> {
        let settings = self.auditing.iter();
        settings
            .filter(|setting| setting.subcategory == subcategory)
            .map(|s| Cited::new((s.success, s.failure), s.from.clone()))
            .collect()
    }
}

/// Whether the channel was used, or failed.
fn is_test(state: &Cited<Channel>) -> bool {
    matches!(state.value, Channel::Works | Channel::Broken(_))
}

/// Who has a right that one policy sets, as `gpresult` lists it. A right that no policy sets is the machine's own.
fn by_policy(result: &PolicyResult, name: &str) -> Option<Cited<Option<Vec<String>>>> {
    let right = result.right(name)?;
    let holders = right.accounts.iter().map(|account| holder(&account.value));
    let mut from = vec![right.from.clone()];
    let accounts = right.accounts.iter();
    from.extend(accounts.filter_map(|account| account.from.first().cloned()));
    Some(Cited {
        value: Some(holders.collect()),
        from,
    })
}
