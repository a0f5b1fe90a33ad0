//! MC-05 where clocks were measured against each other.

use super::tests::{DC, WEB, logon, web};
use crate::causes::{Judgement, Status};
use crate::testkit::{Kit, kerberos_3, security};

const PC: &str = "PC7.corp.example";

/// What w32tm prints of the offset from another machine.
fn chart(other: &str, offset: &str) -> String {
    format!(
        "C:\\>w32tm /stripchart /computer:{other} /samples:2 /dataonly\nTracking {other} [10.1.1.1:123].\nCollecting 2 samples.\nThe current time is 3/2/2026 9:00:00 AM.\n09:00:00, {offset}s\n09:00:02, {offset}s\n"
    )
}

/// A client that is seven minutes off, and a web server measured against the second machine.
fn measured(kit: Kit, other: &str, offset: &str) -> Kit {
    kit.console(
        "PC7/clock.txt",
        &chart("dc1.corp.example", "+00431.2206779"),
    )
    .console("WEB01/clock.txt", &chart(other, offset))
}

fn at_site(kit: Kit, pc: &str) -> Kit {
    kit.events(pc, 3, || kerberos_3("HTTP/portal.corp.example", "0x25"))
}

fn names(judgement: &Judgement) -> bool {
    let finding = &judgement.of("MC-05")[0].finding;
    let explained = finding.explanation.contains("PC7 is the one that is off");
    let fix = judgement.of("MC-05")[0].fix.as_ref().unwrap();
    let steps = &fix.0.remedy.fix;
    assert_eq!(
        explained,
        steps
            .iter()
            .any(|s| s.says.contains("set the time again on PC7"))
    );
    explained
}

#[test]
fn mc_05_names_the_one_clock_that_is_off() {
    let sound = |other: &str| {
        measured(
            at_site(web().silent(WEB, "System"), PC),
            other,
            "+00.0101211",
        )
        .judge()
    };
    for other in ["dc1.corp.example", "DC1"] {
        let judgement = sound(other);
        judgement.assert_found("MC-05", Status::Confirmed);
        assert!(names(&judgement));
        let finding = &judgement.of("MC-05")[0].finding;
        assert_eq!(finding.subject.host.as_deref(), Some("PC7"));
        assert!(
            finding
                .structure
                .iter()
                .any(|g| g.says.contains("clock of WEB01"))
        );
    }
    // Against another machine, or off as well: nothing says which one is wrong.
    assert!(!names(&sound("dc2.corp.example")));
    let both = measured(
        at_site(web().silent(WEB, "System"), PC),
        "dc1.corp.example",
        "+00400.5",
    );
    assert!(!names(&both.judge()));
    // Others were refused too, and their clocks are not known.
    let others = at_site(at_site(web().silent(WEB, "System"), PC), "PC8.corp.example");
    assert!(!names(
        &measured(others, "dc1.corp.example", "+00.01").judge()
    ));
}

#[test]
fn mc_05_explains_who_falls_back_right_after_it() {
    let refused = |ip: &str| {
        security(
            4771,
            &[
                ("TargetUserName", "uma"),
                ("Status", "0x25"),
                ("IpAddress", ip),
            ],
        )
    };
    let kit = |ip: &str, wait: i64, machine: &str| {
        let mut came = logon("NTLM");
        came.values.push(("WorkstationName", machine.into()));
        let kit = web()
            .event(DC, refused(ip))
            .wait(wait)
            .event(WEB, came)
            .event(PC, kerberos_3("krbtgt/CORP.EXAMPLE", "0x25"));
        measured(kit, "dc1.corp.example", "+00.01").judge()
    };
    let judgement = kit("::ffff:10.1.2.3", 0, "PC7");
    judgement.assert_found("MC-05", Status::Confirmed);
    assert!(judgement.unexplained.is_empty());
    // From another address, much later, or from another machine than the one that is off.
    for other in [
        kit("::ffff:10.1.2.4", 0, "PC7"),
        kit("::ffff:10.1.2.3", 5, "PC7"),
    ] {
        other.assert_found("MC-05", Status::Likely);
        assert_eq!(other.unexplained.len(), 1);
    }
    kit("::ffff:10.1.2.3", 0, "PC8").assert_found("MC-05", Status::Likely);
}
