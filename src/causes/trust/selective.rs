//! TR-04: selective authentication lets nobody in who is not named.

use super::crossing::{self, failed_on, refusals};
use crate::case::{HostId, Spn, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::readers::trust::Trust;
use crate::remedy::{Remedy, Step};

/// TR-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "TR-04",
    name: "selective-authentication",
    title: "Selective authentication: the user may not authenticate at this server",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A trust with selective authentication (\"authentication firewall\") admits users of the other side only to accounts on which they have the right \"Allowed to authenticate\". Kerberos checks it on the account that holds the SPN: the KDC of the resource domain refuses the ticket with KDC_ERR_POLICY (0xC). NTLM checks it on the web server's computer account: the logon fails with STATUS_AUTHENTICATION_FIREWALL_FAILED (0xC0000413), and IIS answers 401.1, sometimes 500. Password, SPN and trust are all in order. Users of the server's own forest notice nothing.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC0000413",
            "Security log of a domain controller of the web server's domain: 4769 with 0xC for the SPN, by users of the other domain",
            "Get-ADTrust: SelectiveAuthentication True; nltest /domain_trusts: crossorg among the attributes",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-07",
                told_apart_by: "there the status is 0xC000015B, a right of the machine, and it may hit users of the own domain too",
            },
            LookAlike {
                cause: "NT-06",
                told_apart_by: "there an authentication policy or silo refuses (0xC too): the domain controller logs 4820 or 4821",
            },
            LookAlike {
                cause: "TR-06",
                told_apart_by: "there nobody crosses the trust, to whatever server",
            },
        ],
        ruled_out_by: "a trust without selective authentication, or a user of the other domain who got in.",
        fix: &[
            "Decide which group of the other domain needs the site.",
            "Give that group \"Allowed to authenticate\" on the account that holds the SPN (for Kerberos) and on the computer objects of the web servers (for NTLM).",
            "Do not turn selective authentication off for one site.",
        ],
        verify: "4769 with 0x0 for a user of the other domain, and a 4624 of type 3 on the web server.",
        rollback: "Take the entry from the access lists again.",
        prevent: "Give the right to one group for all servers of an application, in the change that builds them.",
        blind_spots: &[
            "who has the right \"Allowed to authenticate\" is in no input: dsacls shows it",
        ],
        versions: "Windows Server 2003 and later.",
        sources: &[
            "Microsoft: selective authentication, \"Allowed to authenticate\"",
            "Microsoft: NTSTATUS values, STATUS_AUTHENTICATION_FIREWALL_FAILED",
        ],
    },
    assess,
};

const FIREWALL: &[u32] = &[0xC000_0413];

/// How trusts are set.
const TRUSTS: Input = Input::Stated {
    what: "the trusts of the web server's domain, with their attributes",
    collect_with: "powershell -Command \"Get-ADTrust -Filter * -Properties *\" >> %COMPUTERNAME%_trusts.txt",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let all = refusals(scene, FIREWALL);
    let mut hosts: Vec<HostId> = all.iter().map(|(host, ..)| *host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    for host in hosts {
        let from = all.iter().filter(|(h, ..)| *h == host);
        let from: Vec<_> = from.map(|(_, event, _)| event.citation.clone()).collect();
        let name = scene.case.hosts.get(host).name.clone();
        let subject = Subject {
            host: Some(name.clone()),
            ..Subject::default()
        };
        let text = format!(
            "{name} refuses users of another domain with 0xC0000413: the trust has selective authentication, and they lack the right \"Allowed to authenticate\" on {name}."
        );
        let mut finding = Finding::about(subject, text)
            .conclusive(
                format!("{name} refused network logons with 0xC0000413"),
                &few(from, 3),
            )
            .explains(
                failed_on(scene, host, FIREWALL)
                    .into_iter()
                    .map(|(id, _)| id),
            );
        let (selective, _) = listed(scene);
        for trust in selective {
            finding = finding.structure(says(trust), std::slice::from_ref(&trust.from));
        }
        finding = also_refused(scene, finding);
        if !crossing::is_web(scene.case, host) {
            finding = finding.at_most(Status::Likely);
        }
        out.find(finding.fix(remedy(&name), Vec::new()));
    }
    if out.findings.is_empty() {
        by_policy(scene, &mut out);
    }
    out
}

/// Trusts that are listed with selective authentication, and those that are listed without.
fn listed<'a>(scene: &Scene<'a>) -> (Vec<&'a Trust>, Vec<&'a Trust>) {
    let known = scene.case.domains.trusts.iter();
    let known = known.filter(|trust| !trust.selective.is_unknown());
    known.partition(|trust| matches!(&trust.selective, Known::Present(set) if set.value))
}

fn says(trust: &Trust) -> String {
    format!(
        "the trust with {} has selective authentication",
        trust.name()
    )
}

/// The KDC refused the SPN too (0xC).
fn also_refused(scene: &Scene<'_>, finding: Finding) -> Finding {
    let errors = scene.symptoms(|k| matches!(k, SymptomKind::KerberosError(_, 0xC)));
    finding.saw(errors, |count| {
        format!("the KDC refused a ticket by policy (0xC) {count}")
    })
}

/// 0xC alone: policies of accounts and silos give it too.
fn by_policy(scene: &Scene<'_>, out: &mut Assessment) {
    let (selective, open) = listed(scene);
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::KerberosError(_, 0xC))) {
        let Some(spn) = symptom.spn().map(Spn::of_key) else {
            continue;
        };
        let foreign = crosses(scene, symptom);
        if foreign == Some(false) {
            out.rule_out(
                format!("users of the server's own domain were refused {spn} by policy too"),
                &few(symptom.from.clone(), 1),
            );
            continue;
        }
        if selective.is_empty() {
            for trust in &open {
                let says = format!(
                    "the trust with {} has no selective authentication",
                    trust.name()
                );
                out.rule_out(says, std::slice::from_ref(&trust.from));
            }
            if open.is_empty() {
                out.lack(TRUSTS);
            }
            continue;
        }
        let view = scene.views.iter().find(|v| v.spn() == Some(&spn));
        let subject = Subject {
            spn: Some(spn.to_string()),
            host_name: Some(spn.host()),
            ..view.map(|v| v.subject(scene.case)).unwrap_or_default()
        };
        let text = format!(
            "The KDC refuses tickets for {spn} by policy (0xC), and a trust has selective authentication: users of the other domain lack the right \"Allowed to authenticate\" on the account that holds the name."
        );
        let mut finding = Finding::about(subject, text)
            .observed(
                format!("the KDC refused a ticket for {spn} by policy (0xC)"),
                &few(symptom.from.clone(), 3),
            )
            .explains([id]);
        for trust in &selective {
            finding = finding.structure(says(trust), std::slice::from_ref(&trust.from));
        }
        // An account's own restrictions give 0xC as well.
        finding = match foreign {
            Some(_) => finding.at_most(Status::Likely),
            None => finding.or_else(
                "NT-06",
                "an authentication policy gives 0xC as well, and the users' domain is not shown",
            ),
        };
        out.find(finding.fix(remedy(&spn.host()), Vec::new()));
    }
}

/// Whether those who were refused are of another domain than the KDC that refused them, where that is shown.
fn crosses(scene: &Scene<'_>, symptom: &crate::case::Symptom) -> Option<bool> {
    let spn = symptom.spn().map(Spn::of_key)?;
    let realms = crossing::answers(scene.case, &spn, &[0xC]);
    let (realm, _) = realms.first()?;
    let of = |name: &String| crate::case::split_name(name).0;
    let domain = symptom.principals.iter().find_map(of)?;
    let own = domain == *realm || Some(domain.as_str()) == realm.split('.').next();
    match (own, crossing::differ(scene.case, &domain, realm)) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    }
}

fn remedy(name: &str) -> Remedy {
    Remedy::of(vec![
        Step::by_hand("find out which group of the other domain needs the site, and who answers for the trust")
            .stop_if("they are not meant to get in: then this is the trust at work"),
        Step::by_hand(format!(
            "in Active Directory Users and Computers (advanced features), on the account that holds the SPN and on the computer object of {name}: Security, add that group, allow \"Allowed to authenticate\""
        ))
        .risk("members of the group can then try to authenticate at every service of that account"),
        crate::remedy::procedures::replicate(),
        Step::by_hand("let a user of the group sign in again (klist purge first)"),
    ])
    .verify(vec![
        Step::by_hand("the web server's Security log shows a 4624 of type 3 for the user, and no new 4625 with 0xC0000413"),
        Step::by_hand("a domain controller of the web server's domain logs 4769 with 0x0 for the user"),
    ])
    .rollback(vec![Step::by_hand("take the entry from the access lists again")])
    .prevent(CAUSE.page.prevent)
}
