//! CL-18: a local debugging proxy was left behind.

use super::no_controller::reached_none;
use super::signs;
use crate::case::{Case, HostId, MachineState};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::{Citation, Cited};
use crate::negotiate::Stage;
use crate::readers::machine::WinHttpProxy;
use crate::remedy::{Remedy, Step};

/// CL-18.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-18",
    name: "client-local-proxy-left",
    title: "A local debugging proxy was left behind",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Tools that record traffic set themselves as the proxy of WinHTTP (127.0.0.1:8888 or the like). If one ends without taking that back, everything that uses WinHTTP talks to a port where nobody listens: the KDC proxy of clients outside among it. klist get then finds no domain controller (0x51F), though the network is in order.",
        evidence: &[
            "netsh winhttp show proxy: 127.0.0.1 or localhost",
            "klist get: 0xC000005E with substatus 0x51F",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-08",
                told_apart_by: "there no proxy is set, and the controllers are really out of reach",
            },
            LookAlike {
                cause: "PRX-04",
                told_apart_by: "there a real proxy of the company stands between",
            },
        ],
        ruled_out_by: "netsh winhttp show proxy: direct access.",
        fix: &[
            "netsh winhttp reset proxy, in an elevated prompt.",
            "Where it was set by the tool for the user too: Internet Options, Connections.",
        ],
        verify: "klist get HTTP/<name> succeeds.",
        rollback: "netsh winhttp set proxy with what was noted.",
        prevent: "End recording tools by their own menu.",
        blind_spots: &[
            "a proxy that listens and passes everything on does no harm, and looks the same",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos authentication troubleshooting (0x51f, WinHTTP proxy)"],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the proxy of WinHTTP on a client that finds no domain controller",
    collect_with: "netsh winhttp show proxy",
};

/// The machines of a case and what is shown of one that nothing names, each with its state.
fn machines(case: &Case) -> impl Iterator<Item = (Option<HostId>, &MachineState)> {
    let named = case
        .machines
        .iter()
        .map(|(host, state)| (Some(*host), state));
    named.chain([(None, &case.unplaced)])
}

/// Where WinHTTP has a proxy that is the machine itself.
pub(super) fn local_proxies(case: &Case) -> Vec<(Option<HostId>, Cited<String>)> {
    let local = |(host, state): (_, &MachineState)| {
        let proxy = state.winhttp_proxy()?;
        let WinHttpProxy::Servers { servers, .. } = &proxy.value else {
            return None;
        };
        let lower = servers.to_lowercase();
        let own = ["127.0.0.1", "localhost", "[::1]"];
        let local = own.iter().any(|own| lower.contains(own));
        local.then(|| {
            let cited = Cited {
                value: servers.clone(),
                from: proxy.from.clone(),
            };
            (host, cited)
        })
    };
    machines(case).filter_map(local).collect()
}

/// Whether an output is from the machine that has such a proxy, or both are from one that nothing names.
pub(super) fn is_on(
    case: &Case,
    (host, proxy): &(Option<HostId>, Cited<String>),
    at: &Citation,
) -> bool {
    let presumed = proxy
        .from
        .iter()
        .any(|c| case.presumed.contains(&c.artifact));
    host.filter(|_| !presumed) == signs::machine_of(case, at)
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let proxies = local_proxies(case);
    out.find_each(
        &proxies,
        |proxy| Some(finding(case, proxy)),
        |(host, proxy)| (signs::machine_name(case, *host), proxy.from.clone()),
    );
    if !proxies.is_empty() {
        return out;
    }
    for (host, state) in machines(case).filter(|(host, _)| scene.fails_at(*host)) {
        if let Some(other) = state.winhttp_proxy() {
            let name = signs::machine_name(case, host);
            out.rule_out(
                format!("WinHTTP on {name} uses no proxy of the machine itself"),
                &other.from,
            );
        }
    }
    if out.ruled_out.is_empty() {
        out.lack(WANTED);
    }
    out
}

fn finding(case: &Case, local: &(Option<HostId>, Cited<String>)) -> Finding {
    let (host, proxy) = local;
    let failed = (case.attempts.iter())
        .filter(|a| reached_none(a) && is_on(case, local, &a.from))
        .map(|a| a.from.clone())
        .collect();
    let mut finding = Finding::about(
        Subject {
            host: host.map(|host| case.hosts.get(host).name.clone()),
            ..Subject::default()
        },
        format!("WinHTTP sends everything to {}, a proxy on the machine itself, as a recording tool leaves it behind: what is fetched that way, tickets by a KDC proxy among it, ends there.", proxy.value),
    )
    .structure(format!("the proxy of WinHTTP is {}", proxy.value), &proxy.from)
    .observed("klist found no domain controller (0x51F)", &few(failed, 2));
    finding = match finding.observed.is_empty() {
        // A proxy that works, or that nothing needs, does no harm.
        true => finding.at_most(Status::Possible),
        // Without a KDC proxy the way to a controller is not that of WinHTTP.
        false => finding.at_most(Status::Likely),
    };
    finding.fix(remedy(), Vec::new())
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("netsh winhttp show proxy (keep the output)"),
        Step::by_hand("netsh winhttp reset proxy, in an elevated prompt")
            .stop_if("the tool is running and meant to: end it by its own menu instead"),
    ])
    .verify(vec![Step::by_hand("klist get HTTP/<name> succeeds")])
    .rollback(vec![Step::by_hand(
        "netsh winhttp set proxy with what was noted",
    )])
    .prevent(CAUSE.page.prevent)
}
