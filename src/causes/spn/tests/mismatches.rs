//! Tickets that cannot be opened: each state is one cause's, and no other's.

use super::*;
use crate::causes::Status::{Confirmed, Likely, Possible};
use crate::testkit::{kerberos_4, query, security};

const CLAIMANTS: [&str; 8] = [
    "SPN-04", "SPN-05", "SPN-06", "SPN-07", "SPN-12", "SPN-19", "SPN-21", "NAME-02",
];

/// Asserts that of all causes of a mismatch only this one speaks.
#[track_caller]
pub(super) fn only(
    judgement: &crate::causes::Judgement,
    cause: &str,
    status: crate::causes::Status,
) {
    judgement.assert_found(cause, status);
    for other in CLAIMANTS.iter().filter(|c| **c != cause) {
        judgement.assert_not_found(other);
    }
}

/// All that clients were told came before the switch was set: it is over, and is told as that.
#[test]
fn spn_05_that_a_later_change_ended() {
    let path =
        "/system.webServer/security/authentication/windowsAuthentication/@useAppPoolCredentials";
    let kit = || portal(POOL).console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]));
    let told = || kerberos_4(PORTAL, "web01$");
    let set = || iis_29(path, "false", "true");
    let judgement = kit()
        .event("PC7.corp.example", told())
        .event("WEB01.corp.example", set())
        .judge();
    judgement.assert_found("SPN-05", Confirmed);
    assert_eq!(
        judgement.of("SPN-05")[0].finding.current,
        crate::causes::Current::No
    );
    assert!(judgement.unexplained.is_empty());
    // Clients fail after it as well: then something else is wrong.
    kit()
        .event("WEB01.corp.example", set())
        .event("PC7.corp.example", told())
        .judge()
        .assert_not_found("SPN-05");
}

#[test]
fn spn_05() {
    let kit = || portal(MACHINE).console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]));
    only(&kit().judge(), "SPN-05", Likely);
    let judgement = kit()
        .events("PC7.corp.example", 3, || kerberos_4(PORTAL, "web01$"))
        .judge();
    only(&judgement, "SPN-05", Confirmed);
    let fix = judgement.of("SPN-05")[0].fix.as_ref().unwrap();
    assert!(
        fix.1
            .iter()
            .all(|c| c.after == crate::negotiate::Outcome::Kerberos)
            && !fix.1.is_empty()
    );
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .judge()
        .assert_ruled_out("SPN-05");
    portal(MACHINE).judge().assert_not_assessed("SPN-05");
}

/// A site that nobody starts may be left over; what was seen to fail counts all the same.
#[test]
fn a_site_that_is_not_started_with_the_server() {
    let stopped = server(MACHINE, "*:80:portal.corp.example")
        .replace("<site name", "<site serverAutoStart=\"false\" name");
    let kit = || {
        Kit::new()
            .config("WEB01/applicationHost.config", &stopped)
            .silent("WEB01.corp.example", "System")
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
    };
    only(&kit().judge(), "SPN-05", Possible);
    let seen = kit().event("PC7.corp.example", kerberos_4(PORTAL, "web01$"));
    only(&seen.judge(), "SPN-05", Confirmed);
}

/// A list of the account that does not show the SPN is older or newer than the one that does.
#[test]
fn a_registration_that_another_list_denies_is_not_sure() {
    let empty =
        format!("C:\\>setspn -L svc_web\nRegistered ServicePrincipalNames for {SVC}:\n\nC:\\>\n");
    let judgement = portal(MACHINE)
        .console("a.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .console("b.txt", &empty)
        .judge();
    only(&judgement, "SPN-05", Possible);
}

/// What a cut file says of the whole server is not what it says of the site: the missing part may switch it on.
#[test]
fn a_cut_configuration_leaves_the_acceptor_open() {
    let whole = server("enabled=\"false\"", "*:80:portal.corp.example");
    let (cut, _) = whole.split_once("<location path=\"\"").unwrap();
    let of_the_site = format!(
        "<location path=\"Portal\"><system.webServer><security><authentication>{}</authentication></security></system.webServer></location>",
        crate::testkit::windows(MACHINE)
    );
    let judge = |xml: &str| {
        Kit::new()
            .config("WEB01/applicationHost.config", xml)
            .silent("WEB01.corp.example", "System")
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .event("PC7.corp.example", kerberos_4(PORTAL, "web01$"))
            .judge()
    };
    let judgement = judge(cut);
    judgement.assert_not_assessed("SPN-05");
    let found: Vec<_> = judgement
        .findings
        .iter()
        .map(|f| (f.cause.id, f.status))
        .collect();
    assert!(
        found.is_empty() && !judgement.unexplained.is_empty(),
        "{found:?}"
    );
    only(&judge(&format!("{cut}{of_the_site}")), "SPN-05", Confirmed);
}

/// Trap 6: kernel mode with a domain pool is right when the computer account holds the SPN.
#[test]
fn trap_06_kernel_mode_with_a_domain_pool_is_valid() {
    let judgement = portal(MACHINE)
        .console("q.txt", &query(PORTAL, &[(WEB01, &[PORTAL])]))
        .judge();
    judgement.assert_ruled_out("SPN-05");
    for cause in CLAIMANTS {
        judgement.assert_not_found(cause);
    }
    assert!(judgement.findings.is_empty());
}

#[test]
fn spn_06() {
    let held = query(PORTAL, &[(WEB01, &[PORTAL])]);
    let kit = || portal(POOL).console("q.txt", &held);
    only(&kit().judge(), "SPN-06", Likely);
    let seen = kit().event("PC7.corp.example", kerberos_4(PORTAL, "svc_web"));
    only(&seen.judge(), "SPN-06", Confirmed);
    portal(MACHINE)
        .console("q.txt", &held)
        .judge()
        .assert_ruled_out("SPN-06");
    portal(POOL).judge().assert_not_assessed("SPN-06");
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .judge()
        .assert_ruled_out("SPN-06");
}

#[test]
fn spn_06_through_host_stays_likely_while_http_was_not_looked_for() {
    let judgement = web01(POOL, "*:80:")
        .console("l.txt", &web01_list())
        .event(
            "PC7.corp.example",
            kerberos_4("HTTP/web01.corp.example", "svc_web"),
        )
        .judge();
    only(&judgement, "SPN-06", Likely);
}

#[test]
fn spn_07() {
    let held = query(PORTAL, &[(OLD, &[PORTAL])]);
    let kit = || portal(POOL).console("q.txt", &held);
    only(&kit().judge(), "SPN-07", Likely);
    // A common name need not be the account name, so the event alone does not confirm it.
    let seen = || kit().event("PC7.corp.example", kerberos_4(PORTAL, "svc_web"));
    only(&seen().judge(), "SPN-07", Likely);
    // The list names the account, and with it the difference is certain.
    let named = seen().console("l.txt", &list("CORP\\svc_old", OLD, &[PORTAL]));
    only(&named.judge(), "SPN-07", Confirmed);
    let changed = || {
        seen().event(
            "WEB01.corp.example",
            iis_29(
                "/system.applicationHost/applicationPools/add[@name=\"Portal\"]/processModel/@userName",
                "CORP\\svc_old",
                "CORP\\svc_web",
            ),
        )
    };
    let judgement = changed().judge();
    only(&judgement, "SPN-07", Confirmed);
    assert!(judgement.of("SPN-07")[0].finding.onset.is_some());
    portal(POOL).judge().assert_not_assessed("SPN-07");
}

#[test]
fn spn_07_a_ticket_request_shows_that_the_common_name_is_the_account_name() {
    let judgement = portal(MACHINE)
        .console("q.txt", &query(PORTAL, &[(OLD, &[PORTAL])]))
        .event("PC7.corp.example", kerberos_4(PORTAL, "web01$"))
        .event(
            "DC1.corp.example",
            security(
                4769,
                &[
                    ("TargetUserName", "uma@CORP.EXAMPLE"),
                    ("ServiceName", "svc_old"),
                    ("Status", "0x0"),
                ],
            ),
        )
        .judge();
    only(&judgement, "SPN-07", Confirmed);
}

pub(super) const OWN: &str = "HTTP/web01.corp.example";

/// Two sites of WEB01: one at the server's own name, one that runs as `CORP\svc_app` at a name of its own.
pub(super) fn shared_server() -> Kit {
    let sites = site("Default Web Site", "*:80:", "DefaultAppPool")
        + &site("App", "*:8080:app.corp.example", "App");
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &config(
                &(pool("App", "CORP\\svc_app") + "<add name=\"DefaultAppPool\" />"),
                &sites,
                &windows(MACHINE),
                "",
            ),
        )
        .silent("WEB01.corp.example", "System")
        .console("l.txt", &web01_list())
}

/// A fragment without the server's own list of providers says nothing about them, but its pool and its site decide.
#[test]
fn a_fragment_hides_its_providers() {
    let fragment = |attributes: &str| {
        format!(
            r#"<configuration><system.applicationHost><applicationPools>{}</applicationPools><sites>{}</sites></system.applicationHost><location path="Portal"><system.webServer><security><authentication><anonymousAuthentication enabled="false" /><windowsAuthentication enabled="true" {attributes} /></authentication></security></system.webServer></location></configuration>"#,
            crate::testkit::pool("Portal", "CORP\\svc_web"),
            crate::testkit::site("Portal", "*:80:portal.corp.example", "Portal"),
        )
    };
    let kit = |attributes: &str| {
        Kit::new()
            .config("WEB01/applicationHost.config", &fragment(attributes))
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
    };
    only(&kit("").judge(), "SPN-05", Likely);
    let case = kit("useAppPoolCredentials=\"true\"").case();
    let path = crate::negotiate::simulate(
        &case,
        &case.situation,
        &case.situation.endpoints[0],
        crate::negotiate::Profile::Browser,
    );
    assert_eq!(path.outcome, crate::negotiate::Outcome::Unknown);
}

/// A computer's own name is not taken from it, also where nothing shows which machine the configuration came from.
#[test]
fn spn_06_keeps_a_computers_own_name_on_the_computer() {
    let judgement = Kit::new()
        .config("applicationHost.config", &server(POOL, "*:80:"))
        .console(
            "q.txt",
            &query(
                "HOST/web01.corp.example",
                &[(WEB01, &["HOST/WEB01", "HOST/web01.corp.example"])],
            ),
        )
        .events("PC7.corp.example", 2, || {
            kerberos_4("HTTP/web01.corp.example", "svc_web")
        })
        .judge();
    judgement.assert_found("SPN-06", Likely);
    let (fix, _) = judgement.of("SPN-06")[0].fix.as_ref().unwrap();
    let adds = |s: &crate::remedy::Step| {
        s.command
            .as_ref()
            .is_some_and(|c| c.text().contains(" -S "))
    };
    assert!(!fix.remedy.fix.iter().any(adds), "{:?}", fix.remedy.fix);
}

/// The holder may run the application at another address of the name.
#[test]
fn spn_07_not_sure_where_the_name_leads_elsewhere_too() {
    let answer = |addresses: &str| {
        format!(
            "C:\\>nslookup portal.corp.example\nServer:  dc1.corp.example\nAddress:  192.0.2.10\n\nName:    portal.corp.example\n{addresses}\n"
        )
    };
    let judged = |addresses: &str| {
        portal(POOL)
            .console("q.txt", &query(PORTAL, &[(OLD, &[PORTAL])]))
            .console("l.txt", &list("CORP\\svc_old", OLD, &[PORTAL]))
            .console("WEB01/ip.txt", "C:\\>ipconfig\n\nWindows IP Configuration\n\n\nEthernet adapter Ethernet:\n\n   Connection-specific DNS Suffix  . : corp.example\n   IPv4 Address. . . . . . . . . . . : 192.0.2.20\n   Subnet Mask . . . . . . . . . . . : 255.255.255.0\n   Default Gateway . . . . . . . . . : 192.0.2.1\n")
            .console("n.txt", &answer(addresses))
            .event("PC7.corp.example", kerberos_4(PORTAL, "svc_web"))
            .judge()
    };
    only(&judged("Address:  192.0.2.20"), "SPN-07", Confirmed);
    only(
        &judged("Addresses:  2001:db8::20\n\t  192.0.2.20"),
        "SPN-07",
        Confirmed,
    );
    let elsewhere = judged("Addresses:  192.0.2.20\n\t  192.0.2.21");
    only(&elsewhere, "SPN-07", Possible);
    let told = &elsewhere.of("SPN-07")[0].finding;
    assert_eq!(told.open_look_alikes[0].0, "CFG-15");
}
