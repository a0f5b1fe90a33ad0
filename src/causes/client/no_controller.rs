//! CL-08: the client reaches no domain controller.

use super::proxy_left::{is_on, local_proxies};
use super::signs;
use crate::case::{Case, Spn, TicketAttempt};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::klist::Failure;
use crate::readers::machine::Fact;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// CL-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-08",
    name: "client-no-line-of-sight",
    title: "The client reaches no domain controller",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A ticket is fetched from a domain controller, by TCP or UDP 88, when the site is opened. A notebook at home signs in to Windows with remembered credentials and reaches the web server through a gateway, but no controller: the VPN is not up yet, a firewall lets 443 through and 88 not, or DNS of the outside does not know the domain. No ticket, so NTLM, which the web server can check for the user; where NTLM is blocked, 401.",
        evidence: &[
            "klist get HTTP/<name> (or krbtgt): 0xC000005E with substatus 0x51F, no logon servers",
            "NTLM/Operational of the client: 4020 or 4021 with NtlmUsageId 9 (no line of sight to a domain controller)",
            "nltest /dsgetdc fails on the client; TCP 88 of the controllers does not answer",
            "Security log of the client: 4624 of type 11 (remembered credentials)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-09",
                told_apart_by: "there the device is joined to Entra only and has no ticket of the domain to begin with",
            },
            LookAlike {
                cause: "CL-18",
                told_apart_by: "there a left-over proxy of 127.0.0.1 stands in the way, and netsh winhttp show proxy names it",
            },
            LookAlike {
                cause: "SZ-04",
                told_apart_by: "there a controller is found, and only large answers (TCP 88) do not come through",
            },
            LookAlike {
                cause: "MC-03",
                told_apart_by: "there the web server itself reaches no controller, and NTLM fails too",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there klist get fails with 0xC000018B: the controller was reached, and knows no such name",
            },
        ],
        ruled_out_by: "klist get krbtgt that succeeds in the same session.",
        fix: &[
            "Connect the VPN before the site is opened; then klist purge and try again.",
            "Let TCP and UDP 88 and the DNS of the domain through, or publish a KDC proxy.",
        ],
        verify: "klist get HTTP/<name> succeeds on the client.",
        rollback: "Nothing to take back.",
        prevent: "A VPN that is up before the user signs in; a KDC proxy for clients outside.",
        blind_spots: &["whether the client was inside or outside when it failed"],
        versions: "All supported versions; events 4020 and 4021 from Windows 11 24H2 and Windows Server 2025 on.",
        sources: &[
            "Microsoft: klist, Kerberos authentication troubleshooting (0x51f)",
            "Microsoft: NTLM auditing enhancements in Windows 11 24H2 and Windows Server 2025 (reasons for NTLM)",
        ],
    },
    assess,
};

/// The reason of no line of sight.
const NO_LINE_OF_SIGHT: u32 = 9;
/// STATUS_NO_LOGON_SERVERS and ERROR_NO_LOGON_SERVERS.
const NO_LOGON_SERVERS: (u32, u32) = (0xC000_005E, 0x51F);

/// What tells a client that finds no domain controller from one that reaches it by half.
const NLTEST: Input = Input::Stated {
    what: "whether the client finds a domain controller, and reaches its port 88 by TCP",
    collect_with: "nltest /dsgetdc:%USERDNSDOMAIN%",
};

/// Whether `klist get` found no domain controller.
pub(super) fn reached_none(attempt: &TicketAttempt) -> bool {
    match attempt.result {
        Err(Failure { status, sub_status }) => {
            status == Some(NO_LOGON_SERVERS.0) || sub_status == Some(NO_LOGON_SERVERS.1)
        }
        Ok(()) => false,
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    for (spn, id, symptom) in signs::ntlm_because(scene, NO_LINE_OF_SIGHT) {
        let finding = Finding::about(
            signs::named(scene, &spn),
            explanation("The client", &spn.to_string()),
        )
        .conclusive(
            format!(
                "NTLM was used towards {spn} for want of a domain controller, {}",
                times(symptom.count)
            ),
            &symptom.from,
        )
        .explains([id])
        .saw_logons_of_the_refused(scene, &spn, &signs::views(scene, &spn));
        let finding = signs::of_this_case(scene, &spn, finding);
        out.find(finding.fix(remedy(Some(spn.as_str())), Vec::new()));
    }
    let failed: Vec<&TicketAttempt> = case.attempts.iter().filter(|a| reached_none(a)).collect();
    if let (Some(first), true) = (failed.first(), out.findings.is_empty()) {
        let web = failed
            .iter()
            .find_map(|a| a.spn.as_ref())
            .filter(|s| s.has_class("HTTP"));
        let subject = web
            .map(|spn| signs::named(scene, spn))
            .unwrap_or_else(Subject::default);
        let shown = first
            .spn
            .as_ref()
            .map_or_else(|| "a ticket".to_owned(), Spn::to_string);
        let places = failed.iter().map(|a| a.from.clone()).collect();
        let on = signs::machine_of(case, &first.from);
        let client = on.map_or("The client", |host| case.hosts.get(host).name.as_str());
        let mut finding = Finding::about(subject, explanation(client, &shown))
            .conclusive(
                format!("klist asked for {shown} and found no domain controller"),
                &few(places, 3),
            )
            .supporting("the client finds no domain controller", &not_found(case));
        // It is so on that machine, and the failures are shown to be those of others.
        let elsewhere = |a: &&TicketAttempt| {
            let on = signs::machine_of(case, &a.from);
            on.is_some_and(|host| scene.clients.only_others_fail(case, host))
        };
        if failed.iter().all(elsewhere) {
            finding = finding.at_most(Status::Possible);
        }
        if not_found(case).is_empty() {
            finding = finding
                .or_else("SZ-04", "a firewall that lets UDP 88 through and TCP 88 not, or the other way round, looks the same")
                .lacks(NLTEST);
        }
        let proxies = local_proxies(case);
        let in_the_way = |proxy: &&_| failed.iter().any(|a| is_on(case, proxy, &a.from));
        if let Some((_, proxy)) = proxies.iter().find(in_the_way) {
            finding = finding
                .contradicting(
                    "the machine sends what it fetches to a proxy of its own",
                    &proxy.from,
                )
                .or_else(
                    "CL-18",
                    "a left-over local proxy stands in the way of a KDC proxy",
                );
        }
        out.find(finding.fix(remedy(web.map(Spn::as_str)), Vec::new()));
    }
    // What was fetched says something of the machine it was fetched on.
    let fetched = case.attempts.iter().filter(|a| a.result.is_ok());
    let fetched = fetched.map(|a| (signs::machine_of(case, &a.from), &a.from));
    let held = (case.tickets.iter()).map(|t| (signs::shown_on(case, t), &t.ticket.from));
    let reached: Vec<Citation> = fetched
        .chain(held)
        .filter(|(host, _)| scene.fails_at(*host))
        .map(|(_, from)| from.clone())
        .take(2)
        .collect();
    if reached.is_empty() {
        out.lack(Input::Klist);
    } else {
        out.rule_out(
            "a domain controller gave tickets to the session that was shown",
            &reached,
        );
    }
    out
}

fn explanation(client: &str, shown: &str) -> String {
    format!(
        "{client} reached no domain controller when it needed a ticket for {shown}: it fell back to NTLM, or to nothing where NTLM is blocked."
    )
}

/// Where `nltest` found no domain controller on a client.
fn not_found(case: &Case) -> Vec<Citation> {
    let machines = case.machines.values().chain([&case.unplaced]);
    machines
        .flat_map(|machine| &machine.facts)
        .filter(|fact| matches!(fact.fact, Fact::NoController(_)))
        .map(|fact| fact.from.clone())
        .take(2)
        .collect()
}

fn remedy(spn: Option<&str>) -> Remedy {
    let mut fix = vec![
        Step::by_hand("on the client: nltest /dsgetdc:<domain>, and Test-NetConnection <domain controller> -Port 88"),
        Step::by_hand("outside of the network: connect the VPN, then open the site; if it must work without, let 88 and the DNS of the domain through, or publish a KDC proxy")
            .risk("a KDC proxy takes part of the domain to the outside: plan it"),
        Step::run(c::klist_purge(), "drop what was remembered of the failure, in the user's own session"),
    ];
    if let Some(spn) = spn {
        fix.push(Step::run(c::klist_get(spn), "ask for the ticket again"));
    }
    Remedy::of(fix)
        .verify(vec![Step::by_hand(
            "klist get HTTP/<name> succeeds on the client, and the web server's 4624 shows Kerberos",
        )])
        .rollback(vec![Step::by_hand("nothing to take back")])
        .prevent(CAUSE.page.prevent)
}
