//! Traps of `causes.md` section 10 that no single cause owns, each under its number.

use super::{Status, noise};
use crate::case::SymptomKind;
use crate::codes::KERBEROS;
use crate::readers::events::Body;
use crate::testkit::{
    Happening, Kit, config, judge, kerberos_4, pool, query, security, site, windows,
};

const WEB: &str = "WEB01.corp.example";

fn web(attributes: &str) -> Kit {
    Kit::new().config(
        "WEB01/applicationHost.config",
        &config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows(attributes),
            "",
        ),
    )
}

fn logon(user: &str, domain: &str, process: &str, package: &str, lm: &str, ip: &str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", domain),
            ("LogonType", "3"),
            ("LogonProcessName", process),
            ("AuthenticationPackageName", package),
            ("LmPackageName", lm),
            ("IpAddress", ip),
        ],
    )
}

/// 2: 4769 with 0x7 or 0xE is written only where the KDC is told to: its absence is no evidence.
#[test]
fn trap_02_silence_of_the_kdc_rules_nothing_out() {
    let ticket = security(
        4769,
        &[
            ("TargetUserName", "uma@CORP.EXAMPLE"),
            ("ServiceName", "FS01$"),
            ("Status", "0x0"),
            ("TicketEncryptionType", "0x12"),
        ],
    );
    let judgement = web("enabled=\"true\"")
        .event("DC1.corp.example", ticket)
        .judge();
    for id in ["SPN-01", "SPN-02", "ET-04", "MC-05", "AC-07"] {
        let ruled_out = judgement.ruled_out.iter().any(|(c, _)| c.id == id);
        assert!(!ruled_out, "{id}");
    }
}

/// 9: NTLM of local accounts, of nobody and of the machine itself is by design.
#[test]
fn trap_09_ntlm_by_design() {
    let case = web("enabled=\"true\"")
        .event(
            WEB,
            logon("bob", "WEB01", "NtLmSsp ", "NTLM", "NTLM V2", "10.1.2.3"),
        )
        .event(
            WEB,
            logon(
                "ANONYMOUS LOGON",
                "NT AUTHORITY",
                "NtLmSsp ",
                "NTLM",
                "NTLM V1",
                "10.1.2.3",
            ),
        )
        .event(
            WEB,
            logon("uma", "CORP", "NtLmSsp ", "NTLM", "NTLM V2", "127.0.0.1"),
        )
        .case();
    assert!(case.symptoms.is_empty(), "{:?}", case.symptoms);
}

/// 10 and 26: the package Negotiate hides NTLM, and the logon process ends in a blank.
#[test]
fn trap_10_and_26_ntlm_behind_negotiate() {
    let case = web("enabled=\"true\"")
        .event(
            WEB,
            logon(
                "uma",
                "CORP",
                "NtLmSsp ",
                "Negotiate",
                "NTLM V2",
                "10.1.2.3",
            ),
        )
        .event(
            WEB,
            logon("eve", "CORP", "Kerberos ", "Kerberos", "-", "10.1.2.4"),
        )
        .case();
    let logons: Vec<_> = case
        .pick(|b| match b {
            Body::Logon(logon) => Some(logon),
            _ => None,
        })
        .map(|(_, l)| (l.logon_process.as_deref(), l.is_ntlm(), l.is_kerberos()))
        .collect();
    assert_eq!(
        logons,
        [
            (Some("NtLmSsp"), true, false),
            (Some("Kerberos"), false, true)
        ]
    );
    let counts: Vec<_> = case
        .symptoms
        .iter()
        .filter(|s| matches!(s.kind, SymptomKind::NtlmLogons(_)))
        .map(|s| s.count)
        .collect();
    assert_eq!(counts, [1]);
}

/// 13: the cache of another session, an administrator's, says nothing about the user's tickets.
#[test]
fn trap_13_the_cache_of_another_session() {
    let admin = "C:\\>klist\n\nCurrent LogonId is 0:0x9abc\n\nCached Tickets: (0)\n";
    let judgement = web("enabled=\"true\" useAppPoolCredentials=\"true\"")
        .console(
            "q.txt",
            &query(
                "HTTP/portal.corp.example",
                &[(
                    "CN=svc_web,OU=Service,DC=corp,DC=example",
                    &["HTTP/portal.corp.example"],
                )],
            ),
        )
        .event(
            "PC7.corp.example",
            kerberos_4("HTTP/portal.corp.example", "svc_web"),
        )
        .console("klist.txt", admin)
        .judge();
    judgement.assert_not_assessed("ET-04");
}

/// 17 and 22: 8001 shows an attempt, not the outcome.
#[test]
fn trap_22_ntlm_8001_alone() {
    let considered = Happening {
        channel: "Microsoft-Windows-NTLM/Operational",
        provider: "Microsoft-Windows-NTLM",
        id: 8001,
        values: vec![
            ("TargetName", "HTTP/portal.corp.example".into()),
            ("UserName", "uma".into()),
        ],
    };
    let case = web("enabled=\"true\"")
        .event("PC7.corp.example", considered)
        .case();
    assert!(case.symptoms.is_empty());
    assert_eq!(
        noise::count(&case).first().map(|m| (m.pattern.id, m.count)),
        Some(("NZ-04", 1))
    );
    assert!(
        judge(&case)
            .findings
            .iter()
            .all(|f| f.status != Status::Confirmed)
    );
}

/// 29 and 31: codes that public tables give wrongly.
#[test]
fn trap_29_and_31_codes() {
    let name = |code| KERBEROS.lookup(code).map(|c| c.symbol);
    assert_eq!(name(0x14), Some("KDC_ERR_TGT_REVOKED"));
    assert_ne!(name(0x21), Some("KDC_ERR_TGT_REVOKED"));
    assert_eq!(name(0x32), Some("KRB_AP_ERR_INAPP_CKSUM"));
}

/// Two configurations that are both said to be one machine's, and the setting that decides differs: nothing is sure. Where
/// the names of the collections give an order, the last one counts; where both say the same, both do.
#[test]
fn two_configurations_of_one_machine() {
    let with = |attributes: &str| {
        config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows(attributes),
            "",
        )
    };
    let broken = with("enabled=\"true\" useKernelMode=\"true\" useAppPoolCredentials=\"false\"");
    let right = with("enabled=\"true\" useKernelMode=\"true\" useAppPoolCredentials=\"true\"");
    let judge_of = |before: (&str, &str), after: (&str, &str)| {
        let held = query(
            "HTTP/portal.corp.example",
            &[(
                "CN=svc_web,OU=Svc,DC=corp,DC=example",
                &["HTTP/portal.corp.example"],
            )],
        );
        Kit::new()
            .config(&format!("{}/applicationHost.config", before.0), before.1)
            .config(&format!("{}/applicationHost.config", after.0), after.1)
            .console("setspn.txt", &held)
            .silent(WEB, "System")
            .judge()
    };
    judge_of(("WEB01/x", &broken), ("WEB01/y", &right)).assert_found("SPN-05", Status::Possible);
    let slightly = broken.replace("Portal\" id=\"7\"", "Portal\" id=\"8\"");
    judge_of(("WEB01/x", &broken), ("WEB01/y", &slightly)).assert_found("SPN-05", Status::Likely);
    let (first, second) = ("TSS_WEB01_260301-080000_x", "TSS_WEB01_260302-080000_x");
    judge_of((first, &broken), (second, &right)).assert_not_found("SPN-05");
    judge_of((first, &right), (second, &broken)).assert_found("SPN-05", Status::Likely);
}
