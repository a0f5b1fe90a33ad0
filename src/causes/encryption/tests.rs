//! The group ET against small cases.

mod etypes;
mod hardening;

use crate::causes::Status;
use crate::testkit::{Kit, config, kerberos_4, pool, query, security, site, windows};

const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
const WEB: &str = "WEB01.corp.example";

/// The pool's account holds the SPN and opens the tickets, and a client got KRB_AP_ERR_MODIFIED all the same.
fn matching() -> Kit {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &config(
                &pool("Portal", "CORP\\svc_web"),
                &site("Portal", "*:80:portal.corp.example", "Portal"),
                &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
                "",
            ),
        )
        .console(
            "q.txt",
            &query(
                "HTTP/portal.corp.example",
                &[(SVC, &["HTTP/portal.corp.example"])],
            ),
        )
        .events("PC7.corp.example", 3, || {
            kerberos_4("HTTP/portal.corp.example", "svc_web")
        })
}

fn issued(service: &'static str, etype: &'static str) -> crate::testkit::Happening {
    security(
        4769,
        &[
            ("TargetUserName", "uma@CORP.EXAMPLE"),
            ("ServiceName", service),
            ("Status", "0x0"),
            ("TicketEncryptionType", etype),
        ],
    )
}

fn klist(etype: &str) -> String {
    format!(
        "C:\\>klist\n\nCurrent LogonId is 0:0x4f1a2\n\nCached Tickets: (1)\n\n#0>     Client: uma @ CORP.EXAMPLE\n        Server: HTTP/portal.corp.example @ CORP.EXAMPLE\n        KerbTicket Encryption Type: {etype}\n        Ticket Flags 0x40a10000 -> forwardable renewable pre_authent name_canonicalize\n        Start Time: 3/2/2026 9:00:00 (local)\n        End Time:   3/2/2026 19:00:00 (local)\n        Renew Time: 3/9/2026 9:00:00 (local)\n        Session Key Type: AES-256-CTS-HMAC-SHA1-96\n        Cache Flags: 0\n        Kdc Called: DC1.corp.example\n"
    )
}

/// Decision table, row 24: event 4 is no proof against the SPN.
#[test]
fn possible_with_the_type_of_the_ticket() {
    let by_event = matching()
        .event("DC1.corp.example", issued("svc_web", "0x17"))
        .judge();
    let by_klist = matching()
        .console("klist.txt", &klist("RSADSI RC4-HMAC(NT)"))
        .judge();
    for judgement in [by_event, by_klist] {
        judgement
            .assert_found("ET-04", Status::Possible)
            .assert_not_found("SPN-05")
            .assert_not_found("SPN-06");
        let finding = &judgement.of("ET-04")[0].finding;
        assert!(
            finding
                .lacks
                .iter()
                .any(|m| m.collect_with.contains("Kerberos\\Parameters"))
        );
        assert_eq!(finding.open_look_alikes[0].0, "POOL-02");
    }
}

#[test]
fn not_without_a_weak_ticket() {
    matching()
        .event("DC1.corp.example", issued("svc_web", "0x12"))
        .judge()
        .assert_not_assessed("ET-04");
    matching()
        .event("DC1.corp.example", issued("svc_other", "0x17"))
        .judge()
        .assert_not_assessed("ET-04");
    matching()
        .console("klist.txt", &klist("AES-256-CTS-HMAC-SHA1-96"))
        .judge()
        .assert_not_assessed("ET-04");
}

#[test]
fn ruled_out_where_the_spn_is_on_another_account() {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &config(
                &pool("Portal", "CORP\\svc_web"),
                &site("Portal", "*:80:portal.corp.example", "Portal"),
                &windows("enabled=\"true\""),
                "",
            ),
        )
        .console(
            "q.txt",
            &query(
                "HTTP/portal.corp.example",
                &[(SVC, &["HTTP/portal.corp.example"])],
            ),
        )
        .console(
            "l.txt",
            "C:\\>setspn -L CORP\\svc_web\nRegistered ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example:\n        HTTP/portal.corp.example\n",
        )
        .event(
            "PC7.corp.example",
            kerberos_4("HTTP/portal.corp.example", "web01$"),
        )
        .event("DC1.corp.example", issued("svc_web", "0x17"))
        .silent(WEB, "System")
        .judge()
        .assert_found("SPN-05", Status::Confirmed)
        .assert_ruled_out("ET-04");
}

/// What the server's policy allows.
fn policy(value: &str) -> String {
    let key = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\Kerberos\Parameters";
    format!("[WEB01]: PS C:\\> reg query HKLM\\{key}\n\nHKEY_LOCAL_MACHINE\\{key}\n{value}\n")
}

#[test]
fn confirmed_where_the_policy_excludes_the_type_of_the_ticket() {
    for (etype, mask) in [("0x17", "0x7ffffff8"), ("0x12", "0x4")] {
        let allowed = format!("    SupportedEncryptionTypes    REG_DWORD    {mask}");
        let judgement = matching()
            .event("DC1.corp.example", issued("svc_web", etype))
            .console("policy.txt", &policy(&allowed))
            .judge();
        judgement.assert_found("ET-04", Status::Confirmed);
        assert!(judgement.of("ET-04")[0].finding.lacks.is_empty());
    }
}

#[test]
fn ruled_out_where_the_policy_allows_it() {
    matching()
        .event("DC1.corp.example", issued("svc_web", "0x17"))
        .console(
            "policy.txt",
            &policy("    SupportedEncryptionTypes    REG_DWORD    0x1c"),
        )
        .judge()
        .assert_ruled_out("ET-04");
}

#[test]
fn without_a_policy_nothing_more_is_asked_for() {
    let unset = policy("    Other    REG_DWORD    0x1");
    let judgement = matching()
        .event("DC1.corp.example", issued("svc_web", "0x17"))
        .console("policy.txt", &unset)
        .judge();
    judgement.assert_found("ET-04", Status::Possible);
    assert!(judgement.of("ET-04")[0].finding.lacks.is_empty());
    let silent = matching().console("policy.txt", &unset).judge();
    silent.assert_not_assessed("ET-04");
    let missing = silent.not_assessed.iter().filter(|(c, _)| c.id == "ET-04");
    let asked: Vec<_> = missing
        .flat_map(|(_, m)| m)
        .map(|m| &*m.collect_with)
        .collect();
    assert!(asked.iter().all(|c| !c.contains("reg query")), "{asked:?}");
}

/// A policy that `gpresult` shows, and the types that the directory allows the holder: no ticket is needed.
#[test]
fn likely_where_directory_and_policy_exclude_each_other() {
    let judged = |set: u32| {
        let policy = "C:\\>gpresult /v\n\nRSOP data for CORP\\uma on WEB01 : Logging Mode\n----------------------------------------------\n\nOS Version:   10.0.17763\n\n            GPO: Kerberos\n                KeyName: Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters\\SupportedEncryptionTypes\n                Value: 24, 0, 0, 0\n                State: Enabled\n";
        let listing = format!(
            "PS C:\\> Get-ADUser svc_web -Properties msDS-SupportedEncryptionTypes\n\nDistinguishedName : {SVC}\nmsDS-SupportedEncryptionTypes : {set}\nObjectClass : user\nSamAccountName : svc_web\n"
        );
        matching()
            .console("gp.txt", policy)
            .console("ad.txt", &listing)
            .judge()
    };
    judged(0x4).assert_found("ET-04", Status::Likely);
    judged(0x1C).assert_not_assessed("ET-04");
    judged(0).assert_not_assessed("ET-04");
    // The ticket decides where it is shown.
    matching()
        .event("DC1.corp.example", issued("svc_web", "0x17"))
        .console("gp.txt", "C:\\>gpresult /v\n\nRSOP data for CORP\\uma on WEB01 : Logging Mode\n----------------------------------------------\n\nOS Version:   10.0.17763\n\n            GPO: Kerberos\n                KeyName: Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters\\SupportedEncryptionTypes\n                Value: 24, 0, 0, 0\n")
        .judge()
        .assert_found("ET-04", Status::Confirmed);
}
