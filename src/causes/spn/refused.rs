//! SPN-16: somebody tried to register the SPN, and it was refused.

use super::repair::register;
use crate::case::{Sameness, Spn};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View, Why,
};
use crate::codes;
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::readers::setspn::{Outcome, SetspnRun};
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// SPN-16.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-16",
    name: "spn-write-refused",
    title: "The SPN was never written: its registration was refused",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Somebody ran the right command and did not read what it printed. setspn -S, and -A since Windows Server 2012, refuses a name that another account holds; a domain controller since 2012 R2 refuses a duplicate from any tool (8647, 0x21C7), since KB5008382 one through an alias too (HTTP against HOST on another account); without the right to write the attribute the answer is 8344 (0x2098) or access denied. The name stands as it stood before: nobody holds it and clients fall back to NTLM, or the former holder keeps it and tickets cannot be opened.",
        evidence: &[
            "the console: Duplicate SPN found, aborting operation! or Failed to assign SPN … error 0x2098/8344",
            "no 5136 that adds the value, on a domain controller that audits changes of the directory",
            "setspn -F -Q: unchanged",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-17",
                told_apart_by: "there it was written (5136, or Updated object), and other domain controllers do not have it yet",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there nobody tried",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "that is the state behind a refusal for a duplicate: another account holds the name",
            },
        ],
        ruled_out_by: "a 5136 that adds exactly this value, or a later run that ends with Updated object.",
        fix: &[
            "Find who holds the name: setspn -F -Q for HTTP/<name> and for HOST/<name>.",
            "Where another account holds it: decide whose it is, then delete it there and add it here.",
            "Where rights are missing: have a domain administrator run it, or delegate \"Validated write to service principal name\" on the account. Do not relax dSHeuristics.",
            "Read the answer this time: it must end with Updated object.",
        ],
        verify: "setspn -F -Q HTTP/<name> prints the account; klist get HTTP/<name> succeeds.",
        rollback: "setspn -D HTTP/<name> <account>.",
        prevent: "Let scripts check the exit and the answer of setspn, and query the name afterwards.",
        blind_spots: &["attempts by other tools, and consoles that were not kept"],
        versions: "Domain controllers from Windows Server 2012 R2; alias check since KB5008382 (November 2021).",
        sources: &[
            "Microsoft: SPN and UPN uniqueness",
            "Microsoft: KB5008382, verification of uniqueness for user principal name, service principal name and their aliases",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        let Why::Refused(run) = unheld.why else {
            continue;
        };
        let text = format!(
            "Somebody tried to register {}, and it was refused ({}): nobody holds it. The KDC answers 0x7, and Negotiate falls back to NTLM; where NTLM is blocked, users get 401.",
            unheld.spn,
            reason(run)
        );
        let finding = unheld.finding(scene, text).structure(
            format!("its registration was refused: {}", reason(run)),
            &places(run),
        );
        let finding = add_steps(
            run,
            &unheld.spn,
            register(
                scene,
                finding,
                &unheld.spn,
                &unheld.views,
                &[],
                CAUSE.page.prevent,
            ),
        );
        out.find(finding);
    }
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() && v.is_mismatch()) {
        out.findings.extend(kept_by_another(scene, &spn, &views));
    }
    let added = scene.case.pick(|b| match b {
        Body::DirectoryChanged(change) if change.added == Some(true) => change.value.as_deref(),
        _ => None,
    });
    for (event, value) in added {
        let spn = Spn::new(value);
        if scene.views.iter().any(|v| v.spn() == Some(&spn)) {
            out.rule_out(
                format!("{spn} was written"),
                std::slice::from_ref(&event.citation),
            );
        }
    }
    for view in scene.negotiating() {
        if let (Some(spn), true) = (
            view.spn(),
            view.path.key_match == crate::negotiate::KeyMatch::Match,
        ) {
            let from = view.holder().map(|h| h.from.clone()).unwrap_or_default();
            out.rule_out(format!("{spn} is where it belongs"), &few(from, 2));
        }
    }
    if out.findings.is_empty() && scene.case.setspn_runs.is_empty() {
        out.lack(Input::Stated {
            what: "what the console showed when the SPN was registered (the whole of it, with the command)",
            collect_with: "copy the text of that console, or the log of the script that ran setspn",
        });
    }
    out
}

fn reason(run: &SetspnRun) -> String {
    match run.outcome {
        Outcome::Failed(code) => codes::status_in_words(code),
        _ => "another account holds the name, or a form of it".to_owned(),
    }
}

fn places(run: &SetspnRun) -> Vec<Citation> {
    let mut from = vec![run.from.clone()];
    from.extend(run.ended.clone());
    from
}

/// The name went to the account that holds it already, although somebody tried to give it to the right one.
fn kept_by_another(scene: &Scene<'_>, spn: &Spn, views: &[&View<'_>]) -> Option<Finding> {
    let first = views.first()?;
    let run = scene.refused_registration(spn)?;
    let (holder, acceptor) = (first.holder()?, scene.one_acceptor(views)?);
    let meant = run.account.as_deref()?;
    if scene.case.accounts.is_named(acceptor, meant, None) != Sameness::Same {
        return None;
    }
    let owner = scene.shown(holder.account);
    let subject = Subject {
        account: Some(scene.shown(acceptor).to_owned()),
        ..first.subject(scene.case)
    };
    let why = match run.outcome {
        Outcome::RefusedDuplicate => format!("because {owner} holds it"),
        _ => format!("({})", reason(run)),
    };
    let finding = Finding::about(
        subject,
        format!(
            "Somebody tried to register {spn} on {meant}, whose key opens the tickets, and was refused {why}. It stayed on {owner}: the KDC still seals tickets for that account."
        ),
    )
    .structure(
        format!("its registration on {meant} was refused: {}", reason(run)),
        &places(run),
    )
    .structure(format!("{spn} is on {owner}"), &few(holder.from.clone(), 2))
    .saw_mismatches(scene, spn)
    .at_most(Status::Likely);
    let finding = super::repair::move_to_acceptor(
        scene,
        finding,
        spn,
        &[holder.account],
        views,
        CAUSE.page.prevent,
    );
    Some(add_steps(run, spn, finding))
}

/// Before the registration is tried again: what stood in its way.
fn add_steps(run: &SetspnRun, spn: &Spn, mut finding: Finding) -> Finding {
    let before = match run.outcome {
        Outcome::Failed(_) => Step::by_hand(
            "run it as somebody who may write the attribute (a domain administrator, or whoever has \"Validated write to service principal name\" on the account), and check how the account is spelled",
        ),
        _ => Step::run(
            c::setspn_query(spn.with_class("HOST").as_str(), c::Reach::Forest),
            "see who holds the name as HOST: that refuses HTTP on another account since KB5008382",
        )
        .stop_if(
            "an account is printed that is not the one to get the name: settle whose it is first",
        ),
    };
    for fix in &mut finding.fixes {
        let Remedy { fix: steps, .. } = &mut fix.remedy;
        steps.insert(0, before.clone());
    }
    finding
}
