//! What looks like a cause, and is the ordinary course of things, or is shown of another machine than the one that fails.

use super::sessions::{SYSTEM, cache};
use super::{DC, PC, SPN, WEB, kerberos_logon, ntlm_logon, web};
use crate::causes::Status;
use crate::testkit::{Happening, Kit, kerberos_3, kerberos_4, security};

/// An output with the machine that it is from.
fn on(host: &str, output: &str) -> String {
    format!("C:\\>hostname\n{host}\n\n{output}")
}

fn from(workstation: &'static str, user: &str, mut logon: Happening) -> Happening {
    for (name, value) in &mut logon.values {
        match *name {
            "WorkstationName" => *value = workstation.into(),
            "TargetUserName" => *value = user.into(),
            _ => {}
        }
    }
    logon
}

fn wrong(workstation: &'static str, user: &str) -> Happening {
    let mut refused = from(workstation, user, ntlm_logon("10.1.2.3"));
    refused.id = 4625;
    refused.values.push(("Status", "0xc000006d".into()));
    refused.values.push(("SubStatus", "0xc000006a".into()));
    refused
}

#[test]
fn cl_17_is_no_weekly_renewal() {
    const WEEK: i64 = 7 * 24 * 60;
    let expired = || kerberos_3("krbtgt/CORP.EXAMPLE", "0x20");
    let kit = || {
        let mut kit = web().console("PC7/systeminfo.txt", SYSTEM).console(
            "PC7/klist.txt",
            &cache("3/1/2026 21:00:00", "3/2/2026 7:00:00"),
        );
        for _ in 0..4 {
            kit = kit
                .event(PC, expired())
                .event(WEB, kerberos_logon("uma"))
                .wait(WEEK);
        }
        kit
    };
    kit().judge().assert_not_found("CL-17");
    // Many errors at once, and Kerberos by the same user after them.
    kit()
        .events(PC, 4, expired)
        .event(WEB, kerberos_logon("uma"))
        .judge()
        .assert_found("CL-17", Status::Possible);
}

fn rolled() -> Happening {
    security(
        4742,
        &[
            ("TargetUserName", "WEB01$"),
            ("TargetDomainName", "CORP"),
            ("SubjectUserName", "ANONYMOUS LOGON"),
            ("PasswordLastSet", "3/2/2026 8:01:00 AM"),
            ("ServicePrincipalNames", "-"),
        ],
    )
}

#[test]
fn cl_10_is_no_monthly_password_of_a_machine() {
    let kit = || {
        web()
            .event(DC, rolled())
            .console("PC7/systeminfo.txt", SYSTEM)
            .console(
                "PC7/klist.txt",
                &cache("3/2/2026 7:01:10", "3/2/2026 17:00:00"),
            )
    };
    kit()
        .event(WEB, kerberos_logon("uma"))
        .judge()
        .assert_not_found("CL-10");
    // Where tickets cannot be opened from then on, it is to blame.
    kit()
        .events(PC, 3, || kerberos_4(SPN, "web01$"))
        .judge()
        .assert_found("CL-10", Status::Confirmed);
}

#[test]
fn cl_18_on_another_machine() {
    let get = "C:\\>klist get HTTP/portal.corp.example\n\nCurrent LogonId is 0:0x4f1a2\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x51f\n\nklist failed with 0xc000005e/-1073741730: There are currently no logon servers available to service the logon request.\n";
    let proxy = "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Proxy Server(s) :  127.0.0.1:8888\n    Bypass List     :  (none)\n\n";
    let kit = |of: &str| {
        let mut kit = web()
            .silent(PC, "System")
            .silent("SRV3.corp.example", "System");
        kit = kit.console("PC7/klist.txt", &on("PC7", get));
        kit.console(&format!("{of}/proxy.txt"), &on(of, proxy))
            .judge()
    };
    let open = |judgement: &crate::causes::Judgement| {
        let found = judgement.of("CL-08");
        found[0]
            .finding
            .open_look_alikes
            .iter()
            .any(|(id, _)| *id == "CL-18")
    };
    let same = kit("PC7");
    same.assert_found("CL-18", Status::Likely);
    assert!(open(&same));
    let other = kit("SRV3");
    other.assert_found("CL-18", Status::Possible);
    assert!(!open(&other));
}

/// That one machine finds no controller says nothing of the one that fails.
#[test]
fn cl_08_on_another_machine() {
    let get = "C:\\>klist get HTTP/portal.corp.example\n\nCurrent LogonId is 0:0x4f1a2\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x51f\n\nklist failed with 0xc000005e/-1073741730: There are currently no logon servers available to service the logon request.\n\nC:\\>nltest /dsgetdc:corp.example\nGetting DC name failed: Status = 1355 0x54b ERROR_NO_SUCH_DOMAIN\n";
    let kit = |of: &str| {
        web()
            .silent("PC9.corp.example", "System")
            .silent(PC, "System")
            .event(WEB, super::ntlm_logon("10.0.0.7"))
            .console(&format!("{of}/klist.txt"), &on(of, get))
            .judge()
    };
    kit("PC7").assert_found("CL-08", Status::Confirmed);
    kit("PC9").assert_found("CL-08", Status::Possible);
}

const NONE: &str = "C:\\>cmdkey /list\n\nCurrently stored credentials:\n\n* NONE *\n\n";
const STORED: &str = "C:\\>cmdkey /list\n\nCurrently stored credentials:\n\n    Target: Domain:target=portal.corp.example\n    Type: Domain Password\n    User: CORP\\old\n    \n\n";

#[test]
fn ac_09_without_a_use_of_the_credential() {
    let kit = || {
        web()
            .silent(PC, "System")
            .console("PC7/cmdkey.txt", &on("PC7", STORED))
    };
    // A logon from there as that user may be the one who is signed in to Windows as that user.
    kit()
        .events(WEB, 3, || from("PC7", "old", ntlm_logon("10.1.2.3")))
        .judge()
        .assert_found("AC-09", Status::Possible);
    // An old password of that user is refused again and again.
    kit()
        .events(WEB, 4, || wrong("PC7", "old"))
        .judge()
        .assert_found("AC-09", Status::Likely);
    // Where the session is somebody else's, it was the stored one.
    let session = || {
        kit().console(
            "PC7/klist.txt",
            &cache("3/2/2026 7:01:10", "3/2/2026 17:00:00"),
        )
    };
    session()
        .events(WEB, 3, || from("PC7", "old", ntlm_logon("10.1.2.3")))
        .judge()
        .assert_found("AC-09", Status::Confirmed);
    // Towards a file server it was not the site that was asked for.
    for kit in [kit(), session()] {
        kit.events("FS01.corp.example", 3, || {
            from("PC7", "old", ntlm_logon("10.1.2.3"))
        })
        .judge()
        .assert_found("AC-09", Status::Possible);
    }
}

#[test]
fn a_machine_that_does_not_fail_rules_nothing_out() {
    let kit = |host: &str, tool: &str| -> Kit {
        let kit = web()
            .silent(PC, "System")
            .silent("PC8.corp.example", "System");
        kit.console(&format!("{host}/out.txt"), &on(host, tool))
            .events(WEB, 4, || wrong("PC7", "uma"))
    };
    kit("PC8", NONE).judge().assert_not_assessed("AC-09");
    kit("WEB01", NONE).judge().assert_not_assessed("AC-09");
    kit("PC7", NONE).judge().assert_ruled_out("AC-09");
    let joined = "C:\\>dsregcmd /status\n\n+----------------------------------------------------------------------+\n| Device State                                                         |\n+----------------------------------------------------------------------+\n\n             AzureAdJoined : YES\n          EnterpriseJoined : NO\n              DomainJoined : YES\n                DomainName : CORP\n\n";
    kit("PC8", joined).judge().assert_not_assessed("CL-07");
    kit("PC7", joined).judge().assert_ruled_out("CL-07");
    let direct = "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n\n";
    kit("PC8", direct).judge().assert_not_assessed("CL-18");
    kit("PC7", direct).judge().assert_ruled_out("CL-18");
}
