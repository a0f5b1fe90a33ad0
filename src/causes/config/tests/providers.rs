//! What IIS offers: CFG-03, CFG-04, CFG-05, CFG-06.

use super::*;
use crate::causes::Status;
use crate::negotiate::Outcome;
use crate::testkit::query;

const SPN: &str = "HTTP/portal.corp.example";
const MACHINE: &str = "CN=WEB01,OU=Servers,DC=corp,DC=example";

/// Row 5 of the decision table: NTLM only, whatever the SPN is.
#[test]
fn cfg_03_ntlm_only() {
    let kit = || server(&offering("", &["NTLM"]));
    let judgement = kit().judge();
    judgement
        .assert_found("CFG-03", Status::Likely)
        .assert_not_found("CFG-04")
        .assert_not_found("CFG-05")
        .assert_not_found("SPN-01");
    let seen = kit()
        .event(
            "WEB01.corp.example",
            changed("Portal", "windowsAuthentication/@useKernelMode", "", "true"),
        )
        .events("WEB01.corp.example", 3, || ntlm_logon("uma", "10.0.0.7"))
        .judge();
    seen.assert_found("CFG-03", Status::Confirmed);
    assert!(seen.unexplained.is_empty(), "the NTLM logons are explained");
}

/// Offering Negotiate is the first fix only where the SPN is shown to fit; with a wrong one it would break working logons.
#[test]
fn cfg_03_offers_negotiate_only_where_the_ticket_can_be_opened() {
    let held_by = |holder: &str| {
        let kit = server(&offering("", &["NTLM"]))
            .console("WEB01/q.txt", &query(SPN, &[(holder, &[SPN])]));
        kit.event(
            "WEB01.corp.example",
            changed("Portal", "windowsAuthentication/@useKernelMode", "", "true"),
        )
        .judge()
    };
    assert!(held_by(MACHINE).of("CFG-03")[0].fix.is_some());
    let wrong = held_by("CN=svc_web,OU=Service,DC=corp,DC=example");
    let found = wrong.of("CFG-03")[0];
    assert!(found.fix.is_none() && found.alternatives.len() == 1);
}

#[test]
fn cfg_03_leaves_logons_alone_that_another_site_may_have_taken() {
    let sites = format!(
        "{}{}",
        site("Portal", "*:80:portal.corp.example", "Portal"),
        site("Other", "*:80:other.corp.example", "Portal")
    );
    let text = config(
        &pool("Portal", "CORP\\svc_web"),
        &sites,
        &windows("enabled=\"true\""),
        &location(
            "Portal",
            "<windowsAuthentication><providers><clear /><add value=\"NTLM\" /></providers></windowsAuthentication>",
        ),
    );
    server(&text)
        .event(
            "WEB01.corp.example",
            changed("", "windowsAuthentication/@useKernelMode", "", "true"),
        )
        .events("WEB01.corp.example", 3, || ntlm_logon("uma", "10.0.0.7"))
        .judge()
        .assert_found("CFG-03", Status::Likely);
}

#[test]
fn cfg_03_is_ruled_out_by_negotiate_and_asks_for_the_configuration() {
    server(&offering("", &["Negotiate", "NTLM"]))
        .judge()
        .assert_ruled_out("CFG-03");
    server(&offering("", &["Negotiate:Kerberos"]))
        .judge()
        .assert_not_found("CFG-03");
    let nothing = Kit::new().console("q.txt", &query(SPN, &[])).judge();
    for cause in [
        "CFG-01", "CFG-02", "CFG-03", "CFG-04", "CFG-05", "CFG-06", "CFG-07", "CFG-08", "CFG-09",
        "CFG-13", "CFG-15", "CFG-16", "EPA-01", "EPA-02", "EPA-03",
    ] {
        nothing.assert_not_assessed(cause);
    }
}

/// Row 6: the order decides for some clients only, so Edge still gets Kerberos.
#[test]
fn cfg_04_ntlm_first() {
    let kit = || {
        server(&offering("", &["NTLM", "Negotiate"])).console(
            "WEB01/q.txt",
            &query(SPN, &[(MACHINE, &[SPN, "HOST/web01"])]),
        )
    };
    kit()
        .judge()
        .assert_found("CFG-04", Status::Likely)
        .assert_not_found("CFG-03");
    let case = kit()
        .event(
            "WEB01.corp.example",
            changed("", "windowsAuthentication/@useKernelMode", "", "true"),
        )
        .case();
    let scene = crate::causes::Scene::of(&case);
    assert_eq!(scene.views[0].path.outcome, Outcome::Kerberos);
    server(&offering("", &["Negotiate", "NTLM"]))
        .judge()
        .assert_ruled_out("CFG-04");
}

#[test]
fn cfg_05_no_provider() {
    let cleared = portal(
        "<windowsAuthentication enabled=\"true\"><providers><clear /></providers></windowsAuthentication>",
        "",
    );
    for text in [cleared, offering("", &[])] {
        server(&text)
            .judge()
            .assert_found("CFG-05", Status::Likely)
            .assert_not_found("CFG-01")
            .assert_not_found("CFG-02")
            .assert_not_found("CFG-03")
            .assert_not_found("CFG-08");
    }
    server(&offering("", &["NTLM"]))
        .judge()
        .assert_ruled_out("CFG-05");
}

#[test]
fn cfg_05_does_not_read_a_cut_file_as_an_empty_list() {
    let whole = offering("", &["Negotiate"]);
    let cut = whole.split("<providers>").next().unwrap().to_owned();
    server(&cut).judge().assert_not_assessed("CFG-05");
}

#[test]
fn cfg_06_in_kernel_mode() {
    server(&offering("", &["Negotiate:Kerberos"]))
        .judge()
        .assert_found("CFG-06", Status::Likely);
    server(&offering(
        "useKernelMode=\"false\"",
        &["Negotiate:Kerberos"],
    ))
    .judge()
    .assert_not_found("CFG-06");
    server(&offering("", &["Negotiate", "NTLM"]))
        .judge()
        .assert_ruled_out("CFG-06");
}

/// Row 4: nobody holds the SPN, and nothing is left to fall back to.
#[test]
fn cfg_06_without_a_fall_back() {
    let kit = |providers: &[&str]| {
        server(&offering("useKernelMode=\"false\"", providers)).console("q.txt", &query(SPN, &[]))
    };
    kit(&["Negotiate:Kerberos"])
        .judge()
        .assert_found("CFG-06", Status::Likely)
        .assert_found("SPN-01", Status::Likely);
    kit(&["Negotiate", "NTLM"])
        .judge()
        .assert_not_found("CFG-06");
}
