//! 0xE: which of the causes it is, and which it is not.

use crate::causes::Status;
use crate::testkit::{
    Happening, Kit, config, kerberos_3, pool, query, security, site, system, windows,
};

pub(super) const SPN: &str = "HTTP/portal.corp.example";
const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
pub(super) const DC: &str = "DC1.corp.example";

/// A sound site, whose name the pool's account holds, and a client that got 0xE.
pub(super) fn refused() -> Kit {
    sound().event("PC7.corp.example", kerberos_3(SPN, "0xe"))
}

pub(super) fn sound() -> Kit {
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
        .console("q.txt", &query(SPN, &[(SVC, &[SPN])]))
        .console(
            "l.txt",
            &format!("C:\\>setspn -L CORP\\svc_web\nRegistered ServicePrincipalNames for {SVC}:\n        {SPN}\n"),
        )
}

pub(super) fn kdc(id: u32, asked: &str, has: &str) -> Happening {
    let values = [
        ("Target", SPN),
        ("Account", "uma@CORP.EXAMPLE"),
        ("ID", "9"),
        ("RequestedEtypes", asked),
        ("AvailableEtypes", has),
    ];
    system(
        "Microsoft-Windows-Kerberos-Key-Distribution-Center",
        id,
        &values,
    )
}

/// 201 to 209: only the name of the service is documented.
fn kdcsvc(id: u32) -> Happening {
    let values = [("AccountName", "uma"), ("ServiceName", "svc_web")];
    system("Kdcsvc", id, &values)
}

fn listing(set: &str, more: &str) -> String {
    format!(
        "PS C:\\> Get-ADUser svc_web -Properties *\n\nDistinguishedName : {SVC}\n{set}ObjectClass : user\n{more}SamAccountName : svc_web\n"
    )
}

pub(super) fn set(value: u32) -> String {
    listing(&format!("msDS-SupportedEncryptionTypes : {value}\n"), "")
}

/// A value in the registry of the domain controller.
fn registry(key: &str, name: &str, value: &str) -> String {
    format!(
        "[DC1]: PS C:\\> reg query HKLM\\{key}\n\nHKEY_LOCAL_MACHINE\\{key}\n    {name}    REG_DWORD    {value}\n"
    )
}

fn default_types(value: &str) -> String {
    let key = r"SYSTEM\CurrentControlSet\Services\Kdc";
    registry(key, "DefaultDomainSupportedEncTypes", value)
}

fn policy(value: &str) -> String {
    let key = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\Kerberos\Parameters";
    registry(key, "SupportedEncryptionTypes", value)
}

const FAMILY: [&str; 5] = ["ET-01", "ET-02", "ET-03", "ET-05", "ET-10"];

#[track_caller]
fn only(kit: Kit, cause: &str, status: Status) -> crate::causes::Judgement {
    let judgement = kit.judge();
    judgement.assert_found(cause, status);
    for other in FAMILY.iter().filter(|other| **other != cause) {
        judgement.assert_not_found(other);
    }
    judgement
}

#[test]
fn nothing_but_0xe_decides_nothing() {
    let judgement = refused().judge();
    for cause in FAMILY {
        judgement.assert_not_assessed(cause);
    }
    // No 0xE at all: nothing to assess.
    let silent = sound().judge();
    for cause in FAMILY {
        silent.assert_not_found(cause);
    }
}

#[test]
fn no_aes_keys() {
    let kit = refused().event(DC, kdc(16, "18  17", "23  -133"));
    let judgement = only(kit, "ET-01", Status::Confirmed);
    let finding = &judgement.of("ET-01")[0].finding;
    assert_eq!(finding.explains.len(), 1);
    assert_eq!(finding.subject.account.as_deref(), Some("CORP\\svc_web"));
    judgement.assert_ruled_out("ET-10");
    // With RC4 among what was asked for, a policy of the controllers refuses it: the keys are the reason all the same.
    let kit = refused().event(DC, kdc(16, "18  17  23", "23"));
    only(kit, "ET-01", Status::Confirmed);
}

/// KDC 16 and 27 name whoever asked as their account: the missing keys are not theirs.
#[test]
fn who_asks_is_not_whose_keys_are_missing() {
    let users = "PS C:\\> Get-ADUser uma -Properties *\n\nDistinguishedName : CN=uma,OU=Users,DC=corp,DC=example\nObjectClass : user\nPasswordLastSet : 3/14/2006 8:19:24 AM\nSamAccountName : uma\n";
    for id in [16, 27] {
        let kit = refused()
            .event(DC, kdc(id, "18 17", "23"))
            .console("users.txt", users);
        let judgement = only(kit, "ET-01", Status::Confirmed);
        let findings = judgement.of("ET-01");
        let [found] = findings.as_slice() else {
            panic!("one account, and not one a user");
        };
        let finding = &found.finding;
        assert_eq!(finding.subject.account.as_deref(), Some("CORP\\svc_web"));
        // The age of a password is told where it is shown.
        assert!(
            !finding.explanation.contains("password"),
            "{}",
            finding.explanation
        );
    }
    // The account to reset is the one, whoever the directory shows no name of.
    let named = [
        ("Target", SPN),
        ("Account", "uma@CORP.EXAMPLE"),
        ("RequestedEtypes", "18 17"),
        ("AvailableEtypes", "23"),
        ("AccountToReset", "svc_web"),
    ];
    let kdc = "Microsoft-Windows-Kerberos-Key-Distribution-Center";
    let old = listing("", "PasswordLastSet : 3/14/2006 8:19:24 AM\n");
    let kit = refused()
        .event(DC, system(kdc, 16, &named))
        .console("ad.txt", &old);
    let judgement = only(kit, "ET-01", Status::Confirmed);
    let finding = &judgement.of("ET-01")[0].finding;
    assert!(finding.explanation.contains("password"));
    // Nobody knows who holds the name: the user is not called all the same.
    let other = [("Target", "HTTP/wiki.corp.example")];
    let values: Vec<_> = other
        .into_iter()
        .chain(named[1..4].iter().copied())
        .collect();
    let judgement = sound().event(DC, system(kdc, 27, &values)).judge();
    for found in judgement.of("ET-01") {
        let account = found.finding.subject.account.as_deref();
        assert_eq!(account, Some("HTTP/wiki.corp.example"));
    }
}

#[test]
fn the_kdc_alone_shows_it() {
    let judgement = sound().event(DC, kdc(16, "18 17", "23")).judge();
    judgement.assert_found("ET-01", Status::Confirmed);
    assert!(judgement.unexplained.is_empty());
}

#[test]
fn an_account_of_something_else_is_not_the_sites() {
    let other = system(
        "Microsoft-Windows-Kerberos-Key-Distribution-Center",
        16,
        &[
            ("Target", "cifs/nas2"),
            ("Account", "uma@CORP.EXAMPLE"),
            ("ID", "9"),
            ("RequestedEtypes", "18 17"),
            ("AvailableEtypes", "23"),
            ("AccountToReset", "NAS2$"),
        ],
    );
    let judgement = sound().event(DC, other).judge();
    judgement.assert_not_found("ET-01");
}

#[test]
fn an_old_password_is_a_hint_and_no_more() {
    let old = listing("", "PasswordLastSet : 3/14/2006 8:19:24 AM\n");
    let judgement = refused().console("ad.txt", &old).judge();
    judgement.assert_found("ET-01", Status::Possible);
    let young = listing("", "PasswordLastSet : 3/14/2024 8:19:24 AM\n");
    let judgement = refused().console("ad.txt", &young).judge();
    judgement.assert_not_assessed("ET-01");
}

#[test]
fn a_password_that_was_reset_since_is_past() {
    let judgement = refused()
        .event(DC, kdc(16, "18 17", "23"))
        .event(DC, security(4724, &[("TargetUserName", "svc_web")]))
        .judge();
    judgement.assert_found("ET-01", Status::Confirmed);
    let current = judgement.of("ET-01")[0].finding.current;
    assert_eq!(current, crate::causes::Current::No);
}

#[test]
fn the_setting_excludes_what_is_asked_for() {
    let both = "23 18 17";
    // Set to RC4, and clients ask for AES.
    let kit = refused()
        .event(DC, kdc(16, "18 17", both))
        .console("ad.txt", &set(0x4));
    let judgement = only(kit, "ET-02", Status::Confirmed);
    judgement
        .assert_ruled_out("ET-01")
        .assert_ruled_out("ET-03");
    // Set to AES, and a client asks for RC4.
    let kit = refused()
        .event(DC, kdc(16, "23", both))
        .console("ad.txt", &set(0x18));
    only(kit, "ET-02", Status::Confirmed);
    // Set to RC4, and a policy of the controllers allows AES.
    let kit = refused()
        .event(DC, kdc(16, "18 17 23", both))
        .console("ad.txt", &set(0x4))
        .console("dc.txt", &policy("0x18"));
    only(kit, "ET-02", Status::Confirmed);
    // Something in common: another reason.
    let judgement = refused()
        .event(DC, kdc(16, "18 17 23", both))
        .console("ad.txt", &set(0x1C))
        .judge();
    judgement
        .assert_not_assessed("ET-02")
        .assert_not_found("ET-01");
}

#[test]
fn the_directory_alone_shows_that_no_ticket_can_be_sealed() {
    let judgement = sound()
        .event(
            DC,
            security(4768, &[("TargetUserName", "uma"), ("Status", "0x0")]),
        )
        .console("ad.txt", &set(0x4))
        .console("dc.txt", &policy("0x18"))
        .judge();
    judgement.assert_found("ET-02", Status::Likely);
    let aes = sound()
        .event(
            DC,
            security(4768, &[("TargetUserName", "uma"), ("Status", "0x0")]),
        )
        .console("ad.txt", &set(0x1C))
        .console("dc.txt", &policy("0x18"))
        .judge();
    aes.assert_not_found("ET-02");
}

#[test]
fn no_setting_and_a_default_that_excludes() {
    let kit = refused()
        .event(DC, kdc(16, "18 17", "23 18 17"))
        .console("ad.txt", &set(0))
        .console("dc.txt", &default_types("0x4"));
    let judgement = only(kit, "ET-03", Status::Confirmed);
    judgement.assert_ruled_out("ET-02");
    // The default is not shown.
    let judgement = refused()
        .event(DC, kdc(16, "18 17", "23 18 17"))
        .console("ad.txt", &set(0))
        .judge();
    judgement
        .assert_not_assessed("ET-03")
        .assert_ruled_out("ET-02");
}

#[test]
fn des_only() {
    let flag = listing(
        "msDS-SupportedEncryptionTypes : 0\n",
        "userAccountControl : 2163200\n",
    );
    let kit = refused()
        .event(DC, kdc(16, "18 17", "3 1"))
        .console("ad.txt", &flag);
    only(kit, "ET-05", Status::Confirmed);
    let kit = refused().console("ad.txt", &set(0x3));
    only(kit, "ET-05", Status::Confirmed);
    // Nobody failed: the directory alone.
    let kit = sound().console("ad.txt", &set(0x3));
    only(kit, "ET-05", Status::Likely);
}

#[test]
fn blocked_since_the_update_of_2026() {
    // The client offers weak types only.
    let kit = refused().event(DC, kdcsvc(203));
    only(kit, "ET-10", Status::Confirmed);
    // The service has no AES keys: that is what to repair, and the update is what blocks.
    let judgement = refused().event(DC, kdcsvc(204)).judge();
    judgement
        .assert_found("ET-01", Status::Confirmed)
        .assert_found("ET-10", Status::Confirmed)
        .assert_not_found("ET-02");
    assert_eq!(judgement.root_causes.len(), 1);
    // Its own setting refuses.
    let judgement = refused().event(DC, kdcsvc(208)).judge();
    judgement
        .assert_found("ET-02", Status::Confirmed)
        .assert_found("ET-10", Status::Possible);
    // A warning blocks nobody.
    let judgement = sound().event(DC, kdcsvc(201)).judge();
    judgement.assert_found("ET-10", Status::Possible);
    assert!(judgement.of("ET-10")[0].finding.explains.is_empty());
}

/// 4769 of version 2 with 0xE.
fn denied(service: &str, keys: &str) -> Happening {
    let values = [
        ("TargetUserName", "uma@CORP.EXAMPLE"),
        ("ServiceName", service),
        ("ServiceAvailableKeys", keys),
        ("ClientAdvertizedEncryptionTypes", "AES256-CTS-HMAC-SHA1-96"),
        ("TicketEncryptionType", "0xffffffff"),
        ("Status", "0xe"),
    ];
    security(4769, &values)
}

/// The audit names the account, or the SPN: either decides, and neither needs a System log.
#[test]
fn a_refused_request_shows_the_keys() {
    for service in ["svc_web", SPN] {
        let kit = sound().event(DC, denied(service, "RC4"));
        let judgement = only(kit, "ET-01", Status::Confirmed);
        let finding = &judgement.of("ET-01")[0].finding;
        assert_eq!(finding.subject.account.as_deref(), Some("CORP\\svc_web"));
        // An account that holds one name was refused for that one.
        assert_eq!(finding.explains.len(), 1, "{service}");
        let kit = sound().event(DC, denied(service, "AES-SHA1, RC4"));
        let judgement = kit.judge();
        judgement
            .assert_not_found("ET-01")
            .assert_ruled_out("ET-01");
    }
    // One that is set to what nobody asks for.
    let kit = sound()
        .event(DC, denied("svc_web", "AES-SHA1, RC4"))
        .console("ad.txt", &set(0x4));
    only(kit, "ET-02", Status::Confirmed);
    // An account of something else.
    let judgement = sound().event(DC, denied("svc_sql", "RC4")).judge();
    judgement.assert_not_found("ET-01");
    // A homonym of another domain.
    let judgement = sound().event("DC9.other.example", denied("svc_web", "RC4"));
    judgement.judge().assert_not_found("ET-01");
}

/// It is not known which of its names was asked for: that it was refused is.
#[test]
fn an_account_of_many_names_was_refused_all_the_same() {
    let both = query(SPN, &[(SVC, &[SPN, "MSSQLSvc/sql1.corp.example:1433"])]);
    let kit = sound()
        .console("q2.txt", &both)
        .event(DC, denied("svc_web", "RC4"));
    let judgement = only(kit, "ET-01", Status::Confirmed);
    assert!(judgement.of("ET-01")[0].finding.explains.is_empty());
    // The short form of a name is no other name.
    let forms = query(SPN, &[(SVC, &[SPN, "HTTP/portal"])]);
    let case = sound()
        .console("q2.txt", &forms)
        .event(DC, denied("svc_web", "RC4"))
        .case();
    let told: Vec<_> = case.symptoms.iter().filter_map(|s| s.spn()).collect();
    assert_eq!(told, [SPN.to_lowercase()]);
}

/// Three sources write of one refusal: it is counted once.
#[test]
fn one_refusal_is_one() {
    let audited = [
        ("ServiceName", SPN),
        ("Status", "0xe"),
        ("TicketEncryptionType", "0xffffffff"),
    ];
    let case = refused()
        .event(DC, kdc(16, "18 17", "23"))
        .event(DC, security(4769, &audited))
        .case();
    let counts: Vec<u64> = case.symptoms.iter().map(|s| s.count).collect();
    assert_eq!(counts, [1]);
}

/// The simulation says that no ticket can be sealed, and no more.
#[test]
fn the_path_of_the_endpoint_shows_0xe() {
    let case = sound().console("ad.txt", &set(0x3)).case();
    let scene = crate::causes::Scene::of(&case);
    let path = &scene.views[0].path;
    assert!(path.steps.iter().any(|step| step.says.contains("0xE")));
    assert!(!path.is_decided());
    let case = sound().console("ad.txt", &set(0x18)).case();
    let scene = crate::causes::Scene::of(&case);
    assert!(scene.views[0].path.is_decided());
}

/// Equal names in two domains are two accounts, and each domain has controllers of its own.
#[test]
fn another_domain_is_another() {
    const OTHER: &str = "DC9.other.example";
    let seen = || security(4768, &[("TargetUserName", "uma"), ("Status", "0x0")]);
    // A homonym there has no AES keys, and what it serves is none of this.
    let homonym = [
        ("Target", "HTTP/wiki.other.example"),
        ("Account", "rosa@OTHER.EXAMPLE"),
        ("ID", "9"),
        ("RequestedEtypes", "18  17"),
        ("AvailableEtypes", "23  -133"),
        ("AccountToReset", "svc_web"),
    ];
    let kdc = "Microsoft-Windows-Kerberos-Key-Distribution-Center";
    let judgement = refused()
        .event(DC, seen())
        .event(OTHER, system(kdc, 16, &homonym))
        .judge();
    for found in judgement.of("ET-01") {
        let subject = &found.finding.subject;
        assert_ne!(subject.account.as_deref(), Some("CORP\\svc_web"));
    }
    // What the site here is refused for stays open.
    assert_eq!(judgement.unexplained.len(), 1);
    // A policy and a default of its controllers bind no account of here.
    for (set_to, theirs) in [(set(0x4), policy("0x18")), (set(0), default_types("0x18"))] {
        let judgement = refused()
            .event(DC, kdc_asked_rc4())
            .event(OTHER, seen())
            .console("ad.txt", &set_to)
            .console("dc.txt", &theirs.replace("DC1", "DC9"))
            .judge();
        judgement
            .assert_not_found("ET-02")
            .assert_not_found("ET-03");
    }
}

fn kdc_asked_rc4() -> Happening {
    kdc(16, "23", "23 18 17")
}
