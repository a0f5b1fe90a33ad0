//! What began it, and what did not: each kind of change found, and left alone where it is another's, or where all was well
//! after it.

mod accounts;
mod clocks;
mod controllers;
mod iis;
mod updates;

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
        .config("WEB01/applicationHost.config", &portal())
        .console("q.txt", &query(SPN, &[(SVC, &[SPN])]))
        .event(PC, system("EventLog", 6005, &[]))
        .event(DC, ticket("svc_web"))
        .wait(60)
}

fn portal() -> String {
    config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
        "",
    )
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

fn refusal() -> Happening {
    let values = [
        ("Target", SPN),
        ("Account", "uma@CORP.EXAMPLE"),
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
