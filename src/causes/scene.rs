//! What a cause looks at: the case, every endpoint in it ([`View`]), and the symptoms that belong to them.

use std::collections::{BTreeMap, BTreeSet};

use super::absence::UnheldName;
use super::account::Users;
use super::clients::Clients;
use super::encryption::{self, Refused};
use super::group::Group;
use super::inputs::Input;
use super::mismatch;
use super::view::View;
use crate::case::{
    AccountId, Case, ClientNames, HostId, Role, Sameness, ServerId, Spn, Symptom, SymptomId,
    SymptomKind, split_name,
};
use crate::evidence::Citation;
use crate::negotiate::{Outcome, Profile, acceptor_citations, simulate};
use crate::readers::events::{Body, ConfigChanged, Event};
use crate::remedy::{Change, apply};

/// The case as the causes see it.
pub struct Scene<'a> {
    /// The case.
    pub case: &'a Case,
    /// Every endpoint.
    pub views: Vec<View<'a>>,
    /// Whom events are about.
    pub(super) users: Users,
    /// Where logons come from.
    pub(super) clients: Clients<'a>,
    /// The symptoms about each SPN, by its key: names are many where somebody tries them all.
    by_key: BTreeMap<&'a str, Vec<(SymptomId, &'a Symptom)>>,
    /// Changes of the IIS configuration, in order of time.
    pub(super) config_changes: Vec<(&'a Event, &'a ConfigChanged)>,
    /// The names that are asked for and that nobody holds.
    pub(super) unheld_names: Vec<UnheldName<'a>>,
    /// The accounts that the KDC had no encryption type for.
    pub(super) refused: Vec<Refused<'a>>,
}

impl<'a> Scene<'a> {
    /// Simulates every endpoint of a case.
    pub fn of(case: &'a Case) -> Self {
        let mut views: Vec<View<'a>> = case
            .situation
            .endpoints
            .iter()
            .map(|endpoint| {
                let path_of = |profile| simulate(case, &case.situation, endpoint, profile);
                let others = Profile::of(case, endpoint)
                    .into_iter()
                    .skip(1)
                    .map(path_of)
                    .collect();
                View {
                    endpoint,
                    path: path_of(Profile::Browser),
                    others,
                    observed: case.observed(endpoint),
                    mismatch: None,
                }
            })
            .collect();
        let states = mismatch::states(case, &views);
        for (view, state) in views.iter_mut().zip(states) {
            view.mismatch = state;
        }
        let mut by_key: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (id, symptom) in case.numbered_symptoms() {
            if let Some(key) = symptom.spn() {
                by_key.entry(key).or_default().push((id, symptom));
            }
        }
        let changes = case.pick(|b| match b {
            Body::ConfigChanged(change) => Some(change),
            _ => None,
        });
        let (users, clients) = rayon::join(|| Users::of(case), || Clients::of(case));
        let mut scene = Self {
            case,
            views,
            users,
            clients,
            by_key,
            config_changes: changes.collect(),
            unheld_names: Vec::new(),
            refused: Vec::new(),
        };
        scene.unheld_names = scene.find_unheld();
        scene.refused = encryption::refused(&scene);
        scene
    }

    /// Which client machine has which addresses.
    pub fn client_names(&self) -> &ClientNames {
        &self.clients.names
    }

    /// What users of an endpoint get after changes.
    pub fn after(&self, view: &View<'a>, changes: &[Change]) -> Outcome {
        let situation = apply(self.case, changes);
        let same = situation
            .endpoints
            .iter()
            .zip(&self.views)
            .find(|(_, old)| std::ptr::eq(old.endpoint, view.endpoint));
        same.map_or(Outcome::Unknown, |(endpoint, _)| {
            simulate(self.case, &situation, endpoint, Profile::Browser).outcome
        })
    }

    /// Endpoints that reach Negotiate, so that a ticket is asked for.
    pub fn negotiating(&self) -> impl Iterator<Item = &View<'a>> {
        self.views.iter().filter(|v| v.path.answer.is_some())
    }

    /// Whether a machine is among the clients that fail, as far as it is known which machine it is.
    pub(super) fn fails_at(&self, machine: Option<HostId>) -> bool {
        machine.is_some_and(|host| self.clients.fails(self.case, host))
    }

    /// Groups of endpoints that one fix repairs: those of one site on one server that `pick` takes.
    pub fn by_site(&self, pick: impl Fn(&View<'a>) -> bool) -> Vec<Group<'_, 'a>> {
        let mut groups: BTreeMap<(ServerId, &str), Vec<&View<'a>>> = BTreeMap::new();
        for view in self.views.iter().filter(|v| pick(v)) {
            groups
                .entry((view.endpoint.server, view.endpoint.site.as_str()))
                .or_default()
                .push(view);
        }
        groups
            .into_values()
            .filter_map(|group| Group::of(self.failing_first(group)))
            .collect()
    }

    /// The same endpoints, those whose tickets were seen to fail first: a finding is named after the first.
    pub fn failing_first<'v>(&self, mut views: Vec<&'v View<'a>>) -> Vec<&'v View<'a>> {
        views.sort_by_key(|v| v.spn().is_none_or(|spn| self.mismatches(spn).is_empty()));
        views
    }

    /// Groups of endpoints that ask for one SPN, on all servers.
    pub fn by_spn(&self, pick: impl Fn(&View<'a>) -> bool) -> Vec<(Spn, Vec<&View<'a>>)> {
        let mut groups: BTreeMap<String, (Spn, Vec<&View<'a>>)> = BTreeMap::new();
        for view in self.views.iter().filter(|v| pick(v)) {
            if let Some(spn) = view.spn() {
                groups
                    .entry(spn.key())
                    .or_insert_with(|| (spn.clone(), Vec::new()))
                    .1
                    .push(view);
            }
        }
        groups.into_values().collect()
    }

    /// Symptoms of a kind, with their ids, records and counts.
    pub fn symptoms(&self, pick: impl Fn(&SymptomKind) -> bool) -> Vec<(SymptomId, &'a Symptom)> {
        self.case
            .numbered_symptoms()
            .filter(|(_, s)| pick(&s.kind))
            .collect()
    }

    /// Symptoms about an SPN.
    pub fn symptoms_of(&self, spn: &Spn) -> &[(SymptomId, &'a Symptom)] {
        let of_it = self.by_key.get(spn.key().as_str());
        of_it.map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of a kind.
    fn symptoms_for(
        &self,
        spn: &Spn,
        pick: impl Fn(&SymptomKind) -> bool,
    ) -> Vec<(SymptomId, &'a Symptom)> {
        let of_it = self.symptoms_of(spn).iter().copied();
        of_it.filter(|(_, s)| pick(&s.kind)).collect()
    }

    /// Key mismatches (Kerberos event 4) for an SPN.
    pub fn mismatches(&self, spn: &Spn) -> Vec<(SymptomId, &'a Symptom)> {
        self.symptoms_for(spn, |k| matches!(k, SymptomKind::KeyMismatch(_)))
    }

    /// Tickets for an SPN that a web server refused with SEC_E_LOGON_DENIED or SEC_E_WRONG_PRINCIPAL, as it does where it
    /// cannot open them.
    pub fn refused_tickets(&self, spn: &Spn) -> Vec<(SymptomId, &'a Symptom)> {
        self.symptoms_for(spn, |k| {
            matches!(
                k,
                SymptomKind::TokenRefused {
                    code: 0x8009_030C | 0x8009_0322,
                    ..
                }
            )
        })
    }

    /// Places that show a domain controller fail to get the directory from others.
    pub fn failing_replication(&self, controller: HostId) -> Vec<Citation> {
        let domains = &self.case.domains;
        let is_it = |name: &str| self.case.hosts.find(name) == Some(controller);
        let failing = domains.failing_replications();
        let failing = failing.filter(|r| r.destination.as_deref().is_some_and(is_it));
        let sums = domains.replication_summaries.iter();
        let sums = sums.filter(|s| s.failed > 0 && is_it(&s.controller));
        let failing = failing.map(|r| r.from.clone());
        failing.chain(sums.map(|s| s.from.clone())).collect()
    }

    /// Whether anything is seen to fail, or to fall back, for an SPN.
    pub fn fails(&self, spn: &Spn) -> bool {
        !self.symptoms_of(spn).is_empty()
    }

    /// Answers 0x7 or 0x8 for an SPN.
    pub fn unknown_principals(&self, spn: &Spn) -> Vec<(SymptomId, &'a Symptom)> {
        self.symptoms_for(spn, |k| matches!(k, SymptomKind::PrincipalUnknown(_)))
    }

    /// Other errors of the KDC for an SPN, those of these codes.
    pub fn kerberos_errors(&self, spn: &Spn, codes: &[u32]) -> Vec<(SymptomId, &'a Symptom)> {
        self.symptoms_for(
            spn,
            |k| matches!(k, SymptomKind::KerberosError(_, code) if codes.contains(code)),
        )
    }

    /// NTLM used towards an SPN for one of these reasons (`NtlmUsageId`; `None` where the event gives none).
    pub fn ntlm_for(&self, spn: &Spn, reasons: &[Option<u32>]) -> Vec<(SymptomId, &'a Symptom)> {
        self.symptoms_for(
            spn,
            |k| matches!(k, SymptomKind::NtlmForName(_, why) if reasons.contains(why)),
        )
    }

    /// NTLM logons of domain users on a web server, when every Windows-authenticated endpoint of that server is expected
    /// to end on NTLM: otherwise they cannot be laid at one endpoint's door.
    pub fn ntlm_logons_due_to(&self, host: Option<HostId>) -> Vec<(SymptomId, &'a Symptom)> {
        let expected = self
            .views
            .iter()
            .filter(|v| v.endpoint.host == host && v.endpoint.name_is_tied())
            .filter(|v| !matches!(v.path.outcome, Outcome::NotWindowsAuth))
            .all(|v| v.path.outcome == Outcome::NtlmFallback || v.endpoint.is_own_name());
        if host.is_none() || !expected {
            return Vec::new();
        }
        self.symptoms(|k| matches!(k, SymptomKind::NtlmLogons(h) if Some(*h) == host))
    }

    /// NTLM logons on one of these web servers (on any, where none is given) of no others than users to whom the KDC refused
    /// the SPN, or who used NTLM towards it.
    pub fn ntlm_logons_of_the_refused(
        &self,
        spn: &Spn,
        hosts: &[HostId],
    ) -> Vec<(SymptomId, &'a Symptom)> {
        let bare = |name: &String| split_name(name).1;
        let refused: BTreeSet<String> = self
            .symptoms_for(spn, |k| {
                matches!(
                    k,
                    SymptomKind::PrincipalUnknown(_)
                        | SymptomKind::KerberosError(..)
                        | SymptomKind::NtlmForName(..)
                )
            })
            .into_iter()
            .flat_map(|(_, s)| s.principals.iter().map(bare))
            .collect();
        let on_server = |k: &SymptomKind| match k {
            SymptomKind::NtlmLogons(host) => hosts.is_empty() || hosts.contains(host),
            _ => false,
        };
        let mut logons = self.symptoms(on_server);
        logons.retain(|(_, s)| {
            !s.principals.is_empty() && s.principals.iter().all(|p| refused.contains(&bare(p)))
        });
        logons
    }

    /// Tickets for an SPN in the caches shown: the KDC does issue them.
    pub fn tickets(&self, spn: &Spn) -> Vec<Citation> {
        self.case
            .tickets
            .iter()
            .filter(|t| t.spn == *spn)
            .map(|t| t.ticket.from.clone())
            .collect()
    }

    /// Whether the bundle holds a web server's configuration.
    pub fn has_config(&self) -> bool {
        !self.case.servers.is_empty()
    }

    /// Whether the bundle holds a channel of a machine with this role (`System`, `Security`, …).
    pub fn has_log(&self, channel: &str, role: Role) -> bool {
        self.case.coverage.iter().any(|c| {
            c.channel.eq_ignore_ascii_case(channel)
                && self.case.hosts.get(c.host).roles.contains(&role)
        })
    }

    /// The Security log of the web server, where the bundle lacks it: what shows that a user wanted the site.
    pub fn missing_server_log(&self) -> Option<Input> {
        (!self.has_log("Security", Role::WebServer)).then_some(Input::ServerSecurityLog)
    }

    /// Whether the machine that wrote an event is a web server.
    pub fn is_web_server(&self, computer: &str) -> bool {
        let host = self.case.hosts.find(computer);
        host.is_some_and(|h| self.case.hosts.get(h).roles.contains(&Role::WebServer))
    }

    /// Whether any machine of the bundle is a web server.
    pub fn has_web_server(&self) -> bool {
        let mut hosts = self.case.hosts.iter();
        hosts.any(|(_, h)| h.roles.contains(&Role::WebServer))
    }

    /// The one account whose key opens tickets at all these endpoints; `None` when they differ or one is not known.
    pub fn one_acceptor(&self, views: &[&View<'a>]) -> Option<AccountId> {
        let mut accounts = views.iter().map(|v| v.acceptor_account(self.case));
        let first = accounts.next()??;
        accounts
            .all(|a| a.is_some_and(|a| self.same(a, first)))
            .then_some(first)
    }

    /// That one account opens tickets on all of several machines behind an SPN: the statement, and its places.
    pub fn one_acceptor_everywhere(
        &self,
        spn: &Spn,
        views: &[&View<'a>],
    ) -> Option<(String, Vec<Citation>)> {
        let several = self.on_several_machines(views);
        let account = several.then(|| self.one_acceptor(views)).flatten()?;
        let from = views.iter().flat_map(|v| acceptor_citations(v.endpoint));
        let says = format!(
            "every server behind {spn} opens tickets with {}",
            self.shown(account)
        );
        Some((says, few(from.collect(), 4)))
    }

    /// Whether tickets at these endpoints are shown to be opened by two accounts or more.
    pub fn acceptors_differ(&self, views: &[&View<'a>]) -> bool {
        let mut known = views.iter().filter_map(|v| v.acceptor_account(self.case));
        known.next().is_some_and(|first| {
            known.any(|a| self.case.accounts.compare(a, first) == Sameness::Different)
        })
    }

    /// Whether the endpoints stand on several machines, so that no computer account can serve them all.
    pub fn on_several_machines(&self, views: &[&View<'a>]) -> bool {
        views.split_first().is_some_and(|(first, rest)| {
            rest.iter()
                .any(|v| v.endpoint.server != first.endpoint.server && !first.same_machine(v))
        })
    }

    /// Whether two accounts are shown to be one.
    pub fn same(&self, a: AccountId, b: AccountId) -> bool {
        self.case.accounts.compare(a, b) == Sameness::Same
    }

    /// How a command names an account: with its domain where another domain has an equal name.
    pub fn command_name(&self, account: AccountId) -> String {
        self.case.accounts.command_name(account)
    }

    /// How an account is shown.
    pub fn shown(&self, account: AccountId) -> &'a str {
        &self.case.accounts.get(account).shown
    }
}

/// Sorted citations without repetitions, the first few of them.
pub(super) fn few(mut citations: Vec<Citation>, keep: usize) -> Vec<Citation> {
    citations.sort();
    citations.dedup();
    citations.truncate(keep);
    citations
}
