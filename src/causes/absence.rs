//! Names that clients ask for and that nobody holds, each with the reason that says most. Several causes end in "no such
//! SPN"; each such name is given to one of them (`why_unheld`): SPN-18, SPN-09, SPN-11, SPN-10, NAME-10, NAME-02, SPN-13,
//! SPN-14, NAME-09, SPN-16, NAME-03, NAME-04, NAME-06, else SPN-01.

use std::collections::BTreeSet;

use super::near_miss::NearMisses;
use super::observations::{NAME_DUPLICATED, NAME_UNRESOLVED};
use super::scene::{Scene, few};
use super::view::View;
use super::why_unheld::{OtherSuffix, OwnName};
use crate::case::{Case, Reach, Registration, Spn, SymptomKind, is_ip_literal};
use crate::evidence::Citation;
use crate::negotiate::Answer;
use crate::readers::events::Event;
use crate::readers::setspn::SetspnRun;

/// An SPN that clients ask for and that no account holds.
pub struct Unheld<'v, 'a> {
    /// The SPN.
    pub spn: Spn,
    /// The endpoints that are asked under it; none when only a log or an administrator names it.
    pub views: Vec<&'v View<'a>>,
    /// The search that found nobody; `None` when only the KDC's refusal shows it, which a duplicate would give as well.
    pub absent: Option<(Reach, Vec<Citation>)>,
    /// Why nobody holds it.
    pub why: &'v Why<'a>,
}

/// The same as the scene keeps it, with the positions of the endpoints.
pub(super) struct UnheldName<'a> {
    spn: Spn,
    views: Vec<usize>,
    absent: Option<(Reach, Vec<Citation>)>,
    why: Why<'a>,
}

/// Why nobody holds a name that is asked for.
pub enum Why<'a> {
    /// SPN-18: it is registered with characters that are not shown.
    Invisible(Vec<&'a Registration>),
    /// SPN-09: it is registered in a form that never matches.
    Malformed(Vec<&'a Registration>),
    /// SPN-11: it is registered with another port, or with one.
    OtherPort(Vec<&'a Registration>),
    /// SPN-10: its short or fully qualified counterpart is registered.
    OtherForm(Vec<&'a Registration>),
    /// NAME-02: a CNAME leads clients to a name without SPN, while the typed one has its own.
    FollowedAlias,
    /// NAME-10: it is registered in another spelling of an international name, or asked for with a dot at its end.
    OtherSpelling(Vec<&'a Registration>),
    /// SPN-13: a computer holds it as HOST/…, and the directory does not map http to host any more.
    NoMapping(Vec<Citation>),
    /// SPN-14, NAME-09: it is the server's own name, and its computer account does not hold HOST/… for it.
    NoHostSpn(OwnName),
    /// SPN-16: somebody tried to register it, and was refused.
    Refused(&'a SetspnRun),
    /// NAME-03: it is an alias, and a client asked for it as typed, while others follow it to a name that is held.
    Literal,
    /// NAME-10: DNS gives it a public address.
    Public(Vec<Citation>),
    /// NAME-04: it is a short name that a client completed with another suffix.
    OtherSuffix(OtherSuffix),
    /// NAME-06: its binding was added while the logs ran.
    NewBinding(&'a Event),
    /// SPN-01: nothing else explains it.
    Missing,
}

impl<'a> Scene<'a> {
    /// Every name that is asked for and that nobody holds.
    pub fn unheld(&self) -> Vec<Unheld<'_, 'a>> {
        let view = |position: &usize| self.views.get(*position);
        let names = self.unheld_names.iter();
        names
            .map(|name| Unheld {
                spn: name.spn.clone(),
                views: name.views.iter().filter_map(view).collect(),
                absent: name.absent.clone(),
                why: &name.why,
            })
            .collect()
    }

    /// Finds them: once for all causes.
    pub(super) fn find_unheld(&self) -> Vec<UnheldName<'a>> {
        let mut found: Vec<UnheldName<'a>> = Vec::new();
        let near_misses = NearMisses::of(&self.case.situation.directory.registrations);
        let mut find = |spn: Spn, views: Vec<&View<'a>>, absent| {
            let why = self.why_unheld(&spn, &views, &near_misses);
            let position =
                |view: &&View<'a>| self.views.iter().position(|v| std::ptr::eq(v, *view));
            found.push(UnheldName {
                spn,
                views: views.iter().filter_map(position).collect(),
                absent,
                why,
            });
        };
        let groups = self.by_spn(|v| v.endpoint.name_is_tied() || v.endpoint.is_asked());
        for (spn, views) in groups {
            let absent = match views.first().and_then(|v| v.path.answer.as_ref()) {
                Some(Answer::NotFound { reach, from, .. })
                    if views.iter().all(|v| v.path.is_decided()) =>
                {
                    Some((*reach, from.clone()))
                }
                Some(Answer::Unknown) if self.is_refused(&spn) => None,
                _ => continue,
            };
            find(spn, views, absent);
        }
        let asked = self.views.iter().filter_map(|v| v.spn());
        let mut known: BTreeSet<String> = asked.map(Spn::key).collect();
        for symptom in &self.case.symptoms {
            let key = match &symptom.kind {
                SymptomKind::PrincipalUnknown(key) => key,
                SymptomKind::NtlmForName(key, Some(6)) => key,
                _ => continue,
            };
            let spn = Spn::of_key(key);
            if is_ip_literal(&spn.host()) || !known.insert(spn.key()) {
                continue;
            }
            let holders = self
                .case
                .situation
                .directory
                .holders(&spn, &self.case.accounts);
            if !holders.shown.is_empty() {
                continue;
            }
            let with_port = |v: &&View<'a>| v.others.iter().any(|p| p.asks_for(&spn));
            let views = self.views.iter().filter(with_port).collect();
            let absent = holders.absent().map(|(r, f)| (r, f.to_vec()));
            find(spn, views, absent);
        }
        found
    }

    /// Whether the KDC refused the SPN, or NTLM was used because it did, and nothing names a duplicate.
    fn is_refused(&self, spn: &Spn) -> bool {
        let refused =
            !self.unknown_principals(spn).is_empty() || !self.ntlm_for(spn, &[Some(6)]).is_empty();
        refused && self.ntlm_for(spn, NAME_DUPLICATED).is_empty()
    }
}

/// Tickets for an SPN in the caches of the bundle, and requests for one that klist made with success.
fn issued(case: &Case, spn: &Spn) -> Vec<Citation> {
    let held = case.tickets.iter().filter(|t| t.spn == *spn);
    let got = (case.attempts.iter())
        .filter(|a| a.result.is_ok() && a.spn.as_ref() == Some(spn))
        .map(|a| a.from.clone());
    held.map(|t| t.ticket.from.clone()).chain(got).collect()
}

impl Unheld<'_, '_> {
    /// A finding about it: subject, the search, and what was observed.
    pub fn finding(&self, scene: &Scene<'_>, explanation: String) -> super::Finding {
        use super::{Finding, Input, Status};
        let (spn, case) = (&self.spn, scene.case);
        let mut subject = self
            .views
            .first()
            .map(|v| v.subject(case))
            .unwrap_or_default();
        subject.spn = Some(spn.to_string());
        subject.host_name.get_or_insert_with(|| spn.host());
        let mut finding = Finding::about(subject, explanation);
        if let Some((reach, from)) = &self.absent {
            let searched = match reach {
                Reach::Forest => "in the forest",
                Reach::Domain => "in the domain that was searched",
            };
            finding = finding.structure(
                format!("nobody holds {spn} {searched}"),
                &few(from.clone(), 2),
            );
        }
        finding = finding
            .saw_refusals(scene, spn)
            .saw_ntlm(scene, spn, NAME_UNRESOLVED)
            .saw_ntlm_logons(scene, &self.views)
            .saw_logons_of_the_refused(scene, spn, &self.views);
        let refused = !scene.unknown_principals(spn).is_empty();
        // The client's reason tells an unknown name (6) from a duplicate (8), and that NTLM was really used.
        let by_reason = !scene.ntlm_for(spn, &[Some(6)]).is_empty();
        match &self.absent {
            // The KDC answers 0x7 to a duplicate too; only a search shows which of the two it is.
            None if self.why.may_be_duplicate() && !by_reason => {
                finding = finding
                    .or_else("SPN-02", "the KDC answers 0x7 to a duplicate as well")
                    .lacks(Input::SpnQuery(spn.to_string()));
            }
            None => finding = finding.at_most(Status::Likely),
            // Only another domain or forest than the one of the server was searched: the name may be held at home, and the KDC
            // that refused it may lack the way there.
            Some((Reach::Forest, _)) if self.is_searched_elsewhere(scene) => {
                finding = finding
                    .or_else(
                        "TR-02",
                        "another forest than the one of the web server was searched, and the name may be held in that one",
                    )
                    .lacks(Input::SpnQueryAtServer(spn.to_string()));
            }
            Some((Reach::Domain, _)) if self.is_searched_elsewhere(scene) => {
                finding = finding
                    .or_else(
                        "TR-01",
                        "another domain than the one of the web server was searched, and the name may be held in that one",
                    )
                    .lacks(Input::SpnQuery(spn.to_string()));
            }
            // Another domain of the forest may hold it.
            Some((Reach::Domain, _)) if !refused => finding = finding.at_most(Status::Likely),
            Some(_) => {}
        }
        if self.views.iter().any(|v| !v.endpoint.name_is_tied()) {
            finding = finding.at_most(Status::Likely);
        }
        // Kerberos logons at a server whose name nobody holds: an alias may lead clients to another name.
        if finding.observed.is_empty() && self.may_be_followed(scene) {
            finding = finding.lacks(Input::Dns(spn.host()));
        }
        if !refused && !by_reason {
            finding = finding.contradicting(
                format!("the KDC issued a ticket for {spn}: somebody held it then"),
                &few(issued(case, spn), 2),
            );
        }
        // A name that no web server of the bundle has may be a printer's or a proxy's. Where the bundle has no server's
        // configuration at all, the names that NTLM was used for are what it is about.
        let about_it = by_reason && !scene.has_config();
        if self.views.is_empty() && !about_it && !self.was_looked_up(scene) {
            finding = finding.at_most(Status::Possible);
        }
        finding
    }

    /// Whether Kerberos works on a machine behind the name, while the bundle does not show what DNS answers for it.
    fn may_be_followed(&self, scene: &Scene<'_>) -> bool {
        let name = self.spn.host();
        let asked = |l: &crate::readers::nslookup::NameLookup| {
            l.asked.trim_end_matches('.').eq_ignore_ascii_case(&name)
        };
        let hosts = self.views.iter().filter_map(|v| v.endpoint.host);
        !scene.case.lookups.iter().any(asked)
            && hosts
                .into_iter()
                .any(|host| scene.case.kerberos_logon(host).is_some())
    }

    /// Whether each search for the name was in another domain than the one of its web server.
    fn is_searched_elsewhere(&self, scene: &Scene<'_>) -> bool {
        let case = scene.case;
        let hosts = self.views.iter().filter_map(|v| v.endpoint.host);
        let machines = hosts.map(|host| Some(case.hosts.get(host).machine));
        let nobody = self.views.is_empty().then_some(None);
        machines.chain(nobody).any(|machine| {
            case.situation
                .directory
                .is_searched_elsewhere(&self.spn, machine, &case.accounts)
        })
    }

    /// Whether an administrator asked for this very name.
    fn was_looked_up(&self, scene: &Scene<'_>) -> bool {
        let directory = &scene.case.situation.directory;
        directory
            .searches
            .iter()
            .any(|s| s.pattern == self.spn.key())
            || scene
                .case
                .attempts
                .iter()
                .any(|a| a.spn.as_ref() == Some(&self.spn))
    }
}

impl crate::negotiate::Path {
    /// Whether the client asks for this SPN.
    pub(super) fn asks_for(&self, asked: &Spn) -> bool {
        matches!(&self.name, crate::negotiate::ClientName::Spn { spn, .. } if spn == asked)
    }
}
