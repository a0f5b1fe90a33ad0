//! The group TR against small cases.

use crate::causes::Status;
use crate::testkit::{Happening, Kit, config, kerberos_3, pool, query, security, site, windows};

const SPN: &str = "HTTP/portal.res.example";
const WEB: &str = "WEB01.res.example";

/// A sound site in res.example, whose name the pool's account holds.
fn sound() -> Kit {
    let svc = "CN=svc_web,OU=Service,DC=res,DC=example";
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &config(
                &pool("Portal", "RES\\svc_web"),
                &site("Portal", "*:80:portal.res.example", "Portal"),
                &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
                "",
            ),
        )
        .console("q.txt", &query(SPN, &[(svc, &[SPN])]))
        .silent(WEB, "System")
}

/// A client of another forest was answered 0x7 by its own KDC.
fn unknown() -> Kit {
    let mut error = kerberos_3(SPN, "0x7");
    for (name, value) in &mut error.values {
        match *name {
            "ServerRealm" => *value = "ACCT.EXAMPLE".into(),
            "TargetName" => *value = format!("{SPN}@ACCT.EXAMPLE"),
            _ => {}
        }
    }
    sound().event("PC7.acct.example", error)
}

fn refused(user: &'static str, domain: &'static str, status: &'static str) -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", domain),
            ("Status", status),
            ("SubStatus", "0x0"),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("IpAddress", "10.9.0.7"),
        ],
    )
}

fn logon(user: &'static str, domain: &'static str, package: &'static str) -> Happening {
    let lm = if package == "NTLM" { "NTLM V2" } else { "-" };
    security(
        4624,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", domain),
            ("LogonType", "3"),
            ("LogonProcessName", package),
            ("AuthenticationPackageName", package),
            ("LmPackageName", lm),
            ("IpAddress", "10.9.0.7"),
        ],
    )
}

/// `nltest /domain_trusts` on the web server.
fn trusts(lines: &str) -> String {
    format!(
        "List of domain trusts:\n    0: RES res.example (NT 5) (Forest Tree Root) (Primary Domain) (Native)\n{lines}The command completed successfully\n"
    )
}

fn get_ad_trust(name: &str, selective: &str, quarantined: &str, direction: &str) -> String {
    format!(
        "Direction               : {direction}\nDistinguishedName       : CN={name},CN=System,DC=res,DC=example\nForestTransitive        : True\nIntraForest             : False\nName                    : {name}\nObjectClass             : trustedDomain\nSelectiveAuthentication : {selective}\nSIDFilteringQuarantined : {quarantined}\nSource                  : DC=res,DC=example\nTarget                  : {name}\n"
    )
}

const FOREST: &str =
    "    1: ACCT acct.example (NT 5) (Direct Outbound) (Direct Inbound) ( Attr: foresttrans )\n";
const EXTERNAL: &str = "    1: ACCT acct.example (NT 5) (Direct Outbound) (Direct Inbound)\n";

fn suffixes(state: &str) -> String {
    format!("Name, Type, Status, Notes\n\n1. *.res.example, Name Suffix, {state}\n")
}

#[test]
fn a_suffix_that_is_not_routed() {
    for state in ["Disabled", "Conflicting, With old.example"] {
        let judgement = unknown()
            .console("trusts.txt", &trusts(FOREST))
            .console("suffixes.txt", &suffixes(state))
            .judge();
        judgement
            .assert_found("TR-02", Status::Confirmed)
            .assert_not_found("SPN-01")
            .assert_not_found("TR-01");
    }
    // The list holds other suffixes only.
    let other = "Name, Type, Status, Notes\n\n1. *.lab.example, Name Suffix, Enabled\n";
    let judgement = unknown().console("suffixes.txt", other).judge();
    judgement.assert_found("TR-02", Status::Confirmed);
    // It is routed.
    let judgement = unknown()
        .console("suffixes.txt", &suffixes("Enabled"))
        .judge();
    judgement.assert_ruled_out("TR-02");
    // Nothing shows it.
    unknown().judge().assert_not_assessed("TR-02");
    let judgement = unknown().console("trusts.txt", &trusts(FOREST)).judge();
    judgement.assert_found("TR-02", Status::Possible);
    // An external trust routes nothing.
    let judgement = unknown().console("trusts.txt", &trusts(EXTERNAL)).judge();
    judgement.assert_ruled_out("TR-02");
}

#[test]
fn selective_authentication() {
    let judgement = sound()
        .event(WEB, refused("uma", "ACCT", "0xC0000413"))
        .judge();
    judgement
        .assert_found("TR-04", Status::Confirmed)
        .assert_not_found("AC-07")
        .assert_not_found("TR-06");
    assert!(judgement.unexplained.is_empty());
    // 0xC alone is any policy.
    let policy = || sound().event("PC7.acct.example", kerberos_3(SPN, "0xc"));
    policy().judge().assert_not_assessed("TR-04");
    let judgement = policy()
        .console(
            "t.txt",
            &get_ad_trust("acct.example", "True", "False", "Outbound"),
        )
        .judge();
    judgement.assert_found("TR-04", Status::Possible);
    let judgement = policy()
        .console(
            "t.txt",
            &get_ad_trust("acct.example", "False", "False", "Outbound"),
        )
        .judge();
    judgement.assert_ruled_out("TR-04");
}

#[test]
fn a_broken_trust() {
    let broken = || {
        sound()
            .event(WEB, logon("ida", "RES", "NTLM"))
            .event(WEB, refused("uma", "ACCT", "0xC000018C"))
    };
    let judgement = broken().judge();
    judgement
        .assert_found("TR-06", Status::Likely)
        .assert_not_found("TR-04");
    assert!(
        judgement
            .of("MC-01")
            .iter()
            .all(|f| f.status == Status::Possible)
    );
    let judgement = broken()
        .console(
            "t.txt",
            &get_ad_trust("acct.example", "False", "False", "Inbound"),
        )
        .judge();
    judgement.assert_found("TR-06", Status::Confirmed);
    // Nothing shows that the server's own channel works.
    let judgement = sound()
        .event(WEB, refused("uma", "ACCT", "0xC000018C"))
        .judge();
    judgement.assert_found("TR-06", Status::Possible);
    // Users of the own domain fail: the server's own channel.
    let judgement = sound()
        .event(WEB, refused("ida", "res.example", "0xC000018D"))
        .judge();
    judgement.assert_ruled_out("TR-06");
}

#[test]
fn a_referral_that_cannot_be_opened() {
    let failed = |status| {
        security(
            4769,
            &[
                ("TargetUserName", "uma@ACCT.EXAMPLE"),
                ("ServiceName", "krbtgt/RES.EXAMPLE"),
                ("Status", status),
                ("TicketEncryptionType", "0xffffffff"),
            ],
        )
    };
    let judgement = sound().event("DC9.acct.example", failed("0x1f")).judge();
    judgement.assert_found("TR-06", Status::Confirmed);
    let judgement = sound().event("DC9.acct.example", failed("0xe")).judge();
    judgement
        .assert_not_found("TR-06")
        .assert_found("ET-06", Status::Confirmed);
}

#[test]
fn an_external_trust() {
    let ntlm = || sound().event(WEB, logon("uma", "ACCT", "NTLM"));
    let judgement = ntlm().console("trusts.txt", &trusts(EXTERNAL)).judge();
    judgement.assert_found("TR-03", Status::Likely);
    ntlm().judge().assert_not_assessed("TR-03");
    let judgement = ntlm().console("WEB01/trusts.txt", &trusts(FOREST)).judge();
    judgement.assert_ruled_out("TR-03");
    // They come by Kerberos too.
    let judgement = ntlm()
        .event(WEB, logon("uma", "ACCT.EXAMPLE", "Kerberos"))
        .console("trusts.txt", &trusts(EXTERNAL))
        .judge();
    judgement.assert_found("TR-03", Status::Possible);
}

#[test]
fn filtered_sids() {
    let judgement = sound()
        .event(WEB, refused("uma", "ACCT", "0xC000035E"))
        .judge();
    judgement.assert_found("TR-05", Status::Confirmed);
    let judgement = sound()
        .event(
            WEB,
            security(
                4675,
                &[
                    ("TargetUserName", "uma"),
                    ("SidList", "%{S-1-5-21-9-9-9-1104}"),
                ],
            ),
        )
        .judge();
    judgement.assert_not_assessed("TR-05");
}

#[test]
fn the_name_is_held_in_another_domain_of_the_forest() {
    let child = || {
        let mut error = kerberos_3(SPN, "0x7");
        for (name, value) in &mut error.values {
            if *name == "ServerRealm" {
                *value = "EU.RES.EXAMPLE".into();
            }
        }
        sound().event("PC7.eu.res.example", error)
    };
    let judgement = child().judge();
    judgement
        .assert_found("TR-01", Status::Possible)
        .assert_not_found("TR-02")
        .assert_not_found("SPN-01");
    let referral = "C:\\>klist\n\nCurrent LogonId is 0:0x4f1a2\n\nCached Tickets: (1)\n\n#0>     Client: uma @ EU.RES.EXAMPLE\n        Server: krbtgt/RES.EXAMPLE @ EU.RES.EXAMPLE\n        KerbTicket Encryption Type: AES-256-CTS-HMAC-SHA1-96\n        Ticket Flags 0x40a50000 -> forwardable renewable pre_authent name_canonicalize\n        Start Time: 3/2/2026 9:00:00 (local)\n        End Time:   3/2/2026 19:00:00 (local)\n        Renew Time: 3/9/2026 9:00:00 (local)\n        Session Key Type: AES-256-CTS-HMAC-SHA1-96\n        Cache Flags: 0\n        Kdc Called: DC1.eu.res.example\n";
    let judgement = child().console("klist.txt", referral).judge();
    judgement.assert_ruled_out("TR-01");
}

#[test]
fn a_mapping_to_another_realm() {
    let mapping = |realm: &str, hosts: &str| {
        format!(
            "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\HostToRealm\\{realm}\n    SpnMappings    REG_MULTI_SZ    {hosts}\n"
        )
    };
    let failing = || {
        let mut error = kerberos_3(SPN, "0x7");
        for (name, value) in &mut error.values {
            if *name == "ServerRealm" {
                *value = "OLD.EXAMPLE".into();
            }
        }
        sound().event("PC7.res.example", error)
    };
    let judgement = failing()
        .console("PC7/realms.txt", &mapping("OLD.EXAMPLE", ".res.example"))
        .judge();
    judgement.assert_found("TR-07", Status::Confirmed);
    let judgement = failing()
        .console("PC7/realms.txt", &mapping("RES.EXAMPLE", ".res.example"))
        .judge();
    judgement.assert_ruled_out("TR-07");
    failing().judge().assert_not_assessed("TR-07");
}

#[test]
fn a_service_that_is_not_available_is_possible_and_no_duplicate() {
    // Section 10, trap 1.
    let judgement = sound()
        .event("PC7.res.example", kerberos_3(SPN, "0x1d"))
        .judge();
    judgement
        .assert_found("TR-08", Status::Possible)
        .assert_not_found("SPN-02");
}

/// A listing is about one trust, from one side of it.
#[test]
fn a_suffix_that_another_trust_routes() {
    let listed = |of: &str, trust: &str, row: &str| {
        format!(
            "C:\\>netdom trust {of} /namesuffixes:{trust}\nName, Type, Status, Notes\n\n1. {row}\n\nThe command completed successfully.\n"
        )
    };
    let disabled = "*.res.example, Name Suffix, Disabled";
    let lab = "*.lab.example, Name Suffix, Enabled";
    for row in [disabled, lab] {
        unknown()
            .console("s.txt", &listed("acct.example", "res.example", row))
            .judge()
            .assert_found("TR-02", Status::Confirmed);
        // From the server's side, and of another pair of forests.
        for (of, trust) in [
            ("res.example", "acct.example"),
            ("acct.example", "lab.example"),
            ("old.example", "res.example"),
        ] {
            unknown()
                .console("s.txt", &listed(of, trust, row))
                .judge()
                .assert_not_assessed("TR-02");
        }
    }
    let enabled = listed(
        "old.example",
        "res.example",
        "*.res.example, Name Suffix, Enabled",
    );
    unknown()
        .console("s.txt", &enabled)
        .judge()
        .assert_not_assessed("TR-02");
    // The command is not shown, and the users' own names are routed: the other side's list.
    unknown()
        .console(
            "s.txt",
            "Name, Type, Status, Notes\n\n1. *.acct.example, Name Suffix, Enabled\n",
        )
        .judge()
        .assert_not_assessed("TR-02");
}

/// An authentication policy refuses users of the own domain with the same status.
#[test]
fn selective_authentication_is_of_users_of_another_domain() {
    for domain in ["RES", "res.example"] {
        sound()
            .event(WEB, refused("ida", domain, "0xC0000413"))
            .judge()
            .assert_ruled_out("TR-04");
    }
    let both = sound()
        .event(WEB, refused("uma", "ACCT", "0xC0000413"))
        .event(WEB, refused("ida", "RES", "0xC0000413"))
        .judge();
    both.assert_found("TR-04", Status::Possible);
    // Whose user it is cannot be told.
    let unclear = sound()
        .event(WEB, refused("uma@mail.example", "", "0xC0000413"))
        .judge();
    unclear.assert_found("TR-04", Status::Likely);
    // The trust of the server's domain with another one says nothing of these users.
    let trust = get_ad_trust("lab.example", "True", "False", "Outbound");
    let other = sound()
        .event(WEB, refused("uma", "ACCT", "0xC0000413"))
        .console("t.txt", &trust)
        .judge();
    assert!(other.of("TR-04")[0].finding.structure.is_empty());
}

#[test]
fn a_trust_that_was_removed() {
    let removed = |name: &str| {
        security(
            4707,
            &[("DomainName", name), ("DomainSid", "S-1-5-21-9-9-9")],
        )
    };
    let broken = |kit: Kit| {
        kit.event(WEB, logon("ida", "RES", "NTLM"))
            .event(WEB, refused("uma", "ACCT", "0xC000018C"))
    };
    let dc = "DC1.res.example";
    broken(sound().event(dc, removed("acct.example")))
        .judge()
        .assert_found("TR-06", Status::Confirmed);
    // Another trust; this one afterwards; one of another domain's.
    let other = broken(sound().event(dc, removed("lab.example")));
    let after = broken(sound()).event(dc, removed("acct.example"));
    let elsewhere = broken(sound().event("DC1.lab.example", removed("acct.example")));
    for kit in [other, after, elsewhere] {
        kit.judge().assert_found("TR-06", Status::Likely);
    }
}
