//! Changes of accounts: encryption types, flags, passwords, who may delegate and who may act on behalf, names, trusts.

use super::*;

#[test]
fn encryption_types_of_the_account() {
    let judgement = failing(sound().event(DC, types(SVC)));
    assert_began(&judgement, "ET", "5136");
    // Of another account, of the same name in another domain.
    for other in [
        "CN=svc_other,OU=Service,DC=corp,DC=example",
        "CN=svc_web,OU=Service,DC=fabrikam,DC=example",
    ] {
        assert_not_began(&failing(sound().event(DC, types(other))), "ET");
    }
    // A ticket was sealed after it.
    let sealed = sound()
        .event(DC, types(SVC))
        .wait(5)
        .event(DC, ticket("svc_web"));
    assert_not_began(&failing(sealed), "ET");
    // Who may delegate does not matter here.
    let list = edited(SVC, "msDS-AllowedToDelegateTo", "cifs/f1", "%%14675");
    assert_not_began(&failing(sound().event(DC, list)), "ET");
}

#[test]
fn a_flag_of_the_account_that_allows_des_alone() {
    let changed = |old, new| {
        security(
            4738,
            &[
                ("TargetUserName", "svc_web"),
                ("TargetDomainName", "CORP"),
                ("OldUacValue", old),
                ("NewUacValue", new),
            ],
        )
    };
    let des = failing(sound().event(DC, changed("0x210", "0x8210")));
    assert_began(&des, "ET", "4738");
    let expires = failing(sound().event(DC, changed("0x10", "0x210")));
    assert_not_began(&expires, "ET");
}

const WEB: &str = "WEB01.corp.example";
const DB: &str = "MSSQLSvc/sql01.corp.example:1433";
const BACK: &str = "CN=svc_sql,OU=Service,DC=corp,DC=example";
const ACT: &str = "msDS-AllowedToActOnBehalfOfOtherIdentity";

/// A front end that may no longer act for its users at the database: the database's account names somebody else.
fn hop(kit: Kit) -> Judgement {
    let listed = |dn: &str, named: &str| {
        let name = &dn[3..dn.find(',').unwrap()];
        format!(
            "PS C:\\> Get-ADObject -Filter x -Properties msDS-AllowedToDelegateTo,PrincipalsAllowedToDelegateToAccount\n\nDistinguishedName : {dn}\nmsDS-AllowedToDelegateTo : {{}}\nObjectClass : user\nPrincipalsAllowedToDelegateToAccount : {named}\nsAMAccountName : {name}\nuserAccountControl : 66048\n"
        )
    };
    let came = security(
        4624,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "Kerberos"),
            ("AuthenticationPackageName", "Kerberos"),
            ("IpAddress", "10.0.0.77"),
            ("ImpersonationLevel", "%%1833"),
        ],
    );
    kit.console("db.txt", &query(DB, &[(BACK, &[DB])]))
        .console("svc.txt", &listed(SVC, "{}"))
        .console(
            "sql.txt",
            &listed(BACK, "{CN=svc_other,OU=Service,DC=corp,DC=example}"),
        )
        .wait(30)
        .event(WEB, came)
        .event(WEB, kerberos_3(DB, "0xd"))
        .judge()
}

/// A ticket that one account asked for in a user's name.
fn passed_on(by: &str, to: &str) -> Happening {
    security(
        4769,
        &[
            ("TargetUserName", by),
            ("TargetDomainName", "CORP.EXAMPLE"),
            ("ServiceName", to),
            ("TicketOptions", "0x40830000"),
            ("Status", "0x0"),
            ("TransmittedServices", "svc_web@CORP.EXAMPLE"),
        ],
    )
}

#[test]
fn who_may_act_on_behalf_of_others() {
    let edit = |dn| edited(dn, ACT, "O:BAD:", "%%14675");
    let judgement = hop(unlisted().event(DC, edit(BACK)));
    assert_began(&judgement, "DG-07", "5136");
    // It stands on the account of the back end: that of the front end, of another service, or of the same name in another
    // domain does not matter.
    for other in [
        SVC,
        "CN=svc_other,OU=Service,DC=corp,DC=example",
        "CN=svc_sql,OU=Service,DC=fabrikam,DC=example",
    ] {
        assert_not_began(&hop(unlisted().event(DC, edit(other))), "DG-07");
    }
    // The front end got a ticket for the database after it; one for another back end says nothing.
    let then = |to| {
        let ticket = passed_on("uma@CORP.EXAMPLE", to);
        hop(unlisted().event(DC, edit(BACK)).wait(5).event(DC, ticket))
    };
    assert_not_began(&then("svc_sql"), "DG-07");
    assert_began(&then("svc_files"), "DG-07", "5136");
}

#[test]
fn the_list_of_the_front_end_shrinks() {
    let list = |dn, operation| edited(dn, "msDS-AllowedToDelegateTo", DB, operation);
    let judgement = hop(unlisted().event(DC, list(SVC, "%%14675")));
    assert_began(&judgement, "DG-07", "5136");
    assert_not_began(&hop(unlisted().event(DC, list(SVC, "%%14674"))), "DG-07");
    assert_not_began(&hop(unlisted().event(DC, list(BACK, "%%14675"))), "DG-07");
}

/// Only users who may not be delegated fail: it began where they were protected.
#[test]
fn a_user_who_was_protected() {
    let listed = "PS C:\\> Get-ADUser uma -Properties *\n\nAccountNotDelegated : True\nDistinguishedName : CN=uma,OU=Staff,DC=corp,DC=example\nMemberOf : {}\nObjectClass : user\nSamAccountName : uma\n";
    let judged = |change: Happening| hop(unlisted().console("uma.txt", listed).event(DC, change));
    let marked = |name: &str, new: &str| {
        security(
            4738,
            &[
                ("TargetUserName", name),
                ("TargetDomainName", "CORP"),
                ("OldUacValue", "0x10"),
                ("NewUacValue", new),
            ],
        )
    };
    let joined =
        |group: &str, member: &str| security(4728, &[("TargetSid", group), ("MemberName", member)]);
    const PROTECTED: &str = "S-1-5-21-1-2-3-525";
    const UMA: &str = "CN=uma,OU=Staff,DC=corp,DC=example";
    assert_began(&judged(marked("uma", "0x4010")), "DG-02", "4738");
    assert_began(&judged(joined(PROTECTED, UMA)), "DG-02", "4728");
    for other in [
        marked("bob", "0x4010"),
        // The password does not expire any more.
        marked("uma", "0x210"),
        joined("S-1-5-21-1-2-3-512", UMA),
        joined(PROTECTED, "CN=bob,OU=Staff,DC=corp,DC=example"),
    ] {
        assert_not_began(&judged(other), "DG-02");
    }
}

#[test]
fn a_password_of_the_account() {
    let reset = |name: &str, domain: &str| {
        security(
            4724,
            &[("TargetUserName", name), ("TargetDomainName", domain)],
        )
    };
    let judgement = failing(sound().event(DC, reset("svc_web", "CORP")));
    assert_began(&judgement, "ET", "4724");
    for (name, domain) in [("svc_other", "CORP"), ("svc_web", "FABRIKAM")] {
        let judgement = failing(sound().event(DC, reset(name, domain)));
        assert_not_began(&judgement, "ET");
    }
    let refused = sound().event(DC, reset("svc_web", "CORP")).failed();
    assert_not_began(&failing(refused), "ET");
}

/// Nobody holds the name any more.
fn without_name(edits: Vec<Happening>) -> Judgement {
    let missing = "C:\\>setspn -F -Q HTTP/portal.corp.example\nChecking forest DC=corp,DC=example\n\nNo such SPN found.\n";
    let kit = Kit::new()
        .config("WEB01/applicationHost.config", &portal())
        .console("q.txt", missing)
        .event(PC, system("EventLog", 6005, &[]))
        .wait(60);
    let kit = edits.into_iter().fold(kit, |kit, edit| kit.event(DC, edit));
    kit.wait(30).event(PC, kerberos_3(SPN, "0x7")).judge()
}

/// A computer's account shows its names after each change.
#[test]
fn the_names_of_a_computer() {
    let shows = |name: &str, spns: &str| {
        security(
            4742,
            &[
                ("TargetUserName", name),
                ("TargetDomainName", "CORP"),
                ("ServicePrincipalNames", spns),
            ],
        )
    };
    let both = "\n\t\tHOST/WEB01\n\t\tHTTP/portal.corp.example";
    let one = "\n\t\tHOST/WEB01";
    let judgement = without_name(vec![shows("WEB01$", both), shows("WEB01$", one)]);
    assert_began(&judgement, "SPN-01", "4742");
    for edits in [
        // Nothing shows what it had before, it had it not, or another had it.
        vec![shows("WEB01$", one)],
        vec![shows("WEB01$", one), shows("WEB01$", one)],
        vec![shows("WEB02$", both), shows("WEB01$", one)],
    ] {
        assert_not_began(&without_name(edits), "SPN-01");
    }
}

#[test]
fn a_name_that_was_taken_away() {
    let judged = |edit: Happening| without_name(vec![edit]);
    let taken = |value| edited(SVC, "servicePrincipalName", value, "%%14675");
    assert_began(&judged(taken("http/Portal.corp.example")), "SPN-01", "5136");
    assert_not_began(&judged(taken("HTTP/other.corp.example")), "SPN-01");
}

#[test]
fn a_trust_that_was_changed() {
    let judged = |partner: &str| {
        let changed = security(4716, &[("DomainName", partner), ("TdoDirection", "3")]);
        let referral = [
            ("TargetUserName", "uma@CORP.EXAMPLE"),
            ("ServiceName", "krbtgt/PARTNER.EXAMPLE"),
            ("Status", "0x1f"),
            ("TicketEncryptionType", "0xffffffff"),
        ];
        unlisted()
            .event(DC, changed)
            .wait(30)
            .event(DC, security(4769, &referral))
            .judge()
    };
    assert_began(&judged("partner.example"), "TR", "4716");
    assert_not_began(&judged("fabrikam.example"), "TR");
}

/// What put a name on an account did not take it away from all.
#[test]
fn a_name_that_nobody_holds_was_taken_away() {
    let judged = |kit: Kit| {
        let kit = kit.console("none.txt", &query(SPN, &[])).wait(30);
        kit.event(PC, kerberos_3(SPN, "0x7")).judge()
    };
    let bare = || {
        Kit::new()
            .config("WEB01/applicationHost.config", &portal())
            .event(PC, system("EventLog", 6005, &[]))
            .wait(60)
    };
    let edit = |operation| edited(SVC, "servicePrincipalName", SPN, operation);
    let taken = judged(bare().event(DC, edit("%%14675")));
    taken.assert_found("SPN-01", crate::causes::Status::Confirmed);
    assert_began(&taken, "SPN-01", "5136");
    assert_not_began(&judged(bare().event(DC, edit("%%14674"))), "SPN-01");
}

#[test]
fn a_name_that_two_hold_was_put_on_one() {
    let two = [
        (SVC, &[SPN] as &[_]),
        ("CN=svc_old,OU=Service,DC=corp,DC=example", &[SPN]),
    ];
    let judged = |operation| {
        let kit = Kit::new()
            .config("WEB01/applicationHost.config", &portal())
            .event(PC, system("EventLog", 6005, &[]))
            .wait(60)
            .console("two.txt", &query(SPN, &two))
            .event(DC, edited(SVC, "servicePrincipalName", SPN, operation));
        kit.wait(30).event(PC, kerberos_3(SPN, "0x8")).judge()
    };
    assert_began(&judged("%%14674"), "SPN-02", "5136");
    assert_not_began(&judged("%%14675"), "SPN-02");
}

/// Whose key opens tickets does not follow from a password.
#[test]
fn a_password_puts_no_name_on_another_account() {
    let xml = portal().replace(" useAppPoolCredentials=\"true\"", "");
    let judged = |change: Happening| {
        let kit = Kit::new()
            .config("WEB01/applicationHost.config", &xml)
            .console("q.txt", &query(SPN, &[(SVC, &[SPN])]))
            .event(PC, system("EventLog", 6005, &[]))
            .wait(60)
            .event(DC, change);
        let failed = crate::testkit::kerberos_4(SPN, "web01$");
        kit.wait(30).event(PC, failed).judge()
    };
    let of_account = [("TargetUserName", "svc_web"), ("TargetDomainName", "CORP")];
    assert_not_began(&judged(security(4724, &of_account)), "SPN-05");
    let flags = edited(SVC, "userAccountControl", "66048", "%%14674");
    assert_not_began(&judged(flags), "SPN-05");
    let named = edited(SVC, "servicePrincipalName", SPN, "%%14674");
    assert_began(&judged(named), "SPN-05", "5136");
}
