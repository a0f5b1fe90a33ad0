//! Whether two accounts, or two names of a domain, are one: the only place that decides it.

use std::borrow::Cow;

use super::{Account, AccountId, AccountKind, Accounts, common_name, dn_domain, split_name};

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

impl Accounts {
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

    /// Whether an account is the object of the directory with this distinguished name.
    pub fn is_object(&self, id: AccountId, dn: &str, kind: AccountKind) -> Sameness {
        let object = Account {
            kind,
            sam: None,
            domain: dn_domain(dn),
            dn: Some(dn.to_owned()),
            sid: None,
            shown: String::new(),
        };
        self.compare_accounts(self.get(id), &object)
    }

    /// Whether two spellings (`DOMAIN\name`, `name@domain`, a bare name) are of one account or group.
    pub fn is_spelled(&self, a: &str, b: &str) -> Sameness {
        let ((of_a, a), (of_b, b)) = (split_name(a), split_name(b));
        match a == b {
            true => self.same_domain(of_a.as_deref(), of_b.as_deref()),
            false => Sameness::Different,
        }
    }

    fn compare_accounts(&self, a: &Account, b: &Account) -> Sameness {
        if let (Some(x), Some(y)) = (&a.dn, &b.dn) {
            // Two distinguished names of one object differ in case at most, and those are one account here already.
            return sameness(x.eq_ignore_ascii_case(y));
        }
        if let (Some(x), Some(y)) = (&a.sid, &b.sid) {
            return sameness(x.eq_ignore_ascii_case(y));
        }
        let domains = match self.same_domain(a.domain.as_deref(), b.domain.as_deref()) {
            Sameness::Different | Sameness::Unknown if self.is_disjoint(a, b) => Sameness::Same,
            domains => domains,
        };
        match (&a.sam, &b.sam) {
            (Some(x), Some(y)) if x != y => Sameness::Different,
            (Some(_), Some(_)) => domains,
            (Some(sam), None) => Self::against_cn(sam, b, domains),
            (None, Some(sam)) => Self::against_cn(sam, a, domains),
            (None, None) => Sameness::Unknown,
        }
    }

    /// Whether two computers are told apart by nothing but a suffix that is no domain as far as the bundle shows: the suffix
    /// of a computer's name need not be its domain.
    fn is_disjoint(&self, a: &Account, b: &Account) -> bool {
        let computers = a.kind == AccountKind::Computer && b.kind == AccountKind::Computer;
        let certain = |account: &Account| {
            let dns = account.domain.as_deref().filter(|d| d.contains('.'));
            dns.map(|dns| self.certain_domains.contains(dns))
        };
        computers
            && matches!(
                (certain(a), certain(b)),
                (Some(true), Some(false)) | (Some(false), Some(true))
            )
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

    /// Whether two domain names (NetBIOS or DNS, in any case) are one domain.
    pub fn same_domain(&self, a: Option<&str>, b: Option<&str>) -> Sameness {
        let (Some(a), Some(b)) = (a, b) else {
            // One side does not name its domain: one account as long as the bundle speaks of one domain only.
            return if self.dns_domains.len() <= 1 {
                Sameness::Same
            } else {
                Sameness::Unknown
            };
        };
        let (a, b) = (lower(a), lower(b));
        let (a, b) = (&*a, &*b);
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
        let first = first_label(dns);
        if first == netbios {
            return Sameness::Same;
        }
        let other_domain = self.dns_domains.iter().any(|d| first_label(d) == netbios);
        let other_name =
            self.domains.iter().any(|(_, d)| d == dns) || self.short_domains.contains(first);
        if other_domain || other_name {
            return Sameness::Different;
        }
        // The NetBIOS name need not be the first label. With one domain in the bundle there is no other to confuse, unless its
        // name has nothing of the other's.
        let akin = || dns.split('.').any(|label| is_cut_from(netbios, label));
        if self.dns_domains.len() <= 1 && akin() {
            Sameness::Same
        } else {
            Sameness::Unknown
        }
    }

    /// Whether two accounts may be of one forest.
    pub fn may_share_forest(&self, a: AccountId, b: AccountId) -> bool {
        let domain = |id| self.get(id).domain.as_deref();
        may_be_one_forest(domain(a), domain(b))
    }

    fn is_met(&self, dns: &str) -> bool {
        self.dns_domains.contains(dns)
    }

    /// Whether two accounts of different domains have one name.
    pub fn are_homonyms(&self, a: AccountId, b: AccountId) -> bool {
        let (x, y) = (self.get(a), self.get(b));
        self.are_namesakes(a, b)
            && self.same_domain(x.domain.as_deref(), y.domain.as_deref()) == Sameness::Different
    }

    /// Whether two accounts have one name, whatever their domains.
    pub fn are_namesakes(&self, a: AccountId, b: AccountId) -> bool {
        let bare = |id| {
            let name = self.get(id).bare_name();
            name.trim_end_matches('$').to_lowercase()
        };
        bare(a) == bare(b)
    }
}

/// Whether nothing speaks against two domains being of one forest: DNS names that have no more than a top level in common are
/// those of two trees, and seldom of one forest.
pub(in crate::case) fn may_be_one_forest(a: Option<&str>, b: Option<&str>) -> bool {
    let dns = |name: &&str| name.contains('.');
    let (Some(a), Some(b)) = (a.filter(dns), b.filter(dns)) else {
        return true;
    };
    let labels = a.rsplit('.').zip(b.rsplit('.'));
    labels
        .take_while(|(x, y)| x.eq_ignore_ascii_case(y))
        .count()
        >= 2
}

fn sameness(same: bool) -> Sameness {
    if same {
        Sameness::Same
    } else {
        Sameness::Different
    }
}

/// Whether a NetBIOS name may be made of a label of a DNS name: the same, or its first 15 characters, which is all that a
/// NetBIOS name has.
fn is_cut_from(netbios: &str, label: &str) -> bool {
    netbios == label || (netbios.len() == 15 && label.starts_with(netbios))
}

fn lower(name: &str) -> Cow<'_, str> {
    match name.chars().any(char::is_uppercase) {
        true => Cow::Owned(name.to_lowercase()),
        false => Cow::Borrowed(name),
    }
}

fn first_label(dns: &str) -> &str {
    dns.split('.').next().unwrap_or(dns)
}
