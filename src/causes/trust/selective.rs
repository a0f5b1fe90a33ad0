//! TR-04: selective authentication lets nobody in who is not named.

use super::crossing::{self, failed_for, refusals};
use crate::case::{Case, HostId, Spn, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::events::{Event, LogonFailed};
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
        let here = all.iter().filter(|(h, ..)| *h == host);
        let here = here.map(|(_, event, e)| (*event, *e));
        let (foreign, others): (Vec<_>, Vec<_>) =
            here.partition(|(_, e)| crossing::is_foreign_user(scene.case, host, e));
        let (own, unclear): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|(_, e)| crossing::is_own_user(scene.case, host, e));
        match (foreign.is_empty(), unclear.is_empty()) {
            (true, true) => out.rule_out(
                "those who are refused with 0xC0000413 are users of the server's own domain",
                &few(places(&own), 2),
            ),
            // Whose users they are is not shown.
            (true, false) => {
                out.find(finding(scene, host, &unclear, &own).at_most(Status::Likely));
            }
            (false, _) => out.find(finding(scene, host, &foreign, &own)),
        }
    }
    if out.findings.is_empty() {
        by_policy(scene, &mut out);
        let selective = |trust: &Trust| trust.selective.is_true();
        if scene.case.domains.trusts.iter().any(selective) {
            out.lack_all(scene.missing_server_log());
        }
    }
    out
}

type Refusal<'e> = (&'e Event, &'e LogonFailed);

fn places(refused: &[Refusal<'_>]) -> Vec<Citation> {
    let places = refused.iter().map(|(event, _)| event.citation.clone());
    places.collect()
}

/// A machine that refused these users, and users of its own domain as well.
fn finding(
    scene: &Scene<'_>,
    host: HostId,
    refused: &[Refusal<'_>],
    own: &[Refusal<'_>],
) -> Finding {
    let case = scene.case;
    let name = case.hosts.get(host).name.clone();
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
            &few(places(refused), 3),
        )
        .explains(failed_for(scene, host, FIREWALL, refused));
    let home = case.home_domain(host);
    for domain in crossing::domains(refused) {
        let (selective, _) = listed(case, home.as_deref(), Some(&domain));
        for trust in selective {
            finding = finding.structure(says(trust), std::slice::from_ref(&trust.from));
        }
    }
    finding = also_refused(scene, host, finding);
    if !own.is_empty() {
        finding = finding.or_else(
            "NT-06",
            "users of the server's own domain are refused with the same status, which no trust does",
        );
    }
    if !crossing::is_web(case, host) {
        finding = finding.at_most(Status::Likely);
    }
    finding.fix(remedy(&name), Vec::new())
}

/// The trusts of a domain with that of the users, where each is known, that are listed with selective authentication, and
/// those that are listed without.
fn listed<'a>(
    case: &'a Case,
    home: Option<&str>,
    users: Option<&str>,
) -> (Vec<&'a Trust>, Vec<&'a Trust>) {
    let between: Vec<&Trust> = match (home, users) {
        (Some(home), Some(users)) => crossing::trusts(case, home, users),
        (Some(one), None) | (None, Some(one)) => {
            let with = |trust: &&Trust| {
                let mut sides = [&trust.of, &trust.dns, &trust.netbios].into_iter();
                trust.of.is_none()
                    || sides.any(|s| s.as_deref().is_some_and(|s| case.is_one_domain(s, one)))
            };
            case.domains.trusts.iter().filter(with).collect()
        }
        (None, None) => case.domains.trusts.iter().collect(),
    };
    let known = between.into_iter().filter(|t| !t.selective.is_unknown());
    known.partition(|trust| matches!(&trust.selective, Known::Present(set) if set.value))
}

fn says(trust: &Trust) -> String {
    format!(
        "the trust with {} has selective authentication",
        trust.name()
    )
}

/// The KDC refused an SPN of the machine too (0xC).
fn also_refused(scene: &Scene<'_>, host: HostId, finding: Finding) -> Finding {
    let mut errors = scene.symptoms(|k| matches!(k, SymptomKind::KerberosError(_, 0xC)));
    errors.retain(|(_, symptom)| {
        let Some(spn) = symptom.spn().map(Spn::of_key) else {
            return false;
        };
        let serves = |v: &View<'_>| v.endpoint.host == Some(host) && v.spn() == Some(&spn);
        scene.case.hosts.find(&spn.host()) == Some(host) || scene.views.iter().any(serves)
    });
    finding.saw(errors, |count| {
        format!("the KDC refused a ticket by policy (0xC) {count}")
    })
}

/// 0xC alone: policies of accounts and silos give it too.
fn by_policy(scene: &Scene<'_>, out: &mut Assessment) {
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::KerberosError(_, 0xC))) {
        let Some(spn) = symptom.spn().map(Spn::of_key) else {
            continue;
        };
        let (domain, foreign) = crosses(scene, symptom);
        if foreign == Some(false) {
            out.rule_out(
                format!("users of the server's own domain were refused {spn} by policy too"),
                &few(symptom.from.clone(), 1),
            );
            continue;
        }
        let view = scene.views.iter().find(|v| v.spn() == Some(&spn));
        let holder = view.and_then(|v| v.holder());
        let home = holder.and_then(|h| crossing::realm_of(scene.case, h.account));
        let (selective, open) = listed(scene.case, home.as_deref(), domain.as_deref());
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

/// The domain of those who were refused, and whether it is another one than that of the KDC that refused them, where that is
/// shown.
fn crosses(scene: &Scene<'_>, symptom: &crate::case::Symptom) -> (Option<String>, Option<bool>) {
    let of = |name: &String| crate::case::split_name(name).0;
    let domain = symptom.principals.iter().find_map(of);
    let spn = symptom.spn().map(Spn::of_key);
    let answers = spn.map(|spn| crossing::answers(scene.case, &spn, &[0xC]));
    let realm = answers.and_then(|answers| answers.into_iter().next());
    let (Some(domain), Some((realm, _))) = (&domain, realm) else {
        return (domain, None);
    };
    let own = *domain == realm || Some(domain.as_str()) == realm.split('.').next();
    let crosses = match (own, crossing::differ(scene.case, domain, &realm)) {
        (true, _) => Some(false),
        (_, true) => Some(true),
        _ => None,
    };
    (Some(domain.clone()), crosses)
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
