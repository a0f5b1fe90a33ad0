//! Accounts that the KDC had no encryption type for (0xE), one entry an account: what it wrote of each, who asked, and why.
//! Several causes end in 0xE; each account is given to one of them here: ET-05, ET-01, ET-02, ET-03, ET-10, or to none.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{AccountId, Case, Sameness, Spn, Symptom, SymptomId, SymptomKind, split_name};
use crate::causes::{Finding, Scene, Subject, View};
use crate::codes::EtypeSet;
use crate::evidence::{Citation, Cited, Known};
use crate::readers::events::{Body, Event, KdcEvent};

/// Why no type is left.
#[derive(Clone, Debug)]
pub(super) enum Why {
    /// ET-05: DES and nothing else.
    DesOnly,
    /// ET-01: it has no AES keys.
    NoAesKeys,
    /// ET-02: its own setting leaves nothing.
    Setting,
    /// ET-03: it has no setting of its own, and the default that was set leaves nothing.
    Default,
    /// ET-10: it has no setting of its own, the client knows weak types only, and the KDC blocks them since 2026.
    Hardening,
    /// The bundle does not show it.
    NotShown,
}

/// An account that the KDC had no encryption type for.
pub(super) struct Refused<'a> {
    /// The account, where the case knows it.
    pub(super) account: Option<AccountId>,
    /// How it is shown.
    pub(super) shown: String,
    /// SPNs that were refused for it.
    pub(super) spns: BTreeSet<String>,
    /// Symptoms of these SPNs.
    pub(super) symptoms: Vec<(SymptomId, &'a Symptom)>,
    /// What KDCs wrote: 14, 16, 26, 27, 203, 204, 208, 209.
    pub(super) blocked: Vec<(&'a Event, &'a KdcEvent)>,
    /// What KDCs wrote of types that they will block: 201, 202, 206, 207.
    pub(super) audited: Vec<(&'a Event, &'a KdcEvent)>,
    /// What clients asked for.
    pub(super) requested: Option<EtypeSet>,
    /// What it has keys of.
    pub(super) keys: Known<EtypeSet>,
    /// Why.
    pub(super) why: Why,
}

/// Ids of the KDC for a request that failed.
const BLOCKED: [u32; 8] = [14, 16, 26, 27, 203, 204, 208, 209];
/// Ids of the KDC for one that will fail.
const AUDITED: [u32; 4] = [201, 202, 206, 207];

/// The accounts, in the order of their names.
pub(super) fn refused<'a>(scene: &Scene<'a>) -> Vec<Refused<'a>> {
    let case = scene.case;
    let mut found: BTreeMap<String, Refused<'a>> = BTreeMap::new();
    let kdc = case.pick(|body| match body {
        Body::Kdc(e) if BLOCKED.contains(&e.id) || AUDITED.contains(&e.id) => Some(e),
        _ => None,
    });
    for (event, e) in kdc {
        let Some(name) = e.sealed_for().filter(|name| !is_krbtgt(name)) else {
            continue;
        };
        let target = e
            .name
            .as_deref()
            .filter(|name| is_web(name))
            .map(of_principal);
        let realm = event.computer.split_once('.').map(|(_, realm)| realm);
        let account = match name.contains('/') {
            true => holder(case, &of_principal(&name)),
            false => named(case, &name, realm),
        };
        let relevant = target.is_some() || account.is_some_and(|a| serves_or_fails(scene, a));
        if !relevant {
            continue;
        }
        let entry = entry(&mut found, case, account, &name);
        entry.spns.extend(target.map(|spn| spn.key()));
        if let Some(asked) = e.requested() {
            entry.requested = Some(entry.requested.unwrap_or_default().or(asked));
        }
        if let (14 | 16 | 26 | 27, Some(keys)) = (e.id, e.keys()) {
            entry.keys = Known::Present(Cited::new(keys, event.citation.clone()));
        }
        match BLOCKED.contains(&e.id) {
            true => entry.blocked.push((event, e)),
            false => entry.audited.push((event, e)),
        }
    }
    let errors = scene.symptoms(|k| matches!(k, SymptomKind::KerberosError(_, 0xE)));
    for (id, symptom) in errors {
        let Some(key) = symptom.spn() else { continue };
        let told = found.values_mut().find(|r| r.spns.contains(key));
        let entry = match told {
            Some(entry) => entry,
            None => {
                let spn = Spn::of_key(key);
                entry(&mut found, case, holder(case, &spn), spn.as_str())
            }
        };
        entry.spns.insert(key.to_owned());
        entry.symptoms.push((id, symptom));
    }
    let mut all: Vec<Refused<'a>> = found.into_values().collect();
    for refused in &mut all {
        refused.ask_clients(case);
        if let (true, Some(account)) = (refused.keys.is_unknown(), refused.account) {
            refused.keys = case.keys_of(account);
        }
        refused.why = refused.reason(case);
    }
    all
}

fn entry<'m, 'a>(
    found: &'m mut BTreeMap<String, Refused<'a>>,
    case: &'a Case,
    account: Option<AccountId>,
    name: &str,
) -> &'m mut Refused<'a> {
    let shown = account.map_or_else(|| name.to_owned(), |a| case.accounts.get(a).shown.clone());
    let key = match account {
        Some(account) => case.accounts.get(account).bare_name().to_lowercase(),
        None => name.to_lowercase(),
    };
    found.entry(key).or_insert_with(|| Refused {
        account,
        shown,
        spns: BTreeSet::new(),
        symptoms: Vec::new(),
        blocked: Vec::new(),
        audited: Vec::new(),
        requested: None,
        keys: Known::Unknown,
        why: Why::NotShown,
    })
}

fn is_krbtgt(name: &str) -> bool {
    let name = split_name(name).1;
    name == "krbtgt" || name.starts_with("krbtgt/") || name.starts_with("krbtgt_")
}

/// The SPN of a principal that may have its realm behind it.
fn of_principal(name: &str) -> Spn {
    Spn::new(name.split('@').next().unwrap_or(name))
}

fn is_web(name: &str) -> bool {
    let spn = of_principal(name);
    spn.has_class("HTTP") || spn.has_class("HOST")
}

/// The one account that holds an SPN, through HOST where nobody holds it itself.
fn holder(case: &Case, spn: &Spn) -> Option<AccountId> {
    match crate::negotiate::lookup(&case.situation.directory, &case.accounts, spn) {
        crate::negotiate::Answer::Ticket { holder, .. } => Some(holder.account),
        _ => None,
    }
}

/// The one account of this name in the domain of a KDC.
fn named(case: &Case, name: &str, realm: Option<&str>) -> Option<AccountId> {
    let (domain, sam) = split_name(name);
    let domain = domain.or_else(|| realm.map(str::to_lowercase));
    let bare = |name: &str| name.trim_end_matches('$').to_owned();
    let mut found = case.accounts.iter().filter(|(_, a)| {
        let theirs = a.bare_name().to_lowercase();
        (theirs == sam || a.sam.is_none() && bare(&theirs) == bare(&sam))
            && case
                .accounts
                .same_domain(a.domain.as_deref(), domain.as_deref())
                == Sameness::Same
    });
    found.next().map(|(id, _)| id)
}

/// Whether an account opens tickets of a site, holds a web name, or is a user who was seen at a web server.
fn serves_or_fails(scene: &Scene<'_>, account: AccountId) -> bool {
    let case = scene.case;
    let opens = |v: &View<'_>| {
        let acceptor = v.acceptor_account(case).or_else(|| v.pool_account());
        acceptor.is_some_and(|a| scene.same(a, account))
    };
    let mut held = case.situation.directory.of_account(account, &case.accounts);
    let name = case.accounts.get(account).bare_name().to_lowercase();
    let met = |s: &Symptom| s.principals.iter().any(|p| split_name(p).1 == name);
    scene.views.iter().any(opens)
        || held.any(|r| r.spn.has_class("HTTP"))
        || case.symptoms.iter().any(met)
}

impl<'a> Refused<'a> {
    /// What clients asked for, as the audit shows it (4769 of version 2).
    fn ask_clients(&mut self, case: &'a Case) {
        let asked = case.pick(|body| match body {
            Body::ServiceTicketRequest(e) if e.status == Some(0xE) => Some(e),
            _ => None,
        });
        for (_, e) in asked {
            let name = e.service_name.as_deref().unwrap_or_default();
            if let (true, Some(client)) =
                (self.spns.contains(&Spn::new(name).key()), e.etypes.client)
            {
                self.requested = Some(self.requested.unwrap_or_default().or(client));
            }
        }
    }

    fn reason(&self, case: &Case) -> Why {
        let wrote = |ids: &[u32]| self.blocked.iter().any(|(_, e)| ids.contains(&e.id));
        let keys = self.keys.present().map(|keys| keys.value);
        let explicit = match self.account {
            Some(account) => case.explicit_etypes(account),
            None => Known::Unknown,
        };
        let set = explicit.present().map(|set| set.value);
        let only_des = |set: EtypeSet| !set.is_empty() && set.without(EtypeSet::DES).is_empty();
        let flagged = self.account.is_some_and(|a| case.is_des_only(a).is_some());
        if flagged || keys.is_some_and(only_des) || set.is_some_and(only_des) {
            return Why::DesOnly;
        }
        if wrote(&[204, 209]) {
            return Why::NoAesKeys;
        }
        if keys.is_some_and(|keys| !keys.is_empty() && !keys.meets(EtypeSet::AES)) {
            return Why::NoAesKeys;
        }
        if wrote(&[208]) {
            return Why::Setting;
        }
        if wrote(&[203]) {
            return Why::Hardening;
        }
        let controllers = case.controller_etypes();
        let others = [
            self.requested,
            keys,
            controllers.present().map(|set| set.value),
        ];
        let excludes = |set: EtypeSet| others.iter().flatten().any(|other| !set.meets(*other));
        match &explicit {
            Known::Present(set) if excludes(set.value) => Why::Setting,
            Known::Absent(_) => match case.default_etypes() {
                Known::Present(default) if excludes(default.value) => Why::Default,
                _ => Why::NotShown,
            },
            _ => Why::NotShown,
        }
    }

    /// The endpoints that ask for one of its names.
    pub(super) fn views<'v>(&self, scene: &'v Scene<'a>) -> Vec<&'v View<'a>> {
        let asks = |v: &&View<'a>| v.spn().is_some_and(|spn| self.spns.contains(&spn.key()));
        let opens = |v: &&View<'a>| {
            let both = v.acceptor_account(scene.case).zip(self.account);
            both.is_some_and(|(a, b)| scene.same(a, b))
        };
        let asking: Vec<_> = scene.views.iter().filter(asks).collect();
        match asking.is_empty() {
            true => scene.views.iter().filter(opens).collect(),
            false => asking,
        }
    }

    /// The first SPN that was refused.
    pub(super) fn spn(&self) -> Option<Spn> {
        self.spns.first().map(|key| Spn::of_key(key))
    }

    /// What a finding about it is about.
    pub(super) fn subject(&self, scene: &Scene<'a>) -> Subject {
        let view = self.views(scene).first().map(|v| v.subject(scene.case));
        let spn = self.spn();
        Subject {
            account: Some(self.shown.clone()),
            host_name: spn.as_ref().map(Spn::host),
            spn: spn.map(|spn| spn.to_string()),
            ..view.unwrap_or_default()
        }
    }

    /// Adds what was seen of the refusals, and the NTLM logons of the same users.
    pub(super) fn seen(&self, scene: &Scene<'a>, mut finding: Finding) -> Finding {
        finding = finding.saw(self.symptoms.clone(), |count| {
            format!("the KDC answered {count} that it supports no encryption type for this (0xE)")
        });
        let views = self.views(scene);
        for spn in self.spns.iter().map(|key| Spn::of_key(key)) {
            finding = finding.saw_logons_of_the_refused(scene, &spn, &views);
        }
        finding
    }

    /// The change of its password after the last refusal, which brought new keys.
    pub(super) fn reset_since(&self, case: &'a Case) -> Option<Citation> {
        let account = self.account?;
        let name = case.accounts.get(account).bare_name().to_lowercase();
        let of_kdc = self.blocked.iter().map(|(event, _)| event.time);
        let last = of_kdc.chain(self.symptoms.iter().filter_map(|(_, s)| s.last));
        let last = last.max()?;
        let reset = |body: &'a Body| match body {
            Body::AccountChanged(e) if matches!(e.id, 4723 | 4724) => Some(e),
            _ => None,
        };
        case.pick(reset)
            .filter(|(event, e)| {
                let target = e.target.name.as_deref().map(|name| split_name(name).1);
                event.time > last && target.as_deref() == Some(name.as_str())
            })
            .map(|(event, _)| event.citation.clone())
            .last()
    }

    /// The records of the KDC with one of these ids.
    pub(super) fn records(&self, ids: &[u32]) -> Vec<Citation> {
        let all = self.blocked.iter().chain(&self.audited);
        all.filter(|(_, e)| ids.contains(&e.id))
            .map(|(event, _)| event.citation.clone())
            .collect()
    }
}
