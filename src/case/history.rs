//! What happened to accounts and worker processes while the logs ran: changes of an account, and restarts of a pool.
//!
//! Restarts are a one-way fact: IIS does not log a recycle on demand or after a configuration change unless
//! `logEventOnRecycle` says so (its schema default is Time, Memory, PrivateMemory), so that silence proves nothing.

use jiff::Timestamp;

use super::{AccountId, Case, HostId, PoolIdentity, Sameness};
use crate::readers::events::{AccountChanged, Body, Event};

impl Case {
    /// Whether an account is the one that an event names. A name without a domain is of the domain of the machine that wrote
    /// the event: 4740, 4771 and 4776 name no other.
    pub fn event_names(
        &self,
        event: &Event,
        account: AccountId,
        name: Option<&str>,
        domain: Option<&str>,
    ) -> bool {
        let own = event.domain();
        name.is_some_and(|name| {
            let domain = domain.or(own.as_deref());
            self.accounts.is_named(account, name, domain) == Sameness::Same
        })
    }

    /// Changes of an account, oldest first.
    pub fn account_changes(
        &self,
        account: AccountId,
    ) -> impl Iterator<Item = (&Event, &AccountChanged)> {
        self.pick(|b| match b {
            Body::AccountChanged(change) => Some(change),
            _ => None,
        })
        .filter(move |(event, change)| {
            let target = &change.target;
            self.event_names(
                event,
                account,
                target.name.as_deref(),
                target.domain.as_deref(),
            )
        })
    }

    /// When the password of an account was changed: a reset (4724), a change by its owner (4723), or a change of the
    /// object that sets PasswordLastSet (4738, 4742). Oldest first; one change writes two events.
    pub fn password_changes(&self, account: AccountId) -> Vec<&Event> {
        self.account_changes(account)
            .filter(|(event, change)| match event.id {
                4723 | 4724 => true,
                4738 | 4742 => change.password_last_set.is_some(),
                _ => false,
            })
            .map(|(event, _)| event)
            .collect()
    }

    /// The first sign after a time that a pool's worker processes were started again: a recycle that WAS logged, a start of
    /// the machine, or a logon of the pool's account.
    pub fn restart_after(
        &self,
        host: HostId,
        pool: &str,
        identity: Option<&PoolIdentity>,
        after: Timestamp,
    ) -> Option<&Event> {
        let restarts = |event: &Event| match &event.body {
            Body::Pool(e) => {
                matches!(e.id, 5074..=5081 | 5117 | 5186)
                    && e.values.iter().any(|v| v.eq_ignore_ascii_case(pool))
            }
            Body::Other(_) => matches!(
                (&*event.provider, event.id),
                ("EventLog", 6005 | 6009) | ("Microsoft-Windows-Kernel-General", 12)
            ),
            _ => false,
        };
        let restart = self
            .events
            .iter()
            .filter(|e| e.time > after && restarts(e))
            .find(|e| self.hosts.find(&e.computer) == Some(host));
        let logon = self.pool_logon_after(host, identity, after);
        [restart, logon]
            .into_iter()
            .flatten()
            .min_by_key(|e| e.time)
    }

    /// The first logon of a pool's account as a batch job or service on a machine after a time.
    pub fn pool_logon_after(
        &self,
        host: HostId,
        identity: Option<&PoolIdentity>,
        after: Timestamp,
    ) -> Option<&Event> {
        let account = identity.and_then(PoolIdentity::account)?;
        self.pick(|body| match body {
            Body::Logon(logon) if matches!(logon.logon_type, Some(4 | 5)) => Some(logon),
            _ => None,
        })
        .filter(|(event, logon)| {
            let target = &logon.target;
            event.time > after
                && self.event_names(
                    event,
                    account,
                    target.name.as_deref(),
                    target.domain.as_deref(),
                )
        })
        .map(|(event, _)| event)
        .find(|e| self.hosts.find(&e.computer) == Some(host))
    }
}
