//! TR-03: across an external trust Kerberos finds no way, and users come by NTLM.

use std::collections::BTreeMap;

use super::crossing::{foreign_logons, trusts, users, web_servers};
use crate::case::{SymptomKind, split_name};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::trust::TrustKind;
use crate::remedy::{Remedy, Step};

/// TR-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "TR-03",
    name: "external-trust",
    title: "The users' domain is trusted by an external or realm trust, across which names are not routed",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Only a forest trust tells the domain controllers of one side which names belong to the other. Across an external trust (a single domain) or a trust with a realm of another make, the user's KDC has no hint where HTTP/<name> may be: it answers 0x7, and Negotiate falls back to NTLM. That is how such a trust is made, and no fault of the site. It becomes one when NTLM is turned off, or when the site must delegate.",
        evidence: &[
            "nltest /domain_trusts /all_trusts, Get-ADTrust: a trust that is neither within the forest nor ForestTransitive",
            "Security log of the web server: every 4624 of users of that domain is NTLM",
            "klist on their clients: no krbtgt/<server's realm>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "TR-02",
                told_apart_by: "there the trust is a forest trust, and one suffix is not routed",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there users of the server's own domain come by NTLM as well",
            },
        ],
        ruled_out_by: "a forest trust, or users of that domain who come by Kerberos.",
        fix: &[
            "Decide whether NTLM is good enough for these users; then leave it, and count them out of the alarms.",
            "Else replace the external trust by a forest trust.",
        ],
        verify: "klist on a client of the other domain shows krbtgt/<server's realm>.",
        rollback: "The external trust can be made again.",
        prevent: "Use forest trusts between forests whose users share sites.",
        blind_spots: &[
            "Kerberos can cross an external trust for some names (the fully qualified name of a server): how far is not documented, so that this is called likely at most",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: trusts between domains and forests"],
    },
    assess,
};

/// Which trusts there are.
const TRUSTS: Input = Input::Stated {
    what: "the trusts of the web server's domain and their kinds",
    collect_with: "nltest /domain_trusts /all_trusts /v >> %COMPUTERNAME%_trusts.txt",
};

/// Logons of users of one domain: those by NTLM, those by Kerberos, the names of the users.
type Logons = (Vec<Citation>, Vec<Citation>, Vec<String>);

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    for host in web_servers(case) {
        let Some(home) = case.home_domain(host) else {
            continue;
        };
        let mut by_domain: BTreeMap<String, Logons> = BTreeMap::new();
        for (domain, event, logon) in foreign_logons(case, host) {
            // NTLM names the domain by its short name, Kerberos by its realm: one trust knows both.
            let trust = trusts(case, &home, &domain)
                .first()
                .map(|t| t.name().to_lowercase());
            let entry = by_domain.entry(trust.unwrap_or(domain)).or_default();
            let list = if logon.is_ntlm() {
                &mut entry.0
            } else {
                &mut entry.1
            };
            list.push(event.citation.clone());
            let name = logon.target.name.as_deref().unwrap_or_default();
            entry.2.push(split_name(name).1);
        }
        for (domain, (ntlm, kerberos, names)) in by_domain {
            if ntlm.is_empty() {
                continue;
            }
            let listed = trusts(case, &home, &domain);
            let Some(trust) = listed.first() else {
                out.lack(TRUSTS);
                continue;
            };
            let other = trust.name().to_uppercase();
            match trust.kind {
                Some(TrustKind::External | TrustKind::Realm) => {}
                Some(_) => {
                    let says =
                        format!("the trust with {other} is a forest trust, or within the forest");
                    out.rule_out(says, std::slice::from_ref(&trust.from));
                    continue;
                }
                None => {
                    out.lack(TRUSTS);
                    continue;
                }
            }
            let name = case.hosts.get(host).name.clone();
            let count = times(case.met(&ntlm));
            let text = format!(
                "Users of {other} come to {name} by NTLM: their domain is trusted by an external trust, across which a KDC does not find the server's names."
            );
            let subject = Subject {
                host: Some(name.clone()),
                account: Some(other.clone()),
                ..Subject::default()
            };
            let symptoms =
                scene.symptoms(|k| matches!(k, SymptomKind::NtlmLogons(h) if *h == host));
            let explained = symptoms
                .into_iter()
                .filter(|(_, s)| users(s).iter().all(|user| names.contains(user)))
                .map(|(id, _)| id);
            let finding = Finding::about(subject, text)
                .structure(
                    format!("the trust with {other} is no forest trust"),
                    std::slice::from_ref(&trust.from),
                )
                .observed(
                    format!("users of {other} logged on to {name} by NTLM {count}"),
                    &few(ntlm, 3),
                )
                .contradicting(
                    format!("users of {other} come by Kerberos too"),
                    &few(kerberos, 1),
                )
                .explains(explained)
                .at_most(Status::Likely);
            out.find(finding.fix(remedy(), Vec::new()));
        }
    }
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("decide with the owners of both domains whether NTLM is good enough for these users")
            .stop_if("it is: nothing is broken, and nothing is to be changed"),
        Step::by_hand("else plan a forest trust between the two forests in place of the external one")
            .risk("a forest trust admits all domains of the other forest: selective authentication and SID filtering are to be decided first"),
    ])
    .verify(vec![Step::by_hand("klist on a client of the other domain shows krbtgt/<server's realm> and a ticket for the site")])
    .rollback(vec![Step::by_hand("make the external trust again")])
    .prevent(CAUSE.page.prevent)
}
