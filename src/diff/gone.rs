//! Whether a cause that AFTER does not show is gone: only where AFTER holds what showed it, or rules it out.

use std::collections::BTreeSet;

use super::Side;
use super::attributes::Attribute;
use super::pairs::Pairs;
use super::symptoms::Told as Failure;
use crate::case::{Role, split_name};
use crate::causes::{Input, Judged, Subject};
use crate::evidence::{Citation, Known};
use crate::negotiate::{Outcome, Profile, simulate};
use crate::report::model::{AttributeKind, CauseFate, MissingInput, SymptomFate};

/// Changes that are named as what ended a cause.
const NAMED: usize = 3;

/// What AFTER says of a cause that it does not show.
pub(super) fn not_shown(
    before: &Side<'_>,
    after: &Side<'_>,
    pairs: &Pairs,
    attributes: &[Attribute],
    failures: &[Failure],
    old: &Judged,
) -> (CauseFate, String, Vec<MissingInput>) {
    let undecided = |says: String| (CauseFate::Undecided, says, Vec::new());
    let gone = |says: String| (CauseFate::Gone, says, Vec::new());
    let explained: Vec<&Failure> = explained(before, old, failures).collect();
    let with = |fate| {
        explained
            .iter()
            .find(move |failure| failure.change.change == fate)
    };
    if let Some(failure) = with(SymptomFate::GoesOn) {
        return undecided(format!(
            "AFTER does not show it, but what it explained goes on: {}",
            failure.change.what
        ));
    }
    let places: Vec<&Citation> = (old.finding.structure.iter())
        .flat_map(|ground| &ground.from)
        .collect();
    let cited = || attributes.iter().filter(|a| a.stands_at(&places));
    let unknown = cited().find(|attribute| attribute.after.is_unknown());
    let changed: Vec<String> = (attributes.iter())
        .filter(|a| a.has_changed() && (a.stands_at(&places) || is_about(a, &old.finding.subject)))
        .map(Attribute::says)
        .collect();
    let works = works_now(before, after, pairs, &old.finding.subject);
    if unknown.is_none() && works != Some(false) && !changed.is_empty() {
        let works = works.map_or(
            "",
            |_| "; by configuration and directory, users get in by Kerberos now",
        );
        let first = changed.get(..NAMED).unwrap_or(&changed).join("; ");
        return gone(format!("{first}{works}"));
    }
    if unknown.is_none() && works == Some(true) {
        return gone("by configuration and directory, users get in by Kerberos now".to_owned());
    }
    let id = old.cause.id;
    let open = after
        .judgement
        .not_assessed
        .iter()
        .find(|(cause, _)| cause.id == id);
    if let Some((_, missing)) = open {
        let missing = missing.iter().map(|missing| MissingInput {
            what: missing.what.clone(),
            collect_with: missing.collect_with.clone(),
        });
        return (
            CauseFate::Undecided,
            "not shown any more, and not decided: AFTER lacks what would show it".to_owned(),
            missing.collect(),
        );
    }
    if let Some(unknown) = unknown {
        let (name, subject) = (&unknown.name, &unknown.subject);
        let says = match unknown.kind {
            AttributeKind::Registration => format!("whether {name} is still on {subject}"),
            _ => format!("the {name} of {subject}"),
        };
        return (
            CauseFate::Undecided,
            format!("not shown any more, and not decided: AFTER does not say {says}"),
            collected_with(unknown).into_iter().collect(),
        );
    }
    let mut ruled_out = after.judgement.ruled_out.iter();
    if let Some((_, out)) = ruled_out.find(|(cause, _)| cause.id == id)
        && is_in(after, &old.finding.subject)
    {
        return gone(format!("ruled out: {}", out.because));
    }
    match (with(SymptomFate::Stopped), with(SymptomFate::NotCovered)) {
        (Some(failure), _) => gone(format!(
            "its failures have stopped: {}",
            failure.change.says
        )),
        (None, Some(failure)) => (
            CauseFate::Undecided,
            format!(
                "not shown any more, and not decided: {}",
                failure.change.says
            ),
            logs(before, failure),
        ),
        (None, None) => undecided(
            "not shown any more, and not decided: nothing in AFTER says that it is gone".to_owned(),
        ),
    }
}

/// The input that would say what AFTER does not know.
fn collected_with(attribute: &Attribute) -> Option<MissingInput> {
    Some(asked(match attribute.kind {
        AttributeKind::Registration => Input::SpnQuery(attribute.name.clone()),
        AttributeKind::Setting => Input::ApplicationHostConfig,
        AttributeKind::Account => Input::AccountAttributes(attribute.subject.clone()),
        AttributeKind::Registry => return None,
    }))
}

/// The logs that showed a failure.
fn logs(before: &Side<'_>, failure: &Failure) -> Vec<MissingInput> {
    let hosts = &before.case.hosts;
    let log = |(host, channel): &(String, String)| {
        let roles = &hosts.get(hosts.find(host)?).roles;
        let serves = roles.contains(&Role::WebServer);
        Some(asked(match channel.as_str() {
            "Security" if roles.contains(&Role::DomainController) => Input::DcSecurityLog,
            "Security" if serves => Input::ServerSecurityLog,
            "System" if serves => Input::ServerSystemLog,
            "System" => Input::ClientSystemLog,
            _ => return None,
        }))
    };
    failure.sources.iter().filter_map(log).collect()
}

fn asked(input: Input) -> MissingInput {
    let missing = input.missing();
    MissingInput {
        what: missing.what,
        collect_with: missing.collect_with,
    }
}

/// The failures that a finding of BEFORE explains.
pub(super) fn explained<'f>(
    before: &Side<'_>,
    judged: &Judged,
    failures: &'f [Failure],
) -> impl Iterator<Item = &'f Failure> {
    let symptoms = &before.report.symptoms;
    let words: BTreeSet<String> = (judged.finding.explains.iter())
        .filter_map(|id| Some(symptoms.get(id.0)?.what.clone()))
        .collect();
    failures
        .iter()
        .filter(move |failure| failure.before.is_some() && words.contains(&failure.change.what))
}

/// Whether an attribute is one of what a finding is about.
fn is_about(attribute: &Attribute, subject: &Subject) -> bool {
    let is = |wanted: &Option<String>, name: &str| {
        wanted
            .as_deref()
            .is_some_and(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    match attribute.kind {
        AttributeKind::Setting => {
            let Some((location, label)) = attribute.subject.rsplit_once(" on ") else {
                return false;
            };
            let site = location.split('/').next().unwrap_or(location);
            let hosts = subject.host.as_deref().unwrap_or(label);
            is(&subject.site, site) && hosts.split(", ").any(|h| h.eq_ignore_ascii_case(label))
        }
        AttributeKind::Registration => {
            let host = crate::case::Spn::new(&attribute.name).host();
            is(&subject.spn, &attribute.name) || is(&subject.host_name, &host)
        }
        AttributeKind::Account => is(&subject.account, &attribute.subject),
        AttributeKind::Registry => false,
    }
}

/// Whether the endpoints of a subject that could not work in BEFORE do in AFTER; `None` where there were none, or AFTER does not
/// decide.
fn works_now(
    before: &Side<'_>,
    after: &Side<'_>,
    pairs: &Pairs,
    subject: &Subject,
) -> Option<bool> {
    let outcome = |side: &Side<'_>, endpoint| {
        let case = &side.case;
        simulate(case, &case.situation, endpoint, Profile::Browser).outcome
    };
    let fails = |outcome| {
        matches!(
            outcome,
            Outcome::Denied | Outcome::NtlmFallback | Outcome::Unavailable
        )
    };
    let is = |wanted: &Option<String>, name: &str| {
        wanted
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(name))
    };
    let (site, name) = (&subject.site, &subject.host_name);
    if site.is_none() && name.is_none() {
        return None;
    }
    let mut any = false;
    for old in &before.case.situation.endpoints {
        let is_subject = is(site, &old.site)
            && is(name, &old.name)
            && is(&subject.application, &old.application);
        if !is_subject || !fails(outcome(before, old)) {
            continue;
        }
        let server = pairs.after_of(old.server)?;
        let mut news = after.case.situation.endpoints.iter();
        let new = news.find(|new| {
            new.server == server
                && new.url().eq_ignore_ascii_case(&old.url())
                && new.site == old.site
        })?;
        any = true;
        match outcome(after, new) {
            Outcome::Kerberos => {}
            Outcome::Unknown => return None,
            _ => return Some(false),
        }
    }
    any.then_some(true)
}

/// Whether AFTER has what a finding is about at all.
fn is_in(after: &Side<'_>, subject: &Subject) -> bool {
    let endpoints = &after.case.situation.endpoints;
    let site = |site: &String| endpoints.iter().any(|e| e.site.eq_ignore_ascii_case(site));
    let host = |hosts: &String| {
        let mut hosts = hosts.split(", ");
        hosts.any(|host| after.case.hosts.find(host).is_some())
    };
    let known = |account: &String| {
        let (domain, name) = split_name(account);
        let state = after
            .case
            .listed_state(&name, domain.as_deref(), |s| s.enabled.clone());
        !matches!(state, Known::Unknown)
    };
    match (&subject.site, &subject.host, &subject.account) {
        (Some(name), ..) => site(name),
        (None, Some(name), _) => host(name),
        (None, None, Some(name)) => known(name),
        (None, None, None) => true,
    }
}
