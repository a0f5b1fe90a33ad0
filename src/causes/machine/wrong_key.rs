//! MC-02: the web server's password differs from the one that its domain has, and Kerberos fails with it.

use super::channel_signs::{Signs, signs};
use super::{domain, find_controller, mismatches_on};
use crate::case::{Channel, HostId, Role};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// MC-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-02",
    name: "computer-password-mismatch",
    title: "The web server's own password is not the one its domain has",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A ticket for a name that the computer account holds is sealed with a key made from the computer's password in Active Directory. The server opens it with the password it keeps itself. After a snapshot was taken back, a clone was started beside its original, or another machine was joined under the same name, the two differ: every such ticket is answered with KRB_AP_ERR_MODIFIED, although SPN and acceptor are right. NTLM fails as well, because the secure channel rests on the same password. Applications whose pool account opens the tickets go on working.",
        evidence: &[
            "System log of clients: Kerberos event 4 for names that the computer account holds, HTTP, HOST and cifs alike",
            "System log of the web server: NETLOGON 3210; System log of a domain controller: NETLOGON 5722 or 5805 that names it",
            "Security log of a domain controller: 4742 with a new PasswordLastSet that the server knows nothing of",
            "nltest /sc_verify with 5 or 1786, Test-ComputerSecureChannel with False",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there Kerberos users still get in: nothing but NTLM fails",
            },
            LookAlike {
                cause: "SPN-06",
                told_apart_by: "there another account than the computer's opens the tickets",
            },
            LookAlike {
                cause: "NAME-05",
                told_apart_by: "there the clients reach another machine than the one whose account holds the name, and its secure channel works",
            },
            LookAlike {
                cause: "ET-04",
                told_apart_by: "there the channel works, and the policy of the server forbids the encryption type of the ticket",
            },
        ],
        ruled_out_by: "nltest /sc_verify that succeeds, and Test-ComputerSecureChannel with True.",
        fix: &[
            "Make sure that only one machine runs under this name (a clone, a restored copy): switch the other one off first.",
            "Check the channel, and that a domain controller is found.",
            "Set a new password on both sides: Test-ComputerSecureChannel -Repair.",
            "Restart the server, purge the clients' tickets. Join the domain anew only when nothing else helps.",
        ],
        verify: "nltest /sc_verify succeeds; a client gets in under the server's own name by Kerberos; no new event 4.",
        rollback: "None needed: the repair sets a new password on both sides.",
        prevent: "Take back no snapshots of domain members; prepare images with sysprep; give every machine a name of its own.",
        blind_spots: &[
            "which of the two passwords is the older one",
            "a clone that answers under the same name, of which the bundle holds nothing",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: broken secure channel between a domain member and its domain",
            "Microsoft: Kerberos generates KRB_AP_ERR_MODIFIED error",
        ],
    },
    assess,
};

/// Whether this cause, and not MC-01, tells of a machine's password: tickets fail with it.
pub(super) fn claims(scene: &Scene<'_>, host: HostId, signs: &Signs) -> bool {
    signs.wrong_password() && !mismatches_on(scene, host).is_empty()
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let signs = signs(scene.case);
    let nothing = Signs::default();
    let is_web = |id: HostId| scene.case.hosts.get(id).roles.contains(&Role::WebServer);
    for (host, machine) in scene.case.hosts.iter().filter(|(id, _)| is_web(*id)) {
        let signs = signs.get(&host).unwrap_or(&nothing);
        let channel = scene.case.machine(Some(host)).and_then(|m| m.channel());
        let works = channel.filter(|c| c.value == Channel::Works);
        let refused = !mismatches_on(scene, host).is_empty();
        match works {
            _ if refused && signs.wrong_password() => out.find(finding(scene, host, signs)),
            Some(works) => out.rule_out(
                format!(
                    "the secure channel of {} was tested, and works",
                    machine.name
                ),
                &few(works.from, 1),
            ),
            None if refused => out.find(finding(scene, host, signs)),
            None if super::fails(scene, host) => out.lack(Input::SecureChannel),
            None => {}
        }
    }
    out
}

fn finding(scene: &Scene<'_>, host: HostId, signs: &Signs) -> Finding {
    let name = &scene.case.hosts.get(host).name;
    let refused = mismatches_on(scene, host);
    let subject = Subject {
        account: Some(format!("{name}$")),
        ..refused
            .first()
            .map_or_else(Subject::default, |(view, ..)| view.subject(scene.case))
    };
    let told = |seen: &[Citation]| times(scene.case.met(seen));
    let sure = signs.wrong_password();
    let mut finding = Finding::about(
        subject,
        format!(
            "{name}$ holds the name and opens the tickets, and still clients are told that they cannot be opened: {name} {} the password that the domain has for {name}$. Users are prompted and get 401.1, by Kerberos and by NTLM.",
            if sure { "does not have" } else { "may not have" }
        ),
    )
    .structure(
        format!("{name} was not accepted by a domain controller {} (NETLOGON)", told(&signs.member)),
        &few(signs.member.clone(), 3),
    )
    .structure(
        format!("domain controllers refused {name} {} for its password", told(&signs.domain)),
        &few(signs.domain.clone(), 3),
    )
    .supporting(
        format!("{name} refused network logons {} for want of a secure channel", told(&signs.logons)),
        &few(signs.logons.clone(), 3),
    );
    for (_, from) in &signs.tested {
        finding = finding.structure(
            format!("a test of the channel of {name} failed"),
            std::slice::from_ref(from),
        );
    }
    let mut named = std::collections::BTreeSet::new();
    for (view, id, symptom) in &refused {
        let Some(spn) = view.spn().filter(|spn| named.insert(spn.key())) else {
            continue;
        };
        let says = format!(
            "clients were told {} that the ticket for {spn} cannot be opened, which {name}$ holds and opens",
            times(symptom.count)
        );
        finding = if sure {
            finding.observed(says, &symptom.from)
        } else {
            finding.supporting(says, &symptom.from)
        };
        finding = finding.explains([*id]);
    }
    if sure {
        finding = finding.explains(super::secure_channel::explained(scene, host, signs));
    } else {
        finding = finding
            .or_else(
                "NAME-05",
                "the clients may have reached another machine under this name",
            )
            .or_else(
                "ET-04",
                "the server may refuse the encryption type of the ticket",
            )
            .lacks(Input::SecureChannel);
    }
    finding.fix(remedy(scene, host), Vec::new())
}

fn remedy(scene: &Scene<'_>, host: HostId) -> Remedy {
    let name = &scene.case.hosts.get(host).name;
    let domain = domain(scene, host);
    let mut fix = vec![
        Step::by_hand(format!(
            "make sure that only one machine runs under the name {name}: a clone or a restored copy changes the password behind the other's back"
        ))
        .stop_if("a second one runs: take it off the network first"),
        Step::run(
            c::test_secure_channel(),
            format!("test the channel on {name}, in an elevated prompt: False means that the passwords differ"),
        )
        .stop_if("it prints True: the password is right, and the cause is another one"),
    ];
    fix.extend(find_controller(domain.as_deref()));
    fix.push(
        Step::run(c::repair_secure_channel(), "set a new computer password on both sides")
            .risk("tickets for the server's names that clients hold stop working until they fetch new ones"),
    );
    fix.push(Step::by_hand(
        "restart the server; join the domain anew only when nothing else helps",
    ));
    fix.push(Step::run(
        c::klist_purge(),
        "purge the tickets of a client, and try again",
    ));
    let mut verify = vec![Step::run(
        c::test_secure_channel(),
        "the test must print True",
    )];
    verify.extend(domain.map(|d| Step::run(c::nltest_verify(&d), "ends with success")));
    verify.push(Step::by_hand(
        "a user who browses to the server's own name must give a 4624 of type 3 with package Kerberos, and the client no new event 4",
    ));
    Remedy::of(fix)
        .verify(verify)
        .rollback(vec![Step::by_hand(
            "none needed: the repair sets a new password on both sides",
        )])
        .prevent(CAUSE.page.prevent)
}
