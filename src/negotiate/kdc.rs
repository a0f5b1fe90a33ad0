//! What the KDC answers when a client asks for an SPN (`causes.md` section 2.3): an exact registration wins over the
//! HOST alias, two holders are none, and what was not searched stays unknown.

use crate::case::{Accounts, Holder, Reach, Sameness, Spn, SpnDirectory};
use crate::evidence::Citation;

/// The KDC's answer to a request for a service ticket.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A ticket sealed with this account's key.
    Ticket {
        /// The holder.
        holder: Holder,
        /// True when the SPN is held only through the `HOST` alias (`sPNMappings`, http → host).
        by_host_alias: bool,
        /// False when something not searched could change the answer: another holder, or an exact SPN that would win
        /// over the alias.
        closed: bool,
        /// What the answer rests on besides the registration.
        from: Vec<Citation>,
    },
    /// Two or more accounts hold it: 0x7 in practice.
    Duplicate {
        /// The holders.
        holders: Vec<Holder>,
    },
    /// Nobody holds it, exact or by alias: 0x7.
    NotFound {
        /// How far that was searched.
        reach: Reach,
        /// The searches.
        from: Vec<Citation>,
        /// Whether `HOST/<name>` was searched too.
        alias_searched: bool,
    },
    /// The bundle does not show who holds it.
    Unknown,
}

/// The answer for an SPN.
pub fn lookup(directory: &SpnDirectory, accounts: &Accounts, spn: &Spn) -> Answer {
    let exact = directory.holders(spn, accounts);
    if let [holder] = exact.shown.as_slice() {
        return Answer::Ticket {
            holder: holder.clone(),
            by_host_alias: false,
            closed: exact.closed.is_some(),
            from: exact.closed.map(|(_, from)| from).unwrap_or_default(),
        };
    }
    if !exact.shown.is_empty() {
        return several(directory, exact.shown, spn, accounts);
    }
    // An HTTP name without a registration of its own is covered by HOST/<name>. Ports are not part of the alias match.
    if !spn.has_class("HTTP") {
        return not_found(exact.closed, !directory.http_unmapped.is_empty());
    }
    let alias = spn.with_class("HOST");
    let mut by_alias = directory.holders(&alias, accounts);
    let held = by_alias.shown.len();
    let covers = |h: &Holder| directory.http_unmapped_for(h.account, accounts).is_empty();
    by_alias.shown.retain(covers);
    if by_alias.shown.is_empty() && held > 0 {
        return not_found(exact.closed, true);
    }
    match by_alias.shown.as_slice() {
        [holder] => Answer::Ticket {
            holder: holder.clone(),
            by_host_alias: true,
            closed: exact.closed.is_some(),
            from: exact.closed.map(|(_, from)| from).unwrap_or_default(),
        },
        [] => not_found(exact.closed, by_alias.closed.is_some()),
        _ => several(directory, by_alias.shown, &alias, accounts),
    }
}

/// Two spellings that may be one account are no duplicate, nor are dumps from before and after a move, nor holders in
/// domains of which nothing shows that they are of one forest: each KDC then knows its own. Between dumps, the tickets decide.
fn several(
    directory: &SpnDirectory,
    holders: Vec<Holder>,
    spn: &Spn,
    accounts: &Accounts,
) -> Answer {
    let undisputed = |h: &&Holder| directory.denial(h.account, spn, accounts).is_none();
    let agreed: Vec<&Holder> = holders.iter().filter(undisputed).collect();
    let proven = agreed.split_first().is_some_and(|(first, rest)| {
        rest.iter().any(|h| {
            matches!(
                accounts.compare(first.account, h.account),
                Sameness::Different | Sameness::PresumedDifferent
            ) && (in_one_output(first, h) || accounts.may_share_forest(first.account, h.account))
        })
    });
    if proven {
        return Answer::Duplicate { holders };
    }
    let issued = holders.into_iter().find_map(|holder| {
        let issued = directory.issued_to(holder.account, spn, accounts)?;
        Some((holder, issued.from.clone()))
    });
    match issued {
        Some((holder, from)) => Answer::Ticket {
            holder,
            by_host_alias: false,
            closed: true,
            from,
        },
        None => Answer::Unknown,
    }
}

/// Whether one output shows both: a search does not reach beyond its forest.
fn in_one_output(a: &Holder, b: &Holder) -> bool {
    let mut places = a.from.iter();
    places.any(|at| b.from.iter().any(|other| other.artifact == at.artifact))
}

fn not_found(closed: Option<(Reach, Vec<Citation>)>, alias_searched: bool) -> Answer {
    match closed {
        Some((reach, from)) => Answer::NotFound {
            reach,
            from,
            alias_searched,
        },
        None => Answer::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Search;
    use crate::evidence::ArtifactId;
    use crate::readers::setspn::Scope;

    struct World {
        accounts: Accounts,
        directory: SpnDirectory,
    }

    impl World {
        fn new() -> Self {
            Self {
                accounts: Accounts::default(),
                directory: SpnDirectory::default(),
            }
        }

        fn hold(&mut self, spn: &str, dn: &str) -> &mut Self {
            let holder = self.accounts.by_dn(dn);
            self.directory
                .add(Spn::new(spn), holder, Citation::line(ArtifactId(0), 1, spn));
            self
        }

        fn search(&mut self, pattern: &str) -> &mut Self {
            self.directory.searches.push(Search {
                pattern: pattern.into(),
                scope: Scope::Forest("corp.example".into()),
                from: vec![Citation::line(ArtifactId(0), 9, pattern)],
                found: false,
            });
            self
        }

        fn ask(&self, spn: &str) -> Answer {
            lookup(&self.directory, &self.accounts, &Spn::new(spn))
        }
    }

    const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
    const WEB: &str = "CN=WEB01,CN=Computers,DC=corp,DC=example";

    #[test]
    fn an_exact_registration_wins_over_the_alias() {
        let mut world = World::new();
        world.hold("HTTP/web01", SVC).hold("HOST/web01", WEB);
        assert!(matches!(
            world.ask("http/WEB01"),
            Answer::Ticket {
                by_host_alias: false,
                closed: false,
                ..
            }
        ));
    }

    #[test]
    fn the_alias_covers_http() {
        let mut world = World::new();
        world.hold("HOST/web01", WEB);
        assert!(matches!(
            world.ask("HTTP/web01"),
            Answer::Ticket {
                by_host_alias: true,
                closed: false,
                ..
            }
        ));
        world.search("http/web01");
        assert!(matches!(
            world.ask("HTTP/web01"),
            Answer::Ticket {
                by_host_alias: true,
                closed: true,
                ..
            }
        ));
    }

    #[test]
    fn two_holders_are_a_duplicate_and_none_is_not_found_only_where_searched() {
        let mut world = World::new();
        world.hold("HTTP/a", SVC).hold("http/A", WEB);
        assert!(matches!(world.ask("HTTP/a"), Answer::Duplicate { .. }));
        assert!(matches!(world.ask("HTTP/b"), Answer::Unknown));
        world.search("http/b");
        assert!(matches!(
            world.ask("HTTP/b"),
            Answer::NotFound {
                alias_searched: false,
                ..
            }
        ));
    }
}
