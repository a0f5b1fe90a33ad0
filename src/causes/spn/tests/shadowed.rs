//! Names that a specific registration takes from HOST, and names that were moved: each step is one cause's, and no other's.

use super::mismatches::{OWN, only, shared_server};
use super::*;
use crate::causes::Status::{Confirmed, Likely};
use crate::testkit::{kerberos_4, query};

const APP: &str = "CN=svc_app,OU=Service,DC=corp,DC=example";

#[test]
fn spn_04() {
    let kit = || shared_server().console("q.txt", &query(OWN, &[(APP, &[OWN])]));
    only(&kit().judge(), "SPN-04", Likely);
    let judgement = kit()
        .event("PC7.corp.example", kerberos_4(OWN, "web01$"))
        .judge();
    only(&judgement, "SPN-04", Confirmed);
    // Without the registration HOST covers the name again.
    let (_, effect) = judgement.of("SPN-04")[0].fix.as_ref().unwrap();
    assert!(
        effect
            .iter()
            .any(|c| c.endpoint.contains("web01.corp.example")
                && c.after == crate::negotiate::Outcome::Kerberos)
    );
    shared_server()
        .console("q.txt", &query(OWN, &[(WEB01, &[OWN])]))
        .console("q2.txt", &query("HTTP/WEB01", &[(WEB01, &["HTTP/WEB01"])]))
        .judge()
        .assert_ruled_out("SPN-04");
    shared_server().judge().assert_not_assessed("SPN-04");
}

/// Trap 5: a search for duplicates that finds none says nothing about shadowing.
#[test]
fn trap_05_no_duplicates_is_not_no_shadow() {
    let judgement = shared_server()
        .console("q.txt", &query(OWN, &[(APP, &[OWN])]))
        .console(
            "x.txt",
            "C:\\>setspn -F -X\nChecking forest DC=corp,DC=example\nProcessing entry 0\n\nfound 0 group of duplicate SPNs.\n",
        )
        .judge();
    only(&judgement, "SPN-04", Likely);
    judgement
        .assert_not_found("SPN-02")
        .assert_not_found("SPN-03");
}

#[test]
fn spn_21() {
    let child = "CN=svc_web,OU=Service,DC=emea,DC=corp,DC=example";
    let kit = || {
        portal(POOL)
            .console("q.txt", &query(PORTAL, &[(child, &[PORTAL])]))
            .console("l.txt", &list("CORP\\svc_web", SVC, &[]))
    };
    only(&kit().judge(), "SPN-21", Likely);
    let judgement = kit()
        .event("PC7.corp.example", kerberos_4(PORTAL, "svc_web"))
        .judge();
    only(&judgement, "SPN-21", Confirmed);
    let steps = &judgement.of("SPN-21")[0].fix.as_ref().unwrap().0.remedy.fix;
    let commands: Vec<&str> = steps
        .iter()
        .filter_map(|s| s.command.as_ref().map(|c| c.text()))
        .collect();
    assert!(
        commands.contains(&format!("setspn -D {PORTAL} emea.corp.example\\svc_web").as_str()),
        "{commands:?}"
    );
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .judge()
        .assert_ruled_out("SPN-21");
    Kit::new().judge().assert_not_assessed("SPN-21");
}

/// Trap 30: what each step of a fix does to users. Taking a wrong SPN away degrades them to NTLM; leaving it prompts them.
#[test]
fn trap_30_each_step_of_a_move() {
    use crate::negotiate::Outcome::{Denied, Kerberos, NtlmFallback};
    use crate::remedy::{Change, effect};
    let case = portal(POOL)
        .console("q.txt", &query(PORTAL, &[(OLD, &[PORTAL])]))
        .console("h.txt", &query("HOST/portal.corp.example", &[]))
        .case();
    let spn = crate::case::Spn::new(PORTAL);
    let holder = case.situation.directory.registrations[0].holder;
    let pool = case.situation.endpoints[0]
        .pool
        .as_ref()
        .unwrap()
        .identity
        .account()
        .unwrap();
    let take = Change::RemoveSpn(spn.clone(), holder);
    let give = Change::AddSpn(spn, pool);
    let outcome = |changes: &[Change]| {
        let moved = effect(&case, changes);
        (moved[0].before, moved[0].after)
    };
    assert_eq!(outcome(std::slice::from_ref(&take)), (Denied, NtlmFallback));
    assert_eq!(outcome(&[take, give]), (Denied, Kerberos));
}

/// The name was moved to the account that opens the tickets: what it was before is past.
#[test]
fn what_a_move_has_ended_is_past() {
    let taken = |dn: &'static str| {
        crate::testkit::security(
            5136,
            &[
                ("ObjectDN", dn),
                ("ObjectClass", "user"),
                ("AttributeLDAPDisplayName", "servicePrincipalName"),
                ("AttributeValue", PORTAL),
                ("OperationType", "%%14675"),
            ],
        )
    };
    let kit = |dn| {
        portal(MACHINE)
            .console("q.txt", &query(PORTAL, &[(WEB01, &[PORTAL])]))
            .event("PC7.corp.example", kerberos_4(PORTAL, "web01$"))
            .event("DC1.corp.example", taken(dn))
    };
    for (dn, cause) in [(OLD, "SPN-07"), (SVC, "SPN-05")] {
        let judgement = kit(dn).judge();
        only(&judgement, cause, Confirmed);
        let past = &judgement.of(cause)[0].finding;
        assert_eq!(past.current, crate::causes::Current::No);
    }
    // By a clock that is a little fast it was refused once more after that; much later it is another matter.
    let again = |minutes| {
        kit(OLD)
            .wait(minutes)
            .event("PC7.corp.example", kerberos_4(PORTAL, "web01$"))
            .judge()
    };
    again(2).assert_found("SPN-07", Confirmed);
    again(30).assert_not_found("SPN-07");
}
