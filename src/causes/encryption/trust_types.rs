//! ET-06: no encryption type is common to both sides of a trust.

use super::hardening::kdc;
use super::refused::{Why, refused};
use crate::case::SymptomKind;
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::codes::EtypeSet;
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// ET-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-06",
    name: "trust-etypes",
    title: "The trust has no encryption type that both sides take",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A referral to another domain is a ticket that is sealed with the key of the trust. A trust without \"The other domain supports Kerberos AES Encryption\", or one whose password is older than AES, has an RC4 key only. Where RC4 is refused on either side, no referral can be sealed: the KDC answers 0xE for krbtgt/<other realm>, and every service across the trust falls back to NTLM or fails, whatever its own account may do.",
        evidence: &[
            "Security log of a domain controller: 4769 with 0xE for krbtgt/<other realm>",
            "System log of a domain controller: KDC 14 or 16 whose target is krbtgt/<other realm>",
            "System log of a client: Kerberos event 3 with 0xE for krbtgt/<other realm>",
            "ksetup /getenctypeattr <other realm>; the attributes of the trust (RC4 alone)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-02",
                told_apart_by: "there one service account is concerned, and a referral is issued",
            },
            LookAlike {
                cause: "TR-06",
                told_apart_by: "there the two sides do not have the same key: 0x1F or 0x29",
            },
        ],
        ruled_out_by: "a referral ticket (krbtgt/<other realm>) in a client's cache.",
        fix: &[
            "Note the encryption types of the trust on both sides.",
            "Let the trust use AES on both sides (properties of the trust, or ksetup /setenctypeattr).",
            "Reset the password of the trust on both sides, so that AES keys are made.",
        ],
        verify: "klist shows krbtgt/<other realm> with AES-256.",
        rollback: "Set the old attribute again on both sides.",
        prevent: "List all trusts and the age of their passwords before RC4 is turned off.",
        blind_spots: &["the keys of a trust are in no listing"],
        versions: "All supported versions; acute since RC4 is turned off.",
        sources: &[
            "Microsoft: unsupported etype error when accessing a resource in a trusted domain",
        ],
    },
    assess,
};

/// What the trust may use.
const TRUST_TYPES: Input = Input::Stated {
    what: "the encryption types of the trusts, from a domain controller of each side",
    collect_with: "ksetup /getenctypeattr <other domain> >> %COMPUTERNAME%_ksetup.txt",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::ReferralFailed(_, 0xE))) {
        let SymptomKind::ReferralFailed(realm, _) = &symptom.kind else {
            continue;
        };
        let shown = realm.to_uppercase();
        let subject = Subject {
            account: Some(format!("krbtgt/{shown}")),
            ..Subject::default()
        };
        let text = format!(
            "The KDC has no encryption type to seal a referral to {shown} with: the trust's keys or settings leave none that both sides take. Every service across the trust is concerned."
        );
        let mut finding = Finding::about(subject, text)
            .conclusive(
                format!(
                    "a ticket for krbtgt/{shown} was refused with 0xE {}",
                    times(symptom.count)
                ),
                &few(symptom.from.clone(), 3),
            )
            .explains([id]);
        if let Known::Present(rc4) = case.domains.trust_says(realm, |trust| &trust.rc4_only)
            && rc4.value
        {
            let says = format!("the trust with {shown} has RC4 keys only");
            finding = finding.structure(says, &few(rc4.from, 1));
        }
        for machine in case.machines.values() {
            if let Some(set) = machine.realm_etypes(realm) {
                let types = EtypeSet::of_bits(set.value);
                if !types.meets(EtypeSet::AES) {
                    let says = format!("the trust with {shown} may use {types}");
                    finding = finding.structure(says, &few(set.from, 1));
                }
            }
        }
        for (event, e) in kdc(scene, &[14, 16]) {
            let target = e.name.as_deref().unwrap_or_default().to_lowercase();
            if let (true, Some(keys)) = (target == format!("krbtgt/{realm}"), e.keys()) {
                let says = format!("the trust with {shown} has keys of {keys}");
                finding = finding.supporting(says, std::slice::from_ref(&event.citation));
            }
        }
        out.find(finding.fix(remedy(), Vec::new()));
    }
    let unclear = refused(scene)
        .iter()
        .any(|r| matches!(r.why, Why::NotShown));
    if out.findings.is_empty() && unclear {
        let referrals = case.tickets.iter().filter(|t| is_referral(t));
        let from: Vec<_> = referrals.map(|t| t.ticket.from.clone()).collect();
        match from.is_empty() {
            true => out.lack(TRUST_TYPES),
            false => out.rule_out("a client has a referral ticket", &few(from, 1)),
        }
    }
    out
}

/// Whether a ticket is a referral to another realm than the client's own.
fn is_referral(held: &crate::case::HeldTicket) -> bool {
    let ticket = &held.ticket;
    let realm = ticket
        .server
        .split_once('/')
        .filter(|(class, _)| class.eq_ignore_ascii_case("krbtgt"));
    realm.is_some_and(|(_, to)| !to.eq_ignore_ascii_case(&ticket.client_realm))
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on a domain controller of each side: ksetup /getenctypeattr <other domain> (keep the output; no answer means that nothing is set)"),
        Step::by_hand("on each side, Active Directory Domains and Trusts, the trust's properties: \"The other domain supports Kerberos AES Encryption\" (the same as ksetup /setenctypeattr <other domain> with both AES types)")
            .stop_if("the other side still has domain controllers without AES"),
        Step::by_hand("reset the password of the trust on both sides, so that AES keys are made: netdom trust <this domain> /domain:<other domain> /reset")
            .risk("until both sides have replicated it, nobody crosses the trust"),
        crate::remedy::procedures::replicate(),
    ])
    .verify(vec![Step::by_hand("klist purge, open the site, klist: krbtgt/<other realm> is AES-256")])
    .rollback(vec![Step::by_hand("set the attribute of the trust as it was, on both sides")])
    .prevent(CAUSE.page.prevent)
}
