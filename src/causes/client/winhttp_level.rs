//! CL-13: WinHTTP does not send default credentials to the host.

use super::signs::{self, Program};
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::machine::WinHttpProxy;
use crate::remedy::{Remedy, Step};

/// CL-13.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-13",
    name: "client-winhttp-autologon",
    title: "WinHTTP does not send default credentials to the host",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "Services and agents that use WinHTTP have no zones. By its policy for automatic logon (medium, unless the program sets another) WinHTTP sends the credentials of the account only to hosts that it takes for the intranet: names without dots, and names on the bypass list of its proxy. A full name without such a list gets no credentials, and the agent sees a 401.",
        evidence: &[
            "IIS log: 401.2 with a user agent of WinHTTP and nothing after it",
            "netsh winhttp show proxy on that machine: no bypass list that covers the host",
            "the same call by the short name works",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-12",
                told_apart_by: "there another library was not told to send credentials",
            },
            LookAlike {
                cause: "PRX-04",
                told_apart_by: "there the proxy itself stands between, and answers 407 or changes the request",
            },
        ],
        ruled_out_by: "a bypass list that covers the host.",
        fix: &[
            "In the program: WINHTTP_OPTION_AUTOLOGON_POLICY low for this host, or credentials of its own.",
            "Or put the domain on the bypass list, where the machine has a proxy for WinHTTP.",
        ],
        verify: "The IIS log shows 401.2 followed by 200 with the account's name.",
        rollback: "netsh winhttp set proxy with what was noted.",
        prevent: "Document for each agent how it signs in.",
        blind_spots: &["which level the program sets is in no log"],
        versions: "All supported versions.",
        sources: &["Microsoft: WinHTTP, authentication (automatic logon policy)"],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the proxy and the bypass list of WinHTTP on the machine of the program",
    collect_with: "netsh winhttp show proxy",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unanswered in signs::unanswered(scene) {
        if unanswered.program != Program::WinHttp {
            continue;
        }
        let name = unanswered.subject(scene).host_name.unwrap_or_default();
        let (covers, leaves_out) = bypasses(scene, &name);
        if !covers.is_empty() {
            out.rule_out(format!("the bypass list of WinHTTP covers {name}"), &covers);
            continue;
        }
        let explanation = "A program that uses WinHTTP leaves the challenge of the site unanswered: WinHTTP sends default credentials only to hosts that it takes for the intranet.";
        let finding = unanswered
            .finding(scene, explanation, WANTED)
            .supporting("no bypass list of WinHTTP covers the host", &leaves_out)
            .or_else(
                "CL-12",
                "the program may not have been told to send credentials at all",
            );
        out.find(finding.fix(remedy(), Vec::new()));
    }
    out.lack(WANTED);
    out
}

/// Bypass lists that cover a name, and those that do not.
fn bypasses(scene: &Scene<'_>, name: &str) -> (Vec<Citation>, Vec<Citation>) {
    let machines = scene.case.machines.values().chain([&scene.case.unplaced]);
    let (mut covers, mut leaves_out) = (Vec::new(), Vec::new());
    for proxy in machines.filter_map(crate::case::MachineState::winhttp_proxy) {
        let covered = match &proxy.value {
            WinHttpProxy::Direct => false,
            WinHttpProxy::Servers { bypass, .. } => bypass.iter().any(|entry| {
                let entry = entry.to_lowercase();
                let tail = entry.trim_start_matches('*');
                !tail.is_empty()
                    && (name == tail || (entry.starts_with('*') && name.ends_with(tail)))
            }),
        };
        if covered {
            &mut covers
        } else {
            &mut leaves_out
        }
        .extend(proxy.from);
    }
    (covers, leaves_out)
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on the machine of the program: netsh winhttp show proxy (keep the output)"),
        Step::by_hand("try the same call by the short name: if that signs in, it is the level of WinHTTP")
            .stop_if("the short name fails too: then the program sends no credentials at all"),
        Step::by_hand("let the program set the automatic logon policy for this host, or put the domain on the bypass list (netsh winhttp set proxy … bypass-list=)")
            .risk("a bypass list concerns every program of the machine that uses WinHTTP"),
    ])
    .verify(vec![Step::by_hand("the IIS log shows 401.2 followed by 200 with the account's name")])
    .rollback(vec![Step::by_hand("netsh winhttp set proxy with what was noted")])
    .prevent(CAUSE.page.prevent)
}
