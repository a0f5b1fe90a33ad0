//! POOL-02: a pool that runs on with an old password.

use super::*;
use crate::causes::{Current, Status};
use crate::testkit::{kerberos_4, query};

const NAME: &str = "HTTP/portal.corp.example";
const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";

fn event_4() -> Happening {
    kerberos_4(NAME, "svc_web")
}

fn right_holder() -> Kit {
    with_config().console("q.txt", &query(NAME, &[(SVC, &[NAME])]))
}

/// Decision table, row 11; trap 3: event 4 does not always mean a wrong SPN.
#[test]
fn pool_02_row_11_and_trap_3() {
    let kit = || {
        right_holder()
            .silent(PC, "System")
            .event(DC, reset("svc_web"))
            .wait(30)
            .events(PC, 4, event_4)
    };
    let judgement = kit().judge();
    judgement
        .assert_found("POOL-02", Status::Confirmed)
        .assert_not_found("SPN-05")
        .assert_not_found("SPN-06")
        .assert_not_found("POOL-01");
    assert!(judgement.unexplained.is_empty());
    let text = &judgement.of("POOL-02")[0].finding.explanation;
    assert!(text.contains("401.1") && text.contains("503"), "{text}");
}

#[test]
fn pool_02_is_likely_when_the_clients_log_begins_after_the_change() {
    right_holder()
        .event(DC, reset("svc_web"))
        .wait(30)
        .events(PC, 4, event_4)
        .judge()
        .assert_found("POOL-02", Status::Likely);
    // Weeks later it need not be the reason.
    right_holder()
        .silent(PC, "System")
        .event(DC, reset("svc_web"))
        .wait(60 * 24 * 20)
        .events(PC, 4, event_4)
        .judge()
        .assert_found("POOL-02", Status::Possible);
}

#[test]
fn pool_02_not_when_failures_began_before_or_went_on_after_a_restart() {
    right_holder()
        .events(PC, 4, event_4)
        .wait(30)
        .event(DC, reset("svc_web"))
        .judge()
        .assert_ruled_out("POOL-02");
    right_holder()
        .silent(PC, "System")
        .event(DC, reset("svc_web"))
        .event(WEB, system(WAS, 5079, &[("", "Portal")]))
        .wait(30)
        .events(PC, 4, event_4)
        .judge()
        .assert_ruled_out("POOL-02");
}

#[test]
fn pool_02_that_a_restart_ended_is_past() {
    let judgement = right_holder()
        .silent(PC, "System")
        .event(DC, reset("svc_web"))
        .wait(30)
        .events(PC, 4, event_4)
        .event(WEB, system(WAS, 5079, &[("", "Portal")]))
        .judge();
    assert_eq!(judgement.of("POOL-02")[0].finding.current, Current::No);
}

#[test]
fn pool_02_not_for_another_account_and_not_when_holder_and_acceptor_differ() {
    right_holder()
        .silent(PC, "System")
        .event(DC, reset("svc_other"))
        .wait(30)
        .events(PC, 4, event_4)
        .judge()
        .assert_not_found("POOL-02");
    // The computer account holds the name: SPN-06, whatever happened to the password.
    let machine = "CN=WEB01,CN=Computers,DC=corp,DC=example";
    with_config()
        .console("q.txt", &query(NAME, &[(machine, &[NAME])]))
        .silent(PC, "System")
        .silent(WEB, "System")
        .event(DC, reset("svc_web"))
        .wait(30)
        .events(PC, 4, event_4)
        .judge()
        .assert_not_found("POOL-02")
        .assert_found("SPN-06", Status::Confirmed);
}

#[test]
fn pool_02_lacks_its_inputs() {
    right_holder()
        .events(PC, 4, event_4)
        .judge()
        .assert_not_assessed("POOL-02");
    let bare = || {
        Kit::new()
            .silent(PC, "System")
            .event(DC, reset("svc_web"))
            .wait(30)
            .events(PC, 4, event_4)
    };
    bare().judge().assert_found("POOL-02", Status::Possible);
    bare()
        .config("WEB01/applicationHost.config", &server())
        .judge()
        .assert_found("POOL-02", Status::Possible);
}
