//! One second hop as the causes of the group see it: front end, the account that may pass users on, target, back end, and what
//! became of it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::Timestamp;

use crate::case::{
    AccountId, Case, Hop, HopResult, HostId, Sameness, Spn, SymptomId, SymptomKind, split_name,
};
use crate::causes::scene::few;
use crate::causes::{Finding, Scene, Subject, View};
use crate::evidence::Citation;
use crate::negotiate::{Delegation, delegation};
use crate::readers::events::{Event, Logon};

/// A second hop: all signs of one front end, one target and one account that asks.
pub(super) struct SecondHop<'s, 'a> {
    /// The web server, where it is known.
    pub front: Option<HostId>,
    /// Its endpoints that ask for Windows authentication.
    pub views: Vec<&'s View<'a>>,
    /// The accounts that its pools run as, and the one that asks, by name.
    pools: BTreeSet<String>,
    /// The SPN that a ticket was asked for, where an event shows it.
    pub target: Option<Spn>,
    /// The machine that the target is on.
    pub back: Option<HostId>,
    /// The account whose key opens the users' tickets at the front end, and so the one that may pass them on.
    pub account: Option<AccountId>,
    /// The account that holds the target's SPN.
    pub holder: Option<AccountId>,
    /// What the directory says of it.
    pub ways: Delegation,
    /// The KDC refused.
    pub refused: Vec<&'a Hop>,
    /// The back end saw nobody.
    pub anonymous: Vec<&'a Hop>,
    /// The network logons of domain users at the front end, in the order of time.
    pub logons: Rc<[(&'a Event, &'a Logon)]>,
}

impl<'s, 'a> SecondHop<'s, 'a> {
    /// Those of the case that failed.
    pub(super) fn failed(scene: &'s Scene<'a>) -> Vec<Self> {
        let case = scene.case;
        let mut groups: BTreeMap<(Option<HostId>, String), Vec<&'a Hop>> = BTreeMap::new();
        let failed = case
            .hops
            .iter()
            .filter(|hop| hop.result != HopResult::Passed);
        for hop in failed {
            let key = (hop.front, machine_of(case, hop));
            groups.entry(key).or_default().push(hop);
        }
        let mut askers = BTreeMap::new();
        let mut all: Vec<Self> = Vec::new();
        for ((front, machine), hops) in groups {
            for (asker, hops) in apart(case, &mut askers, hops) {
                all.push(Self::of(scene, front, &machine, asker, hops));
            }
        }
        if all.is_empty() {
            return all;
        }
        let logons = super::front::logons(case).into_iter();
        let logons: BTreeMap<HostId, Rc<[_]>> =
            logons.map(|(host, all)| (host, all.into())).collect();
        for hop in &mut all {
            let at_front = hop.front.and_then(|front| logons.get(&front));
            hop.logons = at_front.cloned().unwrap_or_default();
        }
        all
    }

    fn of(
        scene: &'s Scene<'a>,
        front: Option<HostId>,
        machine: &str,
        asker: Option<AccountId>,
        hops: Vec<&'a Hop>,
    ) -> Self {
        let case = scene.case;
        let (refused, anonymous): (Vec<_>, Vec<_>) =
            hops.into_iter().partition(|hop| hop.target.is_some());
        let target = refused.first().and_then(|hop| hop.target.clone());
        let views: Vec<&View<'a>> = scene
            .negotiating()
            .filter(|v| front.is_some() && v.endpoint.host == front)
            .collect();
        let account = asker.or_else(|| scene.one_acceptor(&passing_on(&views)));
        let pools = views.iter().filter_map(|v| v.pool_account()).chain(account);
        let pools = pools.map(|id| case.accounts.get(id).bare_name().to_lowercase());
        let pools = pools.collect();
        let back = case.hosts.find(machine);
        let holder = holder(case, target.as_ref(), machine);
        let ways = account.map_or_else(Delegation::default, |account| {
            delegation(case, account, target.as_ref(), holder)
        });
        Self {
            front,
            views,
            pools,
            target,
            back,
            account,
            holder,
            ways,
            refused,
            anonymous,
            logons: Rc::default(),
        }
    }

    /// The signs that it worked.
    pub(super) fn passed(&self, case: &'a Case) -> impl Iterator<Item = &'a Hop> {
        let passed = case.hops.iter();
        passed.filter(|hop| hop.result == HopResult::Passed && self.is_same(case, hop))
    }

    fn is_same(&self, case: &Case, passed: &Hop) -> bool {
        let front = passed.front.is_none() || passed.front == self.front;
        let by_machine = passed.back.is_some() && passed.back == self.back;
        // A ticket that was issued is logged with the account that holds the name.
        let by_holder = passed
            .target
            .as_ref()
            .zip(self.holder)
            .is_some_and(|(t, holder)| {
                case.accounts.is_named(holder, t.as_str(), None) == Sameness::Same
            });
        front && (by_machine || by_holder)
    }

    /// How the target is shown: the SPN, else the machine.
    pub(super) fn shown(&self, case: &Case) -> String {
        match (&self.target, self.back) {
            (Some(spn), _) => spn.to_string(),
            (None, Some(host)) => case.hosts.get(host).name.clone(),
            (None, None) => "the back end".to_owned(),
        }
    }

    /// The front end's name, for sentences.
    pub(super) fn front_shown(&self, case: &Case) -> String {
        self.front.map_or("the front end".to_owned(), |id| {
            case.hosts.get(id).name.clone()
        })
    }

    /// The account that may pass users on, for sentences.
    pub(super) fn account_shown(&self, scene: &Scene<'_>) -> String {
        self.account.map_or_else(
            || "the account that opens the users' tickets".to_owned(),
            |id| scene.shown(id).to_owned(),
        )
    }

    /// The users that failed, in lower case and without their domains. An event may name the pool's account instead.
    pub(super) fn users(&self) -> BTreeSet<String> {
        let pools = &self.pools;
        let all = self.refused.iter().chain(&self.anonymous);
        let named = all.filter_map(|hop| hop.user.as_deref());
        let users = named.map(|user| split_name(user).1);
        users.filter(|user| !pools.contains(user)).collect()
    }

    /// When it first and last failed.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let hops = || self.refused.iter().chain(&self.anonymous);
        let times = || hops().map(|hop| hop.time);
        Some((times().min()?, times().max()?))
    }

    /// A finding about it, with what failed as observed and the symptoms that it explains.
    pub(super) fn finding(&self, scene: &Scene<'_>, explanation: impl Into<String>) -> Finding {
        let case = scene.case;
        let about = match self.views.first() {
            Some(view) => view.subject(case),
            None => Subject {
                host: self.front.map(|id| case.hosts.get(id).name.clone()),
                ..Subject::default()
            },
        };
        let subject = Subject {
            // The front end's own SPN is in order: the finding is about the next one.
            spn: self.target.as_ref().map(ToString::to_string),
            account: self.account.map(|id| scene.shown(id).to_owned()),
            ..about
        };
        let (asked, nobody) = (places(&self.refused), places(&self.anonymous));
        let mut finding = Finding::about(subject, explanation)
            .observed(
                format!(
                    "the KDC refused to pass users on to {} {} times",
                    self.shown(case),
                    case.met(self.refused.iter().map(|hop| &hop.from))
                ),
                &few(asked, 3),
            )
            .observed(
                format!(
                    "{} saw nobody (ANONYMOUS LOGON) come from {} {} times",
                    self.back
                        .map_or("the back end", |id| case.hosts.get(id).name.as_str()),
                    self.front_shown(case),
                    case.met(self.anonymous.iter().map(|hop| &hop.from))
                ),
                &few(nobody, 3),
            );
        finding = finding.explains(self.symptoms(scene));
        finding
    }

    /// The symptoms that are signs of it.
    pub(super) fn symptoms(&self, scene: &Scene<'_>) -> Vec<SymptomId> {
        let key = self.target.as_ref().map(Spn::key);
        let back = self.back.filter(|_| !self.anonymous.is_empty());
        let back = back.map(|id| scene.case.hosts.get(id).name.as_str());
        let mine = scene.symptoms(|kind| match kind {
            SymptomKind::SecondHop { front, target, .. } => {
                *front == self.front && (key.as_ref() == Some(target) || back == Some(target))
            }
            _ => false,
        });
        mine.into_iter().map(|(id, _)| id).collect()
    }
}

/// Hops to one machine by what was asked for and by the account that asked. A sign that does not name one of these is of the
/// others where those agree.
fn apart<'a>(
    case: &'a Case,
    askers: &mut BTreeMap<&'a str, Option<AccountId>>,
    hops: Vec<&'a Hop>,
) -> Vec<(Option<AccountId>, Vec<&'a Hop>)> {
    let mut by_target: BTreeMap<Option<String>, BTreeMap<Option<AccountId>, Vec<&'a Hop>>> =
        BTreeMap::new();
    for hop in hops {
        let name = hop.asker.as_deref();
        let asker = name.and_then(|name| *askers.entry(name).or_insert_with(|| asker(case, name)));
        let target = hop.target.as_ref().map(Spn::key);
        let of_target = by_target.entry(target).or_default();
        of_target.entry(asker).or_default().push(hop);
    }
    by_target.values_mut().for_each(join_the_unnamed);
    let mut parts = BTreeMap::new();
    for (target, by_asker) in by_target {
        for (asker, hops) in by_asker {
            let known = target.clone().map(|target| (target, asker));
            parts.entry(known).or_insert_with(Vec::new).extend(hops);
        }
    }
    join_the_unnamed(&mut parts);
    let asker = |key: Option<(String, Option<AccountId>)>| key.and_then(|(_, asker)| asker);
    let parts = parts.into_iter();
    parts.map(|(key, hops)| (asker(key), hops)).collect()
}

/// Adds what has no name to the one part that has.
fn join_the_unnamed<K: Ord, T>(parts: &mut BTreeMap<Option<K>, Vec<T>>) {
    if parts.len() == 2
        && let Some(unnamed) = parts.remove(&None)
        && let Some(mut named) = parts.first_entry()
    {
        named.get_mut().extend(unnamed);
    }
}

/// The endpoints that pass users on, where the configuration says so: those of which the application impersonates its caller,
/// else all.
fn passing_on<'v, 'a>(views: &[&'v View<'a>]) -> Vec<&'v View<'a>> {
    let impersonates = |v: &&&View<'_>| {
        let set = &v.endpoint.settings.impersonate;
        set.as_ref().is_some_and(|(on, _)| *on)
    };
    let some: Vec<&View<'a>> = views.iter().filter(impersonates).copied().collect();
    if some.is_empty() {
        views.to_vec()
    } else {
        some
    }
}

/// The short name of the machine that a hop leads to.
fn machine_of(case: &Case, hop: &Hop) -> String {
    let named = hop.target.as_ref().map(|spn| {
        let host = spn.host();
        host.split('.').next().unwrap_or_default().to_uppercase()
    });
    let back = || Some(case.hosts.get(hop.back?).name.to_uppercase());
    named.or_else(back).unwrap_or_default()
}

/// The account that asked, where its name is no user's: a computer, or the account of a pool.
fn asker(case: &Case, name: &str) -> Option<AccountId> {
    let (domain, sam) = split_name(name);
    let known =
        |id: AccountId| case.accounts.is_named(id, &sam, domain.as_deref()) == Sameness::Same;
    let pools = case.situation.endpoints.iter();
    let pools = pools.filter_map(|e| e.pool.as_ref()?.identity.account());
    let machines = case.hosts.iter().map(|(_, host)| host.machine);
    pools.chain(machines).find(|id| known(*id))
}

/// The account that holds the target's SPN; where only the machine is known, the one that holds an SPN of a service there
/// other than its own computer account, else that computer account.
fn holder(case: &Case, target: Option<&Spn>, machine: &str) -> Option<AccountId> {
    let directory = &case.situation.directory;
    let one = |spn: &Spn| match directory.holders(spn, &case.accounts).shown.as_slice() {
        [holder] => Some(holder.account),
        _ => None,
    };
    let target = target?;
    let alias = || {
        let classes = ["HTTP", "cifs"];
        let by_alias = classes.iter().any(|class| target.has_class(class));
        by_alias.then(|| one(&target.with_class("HOST"))).flatten()
    };
    let computer = || {
        let host = case.hosts.find(machine)?;
        target
            .has_class("cifs")
            .then(|| case.hosts.get(host).machine)
    };
    one(target).or_else(alias).or_else(computer)
}

/// The places of hops.
pub(super) fn places(hops: &[&Hop]) -> Vec<Citation> {
    hops.iter().map(|hop| hop.from.clone()).collect()
}
