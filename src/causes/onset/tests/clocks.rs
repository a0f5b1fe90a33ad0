//! Before, after, or left open by the clocks.

use super::*;

/// Whether the text says that the clocks leave it open.
fn open(judgement: &Judgement) -> Vec<bool> {
    let began = began(judgement, "ET");
    began
        .iter()
        .map(|says| says.contains("leave open"))
        .collect()
}

/// The client fails first, by its own clock, and the account is changed `minutes` later by the controller's.
fn changed_after(kit: Kit, minutes: i64) -> Judgement {
    kit.event(PC, kerberos_3(SPN, "0xe"))
        .wait(minutes - 1)
        .event(DC, types(SVC))
        .wait(60)
        .event(DC, refusal())
        .judge()
}

#[test]
fn not_what_was_changed_after_the_failures_began() {
    let kit = sound().event(DC, refusal()).wait(30).event(DC, types(SVC));
    assert_not_began(&failing(kit), "ET");
}

/// Clocks may be five minutes apart: what comes two minutes later by another clock may have come before.
#[test]
fn the_clocks_of_two_machines_leave_it_open() {
    assert_eq!(open(&changed_after(sound(), 2)), [true]);
    assert_eq!(open(&changed_after(sound(), 10)), Vec::<bool>::new());
    // By the clock of one machine it came after.
    let one = sound()
        .event(DC, refusal())
        .event(DC, types(SVC))
        .wait(30)
        .event(PC, kerberos_3(SPN, "0xe"));
    assert_eq!(open(&one.judge()), Vec::<bool>::new());
    // Before it by both.
    assert_eq!(open(&failing(sound().event(DC, types(SVC)))), [false]);
}

/// A sign-in that both wrote of shows how far their clocks are apart.
#[test]
fn clocks_that_are_known_decide() {
    let validated = |id: u32| {
        security(
            id,
            &[
                ("TargetUserName", "bob"),
                ("Workstation", "PC9"),
                ("WorkstationName", "PC9"),
                ("Status", "0x0"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "NTLM"),
            ],
        )
    };
    // The client is ahead of the controller by at most one minute: two minutes later is after.
    let known = sound()
        .event(DC, validated(4776))
        .event(PC, validated(4624))
        .wait(10);
    assert_eq!(open(&changed_after(known, 2)), Vec::<bool>::new());
}

/// The clock of a machine is set wrong, and Kerberos refuses what comes from there.
#[test]
fn a_clock_that_was_set() {
    let judged = |machine: &str| {
        let set = [
            ("PreviousTime", "2026-03-02T08:00:00.0000000Z"),
            ("NewTime", "2026-03-02T08:17:31.0000000Z"),
        ];
        let judgement = unlisted()
            .silent("WEB02.corp.example", "System")
            .event("DC9.fabrikam.example", ticket("svc_far"))
            .event(machine, security(4616, &set))
            .wait(30)
            .event(PC, kerberos_3(SPN, "0x25"))
            .judge();
        began(&judgement, "MC-05").len()
    };
    assert_eq!((judged(PC), judged(DC)), (1, 1));
    for other in ["WEB02.corp.example", "DC9.fabrikam.example"] {
        assert_eq!(judged(other), 0, "{other}");
    }
}

/// What surely came before goes before what perhaps did.
#[test]
fn what_is_sure_goes_first() {
    let judgement = sound()
        .event(DC, edited(SVC, "userAccountControl", "4", "%%14674"))
        .wait(60)
        .event(PC, kerberos_3(SPN, "0xe"))
        .event(DC, types(SVC))
        .wait(60)
        .event(DC, refusal())
        .judge();
    assert_eq!(open(&judgement), [false]);
}
