//! The site behind an account that a KDC has no encryption type for: 4769 with 0xE names the account and not the SPN that was
//! asked for. Where an account holds one web name and nothing else, that was it.

use std::collections::BTreeMap;

use crate::case::spn::{Spn, other_form};
use crate::case::{Case, Sameness};
use crate::readers::events::{Body, Event};

/// The keys of the SPNs, by the account and the domain of the KDC as an event has them.
#[derive(Default)]
pub(super) struct SoleNames(BTreeMap<(String, Option<String>), Option<String>>);

impl SoleNames {
    pub(super) fn of(case: &Case) -> Self {
        let mut names = Self::default();
        for event in &case.events {
            if let Some((account, realm)) = refused(event) {
                let found = || sole_name(case, account, realm.as_deref());
                let key = (account.to_lowercase(), realm.clone());
                names.0.entry(key).or_insert_with(found);
            }
        }
        names
    }

    /// The web name that a request was for, where the event names the account.
    pub(super) fn get(&self, event: &Event) -> Option<String> {
        let (account, realm) = refused(event)?;
        self.0.get(&(account.to_lowercase(), realm)).cloned()?
    }
}

/// The account that no ticket could be sealed for, and the domain of the KDC.
fn refused(event: &Event) -> Option<(&str, Option<String>)> {
    let Body::ServiceTicketRequest(e) = &event.body else {
        return None;
    };
    let name = e.service_name.as_deref()?;
    let is_account = e.status == Some(0xE) && !name.contains('/');
    is_account.then(|| (name, event.domain()))
}

fn sole_name(case: &Case, account: &str, realm: Option<&str>) -> Option<String> {
    let accounts = &case.accounts;
    let is_it = |id| accounts.is_named(id, account, realm) == Sameness::Same;
    let held = case.situation.directory.registrations.iter();
    let held: Vec<&Spn> = (held.filter(|r| is_it(r.holder)).map(|r| &r.spn)).collect();
    // Of the short and the full form of one name clients ask for the full one.
    let longest = held.iter().max_by_key(|spn| spn.host().len())?;
    let host = longest.host();
    let is_one = |spn: &&Spn| {
        spn.has_class("HTTP") && (spn.host() == host || other_form(&spn.host(), &host))
    };
    if !held.iter().all(is_one) {
        return None;
    }
    let plain = held.iter().find(|s| s.host() == host && s.port().is_none());
    Some(plain.unwrap_or(longest).key())
}
