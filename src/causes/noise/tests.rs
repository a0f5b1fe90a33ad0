//! Noise is counted and never becomes a symptom or a finding.

use super::*;
use crate::testkit::{Happening, Kit, kerberos_3, security, system};

fn met(case: &Case) -> Vec<(&'static str, u64)> {
    count(case)
        .iter()
        .map(|m| (m.pattern.id, m.count))
        .collect()
}

fn ntlm(id: u32, target: &str) -> Happening {
    Happening {
        channel: "Microsoft-Windows-NTLM/Operational",
        provider: "Microsoft-Windows-NTLM",
        id,
        values: vec![("TargetName", target.into()), ("UserName", "uma".into())],
    }
}

const KDC: &str = "Microsoft-Windows-Kerberos-Key-Distribution-Center";

#[test]
fn ids_are_unique_and_in_order() {
    assert!(PATTERNS.windows(2).all(|p| p[0].id < p[1].id));
    assert!(
        PATTERNS
            .iter()
            .all(|p| !p.title.is_empty() && !p.why.is_empty())
    );
}

#[test]
fn protocol_steps_and_notices() {
    let case = Kit::new()
        .event(
            "PC7.corp.example",
            kerberos_3("HTTP/web.corp.example", "0x19"),
        )
        .event(
            "PC7.corp.example",
            kerberos_3("HTTP/web.corp.example", "0x34"),
        )
        .event(
            "PC7.corp.example",
            kerberos_3("krbtgt/CORP.EXAMPLE", "0x20"),
        )
        .event("PC7.corp.example", ntlm(8001, "HTTP/web.corp.example"))
        .event("WEB01.corp.example", system("LsaSrv", 6038, &[]))
        .event(
            "DC1.corp.example",
            system(KDC, 7, &[("AccountName", ""), ("LookupType", "0x108")]),
        )
        .event(
            "DC1.corp.example",
            system(
                KDC,
                11,
                &[
                    ("Name", "MSSQLSvc/db.corp.example:1433"),
                    ("Type", "DS_SERVICE_PRINCIPAL_NAME"),
                ],
            ),
        )
        .event(
            "PC7.corp.example",
            kerberos_3("HTTP/autologon.microsoftazuread-sso.com", "0x7"),
        )
        .case();
    assert_eq!(
        met(&case),
        [
            ("NZ-02", 3),
            ("NZ-03", 1),
            ("NZ-04", 1),
            ("NZ-06", 1),
            ("NZ-07", 1),
            ("NZ-11", 1)
        ]
    );
    assert!(case.symptoms.is_empty(), "{:?}", case.symptoms);
    assert!(crate::testkit::judge(&case).findings.is_empty());
}

#[test]
fn what_is_no_noise() {
    let case = Kit::new()
        .event(
            "PC7.corp.example",
            kerberos_3("HTTP/web.corp.example", "0x7"),
        )
        .event(
            "DC1.corp.example",
            system(KDC, 7, &[("AccountName", "svc_web"), ("LookupType", "0x8")]),
        )
        .event(
            "DC1.corp.example",
            system(KDC, 11, &[("Name", "HTTP/web.corp.example"), ("Type", "x")]),
        )
        .case();
    assert_eq!(met(&case), []);
    assert_eq!(case.symptoms.len(), 1);
}

#[test]
fn bad_passwords_of_strangers() {
    let case = Kit::new()
        .events("DC1.corp.example", 40, || {
            security(
                4771,
                &[
                    ("TargetUserName", "bob"),
                    ("Status", "0x18"),
                    ("IpAddress", "::ffff:10.0.0.7"),
                ],
            )
        })
        .case();
    assert_eq!(met(&case), [("NZ-08", 40)]);
    assert!(case.symptoms.is_empty());
}

/// A client that was off once took over the domain controller's time; one that is refused again, or falls back, did not.
#[test]
fn a_clock_that_was_corrected() {
    let logon = |package: &str| {
        security(
            4624,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", package),
                ("IpAddress", "10.1.2.3"),
            ],
        )
    };
    const WEB: &str = "WEB01.corp.example";
    let once = |target: &str| Kit::new().event("PC7.corp.example", kerberos_3(target, "0x25"));
    let first = || once("krbtgt/CORP.EXAMPLE");
    let corrected = first().event(WEB, logon("Kerberos")).case();
    assert_eq!(met(&corrected), [("NZ-17", 1)]);
    assert!(corrected.symptoms.is_empty());
    let failed = security(
        4625,
        &[
            ("TargetUserName", "uma"),
            ("LogonType", "3"),
            ("Status", "0xc000006d"),
        ],
    );
    for harmful in [
        first(),
        Kit::new().event(WEB, logon("Kerberos")).event(
            "PC7.corp.example",
            kerberos_3("krbtgt/CORP.EXAMPLE", "0x25"),
        ),
        once("HTTP/web.corp.example").event(WEB, logon("Kerberos")),
        first()
            .event(
                "PC8.corp.example",
                kerberos_3("krbtgt/CORP.EXAMPLE", "0x25"),
            )
            .event(WEB, logon("Kerberos")),
        first()
            .event(WEB, logon("NTLM"))
            .event(WEB, logon("Kerberos")),
        first().event(WEB, failed).event(WEB, logon("Kerberos")),
    ] {
        let case = harmful.case();
        assert!(!met(&case).iter().any(|(id, _)| *id == "NZ-17"));
        assert!(!case.symptoms.is_empty());
    }
}
