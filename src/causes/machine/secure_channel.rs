//! MC-01: the web server's secure channel to its domain is broken.

use super::channel_signs::{REFUSED, Signs, signs};
use super::{find_controller, wrong_key};
use crate::case::{Channel, HostId, Role, SymptomId, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status, Subject,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// MC-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-01",
    name: "secure-channel-broken",
    title: "The web server's secure channel to its domain is broken",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A member server hands NTLM logons to a domain controller over its secure channel, which rests on the password of its computer account. When the two sides no longer agree on it (a snapshot taken back, a cloned machine, a long time off), every NTLM logon of a domain user fails, and passwords of managed accounts cannot be fetched. Kerberos may go on working.",
        evidence: &[
            "System log of the web server: NETLOGON 3210 (often with 5719)",
            "System log of a domain controller: NETLOGON 5722, 5723 or 5805 that names the web server",
            "Security log of the web server: 4625 of type 3 with 0xC000018A, 0xC000018B, 0xC000018C, 0xC000018D or 0xC0000192",
            "NTLM users fail while Kerberos users of the same site get in",
            "nltest /sc_query or /sc_verify with a status other than 0, Test-ComputerSecureChannel with False",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-02",
                told_apart_by: "there Kerberos fails too: clients log event 4 for names that the computer account holds and opens",
            },
            LookAlike {
                cause: "MC-03",
                told_apart_by: "there no domain controller can be reached: 5719 without 3210, and 0xC000005E",
            },
            LookAlike {
                cause: "MC-06",
                told_apart_by: "there the computer account is missing, disabled or a namesake's: 5723, 4743, 4725",
            },
            LookAlike {
                cause: "TR-06",
                told_apart_by: "there the trust between two domains is broken, and only users of the other one fail",
            },
        ],
        ruled_out_by: "nltest /sc_verify that succeeds, or an NTLM logon of a domain user at the time.",
        fix: &[
            "Check the channel (Test-ComputerSecureChannel, nltest /sc_verify).",
            "Repair it with Test-ComputerSecureChannel -Repair.",
            "Restart the server.",
            "Join the domain anew only when nothing else helps.",
        ],
        verify: "nltest /sc_verify succeeds; an NTLM logon of a domain user gives a 4624 on the web server.",
        rollback: "None needed: the repair sets a new password on both sides.",
        prevent: "Do not take back snapshots of domain members; prepare images with sysprep.",
        blind_spots: &[
            "the logs do not say how the channel is now: a test of it does (nltest /sc_query)",
            "5719 is written at many a boot before the network is up, and then means nothing",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: broken secure channel between a domain member and its domain"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let is = |host: HostId, role| scene.case.hosts.get(host).roles.contains(&role);
    for (host, signs) in signs(scene.case) {
        let web = is(host, Role::WebServer);
        // Between domain controllers the channel is that of a trust or of replication.
        let member = web || !is(host, Role::DomainController);
        let own = [signs.member.len(), signs.logons.len(), signs.tested.len()] != [0; 3];
        let serves = super::may_serve(scene, host, !signs.logons.is_empty());
        if member
            && signs.broken()
            && (web || own)
            && serves
            && !wrong_key::claims(scene, host, &signs)
        {
            out.find(finding(scene, host, &signs, web));
        }
    }
    let servers = scene
        .case
        .hosts
        .iter()
        .filter(|(id, _)| is(*id, Role::WebServer));
    let tested: Vec<_> = servers
        .filter_map(|(id, host)| Some((host, scene.case.machine(Some(id))?.channel()?)))
        .collect();
    if !out.findings.is_empty() {
        return out;
    }
    for (host, channel) in &tested {
        if channel.value == Channel::Works {
            let says = format!("the secure channel of {} was tested, and works", host.name);
            out.rule_out(says, &few(channel.from.clone(), 1));
        }
    }
    if out.ruled_out.is_empty() && !scene.has_log("System", Role::WebServer) {
        out.lack(Input::ServerSystemLog);
        if tested.is_empty() {
            out.lack(Input::SecureChannel);
        }
    }
    out
}

fn finding(scene: &Scene<'_>, host: HostId, signs: &Signs, web: bool) -> Finding {
    let name = &scene.case.hosts.get(host).name;
    let subject = Subject {
        host: Some(name.clone()),
        account: Some(format!("{name}$")),
        ..Subject::default()
    };
    let told = |seen: &[Citation]| times(scene.case.met(seen));
    let mut finding = Finding::about(
        subject,
        format!(
            "{name} and its domain do not agree on the password of {name}$. {name} cannot have NTLM logons checked, so users who come by NTLM get 401.1; users who come by Kerberos may get in."
        ),
    )
    .structure(
        format!("{name} was not accepted by a domain controller {} (NETLOGON)", told(&signs.member)),
        &few(signs.member.clone(), 3),
    )
    .observed(
        format!("domain controllers refused {name} {} for its password", told(&signs.domain)),
        &few(signs.domain.clone(), 3),
    )
    .observed(
        format!("{name} refused network logons {} for want of a secure channel", told(&signs.logons)),
        &few(signs.logons.clone(), 3),
    )
    .supporting(
        format!("{name} reached no domain controller {}", told(&signs.unreached)),
        &few(signs.unreached.clone(), 2),
    );
    // Tests that differ do not take away from what the logs show.
    let channel = scene.case.machine(Some(host)).and_then(|m| m.channel());
    let logged = !signs.member.is_empty() || !signs.domain.is_empty();
    let in_doubt = channel.is_none() && logged;
    for (status, from) in &signs.tested {
        let says = match status {
            Some(status) => {
                format!("a test of the channel of {name} failed with {status} (0x{status:x})")
            }
            None => format!("a test of the channel of {name} failed"),
        };
        finding = match in_doubt {
            true => finding.supporting(says, std::slice::from_ref(from)),
            false => finding.structure(says, std::slice::from_ref(from)),
        };
    }
    if !signs.wrong_password() && !signs.logons.is_empty() && !signs.own_users {
        let because =
            "only users of another domain failed: a trust that does not work looks the same";
        finding = finding.or_else("TR-06", because);
    }
    if signs.logons.is_empty() {
        // The channel failed; that users were refused for it is not shown.
        finding = finding.at_most(Status::Likely);
    }
    if !web {
        finding = finding.at_most(Status::Possible);
    }
    finding.current = if signs.tested.is_empty() || channel.is_none() {
        Current::Unknown
    } else {
        Current::Yes
    };
    if let Some(works) = channel.filter(|c| c.value == Channel::Works) {
        finding = finding.supporting(
            format!("a later test of the channel of {name} succeeded"),
            &few(works.from, 1),
        );
        finding.current = Current::No;
    }
    for (event, logon) in scene.case.pick(|b| match b {
        Body::Logon(logon) => Some(logon),
        _ => None,
    }) {
        let user = logon
            .target
            .name
            .as_deref()
            .is_some_and(|n| !n.ends_with('$'));
        if logon.logon_type != Some(3)
            || !user
            || scene.case.hosts.find(&event.computer) != Some(host)
        {
            continue;
        }
        if logon.is_kerberos()
            && finding
                .supporting
                .iter()
                .all(|g| !g.says.contains("by Kerberos"))
        {
            finding = finding.supporting(
                "users who came by Kerberos got in",
                std::slice::from_ref(&event.citation),
            );
        }
        let domain = logon.target.domain.as_deref();
        let foreign = domain.is_some_and(|d| !d.eq_ignore_ascii_case(name));
        if logon.is_ntlm() && foreign && signs.last.is_some_and(|last| event.time > last) {
            finding.current = Current::No;
        }
    }
    finding
        .explains(explained(scene, host, signs))
        .fix(remedy(scene, host), Vec::new())
}

pub(super) fn explained(scene: &Scene<'_>, host: HostId, signs: &Signs) -> Vec<SymptomId> {
    let about_it = |count: u64| {
        let told = signs.domain.len().saturating_add(signs.no_account.len());
        u64::try_from(told).is_ok_and(|told| told >= count)
    };
    scene
        .case
        .numbered_symptoms()
        .filter(|(_, s)| match &s.kind {
            SymptomKind::SecureChannel(h) => {
                *h == host || (signs.written_on.contains(h) && about_it(s.count))
            }
            SymptomKind::LogonFailed {
                host: h,
                status,
                sub_status,
                ..
            } => {
                let code = if *sub_status == 0 { status } else { sub_status };
                *h == host && REFUSED.contains(code)
            }
            _ => false,
        })
        .map(|(id, _)| id)
        .collect()
}

fn remedy(scene: &Scene<'_>, host: HostId) -> Remedy {
    let machine = scene.case.hosts.get(host);
    let domain = super::domain(scene, host);
    let mut fix = vec![
        Step::run(
            c::test_secure_channel(),
            format!(
                "test the channel on {}, in an elevated prompt: False means that it is broken",
                machine.name
            ),
        )
        .stop_if("it prints True: the channel works now"),
    ];
    fix.extend(find_controller(domain.as_deref()));
    fix.push(
        Step::run(
            c::repair_secure_channel(),
            "set a new computer password on both sides",
        )
        .risk("cached tickets for the server's name stop working until clients fetch new ones"),
    );
    fix.push(Step::by_hand(
        "restart the server; join the domain anew only when nothing else helps",
    ));
    let mut verify = vec![Step::run(
        c::test_secure_channel(),
        "the test must print True",
    )];
    if let Some(domain) = domain {
        verify.push(Step::run(c::nltest_verify(&domain), "ends with success"));
    }
    verify.push(Step::by_hand(
        "an NTLM logon of a domain user must give a 4624 on the web server",
    ));
    Remedy::of(fix)
        .verify(verify)
        .rollback(vec![Step::by_hand(
            "none needed: the repair sets a new password on both sides",
        )])
        .prevent(CAUSE.page.prevent)
}
