//! The group MC against what machines say about themselves.

use crate::causes::{Current, Status};
use crate::testkit::{Kit, config, pool, site, system, windows};

const WEB: &str = "WEB01.corp.example";

fn web() -> Kit {
    Kit::new().config(
        "WEB01/applicationHost.config",
        &config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"true\""),
            "",
        ),
    )
}

fn nltest(status: &str, verified: Option<&str>) -> String {
    let verified = verified.map_or(String::new(), |v| {
        format!("Trust Verification Status = {v}\n")
    });
    format!(
        "[WEB01]: PS C:\\> nltest /sc_verify:corp.example\nFlags: b0 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\DC1.corp.example\nTrusted DC Connection Status Status = {status}\n{verified}The command completed successfully\n"
    )
}

const OK: &str = "0 0x0 NERR_Success";
const DENIED: &str = "5 0x5 ERROR_ACCESS_DENIED";

#[test]
fn a_test_of_the_channel_that_fails_is_found() {
    for output in [
        nltest(DENIED, None),
        nltest(OK, Some(DENIED)),
        "[WEB01]: PS C:\\> Test-ComputerSecureChannel\nFalse\n".to_owned(),
    ] {
        let judgement = web()
            .silent(WEB, "System")
            .console("nltest.txt", &output)
            .judge();
        judgement.assert_found("MC-01", Status::Likely);
        assert_eq!(judgement.of("MC-01")[0].finding.current, Current::Yes);
    }
}

#[test]
fn a_test_that_succeeds_rules_it_out_or_shows_it_past() {
    let works = nltest(OK, Some(OK));
    web()
        .console("nltest.txt", &works)
        .judge()
        .assert_ruled_out("MC-01");
    let past = web()
        .event(
            WEB,
            system("NETLOGON", 3210, &[("", "\\\\DC1"), ("", "CORP")]),
        )
        .console("nltest.txt", &works)
        .judge();
    assert_eq!(past.of("MC-01")[0].finding.current, Current::No);
}

#[test]
fn what_is_no_broken_channel_is_not_called_one() {
    for output in [
        // No domain controller was reached.
        nltest("1311 0x51f ERROR_NO_LOGON_SERVERS", None),
        // The question needs an elevated prompt.
        "[WEB01]: PS C:\\> nltest /sc_query:corp.example\nI_NetLogonControl failed: Status = 5 0x5 ERROR_ACCESS_DENIED\n".to_owned(),
        // It worked when it was last used, which is not a test.
        nltest(OK, None),
    ] {
        web().console("nltest.txt", &output).judge().assert_not_found("MC-01");
    }
    let asked = |kit: Kit| {
        let judgement = kit.judge();
        let missing = judgement
            .not_assessed
            .iter()
            .filter(|(c, _)| c.id == "MC-01");
        missing
            .flat_map(|(_, m)| m)
            .any(|m| m.collect_with.contains("sc_query"))
    };
    assert!(asked(web()));
    assert!(!asked(web().console("nltest.txt", &nltest(OK, None))));
}

fn stripchart(offset: &str) -> String {
    format!(
        "[WEB01]: PS C:\\> w32tm /stripchart /computer:DC1.corp.example /dataonly\nTracking DC1.corp.example [10.0.0.1:123].\n10:20:00, {offset}s\n"
    )
}

#[test]
fn clocks_that_w32tm_compared() {
    let apart = web()
        .console("w32tm.txt", &stripchart("+400,0206779"))
        .judge();
    apart.assert_found("MC-05", Status::Likely);
    assert_eq!(
        apart.of("MC-05")[0].finding.subject.host.as_deref(),
        Some("WEB01")
    );
    web()
        .silent(WEB, "System")
        .event(
            WEB,
            crate::testkit::kerberos_3("HTTP/portal.corp.example", "0x7"),
        )
        .console("w32tm.txt", &stripchart("+00.0206779"))
        .judge()
        .assert_not_found("MC-05");
}
