//! What machines and sessions show: controllers out of reach, old tickets, other sessions, stored credentials.

use super::{DC, PC, SPN, WEB, changed, kerberos_logon, ntlm_logon, web};
use crate::causes::{Current, Status};
use crate::testkit::{Happening, kerberos_3, kerberos_4, security};

#[test]
fn cl_08_and_cl_18_by_klist_and_proxy() {
    let get = "C:\\>klist get HTTP/portal.corp.example\n\nCurrent LogonId is 0:0x4f1a2\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x51f\n\nklist failed with 0xc000005e/-1073741730: There are currently no logon servers available to service the logon request.\n";
    let proxy = "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Proxy Server(s) :  127.0.0.1:8888\n    Bypass List     :  (none)\n\n";
    let direct = "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n\n";
    let judgement = web().console("klist.txt", get).judge();
    judgement
        .assert_found("CL-08", Status::Possible)
        .assert_not_assessed("CL-18")
        .assert_not_found("SPN-01");
    let judgement = web()
        .console("klist.txt", get)
        .console("proxy.txt", direct)
        .judge();
    judgement
        .assert_found("CL-08", Status::Possible)
        .assert_not_found("CL-18");
    let judgement = web()
        .console("klist.txt", get)
        .console("proxy.txt", proxy)
        .judge();
    judgement
        .assert_found("CL-08", Status::Possible)
        .assert_found("CL-18", Status::Likely);
    web()
        .console("proxy.txt", proxy)
        .judge()
        .assert_found("CL-18", Status::Possible);
}

pub(super) fn cache(start: &str, end: &str) -> String {
    format!(
        "C:\\>hostname\nPC7\n\nC:\\>klist\n\nCurrent LogonId is 0:0x4f1a2\n\nCached Tickets: (2)\n\n#0>     Client: uma @ CORP.EXAMPLE\n        Server: krbtgt/CORP.EXAMPLE @ CORP.EXAMPLE\n        KerbTicket Encryption Type: AES-256-CTS-HMAC-SHA1-96\n        Ticket Flags 0x40e10000 -> forwardable renewable initial pre_authent name_canonicalize \n        Start Time: {start} (local)\n        End Time:   {end} (local)\n        Renew Time: 3/9/2026 8:00:58 (local)\n        Session Key Type: AES-256-CTS-HMAC-SHA1-96\n        Cache Flags: 0x1 -> PRIMARY \n        Kdc Called: DC1.corp.example\n\n#1>     Client: uma @ CORP.EXAMPLE\n        Server: HTTP/portal.corp.example @ CORP.EXAMPLE\n        KerbTicket Encryption Type: AES-256-CTS-HMAC-SHA1-96\n        Ticket Flags 0x40a10000 -> forwardable renewable pre_authent name_canonicalize \n        Start Time: {start} (local)\n        End Time:   {end} (local)\n        Renew Time: 3/9/2026 8:00:58 (local)\n        Session Key Type: AES-256-CTS-HMAC-SHA1-96\n        Cache Flags: 0 \n        Kdc Called: DC1.corp.example\n"
    )
}

pub(super) const SYSTEM: &str = "\nHost Name:                 PC7\nOS Name:                   Microsoft Windows 11 Enterprise\nOS Version:                10.0.22631 N/A Build 22631\nTime Zone:                 (UTC) Coordinated Universal Time\nDomain:                    corp.example\n";

#[test]
fn cl_10_a_ticket_from_before_the_move() {
    // The kit's events begin at eight: the move comes a minute after the silent log of WEB01.
    let kit = |start: &str| {
        web()
            .event(DC, changed("%%14674"))
            .events(PC, 3, || kerberos_4(SPN, "web01$"))
            .console("PC7/systeminfo.txt", SYSTEM)
            .console("PC7/klist.txt", &cache(start, "3/2/2026 17:00:00"))
    };
    let judgement = kit("3/2/2026 7:01:10").judge();
    judgement
        .assert_found("CL-10", Status::Confirmed)
        .assert_not_found("CL-11");
    assert!(judgement.of("CL-10")[0].finding.onset.is_some());
    let newer = kit("3/2/2026 8:30:10").judge();
    newer.assert_not_found("CL-10");
    // Without the ticket it fits, and no more.
    let judgement = web()
        .event(DC, changed("%%14674"))
        .events(PC, 3, || kerberos_4(SPN, "web01$"))
        .judge();
    judgement.assert_found("CL-10", Status::Possible);
}

#[test]
fn cl_11_passes_by_itself() {
    let kit = || {
        web()
            .event(WEB, ntlm_logon("10.1.2.3"))
            .event(PC, with_client(kerberos_3(SPN, "0x7")))
            .event(DC, changed("%%14674"))
            .events(WEB, 2, || ntlm_logon("10.1.2.3"))
    };
    let judgement = kit().wait(40).event(WEB, kerberos_logon("uma")).judge();
    judgement
        .assert_found("CL-11", Status::Likely)
        .assert_not_found("CL-10");
    assert_eq!(judgement.of("CL-11")[0].finding.current, Current::No);
    // NTLM that goes on is another matter, and so is a new refusal.
    kit()
        .wait(40)
        .event(WEB, ntlm_logon("10.1.2.3"))
        .judge()
        .assert_not_found("CL-11");
    kit()
        .event(PC, with_client(kerberos_3(SPN, "0x7")))
        .judge()
        .assert_not_found("CL-11");
}

fn with_client(mut event: Happening) -> Happening {
    for (name, value) in &mut event.values {
        if *name == "ClientName" {
            *value = "uma".into();
        }
    }
    event
}

#[test]
fn cl_14_a_session_of_its_own() {
    let netonly = || {
        security(
            4624,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("LogonType", "9"),
                ("LogonProcessName", "seclogo"),
                ("AuthenticationPackageName", "Negotiate"),
                ("TargetOutboundUserName", "adm"),
                ("TargetOutboundDomainName", "CORP"),
            ],
        )
    };
    let mut at_server = ntlm_logon("10.1.2.3");
    at_server.values[0].1 = "adm".into();
    web()
        .event(PC, netonly())
        .event(WEB, at_server)
        .judge()
        .assert_found("CL-14", Status::Confirmed);
    web()
        .event(PC, netonly())
        .judge()
        .assert_found("CL-14", Status::Possible);
}

#[test]
fn cl_17_a_ticket_that_ran_out() {
    let kit = |end: &str, times: usize| {
        web()
            .events(PC, times, || kerberos_3("krbtgt/CORP.EXAMPLE", "0x20"))
            .console("PC7/systeminfo.txt", SYSTEM)
            .console("PC7/klist.txt", &cache("3/1/2026 21:00:00", end))
    };
    kit("3/2/2026 7:00:00", 4)
        .judge()
        .assert_found("CL-17", Status::Confirmed);
    // A single 0x20 is how a renewal begins.
    kit("3/2/2026 7:00:00", 1).judge().assert_not_found("CL-17");
    kit("3/2/2026 17:00:00", 4)
        .judge()
        .assert_not_found("CL-17");
}

#[test]
fn ac_09_a_stored_credential() {
    let used = || {
        security(
            4648,
            &[
                ("SubjectUserName", "uma"),
                ("TargetUserName", "old"),
                ("TargetDomainName", "CORP"),
                ("TargetServerName", "portal.corp.example"),
                ("TargetInfo", SPN),
                ("ProcessName", "C:\\Windows\\System32\\lsass.exe"),
            ],
        )
    };
    let stored = |target: &str| {
        format!(
            "C:\\>hostname\nPC7\n\nC:\\>cmdkey /list\n\nCurrently stored credentials:\n\n    Target: Domain:target={target}\n    Type: Domain Password\n    User: CORP\\old\n    \n\n"
        )
    };
    let kit = || web().events(PC, 3, used);
    let judgement = kit()
        .console("PC7_cmdkey.txt", &stored("portal.corp.example"))
        .judge();
    judgement
        .assert_found("AC-09", Status::Confirmed)
        .assert_not_found("CL-14");
    kit()
        .console("PC7_cmdkey.txt", &stored("*.corp.example"))
        .judge()
        .assert_found("AC-09", Status::Confirmed);
    let judgement = kit().judge();
    judgement.assert_found("AC-09", Status::Possible);
    web()
        .silent(PC, "System")
        .console("PC7_cmdkey.txt", &stored("other.example"))
        .judge()
        .assert_not_found("AC-09");
    // The session's own account towards the site is single sign-on.
    let own = || {
        security(
            4648,
            &[
                ("SubjectUserName", "uma"),
                ("TargetUserName", "uma"),
                ("TargetServerName", "portal.corp.example"),
                ("TargetInfo", SPN),
            ],
        )
    };
    web().events(PC, 3, own).judge().assert_not_found("AC-09");
}
