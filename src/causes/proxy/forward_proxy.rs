//! PRX-04: the client goes through a forward proxy.

use crate::case::{HostId, MachineState, Role, SymptomKind};
use crate::causes::config::asks_for_windows;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::machine::WinHttpProxy;
use crate::readers::registry::Key;
use crate::remedy::{Remedy, Step};

/// PRX-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "PRX-04",
    name: "forward-proxy-in-the-path",
    title: "Clients reach the site through a forward proxy",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "A client that asks its proxy for an intranet site does not speak to the server itself. The proxy may ask for its own credentials first (407), which has nothing to do with IIS. NTLM does not survive a plain HTTP proxy, since it belongs to a connection; and browsers do not take a site behind a proxy for one of the intranet, so they send no credentials unasked. The server sees 401.2 and nothing after it.",
        evidence: &[
            "recording at the client: 407 Proxy Authentication Required, or a Via header in the answer",
            "IIS log: the proxy's address as c-ip for many users, 401 2 5 only",
            "client: netsh winhttp show proxy, and the proxy settings of the user, without an exception for the site",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-01",
                told_apart_by: "there the client reaches the server directly, and its zone keeps it from answering",
            },
            LookAlike {
                cause: "PRX-01",
                told_apart_by: "there a load balancer stands before the server, and tokens do arrive",
            },
        ],
        ruled_out_by: "the client's own address as c-ip in the IIS log.",
        fix: &[
            "Put the site's name into the exceptions of the proxy (PAC file, policy, and netsh winhttp set proxy … bypass-list=\"*.corp.example\" for services).",
            "Or use https: the proxy then opens a tunnel, and the connection is the client's own.",
            "Where the proxy itself must know the user: repair its own sign-in (407) first.",
        ],
        verify: "The IIS log shows the client's own address, and 401.2 followed by 200.",
        rollback: "Take the exception out again.",
        prevent: "A PAC file that sends intranet names directly.",
        blind_spots: &[
            "the proxy settings of the client",
            "proxies that hide themselves",
        ],
        versions: "All versions.",
        sources: &[
            "Microsoft: Windows authentication in IIS (does not work over HTTP proxy connections)",
            "RFC 9110 section 15.5.8 (407)",
        ],
    },
    assess,
};

/// What decides it.
const SETTINGS: Input = Input::Stated {
    what: "the proxy settings of a client that fails (of Windows services, and of the user)",
    collect_with: "(netsh winhttp show proxy& reg query \"HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\") >> %COMPUTERNAME%_proxy.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (id, symptom) in scene.symptoms(|k| *k == SymptomKind::AnsweredOnTheWay(407)) {
        // Where configuration names the sites, what clients fetch elsewhere is none of theirs.
        let sites = &scene.case.situation.endpoints;
        let is_ours = |name: &str| sites.iter().any(|site| site.is_named(name));
        let mut asked = (scene.case.proxy_challenges())
            .filter(|(_, passed)| !passed)
            .map(|(exchange, _)| exchange.host());
        let ours = |name: &Option<String>| name.as_deref().is_none_or(is_ours);
        let Some(host_name) = asked.find(|name| !scene.has_config() || ours(name)) else {
            continue;
        };
        // Whoever answers 407 asks for itself; whether the sign-in fails there shows in what follows.
        let arrived: Vec<_> = scene
            .case
            .exchanges
            .iter()
            .filter(|e| e.host() == host_name && e.status.is_some_and(|s| s < 400))
            .map(|e| e.from.clone())
            .collect();
        let subject = Subject {
            host_name,
            ..Subject::default()
        };
        let finding = Finding::about(
            subject,
            "The client does not speak to the web server itself: a forward proxy answered, and asked for credentials of its own (407). What IIS and Active Directory say of the site does not matter until that proxy lets the request through.",
        )
        .conclusive(
            format!("a proxy answered 407, {} times", symptom.count),
            &symptom.from,
        )
        .contradicting("requests for the same site were answered well in the same recording", &few(arrived, 2))
        .explains([id])
        .at_most(Status::Likely)
        .fix(remedy(), Vec::new());
        out.find(finding);
    }
    let is_client = |host: HostId| scene.case.hosts.get(host).roles.contains(&Role::Client);
    let machines = scene.case.machines.iter();
    for (host, machine) in machines.filter(|(host, _)| is_client(**host)) {
        let name = scene.case.hosts.get(*host).name.clone();
        match machine.winhttp_proxy() {
            Some(set) if set.value == WinHttpProxy::Direct => {
                out.rule_out(format!("services of {name} use no proxy"), &set.from);
            }
            Some(set) => out
                .findings
                .extend(by_settings(scene, machine, &name, &set.value, &set.from)),
            None => {}
        }
    }
    let recorded = scene
        .case
        .exchanges
        .iter()
        .find(|e| e.status.is_some_and(|s| s < 400));
    if out.findings.is_empty() && recorded.is_none() {
        out.lack(SETTINGS);
    }
    out
}

/// A client whose services reach a site of the bundle through a proxy: browsers have settings of their own.
fn by_settings(
    scene: &Scene<'_>,
    machine: &MachineState,
    name: &str,
    proxy: &WinHttpProxy,
    from: &[Citation],
) -> Option<Finding> {
    let WinHttpProxy::Servers { servers, bypass } = proxy else {
        return None;
    };
    let view = scene.views.iter().find(|v| {
        let asked = &v.endpoint.name;
        asks_for_windows(scene, v) && asked.contains('.') && !covers(bypass, asked)
    })?;
    let mut finding = Finding::about(
            Subject {
                host_name: Some(view.endpoint.name.clone()),
                host: Some(name.to_owned()),
                ..Subject::default()
            },
            format!("Services of {name} reach {} through the proxy {servers}, by their WinHTTP settings: no exception covers the name.", view.endpoint.name),
        )
        .structure(format!("WinHTTP of {name} uses {servers}, without an exception for the site"), from)
        .at_most(Status::Possible)
        .fix(remedy(), Vec::new());
    if let Known::Unknown = machine.setting(Key::InternetSettings, "ProxyEnable") {
        finding = finding.lacks(SETTINGS);
    }
    Some(finding)
}

/// Whether exceptions of a proxy cover a name: `*` stands for any letters, `<local>` for names without a dot.
fn covers(bypass: &[String], name: &str) -> bool {
    let name = name.to_lowercase();
    bypass.iter().any(|entry| {
        let entry = entry.to_lowercase();
        match entry.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => name == entry || (entry.starts_with('.') && name.ends_with(&entry)),
        }
    })
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on a client: netsh winhttp show proxy, and the proxy settings of the user; look for an exception that covers the site"),
        Step::by_hand("add the site's name to the exceptions, in the PAC file or by policy")
            .stop_if("the site is outside and must go through the proxy: then repair the proxy's own sign-in"),
    ])
    .verify(vec![Step::by_hand("the IIS log shows the client's own address, and 401 2 followed by 200")])
    .rollback(vec![Step::by_hand("take the exception out again")])
    .prevent(CAUSE.page.prevent)
}
