//! Accounts under one identity, whatever spelling an artifact uses.
//!
//! `CORP\svc_web`, `svc_web@corp.example`, `CN=svc_web,OU=Service,DC=corp,DC=example` and a SID may be one account; two
//! equal short names in two domains are two. What two spellings have in common is decided here and nowhere else, with
//! three answers: [`Sameness`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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

/// Whether two accounts are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// One account.
    Same,
    /// Two accounts, shown by names that cannot belong to one.
    Different,
    /// Two by their usual names, but one is known only by a distinguished name whose CN need not be the account name.
    PresumedDifferent,
    /// The bundle does not say.
    Unknown,
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

    /// Records that there is a domain of this name.
    fn meet(&mut self, domain: Option<&str>) {
        let dns = domain.filter(|d| d.contains('.') && *d != ".");
        self.dns_domains.extend(dns.map(str::to_lowercase));
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

    /// Whether two accounts are one.
    pub fn compare(&self, a: AccountId, b: AccountId) -> Sameness {
        if a == b {
            return Sameness::Same;
        }
        self.compare_accounts(self.get(a), self.get(b))
    }

    /// Whether an account is the one that an event names by SAM name or UPN, with the domain where the event gives it.
    pub fn is_named(&self, id: AccountId, name: &str, domain: Option<&str>) -> Sameness {
        let (in_name, sam) = split_name(name);
        let named = Account {
            kind: AccountKind::Unknown,
            sam: Some(sam),
            domain: in_name.or_else(|| domain.map(str::to_lowercase)),
            dn: None,
            sid: None,
            shown: String::new(),
        };
        self.compare_accounts(self.get(id), &named)
    }

    fn compare_accounts(&self, a: &Account, b: &Account) -> Sameness {
        if let (Some(x), Some(y)) = (&a.dn, &b.dn) {
            // Two distinguished names of one object differ in case at most, and those are one account here already.
            return sameness(x.eq_ignore_ascii_case(y));
        }
        if let (Some(x), Some(y)) = (&a.sid, &b.sid) {
            return sameness(x.eq_ignore_ascii_case(y));
        }
        let domains = self.same_domain(a.domain.as_deref(), b.domain.as_deref());
        match (&a.sam, &b.sam) {
            (Some(x), Some(y)) if x != y => Sameness::Different,
            (Some(_), Some(_)) => domains,
            (Some(sam), None) => Self::against_cn(sam, b, domains),
            (None, Some(sam)) => Self::against_cn(sam, a, domains),
            (None, None) => Sameness::Unknown,
        }
    }

    /// Compares a SAM name with an account known only by its distinguished name.
    fn against_cn(sam: &str, other: &Account, domains: Sameness) -> Sameness {
        let Some(cn) = other.dn.as_deref().and_then(common_name) else {
            return Sameness::Unknown;
        };
        let cn = cn.to_lowercase();
        let display_name = cn.contains(' ') && !sam.contains(' ') && !sam.ends_with('$');
        let matches = match other.kind {
            // The account name of a computer or managed service account ends in $; no user's does.
            AccountKind::Computer | AccountKind::Managed if !sam.ends_with('$') => {
                return Sameness::Different;
            }
            AccountKind::Computer | AccountKind::Managed => sam.trim_end_matches('$') == cn,
            AccountKind::User => sam == cn,
            AccountKind::Unknown => sam == cn || sam.trim_end_matches('$') == cn,
        };
        match (matches, domains) {
            (true, answer) => answer,
            (false, Sameness::Different) => Sameness::Different,
            // An object named as people are, by words, hides its account name.
            (false, _) if display_name => Sameness::Unknown,
            // SAM names are at most 20 characters long; a longer CN is cut.
            (false, _) if cn.len() > 20 && cn.starts_with(sam.trim_end_matches('$')) => {
                Sameness::Unknown
            }
            (false, _) => Sameness::PresumedDifferent,
        }
    }

    /// Whether two domain names (NetBIOS or DNS) are one domain.
    pub fn same_domain(&self, a: Option<&str>, b: Option<&str>) -> Sameness {
        let (Some(a), Some(b)) = (a, b) else {
            // One side does not name its domain: one account as long as the bundle speaks of one domain only.
            return if self.dns_domains.len() <= 1 {
                Sameness::Same
            } else {
                Sameness::Unknown
            };
        };
        if a == b {
            return Sameness::Same;
        }
        let (netbios, dns) = match (a.contains('.'), b.contains('.')) {
            (false, true) => (a, b),
            (true, false) => (b, a),
            // The suffix of a user principal name need not be the domain of the account.
            (true, true) if !self.is_met(a) || !self.is_met(b) => return Sameness::Unknown,
            // Two DNS names, or two NetBIOS names, that differ.
            _ => return Sameness::Different,
        };
        if let Some((_, paired)) = self.domains.iter().find(|(n, _)| n == netbios) {
            return sameness(paired == dns);
        }
        if first_label(dns) == netbios {
            return Sameness::Same;
        }
        if self.dns_domains.iter().any(|d| first_label(d) == netbios) {
            return Sameness::Different;
        }
        // The NetBIOS name need not be the first label. With one domain in the bundle there is no other to confuse.
        if self.dns_domains.len() <= 1 {
            Sameness::Same
        } else {
            Sameness::Unknown
        }
    }

    fn is_met(&self, dns: &str) -> bool {
        self.dns_domains.contains(dns)
    }

    /// Whether two accounts of different domains have one name.
    pub fn are_homonyms(&self, a: AccountId, b: AccountId) -> bool {
        let (x, y) = (self.get(a), self.get(b));
        let bare = |account: &Account| account.bare_name().trim_end_matches('$').to_lowercase();
        bare(x) == bare(y)
            && self.same_domain(x.domain.as_deref(), y.domain.as_deref()) == Sameness::Different
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

fn sameness(same: bool) -> Sameness {
    if same {
        Sameness::Same
    } else {
        Sameness::Different
    }
}

fn first_label(dns: &str) -> &str {
    dns.split('.').next().unwrap_or(dns)
}

/// Splits `DOMAIN\name`, `name@domain` or `name` into (domain, name), both lower case. `.\name` has the domain `.`.
pub fn split_name(spelled: &str) -> (Option<String>, String) {
    let spelled = spelled.trim().to_lowercase();
    if let Some((domain, name)) = spelled.split_once('\\') {
        return (
            (!domain.is_empty()).then(|| domain.to_owned()),
            name.to_owned(),
        );
    }
    match spelled.rsplit_once('@') {
        Some((name, domain)) if !name.is_empty() => (Some(domain.to_owned()), name.to_owned()),
        _ => (None, spelled),
    }
}

/// The DNS name of the domain in a distinguished name, lower case.
pub fn dn_domain(dn: &str) -> Option<String> {
    let labels: Vec<String> = split_dn(dn)
        .into_iter()
        .filter_map(|rdn| {
            let (key, value) = rdn.split_once('=')?;
            key.trim()
                .eq_ignore_ascii_case("dc")
                .then(|| value.trim().to_lowercase())
        })
        .collect();
    (!labels.is_empty()).then(|| labels.join("."))
}

/// The value of the first `CN=` of a distinguished name.
pub fn common_name(dn: &str) -> Option<String> {
    let first = split_dn(dn).into_iter().next()?;
    let (key, value) = first.split_once('=')?;
    key.trim()
        .eq_ignore_ascii_case("cn")
        .then(|| value.trim().replace('\\', ""))
}

/// Splits a distinguished name at its commas, escaped ones aside.
fn split_dn(dn: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in dn.chars() {
        if c == ',' && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_account() {
        let mut accounts = Accounts::default();
        let pool = accounts.by_name("CORP\\svc_web");
        let dn = accounts.by_dn("CN=svc_web,OU=Service,DC=corp,DC=example");
        let upn = accounts.by_name("svc_web@corp.example");
        assert_eq!(accounts.compare(pool, dn), Sameness::Same);
        assert_eq!(accounts.compare(pool, upn), Sameness::Same);
        let other = accounts.by_dn("CN=svc_old,OU=Service,DC=corp,DC=example");
        assert_eq!(accounts.compare(pool, other), Sameness::PresumedDifferent);
        accounts.link_dn(other, "CORP\\svc_old");
        assert_eq!(accounts.compare(pool, other), Sameness::Different);
    }

    #[test]
    fn homonyms_in_two_domains_are_two() {
        let mut accounts = Accounts::default();
        let parent = accounts.by_name("CORP\\svc_web");
        let child = accounts.by_dn("CN=svc_web,CN=Users,DC=emea,DC=corp,DC=example");
        let _ = accounts.by_dn("CN=x,CN=Users,DC=corp,DC=example");
        assert_eq!(accounts.compare(parent, child), Sameness::Different);
    }

    #[test]
    fn a_netbios_name_that_is_not_the_first_label() {
        let mut accounts = Accounts::default();
        let pool = accounts.by_name("CONTOSO\\svc");
        let dn = accounts.by_dn("CN=svc,CN=Users,DC=ad,DC=contoso,DC=com");
        assert_eq!(
            accounts.compare(pool, dn),
            Sameness::Same,
            "one domain in the bundle"
        );
        let _ = accounts.by_dn("CN=y,CN=Users,DC=eu,DC=contoso,DC=com");
        assert_eq!(accounts.compare(pool, dn), Sameness::Unknown, "two domains");
        accounts.pair_domain("CONTOSO", "ad.contoso.com");
        assert_eq!(
            accounts.compare(pool, dn),
            Sameness::Same,
            "the bundle pairs them"
        );
    }

    #[test]
    fn commands_name_the_domain_where_another_has_an_equal_name() {
        let mut accounts = Accounts::default();
        let dn = accounts.by_dn("CN=svc_web,OU=Service,DC=corp,DC=example");
        assert_eq!(accounts.command_name(dn), "svc_web");
        let child = accounts.by_dn("CN=svc_web,OU=Service,DC=emea,DC=corp,DC=example");
        assert!(accounts.are_homonyms(dn, child));
        assert_eq!(accounts.command_name(child), "emea.corp.example\\svc_web");
    }

    #[test]
    fn computers_and_managed_accounts() {
        let mut accounts = Accounts::default();
        let machine = accounts.by_name("CORP\\WEB01$");
        let dn = accounts.by_dn("CN=WEB01,CN=Computers,DC=corp,DC=example");
        assert_eq!(accounts.compare(machine, dn), Sameness::Same);
        let user = accounts.by_name("CORP\\web01");
        assert_eq!(accounts.compare(machine, user), Sameness::Different);
        let managed = accounts.by_dn("CN=gmsa,CN=Managed Service Accounts,DC=corp,DC=example");
        let pool = accounts.by_name("corp\\gmsa$");
        assert_eq!(accounts.compare(managed, pool), Sameness::Same);
    }

    #[test]
    fn a_computer_listed_without_its_dollar() {
        let mut accounts = Accounts::default();
        // Nothing but its SPNs, which are read later, shows that this object is a computer.
        let dn = accounts.by_dn("CN=WEB01,OU=Servers,DC=corp,DC=example");
        accounts.link_dn(dn, "web01");
        accounts.set_kind(dn, AccountKind::Computer);
        let machine = accounts.by_name("WEB01$");
        assert_eq!(accounts.compare(machine, dn), Sameness::Same);
        let managed = accounts.by_dn("CN=gmsa,CN=Managed Service Accounts,DC=corp,DC=example");
        accounts.link_dn(managed, "CORP\\gmsa");
        let pool = accounts.by_name("CORP\\gmsa$");
        assert_eq!(accounts.compare(managed, pool), Sameness::Same);
    }

    #[test]
    fn what_does_not_tell_two_accounts_apart() {
        let mut accounts = Accounts::default();
        let dn = accounts.by_dn("CN=svc_web,OU=Service,DC=corp,DC=example");
        let upn = accounts.by_name("svc_web@brand.example");
        assert_eq!(accounts.compare(dn, upn), Sameness::Unknown);
        let own = accounts.by_name("svc_web@corp.example");
        assert_eq!(accounts.compare(dn, own), Sameness::Same);
        let display = accounts.by_dn("CN=Web Service (prod),OU=Service,DC=corp,DC=example");
        let pool = accounts.by_name("CORP\\svc_web");
        assert_eq!(accounts.compare(display, pool), Sameness::Unknown);
        let machine = accounts.by_name("CORP\\web01$");
        assert_eq!(
            accounts.compare(display, machine),
            Sameness::PresumedDifferent
        );
        // A domain that the bundle shows is another one.
        accounts.by_dn("CN=x,DC=brand,DC=example");
        assert_eq!(accounts.compare(dn, upn), Sameness::Different);
    }

    #[test]
    fn distinguished_names() {
        let dn = "CN=Web\\, Service,OU=A,DC=corp,DC=example";
        assert_eq!(common_name(dn).as_deref(), Some("Web, Service"));
        assert_eq!(dn_domain(dn).as_deref(), Some("corp.example"));
    }
}
