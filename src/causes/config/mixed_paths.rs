//! CFG-23: paths of one site ask for different things, which looks like a failure that comes and goes.

use super::{has_server, is_anonymous, places};
use crate::case::{LoggedSite, SymptomKind};
use crate::causes::access::REQUESTS;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::iis_config::EffectiveSettings;
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// CFG-23.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-23",
    name: "paths-protected-differently",
    title: "Paths of one site are protected differently",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "location tags and web.config files can give each path its own authentication: anonymous for /health, Windows for /, NTLM only for /api. A page that loads from several of them then works in part: the user is signed in at one path and refused, or not asked, at the next. It looks like a failure that comes and goes, and follows the path exactly.",
        evidence: &[
            "applicationHost.config: different authentication in force at two paths of the site (Windows, anonymous, providers)",
            "IIS log by path: one prefix ends in 200 with users, another in 401 or in 200 without",
            "the failure follows the path, for every user and client",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-15",
                told_apart_by: "there servers of a farm differ, and the same path fails on one of them only",
            },
            LookAlike {
                cause: "KM-04",
                told_apart_by: "there paths differ in whose key opens the tickets",
            },
            LookAlike {
                cause: "CFG-16",
                told_apart_by: "there a change was written to another level than the one that counts",
            },
        ],
        ruled_out_by: "the same authentication in force at every path that was refused and at the site's root.",
        fix: &[
            "Write down for each path what it is meant to ask for.",
            "Take out what is not meant: appcmd clear config \"Site/path\" -section:system.webServer/security/authentication/windowsAuthentication /commit:apphost.",
            "Where paths must differ for long, give them names of their own: a name has one way of signing in.",
        ],
        verify: "curl -I for each path shows the challenge that is meant for it.",
        rollback: "Restore the configuration backup.",
        prevent: "A test that asks each path once, without credentials, and compares the answer.",
        blind_spots: &["web.config files of folders that the bundle does not hold"],
        versions: "IIS 7.0 to 10.",
        sources: &["Microsoft: <location> element of IIS; the rest is reasoned from the settings"],
    },
    assess,
};

/// Paths of a log that are held against the root of their site.
const PATHS: usize = 24;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for logged in &scene.case.logged_sites {
        match site(scene, logged) {
            Some(Compared::Differ(finding)) => out.find(*finding),
            Some(Compared::Same(path, from)) => out.rule_out(
                format!(
                    "the same authentication is in force at {path} and at the root of the site"
                ),
                &few(from, 2),
            ),
            None => {}
        }
    }
    // Applications that differ, and no log that tells whether it matters.
    let differ = scene.views.iter().any(|v| {
        let root = scene.views.iter().find(|r| {
            r.endpoint.server == v.endpoint.server
                && r.endpoint.site == v.endpoint.site
                && r.endpoint.application == "/"
        });
        root.is_some_and(|root| shape(&root.endpoint.settings) != shape(&v.endpoint.settings))
    });
    if differ && scene.case.logged_sites.is_empty() {
        out.lack(REQUESTS);
    }
    out
}

enum Compared {
    Differ(Box<Finding>),
    Same(String, Vec<Citation>),
}

/// What a path asks for, as far as users notice.
fn shape(settings: &EffectiveSettings) -> (bool, bool, bool, Vec<String>) {
    let windows = settings.windows.enabled.value;
    let providers = settings
        .windows
        .providers
        .iter()
        .map(|(name, _)| name.to_lowercase());
    (
        windows,
        is_anonymous(settings),
        settings.basic.value,
        providers.filter(|_| windows).collect(),
    )
}

/// The paths at which a site refused somebody, held against its root.
fn site(scene: &Scene<'_>, logged: &LoggedSite) -> Option<Compared> {
    let server = scene.case.servers.get(logged.server?.0 as usize)?;
    let name = logged.site.as_ref()?;
    let root_view: &View<'_> = scene.views.iter().find(|v| {
        Some(v.endpoint.server) == logged.server
            && v.endpoint.site == *name
            && v.endpoint.application == "/"
    })?;
    let root = &root_view.endpoint.settings;
    let refused = scene.symptoms(|kind| {
        let site = match kind {
            SymptomKind::SignInFailed { site, .. }
            | SymptomKind::AccessRefused(site, _)
            | SymptomKind::RefusedUntold(site)
            | SymptomKind::TokensAlone(site)
            | SymptomKind::NobodySignsIn(site) => Some(*site),
            _ => None,
        };
        site.and_then(|site| scene.case.logged_site(site))
            .is_some_and(|one| std::ptr::eq(one, logged))
    });
    let mut same = None;
    for (_, symptom) in &refused {
        for (path, count) in symptom.spread.paths.iter().take(PATHS) {
            let own = server.config.effective(name, path);
            let from = set_at(&own);
            if shape(&own) == shape(root) {
                let mut from = from;
                from.extend(places(scene, root_view, &root.windows.enabled));
                same.get_or_insert((path.clone(), from));
                continue;
            }
            // The rest of the site must be seen to work: else the difference explains nothing.
            if logged.signed_in == 0 || !own.windows.enabled.value && is_anonymous(&own) {
                continue;
            }
            let subject = Subject {
                site: Some(name.clone()),
                application: Some(path.clone()),
                host: Some(server.label.clone()),
                ..Subject::default()
            };
            let finding = Finding::about(
                subject,
                format!("{path} asks for something else than the rest of the site: it is {} there, and {} at the root. Users are signed in at the one and refused at the other.", described(&own), described(root)),
            )
            .structure(
                format!("{path}: {}; root of the site: {}", described(&own), described(root)),
                &few([from, places(scene, root_view, &root.windows.enabled)].concat(), 4),
            )
            .supporting(format!("{count} requests were refused at {path}"), &few(symptom.from.clone(), 2))
            .at_most(Status::Possible)
            .fix(remedy(name, path), Vec::new());
            return Some(Compared::Differ(Box::new(finding)));
        }
    }
    same.map(|(path, from)| Compared::Same(path, from))
}

fn set_at(settings: &EffectiveSettings) -> Vec<Citation> {
    let mut from = crate::negotiate::origin_of(&settings.windows.enabled);
    from.extend(crate::negotiate::origin_of(&settings.anonymous.enabled));
    from.extend(settings.windows.providers_shaped_by.iter().cloned());
    from
}

fn described(settings: &EffectiveSettings) -> String {
    let (windows, anonymous, basic, providers) = shape(settings);
    let mut all = Vec::new();
    if anonymous {
        all.push("anonymous".to_owned());
    }
    if windows {
        all.push(format!("Windows ({})", providers.join(", ")));
    }
    if basic {
        all.push("Basic".to_owned());
    }
    if all.is_empty() {
        "nothing".to_owned()
    } else {
        all.join(" and ")
    }
}

fn remedy(site: &str, path: &str) -> Remedy {
    let location = format!("{site}{}", path.trim_end_matches('/'));
    let section = "system.webServer/security/authentication/windowsAuthentication";
    Remedy::of(vec![
        p::backup(),
        Step::run(c::appcmd_list_section(&location, section), "read what is in force at the path"),
        Step::by_hand("decide what the path is meant to ask for, and take the setting of the path out or correct it in the file and line cited above")
            .stop_if("the path is meant to differ (a health check, an API with its own keys)"),
    ])
    .verify(vec![Step::by_hand("a request without credentials to each path gets the challenge that is meant for it")])
    .rollback(p::restore())
    .prevent(CAUSE.page.prevent)
}
