//! What began it, and what did not.

use crate::causes::Judgement;
use crate::testkit::{
    Happening, Kit, config, kerberos_3, pool, query, security, site, system, windows,
};

const SPN: &str = "HTTP/portal.corp.example";
const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
const DC: &str = "DC1.corp.example";
const PC: &str = "PC7.corp.example";

/// A site whose pool's account holds the name and takes RC4 alone, which the listing shows. Tickets are issued.
fn sound() -> Kit {
    let listed = format!(
        "PS C:\\> Get-ADUser svc_web -Properties *\n\nDistinguishedName : {SVC}\nmsDS-SupportedEncryptionTypes : 4\nObjectClass : user\nSamAccountName : svc_web\n"
    );
    unlisted().console("ad.txt", &listed)
}

fn unlisted() -> Kit {
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
        .event(PC, system("EventLog", 6005, &[]))
        .event(DC, ticket("svc_web"))
        .wait(60)
}

fn ticket(service: &'static str) -> Happening {
    security(
        4769,
        &[
            ("TargetUserName", "uma@CORP.EXAMPLE"),
            ("ServiceName", service),
            ("Status", "0x0"),
            ("TicketEncryptionType", "0x12"),
        ],
    )
}

/// The KDC finds no encryption type: by its own word, and a client's.
fn failing(kit: Kit) -> Judgement {
    kit.wait(30)
        .event(DC, refusal())
        .event(PC, kerberos_3(SPN, "0xe"))
        .judge()
}

fn edited(dn: &str, attribute: &str, value: &str, operation: &str) -> Happening {
    security(
        5136,
        &[
            ("ObjectDN", dn),
            ("ObjectClass", "user"),
            ("AttributeLDAPDisplayName", attribute),
            ("AttributeValue", value),
            ("OperationType", operation),
        ],
    )
}

fn types(dn: &str) -> Happening {
    edited(dn, "msDS-SupportedEncryptionTypes", "4", "%%14674")
}

/// What began the findings of a group.
fn began(judgement: &Judgement, group: &str) -> Vec<String> {
    let of = judgement.findings.iter();
    let of = of.filter(|judged| judged.cause.id.starts_with(group));
    assert!(of.clone().count() > 0, "nothing of {group} is found");
    of.filter_map(|judged| Some(judged.finding.onset.as_ref()?.says.clone()))
        .collect()
}

#[track_caller]
fn assert_began(judgement: &Judgement, group: &str, with: &str) {
    let began = began(judgement, group);
    assert!(began.iter().any(|says| says.contains(with)), "{began:?}");
}

#[track_caller]
fn assert_not_began(judgement: &Judgement, group: &str) {
    assert_eq!(began(judgement, group), Vec::<String>::new());
}

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
fn not_what_was_changed_after_the_failures_began() {
    let kit = sound().event(DC, refusal()).wait(30).event(DC, types(SVC));
    assert_not_began(&failing(kit), "ET");
}

fn refusal() -> Happening {
    let values = [
        ("Target", SPN),
        ("Account", "svc_web"),
        ("ID", "9"),
        ("RequestedEtypes", "18 17"),
        ("AvailableEtypes", "23"),
    ];
    system(
        "Microsoft-Windows-Kerberos-Key-Distribution-Center",
        16,
        &values,
    )
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

/// The update is of Windows and of a domain controller.
#[test]
fn an_update_of_a_domain_controller() {
    let installed = |state: &str, provider: &'static str| Happening {
        channel: "Setup",
        provider,
        id: 2,
        values: vec![
            ("PackageIdentifier", "KB5019964".into()),
            ("IntendedPackageState", state.into()),
            ("ErrorCode", "0x0".into()),
        ],
    };
    let titled = |title: &str| {
        let provider = "Microsoft-Windows-WindowsUpdateClient";
        system(provider, 19, &[("updateTitle", title)])
    };
    const SERVICING: &str = "Microsoft-Windows-Servicing";
    let hotfix = "2022-11 Kumulatives Update für Windows Server 2019 (KB5019966)";
    let began = |computer: &str, update: Happening| {
        let judgement = failing_by_update(unlisted().event(computer, update));
        began(&judgement, "ET-07")
    };
    assert_eq!(began(DC, installed("5112", SERVICING)).len(), 1);
    assert_eq!(began(DC, titled(hotfix)).len(), 1);
    let staged = began(DC, installed("5064", SERVICING));
    let definitions = "Security Intelligence Update for Microsoft Defender (KB2267602)";
    let elsewhere = began("WEB01.corp.example", titled(hotfix));
    for others in [staged, began(DC, titled(definitions)), elsewhere] {
        assert_eq!(others, Vec::<String>::new());
    }
}

/// The KDC has no strong keys (42), and a client gets no ticket.
fn failing_by_update(kit: Kit) -> Judgement {
    let weak = [("AccountName", "krbtgt")];
    let provider = "Microsoft-Windows-Kerberos-Key-Distribution-Center";
    kit.wait(30)
        .event(DC, system(provider, 42, &weak))
        .event(PC, kerberos_3(SPN, "0xe"))
        .judge()
}
