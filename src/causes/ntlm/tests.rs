//! The group NT against small cases.

mod machines;
mod users;

use crate::causes::{Judgement, Status};
use crate::testkit::{
    Happening, Kit, config, kerberos_3, ntlm, pool, query, security, site, windows,
};

const WEB: &str = "WEB01.corp.example";
const DC: &str = "DC1.corp.example";
const PC: &str = "PC7.corp.example";
const SPN: &str = "HTTP/portal.corp.example";

/// A server with one site, whose name a query shows to be on nobody or on the pool's account.
fn web(held: bool) -> Kit {
    let holders: &[(&str, &[&str])] = if held {
        &[("CN=WEB01,OU=Servers,DC=corp,DC=example", &[SPN])]
    } else {
        &[]
    };
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
        .console("setspn.txt", &query(SPN, holders))
        .console("setspn2.txt", &query("HOST/portal.corp.example", &[]))
        .silent(WEB, "System")
}

fn refused(user: &'static str, status: &str, workstation: &'static str) -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("Status", status),
            (
                "SubStatus",
                if status == "0xc000006d" {
                    "0xc000006a"
                } else {
                    "0x0"
                },
            ),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("WorkstationName", workstation),
            ("ProcessName", "-"),
            ("IpAddress", "10.1.2.3"),
        ],
    )
}

fn blocked() -> Happening {
    refused("uma", "0xc0000418", "PC7")
}

fn at_server() -> Happening {
    ntlm(
        4003,
        &[
            ("UserName", "uma"),
            ("DomainName", "CORP"),
            ("Workstation", "PC7"),
            ("ProcessName", "System"),
            ("LogonType", "3"),
        ],
    )
}

fn at_client(target: &str) -> Happening {
    ntlm(
        4001,
        &[
            ("TargetName", target),
            ("UserName", "(NULL)"),
            ("ProcessName", "msedge.exe"),
            ("ClientUserName", "uma"),
            ("ClientDomainName", "CORP"),
        ],
    )
}

fn at_controller(via: &str) -> Happening {
    ntlm(
        4004,
        &[
            ("SChannelName", via),
            ("UserName", "uma"),
            ("DomainName", "CORP"),
            ("WorkstationName", "PC7"),
            ("SChannelType", "2"),
        ],
    )
}

fn registry(host: &str, key: &str, values: &str) -> (String, String) {
    (
        format!("{host}/registry.txt"),
        format!("HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\{key}\n{values}"),
    )
}

fn set(kit: Kit, host: &str, key: &str, name: &str, value: &str) -> Kit {
    let (path, text) = registry(
        host,
        key,
        &format!("    Filler    REG_DWORD    0x0\n    {name}    REG_DWORD    {value}\n"),
    );
    kit.console(&path, &text)
}

fn roots(judgement: &Judgement) -> Vec<&'static str> {
    judgement
        .root_causes
        .iter()
        .map(|i| judgement.findings[*i].cause.id)
        .collect()
}

#[test]
fn nt_01_behind_a_missing_spn() {
    let judgement = web(false)
        .events(WEB, 3, at_server)
        .events(WEB, 3, blocked)
        .judge();
    judgement
        .assert_found("NT-01", Status::Confirmed)
        .assert_not_found("NT-03")
        .assert_not_found("NT-02");
    // The missing SPN is the root, and stands first.
    assert_eq!(roots(&judgement), ["SPN-01", "NT-01"]);
    assert!(
        judgement.of("NT-01")[0]
            .finding
            .explanation
            .contains("this is the root: SPN-01")
    );
    assert!(judgement.unexplained.is_empty());
}

#[test]
fn nt_01_whose_root_is_not_shown() {
    let judgement = web(true).events(WEB, 3, at_server).judge();
    judgement.assert_found("NT-01", Status::Confirmed);
    assert!(
        judgement.of("NT-01")[0]
            .finding
            .explanation
            .contains("look for that first")
    );
}

#[test]
fn nt_01_and_its_setting() {
    let key = "Control\\Lsa\\MSV1_0";
    let name = "RestrictReceivingNTLMTraffic";
    let kit = |value: &str| set(web(false).silent(WEB, "System"), "WEB01", key, name, value);
    kit("0x2")
        .events(WEB, 3, blocked)
        .judge()
        .assert_found("NT-01", Status::Confirmed)
        .assert_not_found("NT-03");
    kit("0x2").judge().assert_found("NT-01", Status::Likely);
    // Kerberos works: a policy that nobody meets is no fault.
    let judgement = set(web(true).silent(WEB, "System"), "WEB01", key, name, "0x2").judge();
    judgement.assert_not_found("NT-01");
    let ruled_out = kit("0x0").events(WEB, 3, blocked).judge();
    ruled_out.assert_not_found("NT-01");
    assert!(ruled_out.ruled_out.iter().any(|(c, _)| c.id == "NT-01"));
}

#[test]
fn blocked_logons_alone_do_not_say_who_blocks() {
    let judgement = web(false).events(WEB, 3, blocked).judge();
    judgement.assert_found("NT-01", Status::Possible);
    assert_eq!(
        judgement.of("NT-01")[0].finding.open_look_alikes[0].0,
        "NT-03"
    );
    web(false)
        .judge()
        .assert_not_assessed("NT-01")
        .assert_not_assessed("NT-02")
        .assert_not_assessed("NT-03");
}

#[test]
fn audits_block_nothing() {
    let audit = ntlm(
        8003,
        &[
            ("UserName", "uma"),
            ("DomainName", "CORP"),
            ("Workstation", "PC7"),
        ],
    );
    let judgement = web(false).event(WEB, audit).judge();
    judgement.assert_not_found("NT-01");
    assert!(judgement.ruled_out.iter().any(|(c, _)| c.id == "NT-01"));
    // NTLM towards a file server is another story.
    let judgement = web(true)
        .events(PC, 3, || at_client("cifs/fs1.corp.example"))
        .judge();
    judgement.assert_not_found("NT-02");
    assert!(judgement.unexplained.is_empty());
}

#[test]
fn nt_02_at_the_client() {
    let kit = || web(false).events(PC, 3, || at_client(SPN));
    let judgement = kit().judge();
    judgement
        .assert_found("NT-02", Status::Likely)
        .assert_not_found("NT-01");
    assert_eq!(roots(&judgement), ["SPN-01", "NT-02"]);
    let key = "Control\\Lsa\\MSV1_0";
    set(kit(), "PC7", key, "RestrictSendingNTLMTraffic", "0x2")
        .judge()
        .assert_found("NT-02", Status::Confirmed);
    // What another server's name meets is another story than that of the site.
    web(false)
        .events(PC, 3, || at_client("HTTP/mail.corp.example"))
        .judge()
        .assert_found("NT-02", Status::Possible);
    // The same user came by Kerberos a moment later: NTLM was considered, and not needed.
    let kerberos = security(
        4624,
        &[
            ("TargetUserName", "uma"),
            ("LogonType", "3"),
            ("LogonProcessName", "Kerberos"),
            ("AuthenticationPackageName", "Kerberos"),
            ("LmPackageName", "-"),
        ],
    );
    web(true)
        .event(PC, at_client(SPN))
        .event(WEB, kerberos)
        .judge()
        .assert_found("NT-02", Status::Possible);
    let audits = set(
        web(false).event(PC, kerberos_3(SPN, "0x7")),
        "PC7",
        key,
        "RestrictSendingNTLMTraffic",
        "0x1",
    );
    assert!(
        audits
            .judge()
            .ruled_out
            .iter()
            .any(|(c, _)| c.id == "NT-02")
    );
}

#[test]
fn nt_03_at_the_controllers() {
    let kit = || {
        web(false)
            .events(DC, 3, || at_controller("WEB01"))
            .events(WEB, 3, blocked)
    };
    let judgement = kit().judge();
    judgement
        .assert_found("NT-03", Status::Confirmed)
        .assert_not_found("NT-01");
    assert_eq!(roots(&judgement), ["SPN-01", "NT-03"]);
    assert!(judgement.unexplained.is_empty());
    // Another server's NTLM.
    web(false)
        .events(DC, 3, || at_controller("FS1"))
        .judge()
        .assert_not_found("NT-03");
    let dc = security(4768, &[("TargetUserName", "uma"), ("Status", "0x0")]);
    let denies = set(
        web(false).event(DC, dc),
        "DC1",
        "Services\\Netlogon\\Parameters",
        "RestrictNTLMInDomain",
        "0x7",
    );
    denies.judge().assert_found("NT-03", Status::Possible);
}

#[test]
fn nt_07_version_one() {
    let attempt = |id, target: &str| {
        ntlm(
            id,
            &[
                ("TargetName", target),
                ("ClientUserName", "uma"),
                ("ProcessName", "agent.exe"),
            ],
        )
    };
    web(false)
        .events(PC, 2, || attempt(4013, SPN))
        .judge()
        .assert_found("NT-07", Status::Confirmed);
    web(false)
        .events(PC, 2, || attempt(4025, ""))
        .judge()
        .assert_found("NT-07", Status::Possible);
    let audited = web(false).events(PC, 2, || attempt(4024, "")).judge();
    audited.assert_not_found("NT-07");
    assert!(audited.ruled_out.iter().any(|(c, _)| c.id == "NT-07"));
    web(false).judge().assert_not_assessed("NT-07");
}

#[test]
fn nt_08_session_security() {
    let broken = |id| {
        ntlm(
            id,
            &[
                ("CallerPID", "4"),
                ("ProcessName", "System"),
                ("NegotiatedSecurity", "0x0"),
                ("RequiredSecurity", "0x20080000"),
            ],
        )
    };
    let judgement = web(false).events(WEB, 2, || broken(4011)).judge();
    judgement
        .assert_found("NT-08", Status::Confirmed)
        .assert_not_found("NT-01");
    assert!(
        judgement.of("NT-08")[0]
            .finding
            .explanation
            .contains("required 0x20080000")
    );
    web(false)
        .events(PC, 2, || broken(4010))
        .judge()
        .assert_found("NT-08", Status::Possible);
    web(false).judge().assert_not_assessed("NT-08");
}
