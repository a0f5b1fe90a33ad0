//! ET-12: the domain controllers no longer take the user's certificate (KB5014754, KB5057784).

use std::collections::{BTreeMap, BTreeSet};

use super::hardening::{has_kdc_log, kdc};
use crate::case::{HostId, Sameness, SymptomKind, split_name};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::codes;
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event, KdcEvent};
use crate::readers::registry::Key;
use crate::remedy::{Remedy, Step};

/// ET-12.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-12",
    name: "certificate-not-mapped",
    title: "The domain controller does not take the user's certificate (KB5014754)",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Whoever signs in with a smart card, or with Windows Hello by certificate, gets the first ticket for a certificate. Since May 2022 the domain controllers want it tied strongly to the account (its SID in the certificate, or an explicit mapping); since February 2025 they refuse others by default, and since September 2025 without a way back. KB5057784 adds that the issuer must stand in the NTAuth store. Without the first ticket there is none for HTTP/<name>: the site falls back to NTLM, or prompts. Everything fails for these users, not IIS alone.",
        evidence: &[
            "System log of a domain controller: KDC 39 (no strong mapping), 40 (the certificate is older than the account), 41 (its SID is another one's), 45 (the issuer is not in NTAuth), 21 (the certificate is not valid); 48 and 49 on Server 2008",
            "Security log of a domain controller: 4768 refused, with 0x3E, 0x42, 0x4B or the like, pre-authentication 15 or 16",
            "registry of the domain controllers: StrongCertificateBindingEnforcement",
            "klist tgt of the user: none",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-12",
                told_apart_by: "there a smart card is required and none was used",
            },
            LookAlike {
                cause: "CL-09",
                told_apart_by: "there the device is joined to Entra alone, and no certificate comes into it",
            },
        ],
        ruled_out_by: "a 4768 with 0x0 for the user, with pre-authentication 15 or 16.",
        fix: &[
            "See which of the events names the user.",
            "39, 40: issue the certificates anew from a template that writes the SID, or map the certificate explicitly (altSecurityIdentities by issuer and serial number).",
            "41: the certificate belongs to another account: find out why before anything else.",
            "45: put the issuing authority into the NTAuth store, where it is one of your own.",
        ],
        verify: "4768 with 0x0 and pre-authentication 16 for the user.",
        rollback: "Take the mapping from the account again.",
        prevent: "Issue certificates with the SID, and count KDC 39 before an update enforces more.",
        blind_spots: &[
            "39 is written as a warning, too, where the certificate was taken all the same",
        ],
        versions: "Domain controllers updated since May 2022.",
        sources: &[
            "Microsoft: KB5014754",
            "Microsoft: KB5057784, CVE-2025-26647",
        ],
    },
    assess,
};

/// Pre-authentication by certificate.
const CERTIFICATE: [u32; 2] = [15, 16];
/// Errors of the KDC that speak of a certificate (RFC 4556).
fn of_certificate(code: u32) -> bool {
    matches!(code, 0x3E..=0x42 | 0x46..=0x51)
}

/// Signs of one user.
#[derive(Default)]
struct User<'a> {
    /// The domain of the controllers that wrote of the user.
    realm: Option<String>,
    shown: String,
    kdc: Vec<(&'a Event, &'a KdcEvent)>,
    refused: Vec<(u32, Citation)>,
    issued: Vec<Citation>,
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let users = users(scene);
    for user in users.values() {
        if user.kdc.is_empty() {
            if user.refused.is_empty() {
                continue;
            }
            match user.issued.is_empty() {
                true => out.lack(super::KDC_LOG),
                false => out.rule_out(
                    format!("{} got a first ticket for a certificate", user.shown),
                    &few(user.issued.clone(), 1),
                ),
            }
            continue;
        }
        let enforced = enforced(scene, user.realm.as_deref());
        out.find(finding(scene, user, &enforced));
    }
    // A client may note it where no log of a controller is here.
    let noted = scene.case.pick(|body| match body {
        Body::KerberosError(e) if e.code.is_some_and(of_certificate) => Some(e),
        _ => None,
    });
    if noted.count() > 0 && !has_kdc_log(scene) {
        out.lack(super::KDC_LOG);
    }
    if users.is_empty() && out.missing.is_empty() && locked_out_by_card(scene) {
        out.lack(Input::DcSecurityLog);
    }
    out
}

/// Users who must use a smart card and came by NTLM: whether their certificate was taken is not shown.
fn locked_out_by_card(scene: &Scene<'_>) -> bool {
    let ntlm = scene.symptoms(|k| matches!(k, SymptomKind::NtlmLogons(_)));
    let names = ntlm.iter().flat_map(|(_, s)| s.principals.iter());
    names.into_iter().any(|name| {
        let (domain, sam) = split_name(name);
        let card = |s: &crate::readers::directory::AccountState| s.smart_card_required.clone();
        let listed = scene.case.listed_state(&sam, domain.as_deref(), card);
        listed.present().is_some_and(|set| set.value)
    })
}

/// By the domain of the controllers that wrote of them, and by name.
fn users<'a>(scene: &Scene<'a>) -> BTreeMap<(Option<String>, String), User<'a>> {
    let mut users: BTreeMap<_, User<'a>> = BTreeMap::new();
    let key = |event: &Event, name: &str| (event.domain(), split_name(name).1);
    for (event, e) in kdc(scene, &[21, 39, 40, 41, 45, 48]) {
        let named = [
            "AccountName",
            "UserName",
            "User",
            "Domain\\Username",
            "param1",
        ];
        let name = named
            .iter()
            .find_map(|n| e.fields.text(n))
            .or_else(|| e.name.clone());
        let name = name.unwrap_or_default();
        let user = users.entry(key(event, &name)).or_default();
        user.realm = event.domain();
        user.shown = name;
        user.kdc.push((event, e));
    }
    for event in &scene.case.events {
        match &event.body {
            Body::TgtRequest(e) => {
                let by_certificate = e.preauth_type.is_some_and(|t| CERTIFICATE.contains(&t));
                let (Some(name), Some(status)) = (&e.client.name, e.status) else {
                    continue;
                };
                if status == 0 && by_certificate {
                    if let Some(user) = users.get_mut(&key(event, name)) {
                        user.issued.push(event.citation.clone());
                    }
                } else if of_certificate(status) {
                    let user = users.entry(key(event, name)).or_default();
                    if user.shown.is_empty() {
                        user.shown.clone_from(name);
                    }
                    user.refused.push((status, event.citation.clone()));
                }
            }
            Body::PreauthFailed(e) => {
                let (Some(name), Some(status)) = (&e.target.name, e.status) else {
                    continue;
                };
                if of_certificate(status) {
                    let user = users.entry(key(event, name)).or_default();
                    if user.shown.is_empty() {
                        user.shown.clone_from(name);
                    }
                    user.refused.push((status, event.citation.clone()));
                }
            }
            _ => {}
        }
    }
    users
}

/// Where full enforcement is set in a domain.
fn enforced(scene: &Scene<'_>, realm: Option<&str>) -> Vec<Citation> {
    let case = scene.case;
    let of_domain = |host: HostId| {
        let home = case.home_domain(host);
        case.accounts.same_domain(home.as_deref(), realm) == Sameness::Same
    };
    let machines = case.machines.iter().filter(|(host, _)| of_domain(**host));
    machines
        .filter_map(
            |(_, m)| match m.setting(Key::Kdc, "StrongCertificateBindingEnforcement") {
                Known::Present(set) if set.value.number() == Some(2) => Some(set.from),
                _ => None,
            },
        )
        .flatten()
        .collect()
}

fn finding(scene: &Scene<'_>, user: &User<'_>, enforced: &[Citation]) -> Finding {
    let ids: BTreeSet<u32> = user.kdc.iter().map(|(_, e)| e.id).collect();
    let why = match ids.first() {
        Some(40) => "it is older than the account",
        Some(41) => "its SID is that of another account",
        Some(45) => "its issuer is not in the NTAuth store",
        Some(21) => "it is not valid",
        _ => "nothing ties it to the account strongly",
    };
    let shown = &user.shown;
    let text = format!(
        "The domain controllers do not take the certificate of {shown}: {why}. Without the first ticket the user gets none for any site, and comes by NTLM or not at all."
    );
    let subject = Subject {
        account: Some(shown.clone()),
        ..Subject::default()
    };
    let from = user
        .kdc
        .iter()
        .map(|(event, _)| event.citation.clone())
        .collect();
    let says = format!("the KDC wrote of the certificate of {shown}: {why}");
    let mut finding = Finding::about(subject, text);
    let sure = !user.refused.is_empty() || !enforced.is_empty() || ids.contains(&41);
    finding = match sure {
        true => finding.structure(says, &few(from, 3)),
        // A warning lets the user in.
        false => finding.supporting(says, &few(from, 3)),
    };
    if let Some((code, _)) = user.refused.first() {
        let says = format!(
            "the KDC refused {shown} the first ticket: {}",
            codes::KERBEROS.in_words(*code)
        );
        let from = user.refused.iter().map(|(_, from)| from.clone()).collect();
        finding = finding.observed(says, &few(from, 3));
    }
    finding = finding
        .supporting(
            "the binding of certificates is enforced (StrongCertificateBindingEnforcement 2)",
            &few(enforced.to_vec(), 1),
        )
        .contradicting(
            format!("{shown} got a first ticket for a certificate"),
            &few(user.issued.clone(), 1),
        );
    let sam = split_name(shown).1;
    let accounts = &scene.case.accounts;
    let is_theirs = |principal: &String| {
        let (domain, name) = split_name(principal);
        let same = accounts.same_domain(domain.as_deref(), user.realm.as_deref());
        name == sam && same != Sameness::Different
    };
    let only_theirs =
        |s: &crate::case::Symptom| !s.principals.is_empty() && s.principals.iter().all(is_theirs);
    let ntlm = scene.symptoms(|k| {
        matches!(
            k,
            SymptomKind::NtlmLogons(_) | SymptomKind::LogonFailed { .. }
        )
    });
    let theirs = ntlm.into_iter().filter(|(_, s)| only_theirs(s));
    for (id, symptom) in theirs {
        let says = format!("{shown} came to the web server without a ticket");
        finding = finding
            .supporting(says, &few(symptom.from.clone(), 2))
            .explains([id]);
    }
    finding.fix(remedy(&ids), Vec::new())
}

fn remedy(ids: &BTreeSet<u32>) -> Remedy {
    let mut fix = vec![Step::by_hand(
        "on a domain controller: read the certificate that the event names (issuer, serial number, SID), and compare it with the account",
    )];
    if ids.contains(&41) {
        fix.push(
            Step::by_hand("find out why the certificate carries the SID of another account: a renamed or recreated account, or somebody who signs in as another")
                .stop_if("nobody can say why: treat it as an attack"),
        );
    }
    if ids.contains(&45) {
        fix.push(
            Step::by_hand("where the issuer is an authority of your own: certutil -dspublish -f <certificate of the authority> NTAuthCA")
                .stop_if("it is not yours: whoever is in NTAuth can issue certificates for every account"),
        );
    }
    fix.push(Step::by_hand("issue the user's certificate anew from a template that writes the SID; or, for the meantime, map it explicitly: altSecurityIdentities of the account, X509:<I>issuer<SR>serial number reversed")
        .risk("a mapping by subject or mail address is weak, and is not taken"));
    fix.push(Step::by_hand(
        "the user signs in anew with the card, and opens the site",
    ));
    Remedy::of(fix)
        .verify(vec![
            Step::by_hand(
                "4768 with 0x0 and pre-authentication 16 for the user, and no new KDC 39 to 45",
            ),
            Step::by_hand("klist in the user's session shows the ticket of the site"),
        ])
        .rollback(vec![Step::by_hand(
            "take the explicit mapping from the account again",
        )])
        .prevent(CAUSE.page.prevent)
}
