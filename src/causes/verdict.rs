//! The verdict: every cause asked, every finding given its status, and the smallest set of findings that explains the most.

use std::collections::{BTreeMap, BTreeSet};

use super::asks::asks;
use super::catalogue;
use super::ntlm;
use super::onset::onset;
use super::predicted::explain_logs;
use super::{
    Assessment, Cause, Current, Finding, Fix, Ground, Input, Missing, RuledOut, Scene, Status,
};
use rayon::prelude::*;

use crate::case::{Case, Endpoint, SymptomId};
use crate::evidence::{ArtifactId, Citation, Place};
use crate::remedy::{EndpointChange, effect};

/// A finding with its status and its fix chosen.
pub struct Judged {
    /// The cause.
    pub cause: &'static Cause,
    /// The finding.
    pub finding: Finding,
    /// Its status.
    pub status: Status,
    /// The fix to offer first, with what it changes; `None` when the cause offers none.
    pub fix: Option<(Fix, Vec<EndpointChange>)>,
    /// Other fixes, each with what it changes.
    pub alternatives: Vec<(Fix, Vec<EndpointChange>)>,
}

/// What all causes answered.
#[derive(Default)]
pub struct Judgement {
    /// Findings, surest first, then in the order of the catalogue.
    pub findings: Vec<Judged>,
    /// Causes that a cited fact rules out.
    pub ruled_out: Vec<(&'static Cause, RuledOut)>,
    /// Causes that lack a deciding input.
    pub not_assessed: Vec<(&'static Cause, Vec<Missing>)>,
    /// Indices into `findings`: the smallest set that explains the most.
    pub root_causes: Vec<usize>,
    /// Symptoms that no finding explains.
    pub unexplained: Vec<SymptomId>,
    /// What would tell more about each of them, where the bundle lacks one of its views.
    pub asks: BTreeMap<SymptomId, Vec<Missing>>,
}

/// Asks every cause.
pub fn judge(scene: &Scene<'_>) -> Judgement {
    let case = scene.case;
    let mut judgement = Judgement::default();
    let causes: Vec<&'static Cause> = catalogue::all().collect();
    let assessed: Vec<Assessment> = causes.par_iter().map(|c| (c.assess)(scene)).collect();
    for (cause, assessment) in causes.into_iter().zip(assessed) {
        let Assessment {
            findings,
            mut ruled_out,
            mut missing,
        } = assessment;
        let findings = disputed(case, findings);
        ruled_out.retain(|fact| !is_stray(case, &fact.from));
        let before = judgement.findings.len();
        judgement
            .findings
            .extend(findings.into_iter().filter_map(|f| judged(case, cause, f)));
        let found = judgement.findings.len() > before;
        // What is open for one endpoint is not ruled out by what is shown for another.
        if !found && !missing.is_empty() {
            missing.sort();
            missing.dedup();
            judgement.not_assessed.push((cause, missing));
        } else if !found && !ruled_out.is_empty() {
            judgement.ruled_out.push((cause, ruled_out.swap_remove(0)));
        }
    }
    judgement.findings.sort_by_key(|f| f.status);
    ntlm::name_what_is_exposed(&mut judgement.findings);
    judgement.root_causes = smallest_set(&judgement.findings);
    let explained: BTreeSet<SymptomId> = judgement
        .findings
        .iter()
        .filter(|f| f.status != Status::Possible)
        .flat_map(|f| f.finding.explains.iter().copied())
        .collect();
    judgement.unexplained = case
        .numbered_symptoms()
        .map(|(id, _)| id)
        .filter(|id| !explained.contains(id))
        .collect();
    judgement.asks = (judgement.unexplained.iter())
        .filter_map(|id| Some((*id, asks(scene, case.symptoms.get(id.0)?))))
        .filter(|(_, asks)| !asks.is_empty())
        .collect();
    judgement
}

/// Gives a finding its status and chooses its fix: the first that makes no endpoint worse.
fn judged(case: &Case, cause: &'static Cause, finding: Finding) -> Option<Judged> {
    let finding = explain_logs(case, cause.id, finding);
    let finding = contradicted(case, denied(case, stray(case, finding)));
    let mut finding = presumed(case, not_live(case, idle(case, finding)));
    let status = finding.status()?;
    // What configuration and directory say as collected is still there, unless the cause knows better, or outputs disagree.
    let mut structure = finding.structure.iter().flat_map(|g| &g.from);
    let structural = !finding.structure.is_empty() && !structure.any(|at| is_settled(case, at));
    if finding.current == Current::Unknown && structural {
        finding.current = Current::Yes;
    }
    finding.explains.sort_unstable();
    finding.explains.dedup();
    if finding.onset.is_none() {
        finding.onset = onset(case, cause.id, &finding);
    }
    let tried: Vec<(Fix, Vec<EndpointChange>)> = std::mem::take(&mut finding.fixes)
        .into_iter()
        .map(|fix| {
            let changes = effect(case, &fix.changes);
            (fix, changes)
        })
        .collect();
    let (mut safe, harmful): (Vec<_>, Vec<_>) = tried
        .into_iter()
        .partition(|(_, changes)| !changes.iter().any(EndpointChange::is_worse));
    let fix = (!safe.is_empty()).then(|| safe.remove(0));
    safe.extend(harmful);
    Some(Judged {
        cause,
        finding,
        status,
        fix,
        alternatives: safe,
    })
}

/// What rests on a registration that another output denies is not sure: the two were taken at different times.
fn denied(case: &Case, mut finding: Finding) -> Finding {
    let directory = &case.situation.directory;
    let grounds = |at: &Citation| finding.structure.iter().any(|g| g.from.contains(at));
    let denials = directory.registrations.iter().filter(|r| grounds(&r.from));
    let denials = denials.filter_map(|r| {
        let denial = directory.denial(r.holder, &r.spn, &case.accounts)?;
        Some((
            r,
            denial,
            directory.issued_to(r.holder, &r.spn, &case.accounts),
        ))
    });
    let Some((registration, denial, issued)) = denials.min_by_key(|(.., issued)| issued.is_some())
    else {
        return finding;
    };
    let holder = &case.accounts.get(registration.holder).shown;
    let says = format!(
        "another setspn output does not show {} on {holder}",
        registration.spn
    );
    match issued {
        None => finding.contradicting(says, &denial.from),
        // The tickets tell who held it while users failed, and not what has become of it since.
        Some(issued) => {
            for fix in &mut finding.fixes {
                if let Some(first) = fix.remedy.fix.first_mut() {
                    first.stop_if = Some(format!(
                        "{} is no longer on {holder}: it was moved since, and the failures may be over",
                        registration.spn
                    ));
                }
            }
            finding
                .supporting(
                    format!(
                        "the KDC issued a ticket for {holder} beside each of {} failures",
                        issued.failures
                    ),
                    &issued.from,
                )
                .supporting(says, &denial.from)
                .at_most(Status::Likely)
        }
    }
}

/// Whether a place shows a registration that another output denies, and the tickets of the KDC confirm.
fn is_settled(case: &Case, at: &Citation) -> bool {
    let directory = &case.situation.directory;
    let mut shown = directory.registrations.iter().filter(|r| r.from == *at);
    shown.any(|r| {
        directory
            .issued_to(r.holder, &r.spn, &case.accounts)
            .is_some()
    })
}

/// What rests on one side of any other contradiction is not sure either.
fn contradicted(case: &Case, finding: Finding) -> Finding {
    if !finding.contradicting.is_empty() {
        return finding;
    }
    let grounds = |at: &&Citation| finding.structure.iter().any(|g| g.from.contains(at));
    let settled = |at: &Citation| is_settled(case, at);
    let mut open = case
        .contradictions
        .iter()
        .filter(|c| !c.from.iter().any(settled));
    let other_side = open.find_map(|contradiction| {
        let (own, other): (Vec<&Citation>, Vec<_>) = contradiction.from.iter().partition(grounds);
        let other: Vec<Citation> = other.into_iter().cloned().collect();
        (!own.is_empty() && !other.is_empty()).then_some((&contradiction.says, other))
    });
    match other_side {
        Some((says, from)) => finding.contradicting(says, &from),
        None => finding,
    }
}

/// What rests on a local configuration file while IIS reads another one is not sure.
fn not_live(case: &Case, finding: Finding) -> Finding {
    let grounds = |artifact| {
        let all = finding.structure.iter().chain(&finding.observed);
        all.flat_map(|ground| &ground.from)
            .any(|at| at.artifact == artifact)
    };
    let server = case
        .servers
        .iter()
        .find(|s| s.config.not_live.is_some() && grounds(s.artifact));
    match server.and_then(|server| server.config.not_live.clone()) {
        Some(at) => {
            let says = "IIS reads its configuration from elsewhere (redirection.config): the local file is not the one in force";
            let mut finding = finding.contradicting(says, &[at]);
            finding.lacks.push(Input::SharedConfiguration.missing());
            finding
        }
        None => finding,
    }
}

/// What only one of several configurations shows is not sure where they may be of one machine, while nothing tells which one
/// is in force.
fn disputed(case: &Case, mut findings: Vec<Finding>) -> Vec<Finding> {
    let rests_on = |finding: &Finding| {
        let places = finding.structure.iter().flat_map(|ground| &ground.from);
        let files: BTreeSet<ArtifactId> = places.map(|at| at.artifact).collect();
        let group = files.iter().find_map(|file| case.disputed.get(file))?;
        let others = case
            .disputed
            .iter()
            .filter(|(file, of)| *of == group && !files.contains(file));
        Some(others.map(|(file, _)| *file).collect::<Vec<_>>())
    };
    let shown = |finding: &Finding, file: ArtifactId| {
        let mut places = finding.structure.iter().flat_map(|ground| &ground.from);
        places.any(|at| at.artifact == file)
    };
    for index in 0..findings.len() {
        let Some(others) = rests_on(&findings[index]) else {
            continue;
        };
        let subject = findings[index].subject.clone();
        let silent = others.into_iter().find(|file| {
            let mut same = findings.iter().filter(|other| other.subject == subject);
            !same.any(|other| shown(other, *file))
        });
        if let Some(file) = silent {
            let says = "another configuration, of the same machine as far as the bundle tells, does not show it, and nothing tells which one is in force";
            let from = Citation {
                artifact: file,
                place: Place::Whole,
                time: None,
                text: "applicationHost.config".into(),
            };
            let finding = std::mem::take(&mut findings[index]);
            findings[index] = finding.contradicting(says, &[from]);
        }
    }
    findings
}

/// A name that is taken for a site's only because the bundle asks about no other supports a likely finding and no more.
fn presumed(case: &Case, mut finding: Finding) -> Finding {
    let name = finding.subject.host_name.as_deref();
    let presumed = |e: &Endpoint| e.name_is_presumed() && name.is_some_and(|n| e.is_named(n));
    if case.situation.endpoints.iter().any(presumed) {
        finding.at_most = finding.at_most.max(Some(Status::Likely));
        finding.explanation.push_str(
            " The binding takes any host name; this one is taken for the site's because the bundle asks about no other.",
        );
    }
    finding
}

/// Whether all that a statement rests on is in files that are taken for those of the only machine.
fn is_stray(case: &Case, from: &[Citation]) -> bool {
    from.iter().all(|at| case.presumed.contains(&at.artifact))
}

/// An output that may be of any machine supports what is said of the only one, and no more.
fn stray(case: &Case, mut finding: Finding) -> Finding {
    let grounds = [&mut finding.structure, &mut finding.observed];
    let moved = grounds.map(|grounds| {
        let is_stray = |ground: &mut Ground| is_stray(case, &ground.from);
        grounds.extract_if(.., is_stray).collect::<Vec<_>>()
    });
    let moved: Vec<Ground> = moved.into_iter().flatten().collect();
    if !moved.is_empty() {
        finding.explanation.push_str(
            " An output that this rests on names no machine; it is taken for that of the only machine of the bundle. Send it again in a folder with the name of its machine.",
        );
        finding.supporting.extend(moved);
    }
    finding
}

/// A site that is not started with the server and of which no failure is seen may serve nobody.
fn idle(case: &Case, finding: Finding) -> Finding {
    let site = finding.subject.site.as_deref();
    match site.and_then(|site| case.stopped_site(site)) {
        Some(at) if finding.observed.is_empty() => finding.contradicting(
            "the site is not started with the server (serverAutoStart is false): it may serve nobody",
            &[at],
        ),
        _ => finding,
    }
}

/// Greedy cover: the surest finding that explains most of what is left, until nothing more is explained; then the
/// findings about something else that are sure without any symptom. What is past comes last, for what nothing that is
/// still there explains.
fn smallest_set(findings: &[Judged]) -> Vec<usize> {
    let (past, sure): (Vec<usize>, Vec<usize>) = (0..findings.len())
        .filter(|i| findings[*i].status != Status::Possible)
        .partition(|i| findings[*i].finding.current == Current::No);
    let mut chosen: Vec<usize> = Vec::new();
    let mut explained: BTreeSet<SymptomId> = BTreeSet::new();
    cover(findings, &sure, &mut chosen, &mut explained);
    for i in sure {
        let subject = &findings[i].finding.subject;
        let told_already = chosen.iter().any(|c| {
            let other = &findings[*c].finding.subject;
            subject.host == other.host
                && subject.site == other.site
                && subject.host_name == other.host_name
        });
        if !chosen.contains(&i) && !told_already {
            chosen.push(i);
        }
    }
    cover(findings, &past, &mut chosen, &mut explained);
    // What blocks NTLM only exposes that Kerberos was lost: the loss comes first.
    chosen.sort_by_key(|i| ntlm::is_exposer(findings[*i].cause));
    chosen
}

/// Chooses findings of `from` until none explains anything more.
fn cover(
    findings: &[Judged],
    from: &[usize],
    chosen: &mut Vec<usize>,
    explained: &mut BTreeSet<SymptomId>,
) {
    loop {
        let gain = |i: &usize| {
            let new = findings[*i]
                .finding
                .explains
                .iter()
                .filter(|s| !explained.contains(s))
                .count();
            (
                new,
                std::cmp::Reverse(findings[*i].status),
                std::cmp::Reverse(*i),
            )
        };
        let Some(best) = from
            .iter()
            .copied()
            .filter(|i| !chosen.contains(i))
            .max_by_key(gain)
        else {
            break;
        };
        if gain(&best).0 == 0 {
            break;
        }
        explained.extend(findings[best].finding.explains.iter().copied());
        chosen.push(best);
    }
}
