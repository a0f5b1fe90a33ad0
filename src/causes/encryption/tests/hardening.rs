//! The updates that harden Kerberos, keys of trusts and of krbtgt.

use super::etypes::{DC, SPN, kdc, refused, set, sound};
use crate::causes::{Current, Status};
use crate::testkit::{Happening, Kit, kerberos_3, security, system};

const KDC: &str = "Microsoft-Windows-Kerberos-Key-Distribution-Center";
const WEB: &str = "WEB01.corp.example";
const CLIENT: &str = "PC7.corp.example";

fn record(id: u32) -> Happening {
    system(KDC, id, &[("AccountName", "uma")])
}

/// A ticket for the site that the KDC refused.
fn failed(status: &'static str) -> Happening {
    security(
        4769,
        &[
            ("TargetUserName", "uma@CORP.EXAMPLE"),
            ("ServiceName", SPN),
            ("Status", status),
            ("TicketEncryptionType", "0xffffffff"),
        ],
    )
}

/// A record of a KDC that no ticket was refused for is a warning.
#[test]
fn pac_signature_and_requestor() {
    let judgement = sound()
        .event(DC, record(43))
        .event(DC, failed("0x1f"))
        .judge();
    judgement
        .assert_found("ET-08", Status::Confirmed)
        .assert_not_found("ET-09")
        .assert_not_found("ET-13");
    assert!(judgement.unexplained.is_empty());
    sound()
        .event(DC, record(43))
        .judge()
        .assert_found("ET-08", Status::Likely);
    sound()
        .event(DC, record(44))
        .judge()
        .assert_found("ET-08", Status::Possible);

    let judgement = sound()
        .event(DC, record(37))
        .event(DC, failed("0x14"))
        .judge();
    judgement
        .assert_found("ET-09", Status::Likely)
        .assert_not_found("ET-08");
    sound()
        .event(DC, record(35))
        .judge()
        .assert_found("ET-09", Status::Possible);
}

#[test]
fn krbtgt() {
    let reset = || system(KDC, 9, &[]);
    let judgement = sound()
        .event(DC, reset())
        .wait(180)
        .event(DC, reset())
        .event(DC, failed("0x1f"))
        .judge();
    judgement
        .assert_found("ET-13", Status::Confirmed)
        .assert_not_found("ET-08")
        .assert_not_found("TR-06");
    // Once, or twice with a day between, is how it is done.
    let once = sound().event(DC, reset()).event(DC, failed("0x1f")).judge();
    once.assert_found("ET-13", Status::Possible);
    let apart = sound()
        .event(DC, reset())
        .wait(60 * 24)
        .event(DC, reset())
        .judge();
    apart.assert_not_found("ET-13");
    // One reset that two logs tell of is one.
    let told_twice = sound()
        .event(DC, security(4724, &[("TargetUserName", "krbtgt")]))
        .event(DC, reset())
        .judge();
    told_twice.assert_not_found("ET-13");
    // So is one that another controller learns of later.
    let learned = sound()
        .event(DC, reset())
        .wait(180)
        .event("DC2.corp.example", reset())
        .event(DC, failed("0x1f"))
        .judge();
    learned.assert_found("ET-13", Status::Possible);
    // The krbtgt of another domain is another account.
    let elsewhere = sound()
        .event("DC9.other.example", reset())
        .wait(180)
        .event("DC9.other.example", reset())
        .event(DC, failed("0x1f"))
        .judge();
    for found in elsewhere.of("ET-13") {
        assert!(found.finding.explains.is_empty());
    }
    assert_eq!(elsewhere.unexplained.len(), 1);
    let mixed = sound()
        .event("DC9.other.example", reset())
        .wait(180)
        .event(DC, reset())
        .judge();
    mixed.assert_not_found("ET-13");
    // What failed before fails for something else.
    let before = sound()
        .event(DC, failed("0x1f"))
        .wait(60)
        .event(DC, reset())
        .wait(180)
        .event(DC, reset())
        .judge();
    assert!(before.of("ET-13")[0].finding.explains.is_empty());
    // It is over by the next day.
    let judgement = sound()
        .event(DC, reset())
        .wait(180)
        .event(DC, reset())
        .event(DC, failed("0x1f"))
        .wait(60 * 30)
        .silent(WEB, "System")
        .judge();
    assert_eq!(judgement.of("ET-13")[0].finding.current, Current::No);
}

#[test]
fn a_client_alone_does_not_tell_them_apart() {
    let judgement = sound().event(CLIENT, kerberos_3(SPN, "0x1f")).judge();
    for cause in ["ET-08", "ET-09", "ET-13"] {
        judgement.assert_not_assessed(cause);
    }
}

fn tgt(status: &'static str) -> Happening {
    security(
        4768,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("Status", status),
            ("PreAuthType", "16"),
        ],
    )
}

#[test]
fn certificates() {
    let judgement = sound().event(DC, record(39)).event(DC, tgt("0x42")).judge();
    judgement.assert_found("ET-12", Status::Confirmed);
    // A warning lets the user in.
    sound()
        .event(DC, record(39))
        .judge()
        .assert_found("ET-12", Status::Possible);
    let judgement = sound().event(DC, record(39)).event(DC, tgt("0x0")).judge();
    judgement.assert_found("ET-12", Status::Possible);
    // Refused, and nothing of the KDC says why.
    sound()
        .event(DC, tgt("0x3e"))
        .judge()
        .assert_not_assessed("ET-12");
    sound().judge().assert_not_found("ET-12");
    // A user of the same name in another domain is another user.
    let judgement = sound()
        .event(DC, record(39))
        .event("DC9.other.example", tgt("0x42"))
        .judge();
    judgement.assert_found("ET-12", Status::Possible);
}

#[test]
fn the_check_of_pacs() {
    let check = |id| system("Microsoft-Windows-Security-Kerberos", id, &[]);
    sound()
        .event(WEB, check(22))
        .judge()
        .assert_found("ET-11", Status::Likely);
    sound()
        .event(WEB, check(21))
        .judge()
        .assert_found("ET-11", Status::Possible);
    // The operational log gives such numbers to something else.
    let other = Happening {
        channel: "Microsoft-Windows-Kerberos/Operational",
        ..check(22)
    };
    sound().event(WEB, other).judge().assert_not_found("ET-11");
    // It explains what this machine refused from then on.
    let refused = || {
        security(
            4625,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "PARTNER"),
                ("LogonType", "3"),
                ("Status", "0xc000006d"),
                ("SubStatus", "0x0"),
                ("AuthenticationPackageName", "Kerberos"),
                ("IpAddress", "10.0.0.77"),
            ],
        )
    };
    let explained = |kit: Kit| {
        let judgement = kit.judge();
        judgement.of("ET-11")[0].finding.explains.len()
    };
    let after = sound().event(WEB, check(22)).event(WEB, refused());
    assert_eq!(explained(after), 1);
    let before = sound().event(WEB, refused()).wait(60);
    assert_eq!(explained(before.event(WEB, check(22))), 0);
    let elsewhere = sound()
        .event(WEB, refused())
        .event("APP7.corp.example", check(22));
    assert_eq!(explained(elsewhere), 0);
}

#[test]
fn clones() {
    let lsa = |values: &[(&'static str, &str)]| system("LsaSrv", 6167, values);
    let judgement = sound().event(WEB, lsa(&[])).judge();
    judgement
        .assert_found("ET-15", Status::Likely)
        .assert_not_found("LOOP-01");
    // Windows 11 26H1 gives the number to something else.
    let other = lsa(&[
        ("MaxRefCount", "9"),
        ("LogonId", "0x3e7"),
        ("AccountSid", "S-1-5-18"),
    ]);
    sound().event(WEB, other).judge().assert_not_found("ET-15");
}

#[test]
fn a_trust_with_rc4_keys() {
    let referral = [
        ("TargetUserName", "uma@CORP.EXAMPLE"),
        ("ServiceName", "krbtgt/PARTNER.EXAMPLE"),
        ("Status", "0xe"),
        ("TicketEncryptionType", "0xffffffff"),
    ];
    let judgement = sound().event(DC, security(4769, &referral)).judge();
    judgement
        .assert_found("ET-06", Status::Confirmed)
        .assert_not_found("ET-01")
        .assert_not_found("TR-06");
    // Its own realm is no trust.
    let own = [
        ("TargetUserName", "uma@CORP.EXAMPLE"),
        ("ServiceName", "krbtgt/CORP.EXAMPLE"),
        ("Status", "0xe"),
    ];
    sound()
        .event(DC, security(4769, &own))
        .judge()
        .assert_not_found("ET-06");
    refused().judge().assert_not_assessed("ET-06");
}

#[test]
fn the_update_of_2022() {
    // The refusals of these tests are of 2026: not of its first builds.
    let judgement = refused()
        .event(DC, kdc(16, "18 17 23", "23 18 17"))
        .console("ad.txt", &set(0x4))
        .judge();
    judgement.assert_ruled_out("ET-07");
    let weak = || system(KDC, 42, &[("AccountName", "krbtgt")]);
    let judgement = refused().event(DC, weak()).judge();
    judgement.assert_found("ET-07", Status::Likely);
    sound()
        .event(DC, weak())
        .judge()
        .assert_found("ET-07", Status::Possible);
    // `klist get` has no time.
    let klist = format!(
        "C:\\>klist get {SPN}\n\nCurrent LogonId is 0:0x4f1a2\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x80090342\n\nklist failed with 0xc00002fd/-1073741059: The encryption type requested is not supported by the KDC.\n"
    );
    sound()
        .console("k.txt", &klist)
        .judge()
        .assert_not_assessed("ET-07");
}

/// Build 26100 refuses, and another one issues.
#[test]
fn the_controller_of_server_2025() {
    let system_info = |build: u32| {
        format!(
            "\nHost Name:                 DC1\nOS Name:                   Microsoft Windows Server 2025 Standard\nOS Version:                10.0.{build} N/A Build {build}\nOS Manufacturer:           Microsoft Corporation\n"
        )
    };
    let issued = [
        ("TargetUserName", "ida@CORP.EXAMPLE"),
        ("ServiceName", "svc_web"),
        ("Status", "0x0"),
        ("TicketEncryptionType", "0x17"),
    ];
    let both = || -> Kit {
        refused()
            .event(DC, kdc(16, "18 17 23", "23 18 17"))
            .event("DC2.corp.example", security(4769, &issued))
    };
    both()
        .console("DC1/info.txt", &system_info(26_100))
        .judge()
        .assert_found("ET-14", Status::Likely);
    both()
        .console("DC1/info.txt", &system_info(20_348))
        .judge()
        .assert_ruled_out("ET-14");
    both().judge().assert_not_assessed("ET-14");
    // Another controller that refuses may be of Server 2025 as well.
    both()
        .event("DC3.corp.example", kdc(16, "18 17 23", "23 18 17"))
        .console("DC1/info.txt", &system_info(26_100))
        .judge()
        .assert_not_assessed("ET-14");
}
