//! New domain controllers.

use super::*;
use crate::case::Touched;

const NEW: &str = "DC2.corp.example";

/// A computer's account becomes that of a domain controller.
fn promoted(domain: &str) -> Happening {
    security(
        4742,
        &[
            ("TargetUserName", "DC2$"),
            ("TargetDomainName", domain),
            ("OldUacValue", "0x80"),
            ("NewUacValue", "0x2100"),
        ],
    )
}

/// The new controller finds no encryption type, and a client is told so.
fn failing_at(controller: &str, kit: Kit) -> Judgement {
    kit.wait(30)
        .event(controller, refusal())
        .event(PC, kerberos_3(SPN, "0xe"))
        .judge()
}

#[test]
fn a_new_controller_whose_answers_fail() {
    let new = || sound().event(DC, promoted("CORP"));
    assert_began(&failing_at(NEW, new()), "ET", "4742");
    // The answers that fail are another's.
    assert_not_began(&failing_at(DC, new()), "ET");
    // Nobody knows whose they are.
    let des = format!(
        "PS C:\\> Get-ADUser svc_web -Properties *\n\nDistinguishedName : {SVC}\nObjectClass : user\nSamAccountName : svc_web\nuserAccountControl : 2163200\n"
    );
    let unnamed = unlisted()
        .console("ad.txt", &des)
        .event(DC, promoted("CORP"));
    let unnamed = unnamed.wait(30).event(PC, kerberos_3(SPN, "0xe")).judge();
    assert_began(&unnamed, "ET", "4742");
    // It is a controller of another domain.
    let other = sound().event("DC9.fabrikam.example", promoted("FABRIKAM"));
    assert_not_began(&failing_at(NEW, other), "ET");
    // It answered well since; that another did so says nothing.
    let answered = |by: &str| failing_at(NEW, new().wait(5).event(by, ticket("svc_web")));
    assert_not_began(&answered(NEW), "ET");
    assert_began(&answered(DC), "ET", "4742");
}

/// What is changed of the account itself goes before a new controller.
#[test]
fn the_account_goes_before_the_controller() {
    let kit = sound().event(DC, types(SVC)).event(DC, promoted("CORP"));
    assert_began(&failing_at(NEW, kit), "ET", "5136");
}

#[test]
fn what_makes_a_controller() {
    let promotions = |happenings: Vec<Happening>| {
        let kit = happenings
            .into_iter()
            .fold(Kit::new(), |kit, one| kit.event(DC, one));
        let case = kit.case();
        let touched = case.changes().map(|change| change.touches);
        touched
            .filter_map(|touched| match touched {
                Touched::Promotion(name) => Some(name),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    let of = |more: &[(&'static str, &str)]| {
        let named = [("TargetUserName", "DC2$"), ("TargetDomainName", "CORP")];
        security(4742, &[&named, more].concat())
    };
    let yes = ["dc2"];
    assert_eq!(
        promotions(vec![of(&[
            ("OldUacValue", "0x80"),
            ("NewUacValue", "0x100")
        ])]),
        yes
    );
    assert_eq!(promotions(vec![of(&[("PrimaryGroupId", "516")])]), yes);
    assert_eq!(
        promotions(vec![of(&[("PrimaryGroupId", "521")])]),
        yes,
        "a read-only one"
    );
    for none in [
        of(&[("OldUacValue", "0x100"), ("NewUacValue", "0x2100")]),
        of(&[("OldUacValue", "0x100"), ("NewUacValue", "0x80")]),
        of(&[("PrimaryGroupId", "515")]),
        of(&[("PrimaryGroupId", "-"), ("NewUacValue", "-")]),
    ] {
        assert_eq!(promotions(vec![none]), Vec::<String>::new());
    }
    const DN: &str = "CN=DC2,OU=Domain Controllers,DC=corp,DC=example";
    let flags = |value, operation| edited(DN, "userAccountControl", value, operation);
    // The kit lets a minute pass between two events: the pair is not one change.
    let apart = vec![flags("4096", "%%14675"), flags("532480", "%%14674")];
    assert_eq!(promotions(apart), Vec::<String>::new());
    let group = vec![edited(DN, "primaryGroupID", "516", "%%14674")];
    assert_eq!(promotions(group), yes);
}

/// The flags before and after are written at once.
#[test]
fn flags_in_the_directory() {
    const DN: &str = "CN=DC2,OU=Domain Controllers,DC=corp,DC=example";
    let flags = |value, operation| edited(DN, "userAccountControl", value, operation);
    let promoted = |before: &'static str| {
        let kit = Kit::new()
            .event(DC, flags(before, "%%14675"))
            .wait(-1)
            .event(DC, flags("532480", "%%14674"));
        let case = kit.case();
        case.changes()
            .any(|change| matches!(change.touches, Touched::Promotion(_)))
    };
    assert!(promoted("4096"));
    assert!(!promoted("532482"), "it was a controller before");
}
