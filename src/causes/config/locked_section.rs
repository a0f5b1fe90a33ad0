//! CFG-09: a file sets a section that a level above locks, and IIS answers 500.19 before it authenticates anybody.

use super::{has_server, listed, locations, sites, subject, switch_all};
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, View};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// CFG-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-09",
    name: "locked-section",
    title: "web.config sets a locked section: IIS answers 500.19 before it authenticates anybody",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "The authentication sections are locked as installed: a web.config may not set them. One that does makes IIS refuse the whole configuration with 500.19 (0x80070021), before any challenge. Users report a failed logon; the status says it is not one.",
        evidence: &[
            "web.config: <windowsAuthentication> or another locked section, while applicationHost.config declares it with overrideModeDefault=\"Deny\"",
            "IIS log: 500 19 33",
        ],
        look_alikes: &[LookAlike {
            cause: "CFG-02",
            told_apart_by: "there IIS answers 401.2: the section is off, and nothing is refused",
        }],
        ruled_out_by: "any status other than 500.19 for the application, or a location that unlocks the section.",
        fix: &[
            "Keep a copy of web.config, and back up the IIS configuration.",
            "Move the section from web.config to a location of applicationHost.config (appcmd with /commit:apphost).",
            "Or unlock the section for that application only, if its developers are to own it.",
        ],
        verify: "The application answers 401 with a challenge, not 500.19.",
        rollback: "Put web.config back.",
        prevent: "Keep authentication settings in applicationHost.config, and out of what is deployed.",
        blind_spots: &["web.config files that the bundle does not hold"],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: HTTP status codes of IIS (500.19)",
            "IIS team: More config locking (2008)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for views in sites(scene, |v| !v.endpoint.settings.lock_violations.is_empty()) {
        let first = views.first;
        let all = locations(&views);
        let mut finding = Finding::about(
            subject(scene, &views),
            format!(
                "In {}, a section is set that is locked at a level above. IIS answers 500.19 there, before anybody can log on.",
                listed(&all)
            ),
        );
        for violation in views
            .iter()
            .flat_map(|v| &v.endpoint.settings.lock_violations)
        {
            let what = match &violation.item {
                Some(item) => format!("{item} of {}", violation.section),
                None => violation.section.clone(),
            };
            let mut from = vec![violation.set_at.clone()];
            from.extend(violation.locked_by.clone());
            finding = finding.structure(format!("{what} is set where it is locked"), &from);
        }
        // The missing part of a cut file may unlock it.
        if !scene.case.server(first.endpoint).config.complete {
            finding = finding.lacks(Input::ApplicationHostConfig);
        }
        finding.structure.sort_by(|a, b| a.from.cmp(&b.from));
        finding.structure.dedup();
        let mut sections: Vec<&str> = views
            .iter()
            .flat_map(|v| &v.endpoint.settings.lock_violations)
            .map(|v| v.section.as_str())
            .collect();
        sections.sort_unstable();
        sections.dedup();
        let mut fix = vec![p::backup()];
        for location in &all {
            for section in &sections {
                fix.push(Step::run(
                    c::appcmd_list_section(location, section),
                    format!(
                        "note what {section} is now (the command may fail with the same error)"
                    ),
                ));
            }
        }
        fix.push(
            Step::by_hand("keep a copy of the web.config, take the section out of it, and set its values for the same location in applicationHost.config (appcmd set config with /commit:apphost, or IIS Manager)")
                .risk("the next deployment brings the section back, unless it is taken out at its source"),
        );
        let remedy = Remedy::of(fix)
            .verify(vec![Step::run(
                c::show_challenge(&first.endpoint.url()),
                "the site must answer 401 or 200, not 500",
            )])
            .rollback(vec![Step::by_hand(
                "put the kept copy of the web.config back",
            )])
            .prevent(CAUSE.page.prevent);
        let changes = switch_all(first, &all, &Switch::NoLockViolations);
        out.find(finding.fix(remedy, changes));
    }
    for views in sites(scene, |v| !v.endpoint.settings.unknown_items.is_empty()) {
        out.find(unknown(scene, &views));
    }
    let seen = scene
        .views
        .iter()
        .any(|v| v.endpoint.settings.unseen_files.is_empty());
    if !seen {
        out.lack(Input::WebConfig);
    }
    out
}

/// What IIS does not know in a section stops it as a locked one does. That it runs with the file as collected is shown by its log
/// alone: without that it is no more than likely.
fn unknown(scene: &Scene<'_>, views: &[&View<'_>]) -> Finding {
    let all = locations(views);
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "In {}, a section has an attribute or an element that IIS does not know. IIS answers 500.19 there, before anybody can log on.",
            listed(&all)
        ),
    );
    let items = views
        .iter()
        .flat_map(|v| &v.endpoint.settings.unknown_items);
    for (what, at) in items {
        let says = format!("IIS does not know this {what}");
        finding = finding.structure(says, &[at.clone()]);
    }
    finding.structure.sort_by(|a, b| a.from.cmp(&b.from));
    finding.structure.dedup();
    let whole = |v: &&View<'_>| scene.case.server(v.endpoint).config.complete;
    if !views.iter().all(|v| whole(&v)) {
        finding = finding.lacks(Input::ApplicationHostConfig);
    }
    let fix = vec![
        p::backup(),
        Step::by_hand(
            "keep a copy of the file, and correct the name, or put the element where it belongs (the configuration reference of IIS lists what each section takes)",
        ),
    ];
    let remedy = Remedy::of(fix)
        .rollback(vec![Step::by_hand("put the kept copy of the file back")])
        .prevent("Change the configuration with appcmd or IIS Manager, which refuse what IIS does not know.");
    finding.fix(remedy, Vec::new())
}
