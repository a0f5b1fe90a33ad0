//! NT-03: the domain controllers refuse NTLM for the web server, or for the domain.

use super::NETLOGON;
use super::signs::{self, NTLM_BLOCKED};
use crate::case::{Case, HostId, Role};
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::readers::registry::Key;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// NT-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "NT-03",
    name: "ntlm-blocked-by-domain-controllers",
    title: "The domain controllers refuse NTLM for the web server",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A web server cannot check NTLM of a domain account by itself: it asks a domain controller. The policy \"Network security: Restrict NTLM: NTLM authentication in this domain\" makes the controllers refuse that question, for every server that is not on their list of exceptions. The user, who had no ticket and fell back to NTLM, is refused: 401.1. On the web server nothing is set, and nothing in its configuration is wrong.",
        evidence: &[
            "NTLM/Operational of a domain controller: 4004 to 4006 (blocked), whose SChannelName is the web server; 8004 to 8006 are the audit of the same policy",
            "NTLM/Operational of a domain controller of Windows Server 2025: 4030 to 4033 with status 0xC0000418",
            "Security log of the web server: 4625 of type 3 with 0xC0000418",
            "Registry of a domain controller: RestrictNTLMInDomain under Netlogon\\Parameters: 1 domain accounts to servers of the domain, 3 domain accounts, 5 servers of the domain, 7 all",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NT-01",
                told_apart_by: "there the web server itself refuses and logs 4002 or 4003",
            },
            LookAlike {
                cause: "NT-05",
                told_apart_by: "there only members of Protected Users are refused, with 0xC000006E",
            },
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there the web server does not get to ask: its secure channel is broken, and NETLOGON logs 3210 or 5719",
            },
        ],
        ruled_out_by: "domain controllers that validate NTLM for that server (4776 with 0x0 for the same kind of account), or a value of 0.",
        fix: &[
            "Find out why no ticket was used, and repair that.",
            "If users cannot wait: put the web server on the controllers' list of exceptions, and take it off again afterwards.",
        ],
        verify: "4624 of type 3 with package Kerberos; no new 4004 to 4006 that names the web server.",
        rollback: "Take the web server from the list of exceptions.",
        prevent: "Audit NTLM in the domain (8004) and list the servers by SChannelName before denying it.",
        blind_spots: &[
            "domain controllers whose NTLM log is not in the bundle: any of them may have refused",
        ],
        versions: "Windows Server 2008 R2 and later.",
        sources: &[
            super::POLICIES,
            "Windows security templates: RestrictNTLMInDomain 1, 3, 5 and 7 (domain accounts to domain servers, domain accounts, domain servers, all)",
            "Microsoft open specification MS-APDS, section 3.1.5 (ResourceDCBlocked, AccountDCBlocked, DCBlockExceptions)",
        ],
    },
    assess,
};

const VALUE: &str = "RestrictNTLMInDomain";
const WANTED: Input = Input::Stated {
    what: "the log Microsoft-Windows-NTLM/Operational of the domain controllers, and whether their policy denies NTLM in the domain",
    collect_with: "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon\\Parameters /v RestrictNTLMInDomain",
};

/// NTLM that domain controllers refused for a server (any, where none is given).
pub(super) fn refused(
    case: &Case,
    server: Option<HostId>,
) -> impl Iterator<Item = (HostId, &Event)> {
    case.events.iter().filter_map(move |event| {
        let via = match &event.body {
            Body::NtlmBlocked(e) if matches!(e.id, 4004..=4006) => e.via.as_deref()?,
            Body::NtlmUse(e) if matches!(e.id, 4030..=4033) && e.status == Some(NTLM_BLOCKED) => {
                e.via.as_deref()?
            }
            _ => return None,
        };
        let host = case.hosts.find(via.trim_start_matches('\\'))?;
        (server.is_none_or(|server| server == host)).then_some((host, event))
    })
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let controllers = case
        .hosts
        .iter()
        .filter(|(_, h)| h.roles.contains(&Role::DomainController));
    let settings: Vec<(HostId, u64, Vec<crate::evidence::Citation>)> = controllers
        .filter_map(|(id, _)| {
            let (value, from) = signs::number(case, id, Key::Netlogon, VALUE)?;
            Some((id, value, from))
        })
        .collect();
    for server in signs::web_servers(case) {
        let events: Vec<&Event> = refused(case, Some(server))
            .map(|(_, event)| event)
            .collect();
        let logons = signs::failed_logons(scene, server, NTLM_BLOCKED);
        let denies = settings.iter().find(|(_, value, _)| *value > 0);
        let lost = signs::lost_names(scene, server);
        let own = signs::blocked(case, &[4002, 4003]).any(|(at, ..)| at == server);
        if events.is_empty() && (denies.is_none() || own || (logons.is_empty() && lost.is_empty()))
        {
            continue;
        }
        let name = &case.hosts.get(server).name;
        let subject = Subject {
            host: Some(name.clone()),
            ..Subject::default()
        };
        let mut finding = Finding::about(
            subject,
            format!(
                "The domain controllers refuse to check NTLM for {name}. Whoever comes there without a Kerberos ticket gets 401; nothing on {name} itself is set so."
            ),
        );
        if let Some((controller, value, from)) = denies {
            let says = format!(
                "the policy of {} denies NTLM in the domain ({VALUE} is {value})",
                case.hosts.get(*controller).name
            );
            finding = finding.structure(says, from);
        }
        let count = times_of(&events);
        let from = events.iter().map(|e| e.citation.clone()).collect();
        for (controller, event) in
            refused(case, Some(server)).map(|(_, e)| (case.hosts.find(&e.computer), e))
        {
            if let (Some(controller), Body::NtlmBlocked(_)) = (controller, &event.body) {
                finding = finding.explains(signs::block_symptoms(scene, controller, None));
            }
        }
        finding = finding
            .conclusive(
                format!("a domain controller refused NTLM that {name} passed on, {count}"),
                &few(from, 3),
            )
            .saw(logons, |count| {
                format!("{name} refused logons because NTLM is blocked (0xC0000418), {count}")
            });
        if events.is_empty() && finding.observed.is_empty() {
            // Exceptions may let this server pass.
            finding = finding.lacks(WANTED);
        }
        out.find(finding.fix(remedy(name, signs::first_spn(&lost)), Vec::new()));
    }
    match settings.first() {
        Some((controller, value, from)) if settings.iter().all(|(_, value, _)| *value == 0) => out
            .rule_out(
                format!(
                    "{} lets NTLM pass in the domain ({})",
                    case.hosts.get(*controller).name,
                    signs::said(case, *controller, Key::Netlogon, VALUE, *value)
                ),
                from,
            ),
        _ => out.lack(WANTED),
    }
    out
}

fn remedy(server: &str, spn: Option<&str>) -> Remedy {
    let mut fix = super::kerberos_first(spn);
    fix.push(Step::run(
        c::reg_query(NETLOGON, VALUE),
        "on a domain controller, keep the value as it is now; DCAllowedNTLMServers beside it is the list of exceptions",
    ));
    fix.push(
        Step::by_hand(format!(
            "only if users cannot wait for Kerberos, and whoever set the policy agrees: add {server} to \"Restrict NTLM: Add server exceptions in this domain\""
        ))
        .risk("NTLM to that server is open again for the whole domain")
        .stop_if("Kerberos works: then no exception is needed"),
    );
    Remedy::of(fix)
        .verify(super::verify_kerberos())
        .rollback(vec![Step::by_hand(format!(
            "take {server} from the list of exceptions again"
        ))])
        .prevent(CAUSE.page.prevent)
}
