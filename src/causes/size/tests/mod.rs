//! The group SZ against small cases.

use crate::causes::Status;
use crate::testkit::{Kit, kerberos_3, kerberos_4, security, system};

fn http_err(reason: &str) -> String {
    let mut text = String::from(
        "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename\n",
    );
    for minute in 0..4 {
        text += &format!(
            "2026-03-02 08:{minute:02}:01 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /app - 400 - {reason} -\n"
        );
    }
    text
}

/// `whoami /groups` of a user in this many groups.
fn whoami(groups: usize) -> String {
    let mut text = String::from(
        "C:\\>whoami /all\n\nUSER INFORMATION\n----------------\n\nUser Name SID\n========= =============================================\ncorp\\uma  S-1-5-21-1004336348-1177238915-682003330-1104\n\n\nGROUP INFORMATION\n-----------------\n\nGroup Name       Type  SID                                           Attributes\n================ ===== ============================================= ==================================================\n",
    );
    for number in 0..groups {
        text += &format!(
            "CORP\\group{number:06} Group S-1-5-21-1004336348-1177238915-682003330-{:<5} Mandatory group, Enabled by default, Enabled group\n",
            10_000 + number
        );
    }
    text + "\n"
}

/// Row 19: 400 before IIS sees the request.
#[test]
fn sz_01_the_header_is_too_long() {
    let kit = || Kit::new().http_err("WEB01/httperr1.log", &http_err("FieldLength"));
    kit()
        .judge()
        .assert_found("SZ-01", Status::Likely)
        .assert_not_found("PRX-03")
        .assert_not_found("SZ-03");
    let logon = || {
        let values = [
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("IpAddress", "::ffff:10.0.0.7"),
        ];
        security(4624, &values)
    };
    kit()
        .console("whoami.txt", &whoami(180))
        .event("WEB01.corp.example", logon())
        .judge()
        .assert_found("SZ-01", Status::Confirmed);
    // Somebody's token: that it is a user who calls from there does not show.
    kit()
        .console("whoami.txt", &whoami(180))
        .judge()
        .assert_found("SZ-01", Status::Likely);
    kit()
        .console("whoami.txt", &whoami(180).replace("corp\\uma", "corp\\svc"))
        .event("WEB01.corp.example", logon())
        .judge()
        .assert_found("SZ-01", Status::Likely);
    // A few groups make no large ticket; another reason is another fault.
    kit()
        .console("whoami.txt", &whoami(12))
        .judge()
        .assert_found("SZ-01", Status::Likely);
    Kit::new()
        .http_err("WEB01/httperr1.log", &http_err("BadRequest"))
        .judge()
        .assert_not_found("SZ-01");
    Kit::new().judge().assert_not_assessed("SZ-01");
}

#[test]
fn sz_02_the_buffer_is_too_small() {
    let large = || {
        system(
            "Microsoft-Windows-Security-Kerberos",
            6,
            &[
                ("NeededSize", "15872"),
                ("ActualSize", "12000"),
                ("ClientProcessID", "7316"),
                ("ClientName", ""),
            ],
        )
    };
    Kit::new()
        .event("PC7.corp.example", large())
        .judge()
        .assert_found("SZ-02", Status::Confirmed)
        .assert_not_found("SZ-01");
    Kit::new()
        .event("PC7.corp.example", kerberos_4("HTTP/web", "web01$"))
        .judge()
        .assert_not_found("SZ-02");
    Kit::new().judge().assert_not_assessed("SZ-02");
}

#[test]
fn sz_03_a_token_cannot_hold_the_groups() {
    let failed = |status: &str| {
        security(
            4625,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("Status", status),
                ("SubStatus", "0x0"),
                ("LogonType", "3"),
                ("IpAddress", "10.0.0.7"),
            ],
        )
    };
    Kit::new()
        .event("WEB01.corp.example", failed("0xc000015a"))
        .judge()
        .assert_found("SZ-03", Status::Confirmed);
    Kit::new()
        .event(
            "WEB01.corp.example",
            system("LsaSrv", 6035, &[("", "S-1-5-21-1-2-3-1104")]),
        )
        .judge()
        .assert_found("SZ-03", Status::Confirmed);
    // Not granted the right, one code further, is AC-07.
    Kit::new()
        .event("WEB01.corp.example", failed("0xc000015b"))
        .judge()
        .assert_not_found("SZ-03");
    Kit::new().judge().assert_not_assessed("SZ-03");
}

/// 0x34 is a step of the protocol; it counts only where nothing answers after it.
#[test]
fn sz_04_nothing_answers_after_a_large_response() {
    let klist = |code: &str| {
        format!(
            "C:\\>klist get HTTP/web.corp.example\n\nCurrent LogonId is 0:0x5d3fa\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): {code}\n\nklist failed with {}\n\n",
            if code == "0x51f" {
                "0xc000005e/-1073741730"
            } else {
                "0xc000018b/-1073741429: The SAM database"
            }
        )
    };
    let told = || {
        Kit::new().event(
            "PC7.corp.example",
            kerberos_3("HTTP/web.corp.example", "0x34"),
        )
    };
    told()
        .console("PC7/klist.txt", &klist("0x51f"))
        .judge()
        .assert_found("SZ-04", Status::Possible);
    told().judge().assert_not_assessed("SZ-04");
    told()
        .console("PC7/klist.txt", &klist("0x6fb"))
        .judge()
        .assert_not_assessed("SZ-04");
    Kit::new()
        .console("PC7/klist.txt", &klist("0x51f"))
        .judge()
        .assert_not_assessed("SZ-04");
}
