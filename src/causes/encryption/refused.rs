//! Accounts that the KDC had no encryption type for (0xE), one entry an account: what it wrote of each, who asked, and why.
//! Several causes end in 0xE; each account is given to one of them here: ET-05, ET-01, ET-02, ET-03, ET-10, or to none.

use std::collections::BTreeSet;

use crate::case::{AccountId, Case, Sameness, Spn, Symptom, SymptomId};
use crate::causes::scene::few;
use crate::causes::{Finding, Scene, Subject, View};
use crate::codes::EtypeSet;
use crate::evidence::{Citation, Known};
use crate::readers::events::{Body, Event, KdcEvent};

/// Why no type is left.
#[derive(Clone, Copy, Debug)]
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
pub(in crate::causes) struct Refused<'a> {
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
    /// 4769 with 0xE that name the account, and not the SPN that was asked for.
    pub(super) denied: Vec<&'a Event>,
    /// What clients asked for.
    pub(super) requested: Option<EtypeSet>,
    /// What it has keys of.
    pub(super) keys: Known<EtypeSet>,
    /// Why.
    pub(super) why: Why,
}

/// The accounts, in the order of their names.
pub(super) fn refused<'s, 'a>(scene: &'s Scene<'a>) -> &'s [Refused<'a>] {
    &scene.refused
}

impl<'a> Refused<'a> {
    pub(super) fn reason(&self, case: &Case) -> Why {
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
        let controllers = self.account.map(|a| case.controller_etypes(a));
        let others = [
            self.requested,
            keys,
            controllers.and_then(|known| known.present().map(|set| set.value)),
        ];
        let excludes = |set: EtypeSet| others.iter().flatten().any(|other| !set.meets(*other));
        match &explicit {
            Known::Present(set) if excludes(set.value) => Why::Setting,
            Known::Absent(_) => match self.default_etypes(case) {
                Known::Present(default) if excludes(default.value) => Why::Default,
                _ => Why::NotShown,
            },
            _ => Why::NotShown,
        }
    }

    /// The types that the controllers of its domain give accounts without a setting.
    pub(super) fn default_etypes(&self, case: &Case) -> Known<EtypeSet> {
        self.account
            .map_or(Known::Unknown, |account| case.default_etypes(account))
    }

    /// Whether it was refused, and not merely warned of.
    pub(super) fn was_refused(&self) -> bool {
        !(self.symptoms.is_empty() && self.blocked.is_empty() && self.denied.is_empty())
    }

    /// What KDCs wrote of its refusals.
    pub(super) fn events(&self) -> impl Iterator<Item = &'a Event> {
        let blocked = self.blocked.iter().map(|(event, _)| *event);
        blocked.chain(self.denied.iter().copied())
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
        // Where the account holds one name only, they are the symptom of that name already.
        if self.symptoms.is_empty() {
            let says = format!("the KDC refused tickets for {} with 0xE", self.shown);
            let from = self.denied.iter().map(|event| event.citation.clone());
            finding = finding.observed(says, &few(from.collect(), 3));
        }
        let views = self.views(scene);
        for spn in self.spns.iter().map(|key| Spn::of_key(key)) {
            finding = finding.saw_logons_of_the_refused(scene, &spn, &views);
        }
        finding
    }

    /// The change of its password after the last refusal, which brought new keys.
    pub(super) fn reset_since(&self, case: &'a Case) -> Option<Citation> {
        let account = self.account?;
        let of_kdc = self.events().flat_map(Event::times);
        let last = of_kdc.chain(self.symptoms.iter().filter_map(|(_, s)| s.last));
        let last = last.max()?;
        let reset = |body: &'a Body| match body {
            Body::AccountChanged(e) if matches!(e.id, 4723 | 4724) => Some(e),
            _ => None,
        };
        case.pick(reset)
            .filter(|(event, e)| {
                let domain = e.target.domain.clone().or_else(|| event.domain());
                let is = |name| case.accounts.is_named(account, name, domain.as_deref());
                event.time > last && e.target.name.as_deref().map(is) == Some(Sameness::Same)
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
