//! Who is who in a story: domains, accounts and machines, with every spelling that artifacts use for them.

use super::dice::Dice;

/// A domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// `corp.example`.
    pub dns: String,
    /// `CORP`.
    pub netbios: String,
    /// `S-1-5-21-…`, without a relative id.
    pub sid: String,
}

impl Domain {
    /// A domain; its SID follows from its name.
    pub fn new(dns: &str, netbios: &str) -> Self {
        let mut dice = Dice::from_text(dns);
        let mut part = || 1_000_000_000 + dice.below(2_000_000_000);
        let sid = format!("S-1-5-21-{}-{}-{}", part(), part(), part());
        Self {
            dns: dns.into(),
            netbios: netbios.into(),
            sid,
        }
    }

    /// `CORP.EXAMPLE`.
    pub fn realm(&self) -> String {
        self.dns.to_ascii_uppercase()
    }

    /// `DC=corp,DC=example`.
    pub fn naming_context(&self) -> String {
        let parts: Vec<_> = self
            .dns
            .split('.')
            .map(|part| format!("DC={part}"))
            .collect();
        parts.join(",")
    }
}

/// A user, a service account, a gMSA or a machine account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// SAM account name: `uma`, `svc_web`, `gmsa_web$`, `WEB01$`.
    pub name: String,
    /// Its domain.
    pub domain: Domain,
    /// Where it stands in the directory: `OU=Service Accounts`, `CN=Users`.
    pub container: String,
    /// Relative id.
    pub rid: u32,
    /// The name of its object in the directory, where that is not the account's name.
    pub common_name: Option<String>,
}

impl Account {
    /// An account.
    pub fn new(domain: &Domain, name: &str, container: &str) -> Self {
        let mut dice = Dice::from_text(&format!("{}\\{name}", domain.netbios));
        Self {
            name: name.into(),
            domain: domain.clone(),
            container: container.into(),
            rid: 1_100 + u32::try_from(dice.below(8_000)).expect("small"),
            common_name: None,
        }
    }

    /// `S-1-5-21-…-1104`.
    pub fn sid(&self) -> String {
        format!("{}-{}", self.domain.sid, self.rid)
    }

    /// `CORP\uma`.
    pub fn down_level(&self) -> String {
        format!("{}\\{}", self.domain.netbios, self.name)
    }

    /// `uma@CORP.EXAMPLE`: the form of 4769.
    pub fn principal(&self) -> String {
        format!("{}@{}", self.name, self.domain.realm())
    }

    /// `CN=uma,CN=Users,DC=corp,DC=example`.
    pub fn dn(&self) -> String {
        let name = match &self.common_name {
            Some(name) => name,
            None => self.name.trim_end_matches('$'),
        };
        format!(
            "CN={name},{},{}",
            self.container,
            self.domain.naming_context()
        )
    }
}

/// What a machine is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Domain controller.
    DomainController,
    /// Member server.
    Server,
    /// Client PC.
    Client,
}

/// A machine of the domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// `WEB01`.
    pub name: String,
    /// Its domain.
    pub domain: Domain,
    /// Its IPv4 address.
    pub ip: String,
    /// What it is there for.
    pub role: Role,
}

impl Host {
    /// `WEB01.corp.example`: what event logs carry as `Computer`; in a workgroup the name alone.
    pub fn fqdn(&self) -> String {
        if !self.domain.dns.contains('.') {
            return self.name.clone();
        }
        format!("{}.{}", self.name, self.domain.dns)
    }

    /// `web01.corp.example`: what SPNs and URLs carry.
    pub fn dns_name(&self) -> String {
        self.fqdn().to_ascii_lowercase()
    }

    /// `::ffff:10.20.3.11`: what the KDC's events carry.
    pub fn mapped_ip(&self) -> String {
        format!("::ffff:{}", self.ip)
    }

    /// Its machine account, `WEB01$`.
    pub fn machine(&self) -> Account {
        let container = if self.role == Role::DomainController {
            "OU=Domain Controllers"
        } else {
            "CN=Computers"
        };
        Account::new(&self.domain, &format!("{}$", self.name), container)
    }
}
