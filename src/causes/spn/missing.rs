//! SPN-01: nobody holds the SPN that clients ask for.

use crate::case::Spn;
use crate::causes::observations::NAME_UNRESOLVED;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Subject, View, Why,
};
use crate::negotiate::{Answer, Stage};
use crate::readers::events::Body;

/// SPN-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-01",
    name: "spn-missing",
    title: "Nobody holds the SPN that clients ask for",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The client asks the KDC for a ticket for HTTP/<name>. Neither HTTP/<name> nor HOST/<name> is registered on any account it can reach, so the KDC answers KDC_ERR_S_PRINCIPAL_UNKNOWN (0x7) and Negotiate falls back to NTLM, without a word to the user. Where NTLM is blocked or not offered, the fall-back ends in 401.",
        evidence: &[
            "setspn -F -Q HTTP/<name>: No such SPN found",
            "System log of a client: Kerberos event 3 with error 0x7 for HTTP/<name> (only with Kerberos LogLevel on)",
            "Security log of a domain controller: 4769 with status 0x7 (only with KdcExtraLogLevel bit 0x1)",
            "klist get HTTP/<name>: 0xc000018b, substatus 0x6fb",
            "NTLM/Operational of a client: 4020 with usage reason 6 for HTTP/<name>",
            "Security log of the web server: 4624 of type 3 by NtLmSsp",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-02",
                told_apart_by: "there two accounts hold the name: setspn -Q prints two, the KDC logs event 11",
            },
            LookAlike {
                cause: "NAME-01",
                told_apart_by: "there the URL holds an IP address, and the KDC is never asked",
            },
            LookAlike {
                cause: "CFG-03",
                told_apart_by: "there IIS offers NTLM only, and the KDC is never asked",
            },
            LookAlike {
                cause: "SPN-10",
                told_apart_by: "there the other form of the name (short or fully qualified) is registered",
            },
            LookAlike {
                cause: "SPN-11",
                told_apart_by: "there the name is registered with another port",
            },
            LookAlike {
                cause: "NAME-06",
                told_apart_by: "there the IIS configuration log shows that the binding was added before the first fall-back",
            },
            LookAlike {
                cause: "SPN-09",
                told_apart_by: "there a value for the name is registered, but misspelled so that it never matches",
            },
        ],
        ruled_out_by: "an account that holds the SPN, a ticket for it in any cache, or a 4769 that succeeded for it.",
        fix: &[
            "Work out whose key opens tickets for the application (why401 endpoints shows it).",
            "Note the present SPNs, and make sure that nobody in the forest holds the name.",
            "Register HTTP/<fqdn> and HTTP/<short> on that account with setspn -S.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "klist get HTTP/<name> succeeds; 4624 of type 3 shows Kerberos; the IIS log shows 401 2 followed by 200.",
        rollback: "setspn -D HTTP/<name> <account>.",
        prevent: "Register the SPN in the same change that creates the binding and the DNS record; watch the share of NTLM logons per site.",
        blind_spots: &[
            "a client that was refused the name in the last 15 minutes does not ask again (CL-11)",
            "an SPN registered after the bundle was collected",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Kerberos error KDC_ERR_S_PRINCIPAL_UNKNOWN or KDC_ERR_PRINCIPAL_NOT_UNIQUE",
            "Microsoft: Kerberos protocol registry entries and KDC configuration keys (KdcExtraLogLevel)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        if matches!(unheld.why, Why::Missing) {
            let finding = unheld.finding(scene, explanation(&unheld.spn));
            out.find(super::register(
                scene,
                finding,
                &unheld.spn,
                &unheld.views,
                &[],
                CAUSE.page.prevent,
            ));
        }
    }
    let directory = &scene.case.situation.directory;
    let disagree =
        |spn: &crate::case::Spn| directory.disagreement(spn, &scene.case.accounts).is_some();
    out.findings.extend(repaired(scene));
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() || v.endpoint.is_asked()) {
        let Some(view) = views.first() else { continue };
        match &view.path.answer {
            Some(Answer::NotFound { .. }) if !view.path.is_decided() => {
                out.lack(Input::SpnQuery(spn.with_class("HOST").to_string()));
            }
            Some(Answer::Unknown) => out.lack(Input::SpnQuery(spn.to_string())),
            // Two dumps that disagree rule nothing out: which of them holds is what must be asked.
            Some(Answer::Ticket { .. }) if disagree(&spn) => {
                out.lack(Input::SpnQuery(spn.to_string()));
            }
            Some(Answer::Ticket { holder, .. }) => out.rule_out(
                format!("{spn} is held by {}", scene.shown(holder.account)),
                &few(holder.from.clone(), 2),
            ),
            Some(Answer::Duplicate { holders }) => out.rule_out(
                format!("{spn} is held by {} accounts", holders.len()),
                &few(holders.iter().flat_map(|h| h.from.clone()).collect(), 4),
            ),
            _ => {}
        }
    }
    for ticket in scene
        .case
        .tickets
        .iter()
        .filter(|t| t.spn.has_class("HTTP"))
    {
        out.rule_out(
            format!("the KDC issued a ticket for {}", ticket.spn),
            std::slice::from_ref(&ticket.ticket.from),
        );
    }
    if scene.views.is_empty() && out.findings.is_empty() {
        out.lack(Input::ApplicationHostConfig);
        out.lack(Input::SpnInventory);
    }
    out
}

/// Names that the KDC did not know until somebody registered them (5136), after the last refusal.
fn repaired(scene: &Scene<'_>) -> Vec<Finding> {
    let added = |b: &Body| match b {
        Body::DirectoryChanged(change) if change.added == Some(true) => change
            .attribute
            .as_deref()
            .is_some_and(|a| a.eq_ignore_ascii_case("servicePrincipalName")),
        _ => false,
    };
    let mut findings: Vec<Finding> = Vec::new();
    for event in scene.case.events.iter().filter(|e| added(&e.body)) {
        let Body::DirectoryChanged(change) = &event.body else {
            continue;
        };
        let spn = Spn::new(change.value.as_deref().unwrap_or_default());
        let refusals = scene.unknown_principals(&spn);
        let last = refusals.iter().filter_map(|(_, s)| s.last).max();
        let directory = &scene.case.situation.directory;
        let held = directory.holders(&spn, &scene.case.accounts).shown.len() == 1;
        let told = findings
            .iter()
            .any(|f| f.subject.spn.as_deref() == Some(spn.as_str()));
        if !held || told || last.is_none_or(|last| last >= event.time) {
            continue;
        }
        let views: Vec<&View<'_>> = scene
            .views
            .iter()
            .filter(|v| v.spn() == Some(&spn))
            .collect();
        let subject = Subject {
            spn: Some(spn.to_string()),
            host_name: Some(spn.host()),
            ..views
                .first()
                .map(|v| v.subject(scene.case))
                .unwrap_or_default()
        };
        let text = format!(
            "No account held {spn} until it was registered. Before that, the KDC answered 0x7, and Negotiate fell back to NTLM; no refusal came after."
        );
        let registered = std::slice::from_ref(&event.citation);
        let mut finding = Finding::about(subject, text)
            .structure(
                format!("{spn} was registered after the refusals"),
                registered,
            )
            .saw_refusals(scene, &spn)
            .saw_ntlm(scene, &spn, NAME_UNRESOLVED)
            .saw_logons_of_the_refused(scene, &spn, &views);
        finding.current = Current::No;
        findings.push(finding);
    }
    findings
}

/// What happens when nobody holds a name.
pub(in crate::causes) fn explanation(spn: &crate::case::Spn) -> String {
    format!(
        "Clients ask for {spn}, and no account holds it. The KDC answers 0x7, and Negotiate falls back to NTLM; where NTLM is blocked, users get 401."
    )
}
