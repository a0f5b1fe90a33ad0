//! ET-02: the account's own setting excludes every type that is asked for.

use super::refused::{Refused, Why, refused};
use super::repair::{self, Repair};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene};
use crate::codes::EtypeSet;
use crate::evidence::Known;
use crate::negotiate::{Stage, sealing};

/// ET-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-02",
    name: "setting-excludes-etypes",
    title: "msDS-SupportedEncryptionTypes of the account excludes what is asked for",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "msDS-SupportedEncryptionTypes says which encryption types the KDC may use for an account. Set to RC4 alone (0x4), it leaves nothing for clients or domain controllers that take AES only; set to AES alone (0x18), it leaves nothing for a client that knows RC4 only. The keys may all be there: no type is allowed by everybody. The KDC answers KDC_ERR_ETYPE_NOSUPP (0xE), and the client falls back to NTLM or fails.",
        evidence: &[
            "the directory: msDS-SupportedEncryptionTypes of the account",
            "System log of a domain controller: KDC 16 or 27 for a name of the account; the available types contain some that were asked for",
            "System log of a domain controller updated since 2026: 206 (will be blocked) and 208 (blocked): the account is set to AES, the client does not offer it",
            "Security log of a domain controller: 4769 with 0xE; in version 2 the advertized types of the client",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-01",
                told_apart_by: "there the account has no AES keys at all",
            },
            LookAlike {
                cause: "ET-03",
                told_apart_by: "there the account has no setting of its own, and a default applies",
            },
            LookAlike {
                cause: "ET-04",
                told_apart_by: "there the ticket is issued, and the web server cannot open it: KRB_AP_ERR_MODIFIED instead of 0xE",
            },
        ],
        ruled_out_by: "a type that the account's setting, its keys, the domain controllers and the client have in common.",
        fix: &[
            "Note the setting, and which types the failing clients ask for.",
            "An account that is set to RC4: make sure that it has AES keys, then set it to 0x18.",
            "A client that knows RC4 only: update it. Setting the account to 0x1C for the meantime keeps RC4 alive, with its risk.",
        ],
        verify: "4769 with 0x0 and encryption type 0x12 for the account.",
        rollback: "Write the old value of msDS-SupportedEncryptionTypes again.",
        prevent: "Set msDS-SupportedEncryptionTypes of service accounts on purpose, all to the same value, and list what differs.",
        blind_spots: &["what a client asks for is in KDC 16 and in 4769 of version 2 only"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: KB5021131, CVE-2022-37966",
            "MS-KILE 2.2.7: supported encryption types",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let all = refused(scene);
    for refused in all {
        match refused.why {
            Why::Setting => out.find(finding(scene, refused)),
            Why::NotShown | Why::Default => match explicit(scene, refused) {
                Some(Known::Unknown) | None => {
                    out.lack(Input::AccountAttributes(refused.shown.clone()));
                }
                Some(Known::Present(_)) => out.lack(super::KDC_LOG),
                Some(Known::Absent(from)) => out.rule_out(
                    format!("{} has no encryption types of its own set", refused.shown),
                    &few(from, 1),
                ),
            },
            _ => {}
        }
    }
    // The directory alone shows a site that can get no ticket.
    for view in scene.negotiating() {
        let Some(holder) = view.holder() else {
            continue;
        };
        let told = all.iter().filter_map(|r| r.account);
        if told.into_iter().any(|a| scene.same(a, holder.account)) {
            continue;
        }
        let case = scene.case;
        let (set, policy) = (
            case.explicit_etypes(holder.account),
            case.controller_etypes(holder.account),
        );
        if let (Known::Present(set), Known::Present(policy)) = (set, policy)
            && !set.value.meets(policy.value)
            && !set.value.without(EtypeSet::DES).is_empty()
        {
            let sealing = sealing(case, &case.situation, holder.account);
            let shown = scene.shown(holder.account);
            let mut subject = view.subject(case);
            subject.account = Some(shown.to_owned());
            let text = format!(
                "{shown} is set to {} and the domain controllers allow {}: no type is left to seal a ticket with, and the KDC must answer 0xE. No refusal is in the bundle.",
                set.value, policy.value
            );
            let mut finding =
                Finding::about(subject, text).structure(sealing.says(), &few(sealing.from(), 2));
            if let Some(spn) = view.spn() {
                let tickets = few(scene.tickets(spn), 1);
                finding = finding.contradicting("a client holds a ticket for it", &tickets);
            }
            let repair = Repair::of(scene, holder.account);
            let mut steps = repair.renew_keys();
            steps.push(repair.use_aes());
            let remedy = crate::remedy::Remedy::of(steps)
                .rollback(repair.rollback())
                .prevent(CAUSE.page.prevent);
            out.find(finding.fix(remedy, Vec::new()));
        }
    }
    out
}

fn explicit(scene: &Scene<'_>, refused: &Refused<'_>) -> Option<Known<EtypeSet>> {
    refused.account.map(|a| scene.case.explicit_etypes(a))
}

fn finding(scene: &Scene<'_>, refused: &Refused<'_>) -> Finding {
    let shown = &refused.shown;
    let set = explicit(scene, refused).unwrap_or(Known::Unknown);
    let limits = match (&set, refused.requested) {
        (Known::Present(set), Some(asked)) => {
            format!(": it allows {}, and clients ask for {asked}", set.value)
        }
        (Known::Present(set), None) => format!(": it allows {}", set.value),
        _ => String::new(),
    };
    let text = format!(
        "msDS-SupportedEncryptionTypes of {shown} leaves no encryption type for a ticket{limits}. The KDC answers 0xE."
    );
    let mut finding = Finding::about(refused.subject(scene), text);
    if let Known::Present(set) = &set {
        let says = format!("{shown} is set to {}", set.value);
        finding = finding.structure(says, &few(set.from.clone(), 2));
    }
    let controllers = refused.account.map(|a| scene.case.controller_etypes(a));
    if let Some(Known::Present(policy)) = controllers {
        let says = format!("the domain controllers allow {}", policy.value);
        finding = finding.supporting(says, &few(policy.from, 1));
    }
    let blocked = few(refused.records(&[208]), 3);
    let says = format!(
        "the KDC blocked tickets because {shown} is set to AES and the client does not offer it"
    );
    finding = finding.conclusive(says, &blocked);
    let says = format!("the KDC found no type that {shown} may use and clients ask for");
    finding = finding.observed(says, &few(refused.records(&[14, 16, 26, 27]), 3));
    finding = refused.seen(scene, finding);
    let weak_client = !blocked.is_empty()
        || refused
            .requested
            .is_some_and(|asked| !asked.meets(EtypeSet::AES));
    match refused.account {
        Some(account) if weak_client => {
            let repair = Repair::of(scene, account);
            let steps = vec![
                crate::remedy::Step::by_hand("find the clients (client address of KDC 206, 208 and of 4769 with 0xE) and bring AES to them: update, policy \"Configure encryption types allowed for Kerberos\", keytab")
                    .stop_if("they cannot: then let the account use 0x1C (AES and RC4) for a time, with the risk accepted in writing"),
            ];
            finding.fix(
                repair.around(refused, steps, CAUSE.page.prevent),
                Vec::new(),
            )
        }
        Some(account) => {
            let repair = Repair::of(scene, account);
            let has_aes = refused
                .keys
                .present()
                .is_some_and(|k| k.value.meets(EtypeSet::AES));
            let mut steps = match has_aes {
                true => Vec::new(),
                false => repair.renew_keys(),
            };
            steps.push(repair.use_aes());
            finding.fix(
                repair.around(refused, steps, CAUSE.page.prevent),
                Vec::new(),
            )
        }
        None => finding.fix(repair::unknown(CAUSE.page.prevent), Vec::new()),
    }
}
