//! CFG-13: a site takes WindowsAuthenticationModule out of its modules.

use super::{has_server, listed, locations, places, sites, subject, switch_all};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, View};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// CFG-13.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-13",
    name: "windows-auth-module-removed",
    title: "WindowsAuthenticationModule does not run for the site",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "Each site has its own list of modules. Where <remove> or <clear/> takes WindowsAuthenticationModule out of it, Windows authentication has no effect there, although it is installed and on: IIS offers neither Negotiate nor NTLM.",
        evidence: &[
            "applicationHost.config or web.config: <modules><remove name=\"WindowsAuthenticationModule\"/> or <clear/> at the site",
            "appcmd list modules /app.name:\"Site/\": WindowsAuthenticationModule is not listed",
            "IIS log: 401 2 5 and never anything else",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-01",
                told_apart_by: "there globalModules does not have the module either",
            },
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there the module runs, and the setting is off",
            },
        ],
        ruled_out_by: "WindowsAuthenticationModule among the modules in force for the application.",
        fix: &[
            "Back up the IIS configuration, and keep a copy of web.config.",
            "Take out the <remove> element, or add the module again behind <clear/>.",
        ],
        verify: "appcmd list modules shows WindowsAuthenticationModule for the application; the challenge offers Negotiate and NTLM.",
        rollback: "Put the element back.",
        prevent: "Lock the module (lockItem=\"true\") in the server's list.",
        blind_spots: &["web.config files that the bundle does not hold"],
        versions: "IIS 7.0 to 10.",
        sources: &["Microsoft: <modules> element of IIS"],
    },
    assess,
};

/// Installed, on, and not among the modules in force.
fn applies(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    let whole = scene.case.server(view.endpoint).config.complete;
    settings.windows.enabled.value
        && settings.enabled_module.is_none()
        && !settings.is_refused()
        && settings.global_module.is_some()
        && (whole || settings.module_removed_by.is_some())
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for views in sites(scene, |v| applies(scene, v)) {
        out.find(finding(scene, &views));
    }
    for view in sites(scene, |v| v.endpoint.settings.windows.enabled.value)
        .into_iter()
        .flatten()
    {
        if let Some(module) = &view.endpoint.settings.enabled_module {
            out.rule_out(
                format!("the module runs for {}", view.endpoint.location()),
                std::slice::from_ref(module),
            );
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let (mut removed, mut on, mut installed) = (Vec::new(), Vec::new(), Vec::new());
    for view in views.iter() {
        let settings = &view.endpoint.settings;
        removed.extend(settings.module_removed_by.clone());
        installed.extend(settings.global_module.clone());
        on.extend(places(scene, view, &settings.windows.enabled));
    }
    let by_removal = !removed.is_empty();
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "Windows authentication is installed, and on for {}, but its module is not among the modules that run there. IIS offers neither Negotiate nor NTLM.",
            listed(&all)
        ),
    )
    .structure("WindowsAuthenticationModule is taken out of the modules", &few(removed, 3))
    .structure(format!("Windows authentication is on for {}", listed(&all)), &few(on, 2));
    let says = "the module is installed on the server";
    let installed = few(installed, 1);
    finding = if by_removal {
        finding.supporting(says, &installed)
    } else {
        finding.structure(
            format!("{says}, and no list of modules in force has it"),
            &installed,
        )
    };
    if views
        .iter()
        .all(|v| super::is_anonymous(&v.endpoint.settings))
    {
        // Where everybody gets in as anonymous, nobody misses the challenge yet.
        finding = finding.at_most(crate::causes::Status::Possible);
    }
    let modules = |location: &String| {
        let name = if location.contains('/') {
            location.clone()
        } else {
            format!("{location}/")
        };
        Step::run(
            c::appcmd_list_modules(&name),
            "the list of modules must hold WindowsAuthenticationModule",
        )
    };
    let fix = vec![
        p::backup(),
        Step::by_hand("keep a copy of the file; take out the element that removes the module (the evidence names its line), or add <add name=\"WindowsAuthenticationModule\" /> behind a <clear/>")
            .risk("the application starts again when its web.config changes"),
    ];
    let mut verify: Vec<Step> = all.iter().map(modules).collect();
    verify.extend(p::verify_challenge(
        &views.location(),
        &first.endpoint.url(),
    ));
    let remedy = Remedy::of(fix)
        .verify(verify)
        .rollback(vec![Step::by_hand("put the kept file back")])
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, switch_all(first, &all, &Switch::ModulePresent))
}
