//! What the directory says: DG-01, DG-04, DG-05, DG-07.

use super::*;
use crate::causes::Status;

fn failing(kit: Kit) -> Kit {
    kit.event(WEB, by_kerberos())
        .event(WEB, refused())
        .event(WEB, refused())
}

fn nothing(by_pool: bool) -> Kit {
    let account = if by_pool { SVC } else { MACHINE };
    failing(front(by_pool))
        .console("a.txt", &listed(account, "{}", "{}", TRUSTED_FOR_NOTHING))
        .console("b.txt", &listed(SVC_SQL, "{}", "{}", TRUSTED_FOR_NOTHING))
}

#[test]
fn dg_01_where_nothing_is_set_up() {
    let judgement = nothing(true).judge();
    judgement
        .assert_found("DG-01", Status::Confirmed)
        .assert_not_found("DG-07")
        .assert_not_found("SPN-01")
        .assert_ruled_out("DG-04")
        .assert_ruled_out("DG-13");
    assert!(judgement.unexplained.is_empty());
    // What the back end names is not shown: it may name the front end.
    failing(front(true))
        .console("a.txt", &listed(SVC, "{}", "{}", TRUSTED_FOR_NOTHING))
        .judge()
        .assert_found("DG-01", Status::Possible);
    // Nothing is shown of the account at all.
    failing(front(true))
        .judge()
        .assert_not_assessed("DG-01")
        .assert_not_assessed("DG-04")
        .assert_not_assessed("DG-05");
    // No second hop is seen.
    front(true)
        .event(WEB, by_kerberos())
        .console("a.txt", &listed(SVC, "{}", "{}", TRUSTED_FOR_NOTHING))
        .judge()
        .assert_not_found("DG-01");
}

#[test]
fn dg_01_by_what_the_database_saw() {
    let kit = || {
        front(true)
            .event(DC, own_ticket())
            .console("a.txt", &listed(SVC, "{}", "{}", TRUSTED_FOR_NOTHING))
    };
    let judgement = kit().event(WEB, by_kerberos()).event(SQL, nobody()).judge();
    // Which service of that machine it is stays open, and so does who holds its SPN.
    judgement.assert_found("DG-01", Status::Possible);
    assert!(
        judgement.of("DG-01")[0]
            .finding
            .explanation
            .contains("SQL01")
    );
    // By NTLM it would not work either.
    kit()
        .event(WEB, came("uma", "NTLM", "%%1833"))
        .event(SQL, nobody())
        .judge()
        .assert_found("DG-13", Status::Confirmed)
        .assert_found("DG-01", Status::Possible);
    // From an address that is not the web server's it is no second hop of this one.
    front(true)
        .event(WEB, by_kerberos())
        .event(SQL, nobody())
        .judge()
        .assert_not_found("DG-01");
}

#[test]
fn dg_04_compares_the_name_as_it_was_asked_for() {
    let kit = |list: &str, more: &str| {
        failing(front(true))
            .console("a.txt", &listed(SVC, list, "{}", more))
            .console("b.txt", &listed(SVC_SQL, "{}", "{}", TRUSTED_FOR_NOTHING))
    };
    let short = kit("{MSSQLSvc/sql01:1433, MSSQLSvc/sql01}", TRUSTED_FOR_NOTHING).judge();
    short
        .assert_found("DG-04", Status::Confirmed)
        .assert_not_found("DG-01")
        .assert_not_found("DG-05");
    let text = &short.of("DG-04")[0].finding.explanation;
    assert!(text.contains("MSSQLSvc/sql01:1433"), "{text}");
    kit("{MSSQLSvc/SQL01.corp.example:1433}", TRUSTED_FOR_NOTHING)
        .judge()
        .assert_ruled_out("DG-04");
    // A list that PowerShell cut may hold it.
    kit("{cifs/a, cifs/b, cifs/c, cifs/d...}", TRUSTED_FOR_NOTHING)
        .judge()
        .assert_not_assessed("DG-04");
    // Trusted for any service: the list does not matter.
    kit("{MSSQLSvc/sql01}", TRUSTED_FOR_ANY)
        .judge()
        .assert_not_found("DG-04");
}

#[test]
fn dg_04_began_when_the_name_was_taken_off_the_list() {
    let edited = |dn: &str, operation: &str| {
        security(
            5136,
            &[
                ("ObjectDN", dn),
                ("AttributeLDAPDisplayName", "msDS-AllowedToDelegateTo"),
                ("AttributeValue", DB),
                ("OperationType", operation),
            ],
        )
    };
    let began = |change: Happening| {
        let kit = front(true).event(WEB, by_kerberos()).wait(60);
        let judgement = failing(kit.event(DC, change).wait(30))
            .console("a.txt", &listed(SVC, "{cifs/a}", "{}", TRUSTED_FOR_NOTHING))
            .console("b.txt", &listed(SVC_SQL, "{}", "{}", TRUSTED_FOR_NOTHING))
            .judge();
        let found = judgement.of("DG-04");
        found[0]
            .finding
            .onset
            .as_ref()
            .map(|onset| onset.says.clone())
    };
    let says = began(edited(SVC, "%%14675"));
    assert!(says.is_some_and(|says| says.contains("5136")));
    assert_eq!(began(edited(SVC, "%%14674")), None, "put on it");
    assert_eq!(began(edited(SVC_SQL, "%%14675")), None, "another account");
    let trusted = |old, new| {
        let fields = [
            ("TargetUserName", "svc_web"),
            ("TargetDomainName", "CORP"),
            ("OldUacValue", old),
            ("NewUacValue", new),
        ];
        began(security(4738, &fields))
    };
    assert!(trusted("0x2210", "0x210").is_some());
    assert_eq!(
        trusted("0x10", "0x210"),
        None,
        "its password need not expire"
    );
}

/// The acceptor rule's corollary: delegation follows the account that opens the tickets.
#[test]
fn dg_05_delegation_follows_the_acceptor() {
    let list = format!("{{{DB}}}");
    let kit = |by_pool: bool| {
        failing(front(by_pool))
            .console("a.txt", &listed(SVC, &list, "{}", TRUSTED_FOR_NOTHING))
            .console(
                "b.txt",
                &listed(MACHINE, "{}", "{}", "userAccountControl : 4096"),
            )
            .console("c.txt", &listed(SVC_SQL, "{}", "{}", TRUSTED_FOR_NOTHING))
    };
    let judgement = kit(false).judge();
    judgement
        .assert_found("DG-05", Status::Confirmed)
        .assert_not_found("DG-04")
        .assert_not_found("DG-07");
    assert_eq!(judgement.of("DG-01").len(), 0, "something is set up");
    kit(true).judge().assert_ruled_out("DG-05");
    // The computer account's own attributes are not shown.
    failing(front(false))
        .console("a.txt", &listed(SVC, &list, "{}", TRUSTED_FOR_NOTHING))
        .judge()
        .assert_found("DG-05", Status::Possible);
}

#[test]
fn dg_07_where_the_back_end_names_another() {
    let kit = |named: &str| {
        failing(front(false))
            .console("a.txt", &listed(SVC, "{}", "{}", TRUSTED_FOR_NOTHING))
            .console(
                "b.txt",
                &listed(MACHINE, "{}", "{}", "userAccountControl : 4096"),
            )
            .console("c.txt", &listed(SVC_SQL, "{}", named, TRUSTED_FOR_NOTHING))
    };
    let judgement = kit(&format!("{{{SVC}}}")).judge();
    judgement
        .assert_found("DG-07", Status::Confirmed)
        .assert_not_found("DG-01")
        .assert_not_found("DG-05");
    let text = &judgement.of("DG-07")[0].finding.explanation;
    assert!(text.contains("svc_web"), "{text}");
    kit(&format!("{{{MACHINE}}}"))
        .judge()
        .assert_ruled_out("DG-07");
    // What is named may be a group that the front end is in.
    kit("{CN=Front Ends,OU=Groups,DC=corp,DC=example}")
        .judge()
        .assert_found("DG-07", Status::Likely);
    failing(front(false))
        .console(
            "b.txt",
            &listed(MACHINE, "{}", "{}", "userAccountControl : 4096"),
        )
        .judge()
        .assert_not_assessed("DG-07");
}

/// One service of a machine may be on the list and another not; and what one account asks for another may be allowed.
#[test]
fn each_target_is_judged_by_itself() {
    let other = "cifs/sql01.corp.example";
    let judgement = failing(front(true))
        .event(WEB, kerberos_3(other, "0xd"))
        .console(
            "a.txt",
            &listed(SVC, &format!("{{{other}}}"), "{}", TRUSTED_FOR_NOTHING),
        )
        .console("b.txt", &listed(SVC_SQL, "{}", "{}", TRUSTED_FOR_NOTHING))
        .judge();
    let found = judgement.of("DG-04");
    let spns: Vec<_> = found
        .iter()
        .map(|f| f.finding.subject.spn.as_deref())
        .collect();
    assert_eq!(spns, [Some(DB)]);
    assert_eq!(found[0].finding.explains.len(), 1);
}

/// That other users came by Kerberos says nothing of those who failed.
#[test]
fn dg_01_is_no_more_than_likely_where_those_who_failed_are_not_seen_to_come() {
    let kit = |user: &'static str| {
        front(true)
            .event(DC, own_ticket())
            .event(WEB, came(user, "Kerberos", "%%1833"))
            .event(DC, asked("ida@CORP.EXAMPLE", DB, "0xd"))
            .console("a.txt", &listed(SVC, "{}", "{}", TRUSTED_FOR_NOTHING))
            .console("b.txt", &listed(SVC_SQL, "{}", "{}", TRUSTED_FOR_NOTHING))
            .judge()
    };
    kit("ida").assert_found("DG-01", Status::Confirmed);
    kit("uma").assert_found("DG-01", Status::Likely);
}
