//! The group MC against small cases.

use crate::causes::{Current, Status};
use crate::testkit::{Happening, Kit, config, kerberos_3, pool, security, site, system, windows};

pub(super) const WEB: &str = "WEB01.corp.example";
pub(super) const DC: &str = "DC1.corp.example";

pub(super) fn web() -> Kit {
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

pub(super) fn refused(status: &str) -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("Status", status),
            ("SubStatus", "0x0"),
            ("LogonType", "3"),
            ("IpAddress", "10.1.2.3"),
        ],
    )
}

pub(super) fn netlogon(id: u32, values: &[&'static str]) -> Happening {
    let values: Vec<_> = values.iter().map(|v| ("", *v)).collect();
    system("NETLOGON", id, &values)
}

pub(super) fn logon(package: &str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            (
                "LogonProcessName",
                if package == "Kerberos" {
                    "Kerberos"
                } else {
                    "NtLmSsp "
                },
            ),
            ("AuthenticationPackageName", package),
            ("IpAddress", "10.1.2.3"),
        ],
    )
}

#[test]
fn mc_01_found() {
    let judgement = web()
        .event(WEB, netlogon(3210, &["CORP", "\\\\DC1.corp.example"]))
        .event(DC, netlogon(5805, &["WEB01", "%%5"]))
        .events(WEB, 3, || refused("0xc000018d"))
        .event(WEB, logon("Kerberos"))
        .judge();
    judgement
        .assert_found("MC-01", Status::Confirmed)
        .assert_not_found("AC-01");
    let finding = &judgement.of("MC-01")[0].finding;
    assert_eq!(finding.subject.host.as_deref(), Some("WEB01"));
    assert!(
        finding
            .supporting
            .iter()
            .any(|g| g.says.contains("Kerberos"))
    );
    assert!(judgement.unexplained.is_empty());
    assert_eq!(finding.current, Current::Yes);
}

#[test]
fn mc_01_over_when_ntlm_works_again() {
    let judgement = web()
        .event(WEB, netlogon(3210, &["CORP", "\\\\DC1"]))
        .event(WEB, refused("0xc000018a"))
        .event(WEB, logon("NTLM"))
        .judge();
    assert_eq!(judgement.of("MC-01")[0].finding.current, Current::No);
}

#[test]
fn mc_01_less_sure_with_less() {
    // The channel failed; that users were refused for it is not shown.
    web()
        .event(WEB, netlogon(3210, &[]))
        .judge()
        .assert_found("MC-01", Status::Likely);
    web()
        .event(WEB, refused("0xc000018a"))
        .judge()
        .assert_found("MC-01", Status::Likely);
    // 5719 says only that nobody was reached, and a missing account is another cause.
    let reached = web().event(WEB, netlogon(5719, &["CORP"])).judge();
    reached
        .assert_not_found("MC-01")
        .assert_found("MC-03", Status::Possible);
    let gone = web()
        .event(DC, netlogon(5723, &["WEB01", "WEB01$"]))
        .judge();
    gone.assert_not_found("MC-01");
    // Nothing shows a web server.
    Kit::new()
        .event("FS01.corp.example", netlogon(3210, &[]))
        .judge()
        .assert_found("MC-01", Status::Possible);
}

#[test]
fn mc_01_not_at_a_boot() {
    let boot = || web().event(WEB, system("EventLog", 6005, &[]));
    let case = boot().event(WEB, netlogon(5719, &["CORP"])).case();
    assert!(case.symptoms.is_empty());
    let judgement = crate::testkit::judge(&case);
    judgement.assert_not_found("MC-01");
    // Ten minutes later it means something.
    boot()
        .events("PC7.corp.example", 10, || system("Filler", 1, &[]))
        .event(WEB, netlogon(5719, &["CORP"]))
        .judge()
        .assert_found("MC-03", Status::Possible);
}

#[test]
fn mc_01_not_for_other_machines() {
    web()
        .event(WEB, logon("NTLM"))
        .event(DC, netlogon(5722, &["PC99", "PC99$"]))
        .event(DC, netlogon(5805, &[]))
        .judge()
        .assert_not_found("MC-01");
    web().judge().assert_not_assessed("MC-01");
}

/// The channel of a client is not that of the web server, and takes nobody's NTLM logon.
#[test]
fn mc_01_and_mc_03_not_of_a_client() {
    const PC: &str = "PC7.corp.example";
    let client = |kit: Kit| {
        kit.events(PC, 3, || netlogon(3210, &["CORP", "\\\\DC1"]))
            .events("PC8.corp.example", 3, || netlogon(5719, &["CORP"]))
    };
    client(web().event(WEB, logon("NTLM")))
        .judge()
        .assert_not_found("MC-01")
        .assert_not_found("MC-03");
    // A machine that refuses logons serves something.
    client(web().event(WEB, logon("NTLM")))
        .event(PC, refused("0xc000018d"))
        .judge()
        .assert_found("MC-01", Status::Possible);
    // Where no machine is known for a web server, it may be either.
    client(Kit::new())
        .judge()
        .assert_found("MC-01", Status::Possible)
        .assert_found("MC-03", Status::Possible);
}

/// Decision table, row 18.
#[test]
fn mc_05_found() {
    let judgement = web()
        .event(
            "PC7.corp.example",
            kerberos_3("HTTP/portal.corp.example", "0x25"),
        )
        .event(WEB, refused("0xc0000133"))
        .judge();
    judgement.assert_found("MC-05", Status::Confirmed);
    assert!(judgement.unexplained.is_empty());
}

const TGT: &str = "C:\\>klist tgt\n\nCurrent LogonId is 0:0x4f1a2\n\nCached TGT:\n\nServiceName        : krbtgt\nTargetName (SPN)   : krbtgt\nClientName         : uma\nDomainName         : CORP.EXAMPLE\nTargetDomainName   : CORP.EXAMPLE\nAltTargetDomainName: CORP.EXAMPLE\nTicket Flags       : 0x40e10000 -> forwardable renewable initial pre_authent name_canonicalize\nSession Key        : KeyType 0x12 - AES-256-CTS-HMAC-SHA1-96\n                   : KeyLength 32 - 00\nStartTime          : 3/2/2026 9:00:00 (local)\nEndTime            : 3/2/2026 19:00:00 (local)\nRenewUntil         : 3/9/2026 9:00:00 (local)\nTimeSkew           : SKEW\nEncodedTicket      : (size: 4)\n0000  00 00 00 00                                      ....\n";

fn tgt(skew: &str) -> String {
    TGT.replace("SKEW", skew)
}

#[test]
fn mc_05_from_klist() {
    let off = || web().console("klist.txt", &tgt(" + 11:40 minute(s)"));
    assert_eq!(
        off()
            .case()
            .skews
            .iter()
            .map(|s| s.value.abs())
            .collect::<Vec<_>>(),
        [700]
    );
    off().judge().assert_found("MC-05", Status::Likely);
    off()
        .event(
            "PC7.corp.example",
            kerberos_3("HTTP/portal.corp.example", "0x25"),
        )
        .judge()
        .assert_found("MC-05", Status::Confirmed);
    web()
        .console("klist.txt", &tgt(" - 0:40 minute(s)"))
        .judge()
        .assert_not_found("MC-05");
}

#[test]
fn mc_05_less_sure_with_less() {
    // One refusal: the client may have corrected itself.
    web()
        .event(
            "PC7.corp.example",
            kerberos_3("HTTP/portal.corp.example", "0x25"),
        )
        .judge()
        .assert_found("MC-05", Status::Likely);
    // Nothing to do with the site.
    web()
        .events("PC7.corp.example", 9, || {
            kerberos_3("cifs/fs01.corp.example", "0x25")
        })
        .judge()
        .assert_found("MC-05", Status::Possible);
    Kit::new()
        .event("FS01.corp.example", refused("0xc0000133"))
        .judge()
        .assert_found("MC-05", Status::Possible);
}

#[test]
fn mc_05_of_one_client_that_gets_no_first_ticket() {
    let refused = || kerberos_3("krbtgt/CORP.EXAMPLE", "0x25");
    let judgement = web().events("PC7.corp.example", 3, refused).judge();
    judgement.assert_found("MC-05", Status::Likely);
    let subject = &judgement.of("MC-05")[0].finding.subject;
    assert_eq!(subject.host.as_deref(), Some("PC7"));
    // Once: the client corrects itself.
    web()
        .event("PC7.corp.example", refused())
        .judge()
        .assert_found("MC-05", Status::Possible);
    // Nothing shows a web server.
    Kit::new()
        .events("PC7.corp.example", 3, refused)
        .judge()
        .assert_found("MC-05", Status::Possible);
}

/// A client that is refused at the site alone does not say whose clock is wrong; its first ticket does.
#[test]
fn mc_05_does_not_accuse_the_only_witness() {
    let at_site = || kerberos_3("HTTP/portal.corp.example", "0x25");
    let host = |kit: Kit| {
        let judgement = kit.judge();
        judgement.of("MC-05")[0].finding.subject.host.clone()
    };
    let seen = || web().events("PC7.corp.example", 4, at_site);
    assert_eq!(host(seen()), None);
    let server_too = seen().event(WEB, refused("0xc0000133"));
    assert_eq!(host(server_too).as_deref(), Some("WEB01"));
    let first = || kerberos_3("krbtgt/CORP.EXAMPLE", "0x25");
    let client_too = seen()
        .events("PC7.corp.example", 3, first)
        .event(WEB, refused("0xc0000133"));
    assert_eq!(host(client_too).as_deref(), Some("PC7"));
}

#[test]
fn mc_05_ruled_out_or_not_assessed() {
    web()
        .event(WEB, logon("Kerberos"))
        .judge()
        .assert_ruled_out("MC-05");
    web().judge().assert_not_assessed("MC-05");
}

/// The clocks of a file server and a domain controller say nothing of a web server's.
#[test]
fn mc_05_not_by_the_clocks_of_others() {
    const GUID: &str = "{2d1b1f70-38a5-4b21-9f0a-6f6d0f1f0a01}";
    // The server accepts eleven minutes before the controller issues.
    let apart = |kit: Kit, server: &str| {
        let mut accepted = logon("Kerberos");
        accepted.values.push(("LogonGuid", GUID.into()));
        let issued = [
            ("TargetUserName", "uma@CORP.EXAMPLE"),
            ("ServiceName", "SRV$"),
            ("Status", "0x0"),
            ("LogonGuid", GUID),
        ];
        kit.event(server, accepted)
            .wait(10)
            .event(DC, security(4769, &issued))
    };
    let seen = || {
        web().silent(WEB, "System").event(
            "PC7.corp.example",
            kerberos_3("HTTP/portal.corp.example", "0x25"),
        )
    };
    apart(seen(), "FILE1.corp.example")
        .judge()
        .assert_found("MC-05", Status::Likely);
    apart(seen(), WEB)
        .judge()
        .assert_found("MC-05", Status::Confirmed);
    // Nor does nothing speak of a clock then.
    let silent = apart(web().event(WEB, logon("Kerberos")), "FILE1.corp.example");
    silent.judge().assert_not_assessed("MC-05");
}

/// A folder of another name is another machine's, even where the bundle names one machine only.
#[test]
fn mc_01_not_by_what_lies_outside_the_folder_of_the_machine() {
    let list = "C:\\>setspn -L web01\nRegistered ServicePrincipalNames for CN=WEB01,CN=Computers,DC=corp,DC=example:\n        HOST/WEB01\n        HOST/WEB01.corp.example\n\nC:\\>\n";
    let broken = "C:\\>nltest /sc_query:corp.example\nFlags: 0\nTrusted DC Name\nTrusted DC Connection Status Status = 5 0x5 ERROR_ACCESS_DENIED\nThe command completed successfully\n";
    let kit = || web().console("WEB01/setspn.txt", list);
    kit()
        .console("WEB01/nltest.txt", broken)
        .judge()
        .assert_found("MC-01", Status::Likely);
    kit()
        .console("client/nltest.txt", broken)
        .judge()
        .assert_not_found("MC-01");
}

/// What names no machine and lies at the top may have come from anywhere, however few machines the bundle names.
#[test]
fn mc_01_and_mc_05_no_more_than_possible_by_a_stray_output() {
    let test = |status: &str| {
        format!(
            "C:\\>nltest /sc_verify:corp.example\nFlags: b0 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\DC1.corp.example\nTrusted DC Connection Status Status = {status}\nTrust Verification Status = {status}\nThe command completed successfully\n"
        )
    };
    let clock = "C:\\>w32tm /stripchart /computer:dc1.corp.example /samples:3 /dataonly\nTracking dc1.corp.example [10.1.1.1:123].\nCollecting 3 samples.\nThe current time is 3/2/2026 9:00:00 AM.\n09:00:00, +00407.1234567s\n09:00:02, +00407.1234567s\n09:00:04, +00407.1234567s\n";
    let judged = |path: &str, output: &str| {
        let seen = web().event(WEB, system("Filler", 1, &[]));
        seen.console(path, output).judge()
    };
    let broken = test("5 0x5 ERROR_ACCESS_DENIED");
    for (cause, output) in [("MC-01", broken.as_str()), ("MC-05", clock)] {
        judged("WEB01/x.txt", output).assert_found(cause, Status::Likely);
        let stray = judged("x.txt", output);
        stray.assert_found(cause, Status::Possible);
        let explanation = &stray.of(cause)[0].finding.explanation;
        assert!(explanation.contains("names no machine"), "{explanation}");
        // Wherever the whole bundle lies, its top is its top.
        let packed = Kit::new()
            .event(WEB, refused("0xc000006d"))
            .logs_in("case")
            .console("case/x.txt", output);
        packed.judge().assert_found(cause, Status::Possible);
    }
    let works = test("0 0x0 NERR_Success");
    judged("WEB01/x.txt", &works).assert_ruled_out("MC-01");
    let stray = judged("x.txt", &works);
    assert!(stray.ruled_out.iter().all(|(cause, _)| cause.id != "MC-01"));
    // What others say of it as well stays as sure as it was.
    let refused = || netlogon(3210, &["\\\\DC1", "CORP"]);
    let both = web().events(WEB, 3, refused).console("x.txt", &broken);
    both.judge().assert_found("MC-01", Status::Likely);
    // Two tests that differ: neither counts, and the log still does.
    let differing = |kit: Kit| {
        let judgement = kit
            .console("WEB01/a.txt", &broken)
            .console("WEB01/b.txt", &works)
            .judge();
        judgement.assert_not_found("MC-05");
        judgement
    };
    let seen = || web().event(WEB, system("Filler", 1, &[]));
    differing(seen()).assert_found("MC-01", Status::Possible);
    differing(seen().events(WEB, 3, refused)).assert_found("MC-01", Status::Likely);
}
