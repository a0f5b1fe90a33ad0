//! CFG-01: the role service "Windows Authentication" is not installed.

use std::collections::BTreeMap;

use super::{has_server, is_anonymous, listed, locations, places, subject};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, Switch, commands as c};

/// CFG-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-01",
    name: "windows-auth-not-installed",
    title: "The role service Windows Authentication is not installed",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "Negotiate and NTLM are offered by a native module, WindowsAuthenticationModule (authsspi.dll). Windows installs it with its role service only, and IIS does not need it to start. Without it the setting enabled=\"true\" has no effect: the 401 carries neither Negotiate nor NTLM.",
        evidence: &[
            "applicationHost.config: no WindowsAuthenticationModule in globalModules, although windowsAuthentication is enabled somewhere",
            "Get-WindowsFeature Web-Windows-Auth: Available, not Installed",
            "IIS log: only 401 2 5",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there the native module is registered, and the setting is off",
            },
            LookAlike {
                cause: "CFG-13",
                told_apart_by: "there globalModules has the module, and a site removes it",
            },
        ],
        ruled_out_by: "WindowsAuthenticationModule in globalModules. The managed module WindowsAuthentication (System.Web.Security) comes with ASP.NET and proves nothing.",
        fix: &[
            "Back up the IIS configuration.",
            "Install the role service Web-Windows-Auth.",
            "Check that the providers Negotiate and NTLM are there.",
        ],
        verify: "A request without credentials is answered 401 with WWW-Authenticate: Negotiate and NTLM.",
        rollback: "Remove the role service again.",
        prevent: "Install role services from the same script or DSC configuration on every server.",
        blind_spots: &["a role service removed or installed after the file was copied"],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: <windowsAuthentication> element of IIS (setup)",
            "IIS_schema.xml and applicationHost.config as installed",
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
    let mut servers: BTreeMap<_, Vec<&View<'_>>> = BTreeMap::new();
    for view in super::sites(scene, |v| v.endpoint.settings.windows.enabled.value)
        .into_iter()
        .flatten()
    {
        servers.entry(view.endpoint.server).or_default().push(view);
    }
    for views in servers.into_values() {
        let Some(views) = Group::of(views) else {
            continue;
        };
        let first = views.first;
        match &first.endpoint.settings.global_module {
            Some(module) => out.rule_out(
                format!(
                    "WindowsAuthenticationModule is installed on {}",
                    scene.case.server(first.endpoint).label
                ),
                std::slice::from_ref(module),
            ),
            None if scene.case.server(first.endpoint).config.complete => {
                out.find(finding(scene, &views));
            }
            None => out.lack(Input::ApplicationHostConfig),
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let server = scene.case.server(first.endpoint);
    let all = locations(views);
    let mut about = Subject {
        host: Some(server.label.clone()),
        ..Subject::default()
    };
    if views.iter().all(|v| v.endpoint.site == first.endpoint.site) {
        about = subject(scene, views);
    }
    let enabled: Vec<_> = views
        .iter()
        .flat_map(|v| places(scene, v, &v.endpoint.settings.windows.enabled))
        .collect();
    let mut finding = Finding::about(
        about,
        format!(
            "Windows authentication is turned on for {}, but the module that does it is not installed on {}. IIS offers neither Negotiate nor NTLM there.",
            listed(&all),
            server.label
        ),
    )
    .structure(
        "the file is whole, and its globalModules has no WindowsAuthenticationModule",
        std::slice::from_ref(&server.config.from),
    )
    .structure(
        format!("Windows authentication is on for {}", listed(&all)),
        &few(enabled, 3),
    );
    // Where everybody gets in as anonymous, nobody misses the challenge yet.
    if views.iter().all(|v| is_anonymous(&v.endpoint.settings)) {
        finding = finding.at_most(Status::Possible);
    }
    let remedy = Remedy::of(vec![
        p::backup(),
        Step::run(
            c::install_windows_auth(),
            "install the role service on the web server (Enable-WindowsOptionalFeature -FeatureName IIS-WindowsAuthentication on a client edition)",
        )
        .risk("IIS restarts its worker processes")
        .stop_if("the cmdlet asks for a restart that nobody planned"),
    ])
    .verify(p::verify_challenge(&views.location(), &first.endpoint.url()))
    .rollback(vec![Step::run(
        c::uninstall_windows_auth(),
        "remove the role service again",
    )])
    .prevent(CAUSE.page.prevent);
    let mut sites: Vec<String> = views.iter().map(|v| v.endpoint.site.clone()).collect();
    sites.dedup();
    let changes = sites
        .into_iter()
        .map(|site| Change::Set(first.endpoint.server, site, Switch::ModulePresent))
        .collect();
    finding.fix(remedy, changes)
}
