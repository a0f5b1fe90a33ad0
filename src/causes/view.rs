//! One endpoint as the causes see it: its simulated paths, and what was observed there.

use jiff::Timestamp;

use super::Subject;
use super::mismatch::Mismatch;
use crate::case::{AccountId, AccountKind, Case, Endpoint, Holder, Spn};
use crate::negotiate::{Acceptor, Answer, ClientName, KeyMatch, Outcome, Path};
use crate::readers::events::Event;

/// An endpoint with its paths.
pub struct View<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// The path of a browser.
    pub path: Path,
    /// The paths of clients that build another SPN.
    pub others: Vec<Path>,
    /// What was observed.
    pub observed: Outcome,
    /// Which state a key mismatch is, so that one cause claims it and no other.
    pub mismatch: Option<Mismatch>,
}

impl View<'_> {
    /// The SPN a browser asks for.
    pub fn spn(&self) -> Option<&Spn> {
        match &self.path.name {
            ClientName::Spn { spn, .. } => Some(spn),
            _ => None,
        }
    }

    /// The one account that holds it, where the KDC would issue a ticket.
    pub fn holder(&self) -> Option<&Holder> {
        match &self.path.answer {
            Some(Answer::Ticket { holder, .. }) => Some(holder),
            _ => None,
        }
    }

    /// Whether the holder holds it only through the HOST alias.
    pub fn by_host_alias(&self) -> bool {
        matches!(
            self.path.answer,
            Some(Answer::Ticket {
                by_host_alias: true,
                ..
            })
        )
    }

    /// The acceptor.
    pub fn acceptor(&self) -> Option<&Acceptor> {
        self.path.rule.as_ref().map(|r| &r.acceptor)
    }

    /// Whether the ticket cannot be opened.
    pub fn is_mismatch(&self) -> bool {
        matches!(self.path.key_match, KeyMatch::Mismatch { .. })
    }

    /// Whether the mismatch rests only on a CN that differs from an account name.
    pub fn is_presumed(&self) -> bool {
        matches!(self.path.key_match, KeyMatch::Mismatch { presumed: true })
    }

    /// The directory account that the pool runs as, where it has one of its own.
    pub fn pool_account(&self) -> Option<AccountId> {
        self.endpoint.pool.as_ref()?.identity.account()
    }

    /// The account whose key opens tickets here, where it is known.
    pub fn acceptor_account(&self, case: &Case) -> Option<AccountId> {
        case.acceptor_account(self.endpoint, self.acceptor()?)
    }

    /// How the account whose key opens tickets here is shown.
    pub fn acceptor_shown(&self, case: &Case) -> String {
        self.acceptor()
            .map_or_else(String::new, |a| case.acceptor_shown(self.endpoint, a))
    }

    /// Whether another endpoint is known to be on the same machine.
    pub fn same_machine(&self, other: &View<'_>) -> bool {
        self.endpoint.host.is_some() && self.endpoint.host == other.endpoint.host
    }

    /// Whether the name is the server's own, however the endpoint came by it.
    pub fn has_server_name(&self, case: &Case) -> bool {
        let by_host = self.endpoint.host.is_some_and(|host| {
            let host = case.hosts.get(host);
            self.endpoint.is_named(&host.name)
                || host
                    .fqdn
                    .as_deref()
                    .is_some_and(|f| self.endpoint.is_named(f))
        });
        by_host || self.is_name_of_its_computer(case)
    }

    /// Whether a computer holds the name through `HOST/…` and is called by it: a computer's own name, whichever it is.
    fn is_name_of_its_computer(&self, case: &Case) -> bool {
        let Some(holder) = self.holder().filter(|_| self.by_host_alias()) else {
            return false;
        };
        let account = case.accounts.get(holder.account);
        let label = self.endpoint.name.split('.').next().unwrap_or_default();
        account.kind == AccountKind::Computer
            && account
                .bare_name()
                .trim_end_matches('$')
                .eq_ignore_ascii_case(label)
    }

    /// The first sign after a time that the worker processes of its pool were started again.
    pub fn restart_after<'c>(&self, case: &'c Case, after: Timestamp) -> Option<&'c Event> {
        let pool = self.endpoint.pool.as_ref()?;
        case.restart_after(self.endpoint.host?, &pool.name, Some(&pool.identity), after)
    }

    /// The pool's name, for commands.
    pub fn pool_name(&self) -> &str {
        self.endpoint.pool.as_ref().map_or("", |p| p.name.as_str())
    }

    /// The subject of a finding about this endpoint.
    pub fn subject(&self, case: &Case) -> Subject {
        Subject {
            site: Some(self.endpoint.site.clone()),
            application: Some(self.endpoint.application.clone()),
            host_name: (!self.endpoint.name.is_empty()).then(|| self.endpoint.name.clone()),
            spn: self.spn().map(ToString::to_string),
            account: None,
            host: Some(case.server(self.endpoint).label.clone()),
        }
    }
}
