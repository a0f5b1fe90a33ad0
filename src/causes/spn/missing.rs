//! SPN-01: nobody holds the SPN that clients ask for.

use crate::case::{Reach, Role, Spn};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, View};
use crate::negotiate::{Answer, Stage};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy};

/// SPN-01.
pub const CAUSE: Cause = Cause {
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
                cause: "SPN-09",
                told_apart_by: "there a value for the name is registered, but misspelled so that it never matches",
            },
        ],
        ruled_out_by: "an account that holds the SPN, a ticket for it in any cache, or a 4769 that succeeded for it.",
        fix: &[
            "Work out whose key opens tickets for the application (why401 endpoints shows it).",
            "Keep the present SPNs, make sure that nobody in the forest holds the name.",
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
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() || v.endpoint.is_asked()) {
        let answer = views[0].path.answer.as_ref();
        match answer {
            Some(Answer::NotFound { .. }) if !views[0].path.is_decided() => {
                out.lack(Input::SpnQuery(spn.with_class("HOST").to_string()))
            }
            Some(Answer::NotFound { reach, from, .. }) => {
                if !is_other_cause(scene, &spn) {
                    out.find(finding(scene, &spn, &views, Some((*reach, from))));
                }
            }
            Some(Answer::Unknown) => {
                // The KDC's own refusal shows it without any setspn output, but not a duplicate's absence.
                if scene.unknown_principals(&spn).is_empty() {
                    out.lack(Input::SpnQuery(spn.to_string()));
                } else if !is_other_cause(scene, &spn) {
                    out.find(finding(scene, &spn, &views, None));
                }
            }
            Some(Answer::Ticket { holder, .. }) => out.rule_out(
                format!("{spn} is held by {}", scene.shown(holder.account)),
                &holder.from,
            ),
            Some(Answer::Duplicate { holders }) => out.rule_out(
                format!("{spn} is held by {} accounts", holders.len()),
                &holders
                    .iter()
                    .flat_map(|h| h.from.clone())
                    .collect::<Vec<_>>(),
            ),
            None => {}
        }
    }
    for ticket in &scene.case.tickets {
        if ticket.spn.has_class("HTTP") {
            out.rule_out(
                format!("the KDC issued a ticket for {}", ticket.spn),
                std::slice::from_ref(&ticket.ticket.from),
            );
        }
    }
    without_endpoints(scene, &mut out);
    out
}

/// The KDC refused a name that no endpoint of the bundle has (no configuration, or another server's name).
fn without_endpoints(scene: &Scene<'_>, out: &mut Assessment) {
    for symptom in scene.case.symptoms.iter() {
        let crate::case::SymptomKind::PrincipalUnknown(key) = &symptom.kind else {
            continue;
        };
        let spn = Spn::new(key);
        let known = scene.views.iter().any(|v| v.spn() == Some(&spn));
        let held = !scene
            .case
            .situation
            .directory
            .holders(&spn, &scene.case.accounts)
            .shown
            .is_empty();
        if !known && !held && !is_other_cause(scene, &spn) {
            let from = scene
                .case
                .situation
                .directory
                .holders(&spn, &scene.case.accounts)
                .absent()
                .map(|(r, f)| (r, f.to_vec()));
            out.find(finding(
                scene,
                &spn,
                &[],
                from.as_ref().map(|(r, f)| (*r, f)),
            ));
        }
    }
    if scene.views.is_empty() && out.findings.is_empty() {
        out.lack(Input::ApplicationHostConfig);
        out.lack(Input::SpnInventory);
    }
}

/// Whether a neighbouring registration makes this another cause: a port variant (SPN-11), the other form of the name
/// (SPN-10), or a misspelled value (SPN-09, SPN-18).
fn is_other_cause(scene: &Scene<'_>, spn: &Spn) -> bool {
    scene
        .case
        .situation
        .directory
        .registrations
        .iter()
        .any(|r| super::neighbours(&r.spn, spn))
}

fn finding(
    scene: &Scene<'_>,
    spn: &Spn,
    views: &[&View<'_>],
    absent: Option<(Reach, &Vec<crate::evidence::Citation>)>,
) -> Finding {
    let case = scene.case;
    let view = views.first();
    let mut subject = view.map(|v| v.subject(case)).unwrap_or_default();
    subject.spn = Some(spn.to_string());
    subject.host_name.get_or_insert_with(|| spn.host());
    let acceptor = view.and_then(|v| v.acceptor().map(|a| case.acceptor_shown(v.endpoint, a)));
    let mut finding = Finding::about(
        subject,
        format!(
            "Clients ask for {spn}, and no account holds it. The KDC answers 0x7, and Negotiate falls back to NTLM; where NTLM is blocked, users get 401."
        ),
    );
    if let Some((reach, from)) = absent {
        let where_ = match reach {
            Reach::Forest => "in the forest",
            Reach::Domain => "in the domain that was searched",
        };
        finding = finding.structure(
            format!("nobody holds {spn} {where_}"),
            &few(from.clone(), 2),
        );
    }
    for (id, symptom) in scene.unknown_principals(spn) {
        finding = finding
            .observed(
                format!(
                    "the KDC answered {} times that it does not know {spn}",
                    symptom.count
                ),
                &symptom.from,
            )
            .explains([id]);
    }
    for (id, symptom) in scene.ntlm_for(spn) {
        finding = finding
            .observed(
                format!("NTLM was used towards {spn} {} times", symptom.count),
                &symptom.from,
            )
            .explains([id]);
    }
    let host = view.and_then(|v| v.endpoint.host);
    if view.is_some() {
        for (id, symptom) in scene.ntlm_logons_due_to(host) {
            finding = finding
                .observed(
                    format!(
                        "domain users logged on to {} over the network by NTLM {} times",
                        host.map_or("the server", |h| case.hosts.get(h).name.as_str()),
                        symptom.count
                    ),
                    &symptom.from,
                )
                .explains([id]);
        }
    }
    let refused = !scene.unknown_principals(spn).is_empty();
    if absent.is_none() {
        // 0x7 is the KDC's answer to a duplicate as well; only a search shows which of the two it is.
        finding = finding
            .or_else("SPN-02", "the KDC answers 0x7 to a duplicate as well")
            .lacks(Input::SpnQuery(spn.to_string()));
    } else if matches!(absent, Some((Reach::Domain, _))) && !refused {
        // Another domain of the forest may hold it; what was observed fits, but the search does not close it.
        finding = finding.at_most(crate::causes::Status::Likely);
    }
    if view.is_some_and(|v| !v.endpoint.name_is_tied()) {
        finding = finding.at_most(crate::causes::Status::Likely);
    }
    if !scene.has_log("System", Role::Client) && finding.observed.is_empty() {
        finding = finding.at_most(crate::causes::Status::Likely);
    }
    repair(scene, spn, view.copied(), acceptor.as_deref(), finding)
}

fn repair(
    scene: &Scene<'_>,
    spn: &Spn,
    view: Option<&View<'_>>,
    acceptor: Option<&str>,
    finding: Finding,
) -> Finding {
    let account = view.and_then(|v| {
        v.acceptor()
            .and_then(|a| scene.case.acceptor_account(v.endpoint, a))
    });
    let name = match (account, acceptor) {
        (Some(account), _) => scene.case.accounts.get(account).command_name(),
        _ => "ACCOUNT".to_owned(),
    };
    let mut fix = p::snapshot(spn.as_str(), &[]);
    fix.extend(p::add_spn(spn.as_str(), &name));
    fix.push(p::replicate());
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(spn.as_str(), &name))
        .rollback(p::take_back_spn(spn.as_str(), &name))
        .prevent(CAUSE.page.prevent);
    let changes = account
        .map(|a| vec![Change::AddSpn(spn.clone(), a)])
        .unwrap_or_default();
    finding.fix(remedy, changes)
}
