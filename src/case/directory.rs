//! The SPN directory: who holds which SPN, and what the bundle's setspn output proves to be absent.
//!
//! Each output closes only what it searched: `setspn -L acct` the list of that account, `-Q spn` that SPN for its
//! domain (with `-F` the forest), `-X` duplicates for what it searched, by the comparison rule of that tool's version.
//! Everything else stays unknown.

use super::account::{AccountId, Accounts, Sameness, may_be_one_forest};
use super::issued::Issued;
use super::spn::Spn;
use crate::evidence::{Citation, Known};
use crate::readers::setspn::Scope;

/// An SPN on an account.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The SPN as registered.
    pub spn: Spn,
    /// The account holding it.
    pub holder: AccountId,
    /// Where that is shown.
    pub from: Citation,
}

/// A search whose answer was printed to its end.
#[derive(Clone, Debug)]
pub struct Search {
    /// The SPN or pattern, lower case.
    pub pattern: String,
    /// How far it reached.
    pub scope: Scope,
    /// The command and its closing line.
    pub from: Vec<Citation>,
    /// Whether it found anything.
    pub found: bool,
}

/// What an answer that was printed to its end covers.
#[derive(Clone, Debug)]
pub enum Covered {
    /// All SPNs of an account.
    Account(AccountId),
    /// The SPNs of a pattern, in lower case, in a scope.
    Pattern(String, Scope),
}

/// An answer that was printed to its end: what it covers and all that it shows of it.
#[derive(Clone, Debug)]
pub struct Closed {
    /// What it covers.
    pub covers: Covered,
    /// The SPNs it shows, by key, each with its holder.
    pub shows: Vec<(String, AccountId)>,
    /// The command and its closing line.
    pub from: Vec<Citation>,
}

/// A finished `setspn -X`.
#[derive(Clone, Debug)]
pub struct DuplicateSearch {
    /// How far it reached.
    pub scope: Scope,
    /// Groups it printed.
    pub groups: u64,
    /// The command and its closing line.
    pub from: Vec<Citation>,
}

/// One holder of an SPN with the places that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub account: AccountId,
    /// Where the registration is shown.
    pub from: Vec<Citation>,
}

/// How far an answer is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// One domain: another domain of the forest may hold the SPN too.
    Domain,
    /// The forest.
    Forest,
}

/// Who holds an SPN, as far as the bundle shows.
#[derive(Clone, Debug)]
pub struct Holders {
    /// The holders shown.
    pub shown: Vec<Holder>,
    /// The widest search for this SPN that ran to its end, with its citations: nobody else holds it there.
    pub closed: Option<(Reach, Vec<Citation>)>,
}

impl Holders {
    /// Whether nobody holds the SPN, and how far that reaches.
    pub fn absent(&self) -> Option<(Reach, &[Citation])> {
        match &self.closed {
            Some((reach, from)) if self.shown.is_empty() => Some((*reach, from)),
            _ => None,
        }
    }
}

/// All that the bundle shows of `servicePrincipalName` values.
#[derive(Clone, Debug, Default)]
pub struct SpnDirectory {
    /// Registrations, in the order of their citations.
    pub registrations: Vec<Registration>,
    /// Finished searches.
    pub searches: Vec<Search>,
    /// Accounts whose list was printed whole.
    pub listed: Vec<(AccountId, Citation)>,
    /// What each finished list and query shows.
    pub closed: Vec<Closed>,
    /// Forests whose `sPNMappings` are shown, and do not map `http` to `host`: HTTP names are not covered by HOST/….
    pub http_unmapped: Vec<(Option<String>, Citation)>,
    /// Finished searches for duplicates.
    pub duplicate_searches: Vec<DuplicateSearch>,
    /// The accounts that the KDC took for the holders, where outputs disagree.
    pub issued: Vec<Issued>,
}

impl SpnDirectory {
    /// Who holds exactly this SPN (compared without regard to case, as the KDC does).
    pub fn holders(&self, spn: &Spn, accounts: &Accounts) -> Holders {
        let mut shown: Vec<Holder> = Vec::new();
        for registration in self.registrations.iter().filter(|r| r.spn == *spn) {
            let known = shown
                .iter_mut()
                .find(|h| accounts.compare(h.account, registration.holder) == Sameness::Same);
            match known {
                Some(holder) => holder.from.push(registration.from.clone()),
                None => shown.push(Holder {
                    account: registration.holder,
                    from: vec![registration.from.clone()],
                }),
            }
        }
        Holders {
            shown,
            closed: self.closed(spn),
        }
    }

    /// The widest finished search that covers this SPN.
    fn closed(&self, spn: &Spn) -> Option<(Reach, Vec<Citation>)> {
        let key = spn.key();
        self.searches
            .iter()
            .filter(|s| pattern_matches(&s.pattern, &key))
            .filter_map(|s| reach(&s.scope).map(|r| (r, s)))
            .max_by_key(|(r, s)| (*r, std::cmp::Reverse(s.from.clone())))
            .map(|(r, s)| (r, s.from.clone()))
    }

    /// Where it is shown that HOST/… of an account does not cover its HTTP names.
    pub fn http_unmapped_for(&self, holder: AccountId, accounts: &Accounts) -> Vec<Citation> {
        let domain = accounts.get(holder).domain.as_deref();
        let of_it = |forest: &Option<String>| may_be_one_forest(domain, forest.as_deref());
        let all = self.http_unmapped.iter();
        all.filter(|(forest, _)| of_it(forest))
            .map(|(_, from)| from.clone())
            .collect()
    }

    /// Whether a finished search for this SPN reached an account's domain, or may have: its forest was searched.
    pub fn is_searched_at(&self, spn: &Spn, account: AccountId, accounts: &Accounts) -> bool {
        let (key, domain) = (spn.key(), accounts.get(account).domain.as_deref());
        self.searches
            .iter()
            .filter(|s| pattern_matches(&s.pattern, &key))
            .any(|s| match &s.scope {
                Scope::Domain(at) => accounts.same_domain(Some(at), domain) == Sameness::Same,
                Scope::Forest(root) => may_be_one_forest(domain, Some(root)),
                Scope::Account | Scope::Unknown => false,
            })
    }

    /// Whether every finished search for this SPN was in one domain, which is not that of an account, or in another forest;
    /// where nobody is known to open its tickets, in one of several domains.
    pub fn is_searched_elsewhere(
        &self,
        spn: &Spn,
        account: Option<AccountId>,
        accounts: &Accounts,
    ) -> bool {
        let key = spn.key();
        let domain = account.map(|id| accounts.get(id).domain.as_deref());
        // The DNS suffix of a computer need not be its domain.
        let is_of_forest = |root: &str| {
            let named = |id| account.is_some_and(|own| accounts.are_namesakes(own, id));
            let listed =
                |domain: &str| domain.contains('.') && may_be_one_forest(Some(domain), Some(root));
            let mut all = accounts.iter();
            all.any(|(id, a)| a.domain.as_deref().is_some_and(listed) && named(id))
        };
        self.searches
            .iter()
            .filter(|s| pattern_matches(&s.pattern, &key))
            .all(|s| match (&s.scope, domain) {
                (Scope::Domain(at), Some(domain)) => {
                    accounts.same_domain(Some(at), domain) == Sameness::Different
                }
                (Scope::Domain(at), None) => accounts.same_domain(Some(at), None) != Sameness::Same,
                (Scope::Forest(root), Some(domain)) => {
                    !may_be_one_forest(domain, Some(root)) && !is_of_forest(root)
                }
                _ => false,
            })
    }

    /// A search for this SPN that says none, although a registration in what it searched is shown elsewhere.
    pub fn disagreement(
        &self,
        spn: &Spn,
        accounts: &Accounts,
    ) -> Option<(Vec<Citation>, Citation)> {
        let key = spn.key();
        let none = self
            .searches
            .iter()
            .find(|s| !s.found && pattern_matches(&s.pattern, &key))?;
        let mut of_it = self.registrations.iter().filter(|r| r.spn == *spn);
        let registration = of_it.find(|r| searched(&none.scope, r.holder, accounts))?;
        Some((none.from.clone(), registration.from.clone()))
    }

    /// An output that covers this SPN of this account and does not show it, such as an older or newer list of the account.
    pub fn denial(&self, holder: AccountId, spn: &Spn, accounts: &Accounts) -> Option<&Closed> {
        let key = spn.key();
        let same = |id| accounts.compare(id, holder) == Sameness::Same;
        self.closed.iter().find(|closed| {
            let covers = match &closed.covers {
                Covered::Account(account) => same(*account),
                Covered::Pattern(pattern, scope) => {
                    pattern_matches(pattern, &key) && searched(scope, holder, accounts)
                }
            };
            covers && !closed.shows.iter().any(|(k, id)| *k == key && same(*id))
        })
    }

    /// Whether an account holds an SPN: closed by its list or by a search.
    pub fn holds(&self, account: AccountId, spn: &Spn, accounts: &Accounts) -> Known<()> {
        let holders = self.holders(spn, accounts);
        if let Some(holder) = holders
            .shown
            .iter()
            .find(|h| accounts.compare(h.account, account) == Sameness::Same)
        {
            return Known::Present(crate::evidence::Cited {
                value: (),
                from: holder.from.clone(),
            });
        }
        if let Some((_, from)) = self
            .listed
            .iter()
            .find(|(a, _)| accounts.compare(*a, account) == Sameness::Same)
        {
            return Known::Absent(vec![from.clone()]);
        }
        match holders.closed {
            Some((_, from)) => Known::Absent(from),
            None => Known::Unknown,
        }
    }

    /// Registrations of an account.
    pub fn of_account<'a>(
        &'a self,
        account: AccountId,
        accounts: &'a Accounts,
    ) -> impl Iterator<Item = &'a Registration> {
        self.registrations
            .iter()
            .filter(move |r| accounts.compare(r.holder, account) == Sameness::Same)
    }

    /// Records a change to a registration that was made after the answers so far: none of them denies it.
    pub fn supersede(&mut self, spn: &Spn, holder: AccountId) {
        for closed in &mut self.closed {
            closed.shows.push((spn.key(), holder));
        }
    }

    /// Adds a registration (for trying a fix out).
    pub fn add(&mut self, spn: Spn, holder: AccountId, from: Citation) {
        self.registrations.push(Registration { spn, holder, from });
    }

    /// Takes a registration away (for trying a fix out).
    pub fn remove(&mut self, spn: &Spn, holder: AccountId, accounts: &Accounts) {
        self.registrations
            .retain(|r| r.spn != *spn || accounts.compare(r.holder, holder) != Sameness::Same);
    }
}

/// Whether a search of this scope reached an account.
fn searched(scope: &Scope, account: AccountId, accounts: &Accounts) -> bool {
    let domain = accounts.get(account).domain.as_deref();
    match scope {
        Scope::Domain(searched) => domain == Some(searched.as_str()),
        Scope::Forest(root) => may_be_one_forest(domain, Some(root)),
        Scope::Account | Scope::Unknown => false,
    }
}

fn reach(scope: &Scope) -> Option<Reach> {
    match scope {
        Scope::Forest(_) => Some(Reach::Forest),
        Scope::Domain(_) => Some(Reach::Domain),
        Scope::Account | Scope::Unknown => None,
    }
}

/// Matches a setspn pattern (`*` stands for any run of characters), both in lower case.
pub fn pattern_matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else {
        return false;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or(""),
            None => return false,
        }
    }
    match last {
        None => rest.is_empty(),
        Some("") => true,
        // The last literal must stand at the end; an earlier match of it does not count.
        Some(part) => text.ends_with(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ArtifactId;

    fn cite(line: u32) -> Citation {
        Citation::line(ArtifactId(0), line, "x")
    }

    #[test]
    fn patterns() {
        assert!(pattern_matches("http/web", "http/web"));
        assert!(!pattern_matches("http/web", "http/web2"));
        assert!(pattern_matches("*/*", "http/web"));
        assert!(pattern_matches("*/web*", "http/web.corp.example"));
        assert!(!pattern_matches("http/*.corp", "http/web.corp.example"));
        assert!(pattern_matches("http/*", "http/"));
    }

    #[test]
    fn a_list_of_one_account_says_nothing_about_another() {
        let mut accounts = Accounts::default();
        let a = accounts.by_name("CORP\\a");
        let b = accounts.by_name("CORP\\b");
        let mut directory = SpnDirectory::default();
        directory.listed.push((a, cite(1)));
        let spn = Spn::http("web");
        assert!(directory.holds(a, &spn, &accounts).is_absent());
        assert!(directory.holds(b, &spn, &accounts).is_unknown());
        assert!(directory.holders(&spn, &accounts).absent().is_none());
    }

    #[test]
    fn a_query_closes_its_scope() {
        let accounts = Accounts::default();
        let mut directory = SpnDirectory::default();
        let spn = Spn::http("web");
        let search = |scope| Search {
            pattern: "http/web".into(),
            scope,
            from: vec![cite(1)],
            found: false,
        };
        directory.searches.push(search(Scope::Unknown));
        assert!(directory.holders(&spn, &accounts).absent().is_none());
        directory
            .searches
            .push(search(Scope::Domain("corp.example".into())));
        assert_eq!(
            directory.holders(&spn, &accounts).absent().unwrap().0,
            Reach::Domain
        );
        directory
            .searches
            .push(search(Scope::Forest("corp.example".into())));
        assert_eq!(
            directory.holders(&spn, &accounts).absent().unwrap().0,
            Reach::Forest
        );
    }
}
