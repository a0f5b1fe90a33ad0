//! SPN-02 and SPN-03.

use super::*;
use crate::causes::Status::{Confirmed, Likely, Possible};
use crate::testkit::{kerberos_3, kerberos_4, query};

const NONE_DOUBLE: &str = "C:\\>setspn -F -X\nChecking forest DC=corp,DC=example\nProcessing entry 0\n\nfound 0 group of duplicate SPNs.\n";

fn twice() -> String {
    query(PORTAL, &[(SVC, &[PORTAL]), (OLD, &[PORTAL])])
}

#[test]
fn spn_02_by_the_directory() {
    let kit = || portal(POOL).console("q.txt", &twice());
    let judgement = kit().judge();
    judgement
        .assert_found("SPN-02", Likely)
        .assert_not_found("SPN-01")
        .assert_not_found("SPN-03")
        .assert_not_found("SPN-07");
    let seen = kit()
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .judge();
    seen.assert_found("SPN-02", Confirmed)
        .assert_not_found("SPN-01");
    let (fix, effect) = seen.of("SPN-02")[0].fix.as_ref().unwrap();
    assert_eq!(fix.changes.len(), 1, "the acceptor keeps it");
    assert!(
        effect
            .iter()
            .all(|c| c.after == crate::negotiate::Outcome::Kerberos)
    );
    assert!(!effect.is_empty());
}

#[test]
fn spn_02_by_events_that_only_it_writes() {
    let kit = || portal(POOL).silent("DC1.corp.example", "System");
    kit()
        .event("DC1.corp.example", kdc_11(PORTAL))
        .judge()
        .assert_found("SPN-02", Confirmed);
    kit()
        .event("DC1.corp.example", kdc_11("HOST/portal.corp.example"))
        .judge()
        .assert_found("SPN-02", Confirmed);
    kit()
        .event("PC7.corp.example", ntlm_4020(PORTAL, "8"))
        .judge()
        .assert_found("SPN-02", Confirmed)
        .assert_not_found("SPN-01");
    kit()
        .event("PC7.corp.example", ntlm_4020(PORTAL, "6"))
        .judge()
        .assert_not_found("SPN-02");
}

/// A binding that takes any name: the name is the server's where its account is one of those that hold it twice.
#[test]
fn spn_02_of_a_name_that_no_binding_has() {
    let kit = |holders: &str| {
        web01(POOL, "*:80:")
            .console("q.txt", holders)
            .event("DC1.corp.example", kdc_11(PORTAL))
    };
    let twice = |one: &str, other: &str| {
        format!(
            "C:\\>setspn -X -F\nChecking forest DC=corp,DC=example\nOperation will be performed forestwide, it might take a while.\nProcessing entry 0\n{PORTAL} is registered on these accounts:\n        {one}\n        {other}\n\nfound 1 group of duplicate SPNs.\n"
        )
    };
    let judgement = kit(&twice(SVC, WEB02)).judge();
    judgement.assert_found("SPN-02", Confirmed);
    assert_eq!(
        judgement.of("SPN-02")[0].finding.subject.site.as_deref(),
        Some("Portal")
    );
    kit(&twice(OLD, WEB02)).judge().assert_not_found("SPN-02");
}

/// NZ-07: the KDC reports duplicates of names that have nothing to do with the web.
#[test]
fn noise_07_unrelated_duplicates() {
    for name in [
        "MSSQLSvc/sql01.corp.example:1433",
        "HTTP/other.corp.example",
        "HOST/web09",
    ] {
        portal(POOL)
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .event("DC1.corp.example", kdc_11(name))
            .judge()
            .assert_ruled_out("SPN-02");
    }
}

#[test]
fn spn_02_not_assessed_and_ruled_out() {
    portal(POOL).judge().assert_not_assessed("SPN-02");
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .judge()
        .assert_ruled_out("SPN-02");
}

#[test]
fn spn_02_repaired_meanwhile() {
    let told = || portal(POOL).event("DC1.corp.example", kdc_11(PORTAL));
    told()
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .judge()
        .assert_found("SPN-02", Possible);
    let removal = format!(
        "C:\\>setspn -D {PORTAL} CORP\\svc_old\nUnregistering ServicePrincipalNames for {OLD}\n        {PORTAL}\nUpdated object\n"
    );
    let judgement = told()
        .console("q.txt", &(removal + &query(PORTAL, &[(SVC, &[PORTAL])])))
        .judge();
    assert_eq!(
        judgement.of("SPN-02")[0].finding.current,
        crate::causes::Current::No
    );
}

/// Trap 1: 0x1d is "service unavailable"; a duplicate gives 0x7 or 0x8, and KDC event 11.
#[test]
fn trap_01_0x1d_is_no_duplicate() {
    portal(POOL)
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x1d"))
        .judge()
        .assert_not_found("SPN-02");
    portal(POOL)
        .console("q.txt", &twice())
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x8"))
        .judge()
        .assert_found("SPN-02", Confirmed);
}

/// Trap 21: across domains a domain controller may issue a ticket for the wrong holder, and users are prompted.
#[test]
fn trap_21_across_domains_a_duplicate_may_end_in_prompts() {
    let child = "CN=svc_old,OU=Service,DC=emea,DC=corp,DC=example";
    let judgement = |other: &str| {
        portal(POOL)
            .console(
                "q.txt",
                &query(PORTAL, &[(SVC, &[PORTAL]), (other, &[PORTAL])]),
            )
            .event("PC7.corp.example", kerberos_4(PORTAL, "svc_web"))
            .judge()
    };
    let across = judgement(child);
    across.assert_found("SPN-02", Confirmed);
    assert!(across.unexplained.is_empty());
    // Within one domain the KDC issues no ticket at all: the prompt is something else's.
    let within = judgement(OLD);
    within.assert_found("SPN-02", Likely);
    assert_eq!(within.unexplained.len(), 1);
}

#[test]
fn spn_03_needs_both_the_case_and_the_search() {
    let upper = "HTTP/Portal.corp.example";
    let spelled = |second: &str| {
        portal(POOL)
            .console("a.txt", &list("CORP\\svc_web", SVC, &[PORTAL]))
            .console("b.txt", &list("CORP\\svc_old", OLD, &[second]))
    };
    spelled(upper)
        .console("x.txt", NONE_DOUBLE)
        .event("DC1.corp.example", kdc_11(PORTAL))
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .judge()
        .assert_found("SPN-03", Confirmed)
        .assert_not_found("SPN-02");
    spelled(upper)
        .judge()
        .assert_found("SPN-02", Likely)
        .assert_not_assessed("SPN-03");
    spelled(PORTAL)
        .console("x.txt", NONE_DOUBLE)
        .judge()
        .assert_found("SPN-02", Likely)
        .assert_not_found("SPN-03");
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .console("x.txt", NONE_DOUBLE)
        .judge()
        .assert_ruled_out("SPN-03");
}

#[test]
fn a_duplicate_over_all_nodes_of_a_farm_gets_one_shared_account() {
    let judgement = Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &server(MACHINE, "*:80:portal.corp.example"),
        )
        .config(
            "WEB02/applicationHost.config",
            &server(MACHINE, "*:80:portal.corp.example"),
        )
        .silent("WEB01.corp.example", "System")
        .silent("WEB02.corp.example", "System")
        .console(
            "q.txt",
            &query(PORTAL, &[(WEB01, &[PORTAL]), (WEB02, &[PORTAL])]),
        )
        .judge();
    judgement
        .assert_found("SPN-02", Likely)
        .assert_not_found("SPN-12");
    let steps = &judgement.of("SPN-02")[0].fix.as_ref().unwrap().0.remedy.fix;
    assert!(
        steps
            .iter()
            .any(|s| s.says.contains("one domain account for all servers"))
    );
}

#[test]
fn spn_02_not_across_domains_of_which_nothing_shows_one_forest() {
    let list = |name: &str, dn: &str| {
        format!(
            "C:\\>setspn -L {name}\nRegistered ServicePrincipalNames for {dn}:\n        {PORTAL}\n\nC:\\>\n"
        )
    };
    let elsewhere = "CN=websvc,OU=Service,DC=fabrikam,DC=example";
    let child = "CN=websvc,OU=Service,DC=emea,DC=corp,DC=example";
    let kit = |dn: &str| {
        portal(POOL)
            .console("ours.txt", &list("svc_web", SVC))
            .console("theirs.txt", &list("websvc", dn))
    };
    kit(elsewhere).judge().assert_not_assessed("SPN-02");
    kit(child).judge().assert_found("SPN-02", Likely);
    // One search of the forest that shows both proves one forest.
    portal(POOL)
        .console(
            "q.txt",
            &query(PORTAL, &[(SVC, &[PORTAL]), (elsewhere, &[PORTAL])]),
        )
        .judge()
        .assert_found("SPN-02", Likely);
    // A search of the one forest denies nothing of the other.
    let case = portal(POOL)
        .console("ours.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .console("theirs.txt", &list("websvc", elsewhere))
        .case();
    assert!(case.contradictions.is_empty(), "{:?}", case.contradictions);
}

#[test]
fn the_account_of_the_forest_root_is_not_its_homonym_in_a_child_domain() {
    let child = "CN=svc_web,OU=Service,DC=emea,DC=corp,DC=example";
    let judgement = portal(POOL)
        .console("q.txt", &query(PORTAL, &[(child, &[PORTAL])]))
        .judge();
    judgement.assert_found("SPN-21", Likely);
}
