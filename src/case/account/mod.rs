//! Accounts under one identity, whatever spelling an artifact uses.
//!
//! `CORP\svc_web`, `svc_web@corp.example`, `CN=svc_web,OU=Service,DC=corp,DC=example` and a SID may be one account; two
//! equal short names in two domains are two. What two spellings have in common is decided in `sameness` and nowhere
//! else, with the answers of [`Sameness`]; how a spelling is taken apart stands in `spelling`.

mod sameness;
mod spelling;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use sameness::Sameness;
pub(in crate::case) use sameness::may_be_one_forest;
pub use spelling::{common_name, dn_domain, split_name};

/// The number of an account in its [`Accounts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u32);

/// What kind of object an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountKind {
    /// A computer account.
    Computer,
    /// A (group or delegated) managed service account.
    Managed,
    /// A user account.
    User,
    /// The bundle does not say.
    Unknown,
}

/// One account, with all that the bundle says of its name.
#[derive(Clone, Debug)]
pub struct Account {
    /// SAM account name in lower case, `$` included; `None` while only a distinguished name is known.
    pub sam: Option<String>,
    /// Domain as the bundle writes it (NetBIOS or DNS), lower case.
    pub domain: Option<String>,
    /// Distinguished name as written.
    pub dn: Option<String>,
    /// Security identifier.
    pub sid: Option<String>,
    /// What it is.
    pub kind: AccountKind,
    /// How it is shown to people: the first spelling met, but `DOMAIN\name` before a distinguished name
    /// ([`Accounts::settle_names`]).
    pub shown: String,
}

/// All accounts of a case.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    list: Vec<Account>,
    /// The account of each spelling.
    spellings: BTreeMap<Spelling, AccountId>,
    /// (NetBIOS, DNS) names of one domain, each lower case, shown by the bundle.
    domains: Vec<(String, String)>,
    /// DNS names of all domains met.
    dns_domains: BTreeSet<String>,
    /// Those that more shows than the name of a computer, whose suffix need not be its domain.
    certain_domains: BTreeSet<String>,
    /// NetBIOS names of domains, lower case, by which machines themselves call one.
    short_domains: BTreeSet<String>,
}

/// What tells one spelling of an account from another: SAM name, domain, distinguished name in lower case.
type Spelling = (Option<String>, Option<String>, Option<String>);

impl Accounts {
    /// The account behind an id.
    pub fn get(&self, id: AccountId) -> &Account {
        &self.list[id.0 as usize]
    }

    /// All accounts with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (AccountId, &Account)> {
        (0u32..).map(AccountId).zip(&self.list)
    }

    /// Records that a NetBIOS name and a DNS name are one domain.
    pub fn pair_domain(&mut self, netbios: &str, dns: &str) {
        let pair = (netbios.to_lowercase(), dns.to_lowercase());
        if !pair.0.contains('.') && pair.1.contains('.') && !self.domains.contains(&pair) {
            self.domains.push(pair);
        }
    }

    /// Records that a machine calls a domain by this NetBIOS name.
    pub(in crate::case) fn meet_short(&mut self, netbios: &str) {
        if !netbios.contains('.') {
            self.short_domains.insert(netbios.to_lowercase());
        }
    }

    /// Whether the bundle shows which DNS name a short name of a domain stands for, so that it need not be presumed from
    /// the first label.
    pub fn is_paired(&self, netbios: &str) -> bool {
        netbios.contains('.')
            || self
                .domains
                .iter()
                .any(|(n, _)| n.eq_ignore_ascii_case(netbios))
    }

    /// The account of a `DOMAIN\name`, `name@domain` or bare name. What follows the `@` is the suffix of a user principal
    /// name, which need not be a domain: it makes none known.
    pub fn by_name(&mut self, spelled: &str) -> AccountId {
        let (domain, sam) = split_name(spelled);
        if spelled.contains('\\') {
            self.meet(domain.as_deref());
        }
        self.intern(Account::named(&sam, domain.as_deref(), spelled))
    }

    /// The account of a SAM name in a domain, where one is given.
    pub fn by_parts(&mut self, sam: &str, domain: Option<&str>, shown: &str) -> AccountId {
        self.meet(domain);
        self.intern(Account::named(sam, domain, shown))
    }

    /// Whether the bundle speaks of a domain of this DNS name.
    pub fn knows_domain(&self, dns: &str) -> bool {
        self.dns_domains.contains(&dns.to_lowercase())
    }

    /// Whether more than the name of a computer shows that there is a domain of this DNS name.
    pub fn is_certain_domain(&self, dns: &str) -> bool {
        self.certain_domains.contains(&dns.to_lowercase())
    }

    /// The account of a computer, by its name and the suffix of it.
    pub fn by_computer_name(&mut self, sam: &str, suffix: Option<&str>) -> AccountId {
        self.dns_domains.extend(suffix.map(str::to_lowercase));
        self.intern(Account::named(sam, suffix, sam))
    }

    /// The account that another case knows.
    pub fn known_elsewhere(&mut self, account: &Account) -> AccountId {
        self.intern(account.clone())
    }

    /// Records that there is a domain of this name.
    pub(in crate::case) fn meet(&mut self, domain: Option<&str>) {
        let dns = domain.filter(|d| d.contains('.') && *d != ".");
        let dns = dns.map(str::to_lowercase);
        self.certain_domains.extend(dns.clone());
        self.dns_domains.extend(dns);
    }

    /// The account of a distinguished name.
    pub fn by_dn(&mut self, dn: &str) -> AccountId {
        let lower = dn.to_lowercase();
        let kind = if lower.contains(",cn=managed service accounts,") {
            AccountKind::Managed
        } else if lower.contains(",cn=computers,") || lower.contains(",ou=domain controllers,") {
            AccountKind::Computer
        } else {
            AccountKind::Unknown
        };
        let domain = dn_domain(dn);
        self.meet(domain.as_deref());
        self.intern(Account {
            sam: None,
            domain,
            dn: Some(dn.to_owned()),
            sid: None,
            kind,
            shown: dn.to_owned(),
        })
    }

    /// Records that a distinguished name belongs to this SAM name (`setspn -L name` prints the DN in its header).
    pub fn link_dn(&mut self, id: AccountId, spelled: &str) {
        let (domain, sam) = split_name(spelled);
        let account = &mut self.list[id.0 as usize];
        if account.sam.is_none() {
            account.sam = Some(sam);
            account.complete_name();
        }
        if let (Some(short), Some(dns)) = (domain, account.domain.clone()) {
            self.pair_domain(&short, &dns);
        }
    }

    /// Records what a listing of the directory says of an account: it knows the account's name and kind best.
    pub fn describe(
        &mut self,
        id: AccountId,
        sam: Option<&str>,
        sid: Option<&str>,
        kind: AccountKind,
    ) {
        let account = &mut self.list[id.0 as usize];
        if let Some(sam) = sam {
            account.sam = Some(sam.to_lowercase());
        }
        if account.sid.is_none() {
            account.sid = sid.map(str::to_owned);
        }
        if kind != AccountKind::Unknown {
            account.kind = kind;
        }
        account.complete_name();
    }

    /// Records what kind of object an account is, once it is known.
    pub fn set_kind(&mut self, id: AccountId, kind: AccountKind) {
        let account = &mut self.list[id.0 as usize];
        if account.kind == AccountKind::Unknown || kind == AccountKind::Computer {
            account.kind = kind;
            account.complete_name();
        }
    }

    /// Shows accounts that were met by their distinguished name as `DOMAIN\name`, once everything is read: by another
    /// spelling of the same account, or by its account name and the short name of its domain, where both are known.
    pub fn settle_names(&mut self) {
        let mut spelled: BTreeMap<String, Vec<AccountId>> = BTreeMap::new();
        for (id, account) in self
            .iter()
            .filter(|(_, a)| a.shown.contains('\\') && a.dn.is_none())
        {
            let bare = account.bare_name().trim_end_matches('$').to_lowercase();
            spelled.entry(bare).or_default().push(id);
        }
        let settled: Vec<(usize, String)> = self
            .iter()
            .filter(|(_, a)| a.dn.as_ref() == Some(&a.shown))
            .filter_map(|(id, account)| {
                let bare = account.bare_name().trim_end_matches('$').to_lowercase();
                let other = spelled
                    .get(&bare)
                    .into_iter()
                    .flatten()
                    .find(|other| self.compare(id, **other) == Sameness::Same)
                    .map(|other| self.get(*other).shown.clone());
                let shown = other.or_else(|| self.down_level(account))?;
                Some((id.0 as usize, shown))
            })
            .collect();
        for (index, shown) in settled {
            if let Some(account) = self.list.get_mut(index) {
                account.shown = shown;
            }
        }
    }

    /// `DOMAIN\name`, where the account name and the short name of its domain are known.
    fn down_level(&self, account: &Account) -> Option<String> {
        let (sam, domain) = (account.sam.as_ref()?, account.domain.as_ref()?);
        let (netbios, _) = self.domains.iter().find(|(_, dns)| dns == domain)?;
        // The directory's own spelling, where the object is named like the account.
        let cn = account.dn.as_deref().and_then(common_name);
        let cn = cn.filter(|cn| cn.to_lowercase() == sam.trim_end_matches('$'));
        let name = match (cn, sam.ends_with('$')) {
            (Some(cn), true) => format!("{cn}$"),
            (Some(cn), false) => cn,
            (None, _) => sam.clone(),
        };
        Some(format!("{}\\{name}", netbios.to_uppercase()))
    }

    fn intern(&mut self, new: Account) -> AccountId {
        let spelling = (
            new.sam.clone(),
            new.domain.clone(),
            new.dn.as_deref().map(str::to_lowercase),
        );
        let next = AccountId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        let id = *self.spellings.entry(spelling).or_insert(next);
        if id == next {
            self.list.push(new);
        }
        id
    }

    /// The name to use in a command. Where another account has the same name in another domain, the domain goes with it:
    /// setspn takes the DNS name of a domain as well as its short name.
    pub fn command_name(&self, id: AccountId) -> String {
        let account = self.get(id);
        let plain = account.command_name();
        let ambiguous = !plain.contains('\\')
            && self
                .iter()
                .any(|(other, _)| other != id && self.are_homonyms(id, other));
        match (&account.domain, ambiguous) {
            (Some(domain), true) => format!("{domain}\\{plain}"),
            _ => plain,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Account {
    /// An account of which only the name is known.
    fn named(sam: &str, domain: Option<&str>, shown: &str) -> Self {
        let kind = if sam.ends_with('$') {
            // A trailing $ marks computers and managed service accounts alike; the holder's SPNs tell them apart.
            AccountKind::Unknown
        } else {
            AccountKind::User
        };
        Self {
            sam: Some(sam.to_lowercase()),
            domain: domain.map(str::to_lowercase),
            dn: None,
            sid: None,
            kind,
            shown: shown.to_owned(),
        }
    }

    /// Gives a computer or managed service account the $ that its account name ends in: setspn takes the name without
    /// it, and the kind may become known only later.
    fn complete_name(&mut self) {
        let dollar = matches!(self.kind, AccountKind::Computer | AccountKind::Managed);
        if let Some(sam) = self.sam.as_mut().filter(|s| dollar && !s.ends_with('$')) {
            sam.push('$');
        }
    }

    /// The SAM account name, or the common name while only a distinguished name is known.
    pub fn bare_name(&self) -> String {
        self.sam
            .clone()
            .or_else(|| self.dn.as_deref().and_then(common_name))
            .unwrap_or_else(|| self.shown.clone())
    }

    /// The name to use in a command: `DOMAIN\name` where both are known, else the SAM name, else the common name.
    pub fn command_name(&self) -> String {
        let sam = self.sam.clone().or_else(|| {
            let cn = self.dn.as_deref().and_then(common_name)?;
            Some(match self.kind {
                AccountKind::Computer | AccountKind::Managed => format!("{cn}$"),
                _ => cn,
            })
        });
        match (&self.domain, sam) {
            // As the bundle spells it, unless that is a distinguished name.
            _ if self.dn.is_none() && !self.shown.contains('@') => self.shown.clone(),
            (Some(domain), Some(sam)) if !domain.contains('.') => {
                format!("{}\\{sam}", domain.to_uppercase())
            }
            (_, Some(sam)) => sam,
            (_, None) => self.shown.clone(),
        }
    }
}
