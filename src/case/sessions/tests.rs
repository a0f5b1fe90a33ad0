//! Whose session asked for a ticket, and whose it is not known to be.

use crate::case::SymptomKind;
use crate::testkit::{Happening, Kit, security, system};

const PC: &str = "PC7.corp.example";
const REFUSED: &str = "C:\\>klist get HTTP/portal.corp.example\n\nCurrent LogonId is 0:0x4f1a2\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x6fb\n\nklist failed with 0xc000018b/-1073741429: x\n\n";

fn logon(user: &str, id: &str, logon_type: &str) -> Happening {
    let values = [
        ("TargetUserName", user),
        ("TargetDomainName", "CORP"),
        ("TargetLogonId", id),
        ("LogonType", logon_type),
        ("TargetOutboundUserName", "svc_test"),
    ];
    security(4624, &values)
}

/// Who met the refusal that klist on PC7 shows.
fn users(kit: Kit, output: &str) -> Vec<String> {
    let case = kit
        .console("PC7/klist.txt", output)
        .silent(PC, "Application")
        .case();
    let unknown = |s: &&crate::case::Symptom| matches!(s.kind, SymptomKind::PrincipalUnknown(_));
    let symptom = case.symptoms.iter().find(unknown).unwrap();
    symptom.principals.iter().cloned().collect()
}

#[test]
fn a_logon_of_the_machine_says_whose_session_it_is() {
    let uma = || Kit::new().event(PC, logon("uma", "0x4f1a2", "2"));
    assert_eq!(users(uma(), REFUSED), ["CORP\\uma"]);
    let padded = Kit::new().event(PC, logon("uma", "0x000000000004F1A2", "2"));
    assert_eq!(users(padded, REFUSED), ["CORP\\uma"]);
    // runas /netonly: the tickets are those of the account towards the network.
    let other = Kit::new().event(PC, logon("uma", "0x4f1a2", "9"));
    assert_eq!(users(other, REFUSED), ["svc_test"]);
}

#[test]
fn the_number_of_another_session_names_nobody() {
    let of = |computer: &str, id: &str| {
        let kit = Kit::new().event(computer, logon("uma", id, "2"));
        users(kit, REFUSED)
    };
    assert_eq!(of(PC, "0x4f1a3"), [""; 0]);
    assert_eq!(
        of("PC8.corp.example", "0x4f1a2"),
        [""; 0],
        "another machine"
    );
    let two = Kit::new()
        .event(PC, logon("uma", "0x4f1a2", "2"))
        .event(PC, logon("bob", "0x4f1a2", "2"));
    assert_eq!(
        users(two, REFUSED),
        [""; 0],
        "the bundle lacks the start between"
    );
    // Every machine has this one.
    let system = REFUSED.replace("0x4f1a2", "0x3e7");
    let kit = Kit::new().event(PC, logon("uma", "0x3e7", "2"));
    assert_eq!(users(kit, &system), [""; 0]);
}

#[test]
fn a_start_ends_all_sessions_of_its_machine() {
    let started = |computer: &'static str| {
        let boot = system("EventLog", 6005, &[]);
        let kit = Kit::new().event(PC, logon("uma", "0x4f1a2", "2"));
        kit.event(computer, boot)
    };
    assert_eq!(users(started(PC), REFUSED), [""; 0]);
    assert_eq!(users(started("PC8.corp.example"), REFUSED), ["CORP\\uma"]);
    let anew = started(PC).event(PC, logon("bob", "0x4f1a2", "2"));
    assert_eq!(users(anew, REFUSED), ["CORP\\bob"]);
}

#[test]
fn the_output_itself_says_it_without_any_event() {
    let sessions = "C:\\>klist sessions\n\nCurrent LogonId is 0:0x4f1a2\n[0] Session 2 0:0x4f1a2 CORP\\uma Kerberos:Interactive\n[1] Session 0 0:0x3e7 CORP\\PC7$ Negotiate:(0)\n\n";
    let both = format!("{REFUSED}{sessions}");
    assert_eq!(users(Kit::new(), &both), ["CORP\\uma"]);
    let other = format!(
        "{REFUSED}{}",
        sessions.replace("0x4f1a2 CORP", "0x5f1a2 CORP")
    );
    assert_eq!(users(Kit::new(), &other), [""; 0]);
    assert_eq!(users(Kit::new(), REFUSED), [""; 0]);
}
