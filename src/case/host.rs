//! The machines of a bundle: their names, their roles, and which artifact came from which of them.
//!
//! Content decides first (the Computer of events, the machine account of a ticket cache, the host of a remoting
//! prompt), layout second (a folder or file-name prefix that is a known machine's name, the logs that stand beside a file).

use std::collections::BTreeSet;

use super::account::{AccountId, AccountKind, Accounts};

/// The number of a host in its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u32);

/// What a host does in the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Serves the sites.
    WebServer,
    /// Issues tickets and validates NTLM.
    DomainController,
    /// Calls the sites.
    Client,
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Host {
    /// Short name, upper case.
    pub name: String,
    /// Fully qualified name, lower case, where an event or a prompt gives it.
    pub fqdn: Option<String>,
    /// What it does.
    pub roles: BTreeSet<Role>,
    /// Its computer account.
    pub machine: AccountId,
}

impl Host {
    /// The domain in its full name, where that is known.
    pub fn domain(&self) -> Option<&str> {
        Some(self.fqdn.as_deref()?.split_once('.')?.1)
    }
}

/// The machines of a case.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    list: Vec<Host>,
}

impl Hosts {
    /// The host behind an id.
    pub fn get(&self, id: HostId) -> &Host {
        &self.list[id.0 as usize]
    }

    /// All hosts with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (HostId, &Host)> {
        (0u32..).map(HostId).zip(&self.list)
    }

    /// The host of a computer name, added when new. Two equal short names in two domains are two hosts.
    pub fn named(&mut self, computer: &str, accounts: &mut Accounts) -> Option<HostId> {
        let computer = computer.trim().trim_end_matches(['.', '$']).to_lowercase();
        let (short, domain) = match computer.split_once('.') {
            Some((short, domain)) => (short.to_owned(), Some(domain.to_owned())),
            None => (computer.clone(), None),
        };
        if short.is_empty() || short.contains(char::is_whitespace) {
            return None;
        }
        if let Some(id) = self.find(&computer) {
            let host = &mut self.list[id.0 as usize];
            if host.fqdn.is_none() && domain.is_some() {
                host.fqdn = Some(computer);
                host.machine = machine_account(&host.name, domain.as_deref(), accounts);
            }
            return Some(id);
        }
        let name = short.to_uppercase();
        let machine = machine_account(&name, domain.as_deref(), accounts);
        self.list.push(Host {
            name,
            fqdn: domain.map(|_| computer),
            roles: BTreeSet::new(),
            machine,
        });
        u32::try_from(self.list.len() - 1).ok().map(HostId)
    }

    /// The host of a computer name, where it is known.
    pub fn find(&self, computer: &str) -> Option<HostId> {
        let computer = computer.trim_end_matches(['.', '$']);
        let (short, is_full) = match computer.split_once('.') {
            Some((short, _)) => (short, true),
            None => (computer, false),
        };
        let mut candidates = self
            .iter()
            .filter(|(_, h)| is_same(&h.name, short))
            .filter(|(_, h)| match &h.fqdn {
                Some(fqdn) if is_full => is_same(fqdn, computer),
                _ => true,
            })
            .map(|(id, _)| id);
        candidates.next().filter(|_| candidates.next().is_none())
    }

    /// Gives a host a role.
    pub fn add_role(&mut self, id: HostId, role: Role) {
        self.list[id.0 as usize].roles.insert(role);
    }

    /// The host that a path names: a folder that is its name, or a file or folder that begins with `<name>_` or has it
    /// among its words.
    pub fn in_path(&self, path: &str) -> Option<HostId> {
        path.rsplit('/').find_map(|component| {
            let stem = component.to_lowercase();
            let hits: Vec<HostId> = self
                .iter()
                .filter(|(_, h)| {
                    let name = h.name.to_lowercase();
                    stem.split([' ', '(', ')', ',']).any(|word| {
                        word == name
                            || h.fqdn.as_deref() == Some(word)
                            || word
                                .strip_prefix(&name)
                                .is_some_and(|rest| rest.starts_with(['_', '.', '-']))
                    })
                })
                .map(|(id, _)| id)
                .collect();
            match hits.as_slice() {
                [one] => Some(*one),
                _ => None,
            }
        })
    }
}

/// Whether two names are one, whatever their case.
fn is_same(a: &str, b: &str) -> bool {
    let plain = || a.is_ascii() && b.is_ascii();
    a.eq_ignore_ascii_case(b) || (!plain() && a.to_lowercase() == b.to_lowercase())
}

fn machine_account(name: &str, domain: Option<&str>, accounts: &mut Accounts) -> AccountId {
    let id = accounts.by_computer_name(&format!("{name}$"), domain);
    accounts.set_kind(id, AccountKind::Computer);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths() {
        let mut accounts = Accounts::default();
        let mut hosts = Hosts::default();
        let web = hosts.named("WEB01", &mut accounts).unwrap();
        assert_eq!(hosts.named("web01.corp.example", &mut accounts), Some(web));
        assert_eq!(hosts.get(web).fqdn.as_deref(), Some("web01.corp.example"));
        let other = hosts.named("web01.emea.example", &mut accounts).unwrap();
        assert_ne!(web, other);
        let dc = hosts.named("DC1.corp.example", &mut accounts).unwrap();
        assert_eq!(hosts.find("dc1.CORP.example."), Some(dc));
        let branch = hosts.named("müller.corp.example", &mut accounts);
        assert_eq!(hosts.find("MÜLLER$"), branch);
        assert_eq!(hosts.find("web01"), None, "two hosts share it");
        assert_eq!(hosts.in_path("case/DC1_System.evtx"), Some(dc));
        assert_eq!(hosts.in_path("case/dc10/System.evtx"), None);
        assert_eq!(
            hosts.in_path("web01/x.txt"),
            None,
            "two hosts share the short name"
        );
    }
}
