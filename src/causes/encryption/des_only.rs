//! ET-05: the account is set to DES, or knows nothing else.

use super::refused::{Refused, Why, refused};
use super::repair::{self, Repair};
use crate::case::AccountId;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene};
use crate::codes::EtypeSet;
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::remedy::Step;

/// ET-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-05",
    name: "des-only-account",
    title: "The account may use DES only, which nobody takes any more",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "An account with the flag \"Use only Kerberos DES encryption types\" (USE_DES_KEY_ONLY, 0x200000 of userAccountControl), or with msDS-SupportedEncryptionTypes of 0x1 to 0x3, can get tickets sealed with DES only. Windows has had DES turned off since Windows 7 and Server 2008 R2, and Server 2025 no longer has it. No type is left: the KDC answers 0xE. Such accounts come from keytabs for UNIX or Java of long ago.",
        evidence: &[
            "the directory: userAccountControl of the account contains 0x200000, or msDS-SupportedEncryptionTypes is 1, 2 or 3",
            "System log of a domain controller: KDC 14, 16, 26 or 27 for the account; available types 3 and 1",
            "Security log of a domain controller: 4768 or 4769 with 0xE",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-01",
                told_apart_by: "there the account has an RC4 key and no flag",
            },
            LookAlike {
                cause: "ET-02",
                told_apart_by: "there msDS-SupportedEncryptionTypes names RC4 or AES",
            },
        ],
        ruled_out_by: "an account without the flag whose setting names AES.",
        fix: &[
            "Clear the flag (account options, or userAccountControl).",
            "Set msDS-SupportedEncryptionTypes to 0x18, and reset the password, which makes AES keys.",
            "Enter the new password in the pool; make the keytabs of other systems anew with AES.",
        ],
        verify: "4769 with 0x0 and encryption type 0x12 for the account.",
        rollback: "Set flag and value as they were; the keys stay.",
        prevent: "List accounts with the flag: Get-ADObject with the filter (userAccountControl:1.2.840.113556.1.4.803:=2097152).",
        blind_spots: &[
            "a policy that turns DES on again makes such an account work, with keys that anybody can break",
        ],
        versions: "Domain controllers since Windows Server 2008 R2.",
        sources: &[
            "Microsoft: KB5021131, CVE-2022-37966",
            "Microsoft: userAccountControl flags",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let all = refused(scene);
    for refused in all {
        match refused.why {
            Why::DesOnly => out.find(finding(scene, refused)),
            Why::NotShown => match refused.account {
                Some(account) if !scene.case.explicit_etypes(account).is_unknown() => {}
                _ => out.lack(Input::AccountAttributes(refused.shown.clone())),
            },
            _ => {}
        }
    }
    let holders = scene.negotiating().filter_map(|v| Some((v, v.holder()?)));
    for (view, holder) in holders {
        let told = |r: &Refused<'_>| r.account.is_some_and(|a| scene.same(a, holder.account));
        if all.iter().any(told) {
            continue;
        }
        let des = signs(scene, holder.account);
        if des.is_empty() {
            let set = scene.case.explicit_etypes(holder.account);
            if let Known::Present(set) = set {
                let says = format!("{} is set to {}", scene.shown(holder.account), set.value);
                out.rule_out(says, &few(set.from, 1));
            }
            continue;
        }
        let shown = scene.shown(holder.account);
        let mut subject = view.subject(scene.case);
        subject.account = Some(shown.to_owned());
        let text = format!(
            "{shown} may use DES only, which domain controllers and clients have turned off: no ticket can be sealed for it. No refusal is in the bundle."
        );
        let mut finding =
            Finding::about(subject, text).structure(format!("{shown} is set to DES"), &few(des, 2));
        if let Some(spn) = view.spn() {
            let tickets = few(scene.tickets(spn), 1);
            finding = finding.contradicting("a client holds a ticket for it", &tickets);
        }
        let remedy = crate::remedy::Remedy::of(steps(scene, holder.account))
            .rollback(Repair::of(scene, holder.account).rollback())
            .prevent(CAUSE.page.prevent);
        out.find(finding.fix(remedy, Vec::new()));
    }
    out
}

/// Where the directory shows that an account may use DES only.
fn signs(scene: &Scene<'_>, account: AccountId) -> Vec<Citation> {
    let mut from = scene.case.is_des_only(account).unwrap_or_default();
    if let Known::Present(set) = scene.case.explicit_etypes(account)
        && set.value.without(EtypeSet::DES).is_empty()
    {
        from.extend(set.from);
    }
    from
}

fn steps(scene: &Scene<'_>, account: AccountId) -> Vec<Step> {
    let repair = Repair::of(scene, account);
    let mut steps =
        vec![Step::by_hand(
        "clear the account option \"Use only Kerberos DES encryption types\" of the account",
    )
    .stop_if("a system that knows DES only still uses the account: it must learn AES first")];
    steps.extend(repair.renew_keys());
    steps.push(repair.use_aes());
    steps
}

fn finding(scene: &Scene<'_>, refused: &Refused<'_>) -> Finding {
    let shown = &refused.shown;
    let text = format!(
        "{shown} may use DES only, which domain controllers and clients have turned off. The KDC answers 0xE."
    );
    let mut finding = Finding::about(refused.subject(scene), text);
    if let Some(account) = refused.account {
        let says = format!("{shown} is set to DES");
        finding = finding.structure(says, &few(signs(scene, account), 2));
    }
    if let Some(keys) = refused.keys.present()
        && keys.value.without(EtypeSet::DES).is_empty()
    {
        let says = format!("the keys of {shown} are DES");
        finding = finding.structure(says, &few(keys.from.clone(), 2));
    }
    let says = format!("the KDC found no type that {shown} may use and clients ask for");
    finding = finding.observed(says, &few(refused.records(&[14, 16, 26, 27]), 3));
    finding = refused.seen(scene, finding);
    match refused.account {
        Some(account) => {
            let repair = Repair::of(scene, account);
            let remedy = repair.around(refused, steps(scene, account), CAUSE.page.prevent);
            finding.fix(remedy, Vec::new())
        }
        None => finding.fix(repair::unknown(CAUSE.page.prevent), Vec::new()),
    }
}
