//! Whom events are about: every spelling of a user is read once, for all causes that ask.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::case::{Case, HostId, split_name};
use crate::readers::events::{Body, Event, Principal};
use crate::remedy::commands::Identity;

/// A user as the logs spell the name.
#[derive(Clone, Debug)]
pub(in crate::causes) struct User {
    /// Account name, lower case.
    pub(super) sam: String,
    /// Domain, lower case, where an event gives one.
    pub(super) domain: Option<String>,
    /// Where the event gives none: the domain of the machine that wrote it. A domain controller validates credentials (4771,
    /// 4776), and locks accounts, of its own domain (Microsoft, Audit Credential Validation: the computer that is
    /// authoritative for the credentials).
    validated_in: Option<String>,
    /// The fullest spelling.
    pub(super) shown: String,
}

impl User {
    /// The account as a command takes it. What somebody typed behind the @ need not be a domain.
    pub(super) fn identity(&self) -> Identity<'_> {
        let typed = self.shown.rsplit_once('@').map(|(_, suffix)| suffix);
        let is_typed = |domain: &&str| typed.is_some_and(|t| t.eq_ignore_ascii_case(domain));
        Identity {
            name: &self.sam,
            domain: self.domain.as_deref().filter(|domain| !is_typed(domain)),
        }
    }
}

/// The users of the events of a case.
pub(in crate::causes) struct Users {
    /// Each spelling.
    spelled: Vec<User>,
    /// The spelling in each event, by its position; `None` for computers, and for names that are none.
    of_event: Vec<Option<usize>>,
    /// When each account name first logged on to a machine over the network, as the position of the event.
    first_in: BTreeMap<(HostId, String), usize>,
}

impl Users {
    /// Reads the events once.
    pub(in crate::causes) fn of(case: &Case) -> Self {
        let mut users = Self {
            spelled: Vec::new(),
            of_event: Vec::with_capacity(case.events.len()),
            first_in: BTreeMap::new(),
        };
        // Maps and sets are only asked, never walked.
        let mut read = HashMap::with_hasher(RandomState::default());
        let mut came = HashSet::with_hasher(RandomState::default());
        for (position, event) in case.events.iter().enumerate() {
            let user = about(&event.body).and_then(|principal| {
                match read.entry((&principal.name, &principal.domain, &event.computer)) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(new) => *new.insert(users.learn(principal, event)),
                }
            });
            users.of_event.push(user);
            if let (Body::Logon(e), Some(user)) = (&event.body, user)
                && e.logon_type == Some(3)
                && came.insert((&event.computer, user))
                && let Some(host) = case.hosts.find(&event.computer)
                && let Some(user) = users.spelled.get(user)
            {
                let at = (host, user.sam.clone());
                users.first_in.entry(at).or_insert(position);
            }
        }
        users
    }

    fn learn(&mut self, principal: &Principal, event: &Event) -> Option<usize> {
        self.spelled.push(User::of(principal, event)?);
        Some(self.spelled.len() - 1)
    }

    /// The user of the event at this position; `None` for computers, and for names that are none.
    pub(super) fn at(&self, position: usize) -> Option<&User> {
        self.spelled.get((*self.of_event.get(position)?)?)
    }

    /// Whether a user was logged on to a machine over the network before the event at this position.
    pub(super) fn was_in_before(&self, position: usize, host: HostId, user: &User) -> bool {
        let first = self.first_in.get(&(host, user.sam.clone()));
        first.is_some_and(|first| *first < position)
    }
}

/// Whom an event is about, where that may be a user.
fn about(body: &Body) -> Option<&Principal> {
    Some(match body {
        Body::Logon(e) => &e.target,
        Body::LogonFailed(e) => &e.target,
        Body::NtlmValidation(e) => &e.target,
        Body::TgtRequest(e) => &e.client,
        Body::PreauthFailed(e) => &e.target,
        Body::AccountChanged(e) => &e.target,
        _ => return None,
    })
}

impl User {
    /// The user of an event; `None` for computers, and for names that are none.
    fn of(principal: &Principal, event: &Event) -> Option<Self> {
        let name = principal.name.as_deref()?;
        let (within, sam) = split_name(name);
        if sam.is_empty() || sam.ends_with('$') || sam == "anonymous logon" {
            return None;
        }
        // A dot is the machine itself.
        let machine = event.computer.split('.').next();
        let domain = match principal.domain.as_deref() {
            Some(".") => machine.map(str::to_lowercase),
            domain => domain.map(str::to_lowercase),
        };
        let shown = match (&principal.domain, &within) {
            (Some(domain), None) => format!("{domain}\\{name}"),
            _ => name.to_owned(),
        };
        let domain = domain.or(within);
        let by_its_domain = !matches!(event.body, Body::Logon(_) | Body::LogonFailed(_));
        Some(Self {
            sam,
            validated_in: event.domain().filter(|_| domain.is_none() && by_its_domain),
            domain,
            shown,
        })
    }

    /// The domain, as the event gives it or the machine that wrote it shows.
    pub(super) fn home(&self) -> Option<&str> {
        self.domain.as_deref().or(self.validated_in.as_deref())
    }
}
