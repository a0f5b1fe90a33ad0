//! CFG-11: impersonation of ASP.NET does not fit the integrated pipeline.

use super::{has_server, listed, locations, sites, subject};
use crate::case::SymptomKind;
use crate::causes::access::REQUESTS;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Stage, origin_of};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// CFG-11.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-11",
    name: "asp-net-impersonation",
    title: "ASP.NET impersonates the user where the pipeline, or the rights of the user, do not allow it",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "<identity impersonate=\"true\"/> makes the code of an ASP.NET application run as the user who signed in. The integrated pipeline does not support it before the handler runs: with validation on, IIS answers 500.24 to every request. Where it does run (classic pipeline, or validation off), each file, registry key and back end that the code opens is opened as the user: users without rights get 401.3 or errors of the application, and a second server refuses the user, whose sign-in cannot be passed on.",
        evidence: &[
            "web.config: <identity impersonate=\"true\" />; applicationHost.config: managedPipelineMode Integrated (the default)",
            "IIS log: 500 24 for every request; or 401 3 5 with the user named",
            "failed-request trace: ConfigurationValidationModule sets 500.24",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-01",
                told_apart_by: "there IIS itself opens static files as the user, whatever ASP.NET does",
            },
            LookAlike {
                cause: "CFG-09",
                told_apart_by: "there the status is 500.19: the file cannot be read",
            },
            LookAlike {
                cause: "DG-13",
                told_apart_by: "there the page itself works, and only its back end refuses the user",
            },
        ],
        ruled_out_by: "impersonate=\"false\", or nothing of it, in every file on the way.",
        fix: &[
            "Find out whether the code needs to run as the user. Most does not: the user's name is in HttpContext.User without it.",
            "If not: remove <identity impersonate=\"true\"/>.",
            "If so and the code is old: run it in a pool with the classic pipeline.",
            "Only where impersonation is known to happen in the handler alone: validateIntegratedModeConfiguration=\"false\".",
        ],
        verify: "A test user gets 200; no new 500 24 and no new 401 3 for it.",
        rollback: "Put the former web.config back, or the pool back to the former pipeline.",
        prevent: "Impersonate in code around the one call that needs it.",
        blind_spots: &[
            "impersonation in code",
            "the rights of the user on what the code opens",
        ],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Windows SDK: MD_ERROR_SUB500_ASPNET_IMPERSONATION, sub-status 24 of 500",
            "Microsoft: <validation> of system.webServer (validateIntegratedModeConfiguration and impersonation)",
            "Microsoft: ASP.NET breaking changes on IIS 7 (impersonation in the integrated pipeline)",
        ],
    },
    assess,
};

fn impersonates(view: &View<'_>) -> Option<Citation> {
    match &view.endpoint.settings.impersonate {
        Some((true, at)) => Some(at.clone()),
        _ => None,
    }
}

/// Whether the application runs in the integrated pipeline, which validates: then IIS answers 500.24.
fn is_refused(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let config = &scene.case.server(view.endpoint).config;
    let pool = config
        .pools
        .iter()
        .find(|p| p.name.eq_ignore_ascii_case(view.pool_name()));
    let integrated = pool.is_some_and(|p| p.pipeline_mode.value.eq_ignore_ascii_case("Integrated"));
    integrated && view.endpoint.settings.access.validates_pipeline.value
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
    }
    let mut told = Vec::new();
    for views in sites(scene, |v| impersonates(v).is_some()) {
        let finding = finding(scene, &views);
        told.extend(finding.explains.iter().copied());
        out.find(finding);
    }
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::PipelineRefused(_, 24))) {
        if !told.contains(&id) {
            out.find(by_status(scene, id, symptom));
        }
    }
    for view in &scene.views {
        let settings = &view.endpoint.settings;
        match &settings.impersonate {
            Some((false, at)) => out.rule_out(
                format!(
                    "ASP.NET does not impersonate at {}",
                    view.endpoint.location()
                ),
                std::slice::from_ref(at),
            ),
            None if !settings.unseen_files.is_empty() => out.lack(Input::WebConfig),
            None => out.rule_out(
                format!(
                    "no file lets ASP.NET impersonate at {}",
                    view.endpoint.location()
                ),
                std::slice::from_ref(&view.endpoint.binding),
            ),
            Some(_) => {}
        }
    }
    out
}

/// 500.24 of a site whose web.config the bundle does not hold: IIS writes it for impersonation only.
fn by_status(
    scene: &Scene<'_>,
    id: crate::case::SymptomId,
    symptom: &crate::case::Symptom,
) -> Finding {
    let logged = symptom
        .logged_site()
        .and_then(|site| scene.case.logged_site(site));
    let subject = crate::causes::Subject {
        site: logged.and_then(|l| l.site.clone()),
        host: logged
            .and_then(|l| l.host)
            .map(|host| scene.case.hosts.get(host).name.clone()),
        ..Default::default()
    };
    Finding::about(subject, "IIS answers 500.24 before anybody is asked to sign in: ASP.NET is to impersonate the user, which the integrated pipeline does not allow.")
        .conclusive(
            format!("500.24, which IIS writes for impersonation only, {} times", symptom.count),
            &symptom.from,
        )
        .explains([id])
        .fix(remedy(), Vec::new())
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let refused = views.iter().any(|v| is_refused(scene, v));
    let mut at: Vec<Citation> = views.iter().filter_map(|v| impersonates(v)).collect();
    at.extend(origin_of(
        &first.endpoint.settings.access.validates_pipeline,
    ));
    let says = match refused {
        true => {
            "The integrated pipeline refuses that: IIS answers 500.24 before anybody is asked to sign in."
        }
        false => {
            "Its code then opens files and back ends as the user, who may have no rights there."
        }
    };
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "ASP.NET is to impersonate the user at {}. {says}",
            listed(&all)
        ),
    )
    .structure("ASP.NET is to impersonate the user", &few(at, 3));
    let mut seen = false;
    let kinds = |kind: &SymptomKind| {
        matches!(
            kind,
            SymptomKind::PipelineRefused(_, 24) | SymptomKind::AccessRefused(_, 3)
        )
    };
    for (id, symptom) in scene.symptoms(kinds) {
        let by_pipeline = matches!(symptom.kind, SymptomKind::PipelineRefused(..));
        // The classic pipeline impersonates, and never answers so.
        let mut here = views.to_vec();
        here.retain(|v| !by_pipeline || is_refused(scene, v));
        let part = scene.part_of(symptom, &here);
        if part.is_none() {
            continue;
        }
        if by_pipeline {
            seen = true;
            let says = format!(
                "500.24, which IIS writes for impersonation only, {}",
                part.times()
            );
            finding = part.explained(finding.conclusive(says, &symptom.from), id);
        } else {
            finding = finding
                .supporting(
                    "users who signed in were refused by file permissions (401.3)",
                    &symptom.from,
                )
                .or_else("AZ-01", "IIS opens static files as the user as well");
        }
    }
    if !seen {
        // Old applications do this on purpose, and work.
        finding = finding.at_most(Status::Possible);
        if scene.case.logged_sites.is_empty() {
            finding = finding.lacks(REQUESTS);
        }
    }
    finding.fix(remedy(), Vec::new())
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        p::backup(),
        Step::by_hand("ask its developers whether the code has to run as the user; the user's name is known to it without"),
        Step::by_hand("if not: remove <identity impersonate=\"true\" /> from the application's web.config (keep a copy)")
            .risk("what the code opened as the user it opens as the pool's account from now on")
            .stop_if("the code relies on the rights of each user: move it to a pool with the classic pipeline instead"),
    ])
    .verify(vec![Step::by_hand("a test user gets 200; the IIS log has no new 500 24")])
    .rollback(vec![Step::by_hand("put the kept copy of the web.config back")])
    .prevent(CAUSE.page.prevent)
}
