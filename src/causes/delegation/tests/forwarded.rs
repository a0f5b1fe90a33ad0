//! Users who cannot be passed on, and tickets that are not forwarded: DG-02, DG-03, DG-08, DG-09.

use super::*;
use crate::causes::Status;

fn user(name: &str, control: &str) -> String {
    format!(
        "PS C:\\> Get-ADUser {name} -Properties userAccountControl,MemberOf\n\nDistinguishedName : CN={name},OU=Staff,DC=corp,DC=example\nObjectClass : user\nSamAccountName : {name}\nuserAccountControl : {control}\nMemberOf : {{}}\n"
    )
}

/// The same, of a command that did not ask for its groups.
fn without_groups(name: &str, control: &str) -> String {
    let listing = user(name, control).replace(",MemberOf", "");
    listing.replace("MemberOf : {}\n", "")
}

#[test]
fn dg_02_only_for_those_who_may_not_be_delegated() {
    let list = format!("{{{DB}}}");
    let kit = |control: &str| {
        front(true)
            .event(DC, own_ticket())
            .event(WEB, came("adm_kim", "Kerberos", "%%1833"))
            .event(DC, asked("adm_kim@CORP.EXAMPLE", DB, "0xd"))
            .console("a.txt", &listed(SVC, &list, "{}", TRUSTED_FOR_NOTHING))
            .console("u.txt", &user("adm_kim", control))
    };
    let judgement = kit("1049088").judge();
    judgement
        .assert_found("DG-02", Status::Confirmed)
        .assert_ruled_out("DG-04");
    assert!(judgement.unexplained.is_empty());
    kit("512").judge().assert_ruled_out("DG-02");
    // Somebody who may be delegated fails too.
    kit("1049088")
        .event(DC, asked("uma@CORP.EXAMPLE", DB, "0xd"))
        .console("v.txt", &user("uma", "512"))
        .judge()
        .assert_ruled_out("DG-02");
    // Whether the groups protect one that is not marked is not shown.
    let no_groups = front(true)
        .event(DC, own_ticket())
        .silent(WEB, "System")
        .event(DC, asked("uma@CORP.EXAMPLE", DB, "0xd"))
        .console("a.txt", &listed(SVC, &list, "{}", TRUSTED_FOR_NOTHING))
        .console("u.txt", &without_groups("uma", "512"));
    no_groups.judge().assert_not_assessed("DG-02");
    kit("1049088")
        .event(DC, asked("uma@CORP.EXAMPLE", DB, "0xd"))
        .console("v.txt", &without_groups("uma", "512"))
        .judge()
        .assert_found("DG-02", Status::Possible);
    front(true)
        .event(DC, own_ticket())
        .silent(WEB, "System")
        .event(DC, asked("adm_kim@CORP.EXAMPLE", DB, "0xd"))
        .console("a.txt", &listed(SVC, &list, "{}", TRUSTED_FOR_NOTHING))
        .judge()
        .assert_not_assessed("DG-02");
}

fn unconstrained() -> Kit {
    front(true)
        .event(DC, own_ticket())
        .silent(WEB, "System")
        .console("a.txt", &listed(SVC, "{}", "{}", TRUSTED_FOR_ANY))
}

#[test]
fn dg_09_where_tickets_are_not_forwarded() {
    let kit = || {
        unconstrained()
            .event(WEB, by_kerberos())
            .event(SQL, nobody())
    };
    kit()
        .judge()
        .assert_found("DG-09", Status::Possible)
        .assert_not_found("DG-01")
        .assert_not_assessed("DG-03");
    // Nothing has to be forwarded where the account is not trusted for any service.
    front(true)
        .event(WEB, by_kerberos())
        .event(WEB, refused())
        .console("a.txt", &listed(SVC, "{}", "{}", TRUSTED_FOR_NOTHING))
        .judge()
        .assert_ruled_out("DG-09")
        .assert_ruled_out("DG-03");
    unconstrained()
        .event(SQL, nobody())
        .judge()
        .assert_not_assessed("DG-09")
        .assert_not_assessed("DG-08");
}

#[test]
fn dg_08_only_for_users_of_another_domain() {
    let foreign = || {
        security(
            4624,
            &[
                ("TargetUserName", "ole"),
                ("TargetDomainName", "PARTNER.EXAMPLE"),
                ("LogonType", "3"),
                ("LogonProcessName", "Kerberos"),
                ("AuthenticationPackageName", "Kerberos"),
                ("ImpersonationLevel", "%%1833"),
            ],
        )
    };
    let kit = || {
        unconstrained()
            .event(WEB, came("uma", "Kerberos", "%%1840"))
            .event(WEB, foreign())
            .event(SQL, nobody())
    };
    kit().judge().assert_found("DG-08", Status::Possible);
    let trust = |passes: &str| {
        format!(
            "PS C:\\> Get-ADTrust -Filter *\n\nDirection         : BiDirectional\nDistinguishedName : CN=partner.example,CN=System,DC=corp,DC=example\nForestTransitive  : True\nName              : partner.example\nTarget            : partner.example\nTGTDelegation     : {passes}\n"
        )
    };
    kit()
        .console("t.txt", &trust("False"))
        .judge()
        .assert_found("DG-08", Status::Confirmed);
    kit()
        .console("t.txt", &trust("True"))
        .judge()
        .assert_ruled_out("DG-08");
    kit()
        .event(WEB, by_kerberos())
        .event(SQL, nobody())
        .judge()
        .assert_ruled_out("DG-08");
}

#[test]
fn dg_09_by_the_policy_of_a_client() {
    let policy = |hosts: &str| {
        format!(
            "[PC7]: PS C:\\> reg query HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge\n\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Edge\n    AuthServerAllowlist    REG_SZ    *.corp.example\n    AuthNegotiateDelegateAllowlist    REG_SZ    {hosts}\n\n"
        )
    };
    let kit = |hosts: &str| {
        unconstrained()
            .event(WEB, by_kerberos())
            .event(SQL, nobody())
            .silent("PC7.corp.example", "System")
            .console("edge.txt", &policy(hosts))
    };
    kit("crm.corp.example")
        .judge()
        .assert_found("DG-09", Status::Likely);
    kit("crm.corp.example,*.corp.example")
        .judge()
        .assert_ruled_out("DG-09");
    // Where the bundle has several domains, nothing shows that this client is set as those are that came.
    unconstrained()
        .event(WEB, by_kerberos())
        .event(SQL, nobody())
        .silent("APP1.other.example", "System")
        .console("dc.txt", "C:\\>setspn -L x\nRegistered ServicePrincipalNames for CN=x,DC=other,DC=example:\n        HTTP/x\n")
        .console("edge.txt", &policy("crm.corp.example"))
        .judge()
        .assert_found("DG-09", Status::Possible);
    // The machine of the policy is the one that the user came from.
    let address = "[PC7]: PS C:\\> ipconfig /all\n\nWindows IP Configuration\n\n   Host Name . . . . . . . . . . . . : PC7\n\nEthernet adapter Ethernet:\n\n   IPv4 Address. . . . . . . . . . . : 10.0.0.77(Preferred)\n";
    kit("crm.corp.example")
        .console("ip.txt", address)
        .judge()
        .assert_found("DG-09", Status::Confirmed);
}

#[test]
fn dg_03_is_never_more_than_possible() {
    let blocked = Happening {
        channel: "Microsoft-Windows-NTLM/Operational",
        provider: "Microsoft-Windows-NTLM",
        id: 4014,
        values: vec![("ImageName", "msedge.exe".into())],
    };
    unconstrained()
        .event(WEB, by_kerberos())
        .event("PC7.corp.example", blocked)
        .event(SQL, nobody())
        .judge()
        .assert_found("DG-03", Status::Possible);
}
