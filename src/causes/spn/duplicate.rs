//! SPN-02: two accounts of the forest hold the SPN.

use std::collections::BTreeMap;

use super::repair::move_to_acceptor;
use super::two_holders::{about, observed};
use crate::case::{Holder, Reach, Spn};
use crate::causes::observations::NAME_DUPLICATED;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Answer, Stage, lookup};
use crate::readers::events::Body;
use crate::readers::setspn::{Mode, Outcome};

/// SPN-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-02",
    name: "spn-duplicate",
    title: "Two accounts hold the SPN",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Two or more accounts of the forest hold the same HTTP/<name>. The KDC cannot tell whose key to use: it logs event 11 and answers as if nobody held the name (0x7; the protocol also knows 0x8), and Negotiate falls back to NTLM. When the holders are in different domains, a domain controller may know only one of them and issue a ticket for the wrong account: then users get prompts instead.",
        evidence: &[
            "setspn -F -Q HTTP/<name>: two objects above the one SPN",
            "setspn -F -X: a group for the name",
            "System log of a domain controller: KDC event 11 for HTTP/<name> or HOST/<name>",
            "NTLM/Operational of a client: 4020 with usage reason 8",
            "System log of a client: Kerberos event 3 with error 0x7 or 0x8 (only with Kerberos LogLevel on)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there a search of the forest finds no holder, and the KDC logs no event 11",
            },
            LookAlike {
                cause: "SPN-04",
                told_apart_by: "there one account holds HTTP/<server> and the computer holds HOST/<server>: no duplicate, and setspn -X never shows it",
            },
            LookAlike {
                cause: "SPN-03",
                told_apart_by: "there the same duplicate is denied by an old setspn -X, because the two spellings differ by case",
            },
        ],
        ruled_out_by: "a forest-wide setspn -Q that shows one account, with no KDC event 11 for the name.",
        fix: &[
            "Work out whose key opens tickets for the application: that account keeps the SPN.",
            "Note the present SPNs, then remove the name from every other account (short and full form).",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "setspn -F -Q shows one account; no new KDC event 11; 4624 of type 3 shows Kerberos.",
        rollback: "None needed: a second holder serves nobody. Put it back only if another working site turns out to need it.",
        prevent: "Register names with setspn -S only, and keep the uniqueness check of the domain controllers on.",
        blind_spots: &[
            "holders in domains that were not searched",
            "domain controllers whose System log is not in the bundle",
        ],
        versions: "All; domain controllers since Windows Server 2012 R2 refuse most new duplicates.",
        sources: &[
            "Microsoft: Event ID 11 in the System log of domain controllers (duplicate SPN)",
            "Microsoft: SPN and UPN uniqueness",
        ],
    },
    assess,
};

/// A name with what speaks for a duplicate.
#[derive(Default)]
struct Suspect<'v, 'a> {
    views: Vec<&'v View<'a>>,
    holders: Vec<Holder>,
    events: Vec<Citation>,
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut suspects: BTreeMap<String, Suspect<'_, '_>> = BTreeMap::new();
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() || v.endpoint.is_asked()) {
        let events = kdc_events(scene, &spn);
        let told = !events.is_empty() || !scene.ntlm_for(&spn, NAME_DUPLICATED).is_empty();
        let holders = match views.first().and_then(|v| v.path.answer.as_ref()) {
            Some(Answer::Duplicate { holders }) => holders.clone(),
            answer => {
                if !told {
                    settle(scene, &spn, answer, &mut out);
                    continue;
                }
                Vec::new()
            }
        };
        if super::duplicate_by_case::denied_by_search(scene, &spn).is_none() {
            suspects.insert(
                spn.key(),
                Suspect {
                    views,
                    holders,
                    events,
                },
            );
        }
    }
    for symptom in &scene.case.symptoms {
        // Names of no endpoint count only where NTLM was used or a ticket refused for them (NZ-07).
        let Some(spn) = symptom.spn().map(Spn::new) else {
            continue;
        };
        let events = kdc_events(scene, &spn);
        let told = !events.is_empty() || !scene.ntlm_for(&spn, NAME_DUPLICATED).is_empty();
        if told && !scene.views.iter().any(|v| v.spn() == Some(&spn)) {
            let suspect = suspects.entry(spn.key()).or_default();
            suspect.events = events;
            suspect.holders = several_holders(scene, &spn);
        }
    }
    for (key, suspect) in suspects {
        out.find(finding(scene, &Spn::of_key(&key), &suspect));
    }
    if scene.views.is_empty() {
        out.lack(Input::DuplicateSearch);
    }
    out
}

/// The holders of a name that no endpoint has, where they are more than one.
fn several_holders(scene: &Scene<'_>, spn: &Spn) -> Vec<Holder> {
    match lookup(&scene.case.situation.directory, &scene.case.accounts, spn) {
        Answer::Duplicate { holders } => holders,
        _ => Vec::new(),
    }
}

/// What is shown of a name for which nothing speaks for a duplicate.
fn settle(scene: &Scene<'_>, spn: &Spn, answer: Option<&Answer>, out: &mut Assessment) {
    let directory = &scene.case.situation.directory;
    let holders = directory.holders(spn, &scene.case.accounts);
    match (answer, &holders.closed) {
        (Some(Answer::Ticket { .. } | Answer::NotFound { .. }), Some((Reach::Forest, from))) => out
            .rule_out(
                format!("a search of the forest shows no second holder of {spn}"),
                &few(from.clone(), 2),
            ),
        (Some(_), _) => out.lack(Input::SpnQuery(spn.to_string())),
        (None, _) => {}
    }
}

/// KDC events 11 for the name or its HOST form; for other names they are noise (NZ-07).
fn kdc_events(scene: &Scene<'_>, spn: &Spn) -> Vec<Citation> {
    let host_form = spn.with_class("HOST");
    scene
        .case
        .pick(|b| match b {
            Body::Kdc(e) if e.id == 11 => e.name.as_deref(),
            _ => None,
        })
        .filter(|(_, name)| {
            let named = Spn::new(name.split('@').next().unwrap_or("").trim());
            named == *spn || named == host_form
        })
        .map(|(event, _)| event.citation.clone())
        .collect()
}

fn finding(scene: &Scene<'_>, spn: &Spn, suspect: &Suspect<'_, '_>) -> Finding {
    let case = scene.case;
    let view = suspect.views.first();
    let asked = view.and_then(|v| v.spn()).unwrap_or(spn);
    let subject = Subject {
        spn: Some(asked.to_string()),
        host_name: Some(spn.host()),
        ..view.map(|v| v.subject(case)).unwrap_or_default()
    };
    let mut finding = about(scene, subject, asked, &suspect.holders);
    if !suspect.events.is_empty() {
        finding = finding.conclusive(
            format!(
                "the KDC reported {} that the name is not unique",
                crate::causes::observations::times(case.met(&suspect.events))
            ),
            &few(suspect.events.clone(), 4),
        );
    }
    finding = finding.saw_conclusive(scene.ntlm_for(spn, NAME_DUPLICATED), |count| {
        format!(
            "NTLM was used towards {asked} {count}, because the name is duplicated in the directory"
        )
    });
    finding = observed(scene, finding, spn, &suspect.views, &suspect.holders);
    if suspect.holders.is_empty() {
        finding = no_longer(scene, finding, spn);
    }
    if suspect.views.is_empty() {
        finding = finding.at_most(Status::Possible);
    }
    let accounts: Vec<_> = suspect.holders.iter().map(|h| h.account).collect();
    move_to_acceptor(
        scene,
        finding,
        asked,
        &accounts,
        &suspect.views,
        CAUSE.page.prevent,
    )
}

/// Events tell of a duplicate, and the directory as collected shows none: it may have been repaired meanwhile.
fn no_longer(scene: &Scene<'_>, mut finding: Finding, spn: &Spn) -> Finding {
    let directory = &scene.case.situation.directory;
    let removed = scene.case.setspn_runs.iter().any(|r| {
        r.mode == Mode::Delete
            && r.outcome == Outcome::Updated
            && r.target.as_deref().is_some_and(|t| Spn::new(t) == *spn)
    });
    if removed {
        finding.current = Current::No;
        return finding;
    }
    match directory.holders(spn, &scene.case.accounts).closed {
        Some((Reach::Forest, from)) => finding.contradicting(
            format!("a search of the forest shows no second holder of {spn}"),
            &few(from, 2),
        ),
        _ => finding,
    }
}
