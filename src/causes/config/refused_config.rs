//! CFG-09: a file sets a section that a level above locks, or something that IIS does not know. IIS refuses the configuration
//! and answers 500.19 before it authenticates anybody.

use std::collections::{BTreeMap, BTreeSet};

use super::{has_server, listed, locations, sites, subject, switch_all};
use crate::case::{Case, LoggedSite, SymptomId, SymptomKind};
use crate::causes::access::REQUESTS;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::codes;
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::iis_config::UnknownItem;
use crate::readers::web_log::Ended;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// CFG-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-09",
    name: "configuration-refused",
    title: "IIS refuses the configuration and answers 500.19 before it authenticates anybody",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "IIS skips nothing that it finds in its configuration. The authentication sections are locked as installed: a web.config may not set them, and one that does makes IIS refuse the whole configuration with 500.19 (0x80070021). An attribute or an element that no schema knows, most often a slip of the pen, is refused alike (0x8007000d, \"Unrecognized attribute\"); it is not read as absent. Either comes before any challenge. Users report a failed logon; the status says it is not one.",
        evidence: &[
            "web.config: <windowsAuthentication> or another locked section, while applicationHost.config declares it with overrideModeDefault=\"Deny\"; IIS log: 500 19 33",
            "any file on the way: an attribute or element of an authentication section that IIS does not know, such as useAppPoolCredential; IIS log: 500 19 13",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there IIS answers 401.2: the section is off, and nothing is refused",
            },
            LookAlike {
                cause: "AZ-02",
                told_apart_by: "there IIS may not open the web.config on its share: 500 19 5",
            },
        ],
        ruled_out_by: "any status other than 500.19 for the application, or a location that unlocks the section.",
        fix: &[
            "Keep a copy of the file, and back up the IIS configuration.",
            "Locked: move the section from web.config to a location of applicationHost.config (appcmd with /commit:apphost), or unlock it for that application only, if its developers are to own it.",
            "Unknown: correct the name, or put the element where it belongs.",
        ],
        verify: "The application answers 401 with a challenge, not 500.19.",
        rollback: "Put the kept copy of the file back.",
        prevent: "Keep authentication settings in applicationHost.config, and out of what is deployed; change them with appcmd or IIS Manager, which refuse what IIS does not know.",
        blind_spots: &[
            "web.config files that the bundle does not hold",
            "schema files of the server's own, which may make an attribute known",
        ],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: HTTP status codes of IIS (500.19)",
            "Microsoft: HTTP error 500.19 when you open an IIS webpage",
            "IIS team: More config locking (2008)",
        ],
    },
    assess,
};

/// The Win32 statuses that IIS logs with 500.19: ERROR_LOCK_VIOLATION, ERROR_INVALID_DATA.
const LOCKED: u32 = 33;
const INVALID: u32 = 13;

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
        finding = saw_refusals(scene, &views, LOCKED, finding);
        let at_work = at_work(scene.case, &views);
        let mut own = views.iter().map(|v| &*v.endpoint.application);
        let line = own.find_map(|application| at_work.get(application));
        if let Some(line) = line.filter(|_| finding.observed.is_empty()) {
            finding = finding.contradicting(
                "the log shows that IIS reads the configuration there",
                &[(*line).clone()],
            );
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
            .verify(must_answer(first))
            .rollback(vec![Step::by_hand(
                "put the kept copy of the web.config back",
            )])
            .prevent(CAUSE.page.prevent);
        let changes = switch_all(first, &all, &Switch::NoLockViolations);
        out.find(finding.fix(remedy, changes));
    }
    for views in sites(scene, |v| !v.endpoint.settings.unknown_items.is_empty()) {
        out.findings.extend(unknown(scene, &views));
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

/// 500.19 with the Win32 status of this reason, in the log of the site, for these applications.
fn saw_refusals(scene: &Scene<'_>, views: &[&View<'_>], code: u32, finding: Finding) -> Finding {
    let case = scene.case;
    let is_of_it = |id: SymptomId| {
        let symptom = case.symptoms.get(id.0);
        let logged = symptom.and_then(|s| Some((s, case.logged_site(s.logged_site()?)?)));
        logged.is_some_and(|(symptom, logged)| {
            views.iter().any(|view| {
                let endpoint = view.endpoint;
                let mut sites = case.server(endpoint).config.sites.iter();
                let site = sites.find(|site| logged.is_of(endpoint) && site.name == endpoint.site);
                site.is_some_and(|site| {
                    let mut paths = symptom.spread.paths.iter();
                    paths.any(|(path, _)| {
                        let served = site.application_of(path);
                        served.is_some_and(|served| served.path == endpoint.application)
                    })
                })
            })
        })
    };
    let mut seen = scene.symptoms(
        |k| matches!(k, SymptomKind::ConfigUnreadable(_, Some(logged)) if *logged == code),
    );
    seen.retain(|(id, _)| is_of_it(*id));
    finding.saw(seen, |count| {
        let why = codes::status_in_words(code);
        format!("IIS answered 500.19 {count}: {why}")
    })
}

/// What IIS does not know in a section stops it as a lock does, unless a schema file of the server's own makes it known, or
/// the file was damaged on its way here. That it did stop is shown by the log alone; a slip of a known name is called without.
fn unknown(scene: &Scene<'_>, views: &Group<'_, '_>) -> Option<Finding> {
    let all = locations(views);
    let finding = Finding::about(
        subject(scene, views),
        format!(
            "In {}, an authentication section has an attribute or an element that IIS does not know. IIS answers 500.19 there, before anybody can log on.",
            listed(&all)
        ),
    );
    let mut finding = saw_refusals(scene, views, INVALID, finding);
    let refused = !finding.observed.is_empty();
    let works = || {
        let logs = scene.case.logged_sites.iter();
        let of_it = |logged: &&LoggedSite| views.iter().any(|v| logged.is_of(v.endpoint));
        logs.filter(of_it).any(|logged| logged.signed_in > 0)
    };
    let items = views
        .iter()
        .flat_map(|v| &v.endpoint.settings.unknown_items);
    let at_work = at_work(scene.case, views);
    let is_read = |item: &UnknownItem| {
        let mut at_work = views
            .iter()
            .filter(|v| at_work.contains_key(&*v.endpoint.application));
        at_work.any(|v| v.endpoint.settings.unknown_items.contains(item))
    };
    let items = items.filter(|item| !is_read(item));
    let mut items: Vec<&UnknownItem> = items.filter(|i| refused || i.meant.is_some()).collect();
    if items.is_empty() || (!refused && works()) {
        return None;
    }
    items.sort();
    items.dedup();
    for item in &items {
        let meant = item
            .meant
            .map_or_else(String::new, |name| format!("; it knows {name}"));
        let says = format!("IIS does not know this {}{meant}", item.what);
        finding = finding.structure(says, std::slice::from_ref(&item.at));
    }
    if !refused {
        finding = finding.lacks(REQUESTS);
    } else if items.iter().all(|item| item.meant.is_none()) {
        finding = finding.at_most(Status::Likely);
    }
    let remedy = Remedy::of(vec![
        p::backup(),
        Step::by_hand("keep a copy of the file, and correct the name, or put the element where it belongs (the configuration reference of IIS lists what each section takes)")
            .stop_if("a schema file below %windir%\\System32\\inetsrv\\config\\schema defines the name: then IIS knows it"),
    ])
    .verify(must_answer(views.first))
    .rollback(vec![Step::by_hand("put the kept copy of the file back")])
    .prevent(CAUSE.page.prevent);
    Some(finding.fix(remedy, Vec::new()))
}

/// The applications of a site that IIS, as its log shows, asks for credentials or lets users into, and never refuses so, each
/// with a line: IIS reads all that they inherit.
fn at_work<'c>(case: &'c Case, views: &[&View<'c>]) -> BTreeMap<&'c str, &'c Citation> {
    let mut answered = BTreeMap::new();
    let mut refused = BTreeSet::new();
    let first = views.first().map(|view| view.endpoint);
    let site = first.and_then(|endpoint| {
        let mut sites = case.server(endpoint).config.sites.iter();
        sites.find(|site| site.name == endpoint.site)
    });
    let logs = case.logged_sites.iter();
    let logs = logs.filter(|logged| first.is_some_and(|endpoint| logged.is_of(endpoint)));
    for (_, exchange) in logs.flat_map(|logged| &logged.exchanges) {
        let served = site.and_then(|site| site.application_of(&exchange.path));
        let Some(served) = served.filter(|_| !exchange.path.is_empty()) else {
            continue;
        };
        let has = |status, sub: Option<u16>| {
            let mut legs = exchange.legs.iter();
            legs.any(|leg| leg.status == status && (sub.is_none() || leg.sub_status == sub))
        };
        if has(500, Some(19)) {
            refused.insert(served.path.as_str());
        } else if (exchange.ended == Ended::SignedIn || has(401, None))
            && let Some(line) = exchange.from.first()
        {
            answered.entry(served.path.as_str()).or_insert(line);
        }
    }
    answered.retain(|path, _| !refused.contains(path));
    answered
}

fn must_answer(view: &View<'_>) -> Vec<Step> {
    vec![Step::run(
        c::show_challenge(&view.endpoint.url()),
        "the site must answer 401 or 200, not 500",
    )]
}
