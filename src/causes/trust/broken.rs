//! TR-06: the trust between the domains is broken, or points the other way.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::crossing::{self, failed_for, is_foreign_user, is_own_user, refusals, trusts};
use crate::case::{HostId, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::codes;
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event, LogonFailed};
use crate::remedy::{Remedy, Step};

/// TR-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "TR-06",
    name: "trust-broken",
    title: "The trust between the domains is broken, or points the other way",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A trust is a password that two domains share. Where they no longer agree on it (one side restored from a backup, reset on one side only), or where the trust was deleted or points the other way, no referral can be opened: Kerberos ends in 0x1F, 0x29 or 0x7 for the other realm. NTLM takes the same road, from the web server's domain to the user's, and fails as well. Users of the other domain get in nowhere on this side; users of the server's own domain notice nothing.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC000018A, 0xC000018B, 0xC000018C, 0xC000018D, 0xC0000190 or 0xC000019B for users of another domain",
            "System log of a client, or 4769: a ticket for krbtgt/<other realm> refused with 0x1F or 0x29",
            "System log of a domain controller: NETLOGON 3210 or 5719 that names the other domain",
            "Security log of a domain controller: 4707 (trust removed), 4716 (trust changed)",
            "netdom trust <this domain> /domain:<other> /verify; nltest /domain_trusts: the direction",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there the web server's own channel is broken: users of its own domain fail with the same statuses",
            },
            LookAlike {
                cause: "TR-02",
                told_apart_by: "there one suffix is not routed, and other names across the trust work",
            },
            LookAlike {
                cause: "TR-04",
                told_apart_by: "there the status is 0xC0000413",
            },
        ],
        ruled_out_by: "a trust that was verified on both sides, or a user of the other domain who got in.",
        fix: &[
            "Verify the trust from both sides (netdom trust … /verify).",
            "Make sure that the domain controllers of both sides find and reach each other.",
            "Reset the trust's password on both sides, in the same maintenance: netdom trust … /reset.",
        ],
        verify: "netdom trust … /verify succeeds on both sides, and a user of the other domain signs in.",
        rollback: "A trust's old password cannot be put back: reset it again on both sides.",
        prevent: "Watch trusts (a daily verification), and never restore the domain controllers of one side alone.",
        blind_spots: &["why the two sides disagree is in no log of the web server"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: NTSTATUS values, trust failures",
            "Microsoft: auditing of 4706, 4707 and 4716",
        ],
    },
    assess,
};

/// Statuses of logons that a trust, or a secure channel, could not carry.
const TRUST: &[u32] = &[
    0xC000_018A,
    0xC000_018B,
    0xC000_018C,
    0xC000_018D,
    0xC000_0190,
    0xC000_019B,
];
/// Kerberos errors of a referral whose key the other side does not have.
const KEYS: [u32; 2] = [0x1F, 0x29];

/// Whether the trust works.
const VERIFIED: Input = Input::Stated {
    what: "the state of the trust with the users' domain, from a domain controller of the web server's domain",
    collect_with: "netdom trust %USERDNSDOMAIN% /domain:<other domain> /verify >> %COMPUTERNAME%_trust.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    referrals(scene, &mut out);
    let refused = refusals(scene, TRUST);
    let hosts: BTreeSet<HostId> = refused.iter().map(|(host, ..)| *host).collect();
    for host in hosts {
        let here: Vec<(&Event, &LogonFailed)> = refused
            .iter()
            .filter(|(h, ..)| *h == host)
            .map(|(_, event, e)| (*event, *e))
            .collect();
        let (foreign, own): (Vec<_>, Vec<_>) = here
            .into_iter()
            .partition(|(_, e)| is_foreign_user(scene.case, host, e));
        if foreign.is_empty() {
            if let Some((event, _)) = own.iter().find(|(_, e)| is_own_user(scene.case, host, e)) {
                let says = "users of the server's own domain fail with the same status";
                out.rule_out(says, std::slice::from_ref(&event.citation));
            }
            continue;
        }
        let finding = finding(scene, host, &foreign, &own);
        out.find(finding);
    }
    if out.findings.is_empty() && !refused.is_empty() && out.ruled_out.is_empty() {
        out.lack(VERIFIED);
    }
    out
}

fn finding(
    scene: &Scene<'_>,
    host: HostId,
    foreign: &[(&Event, &LogonFailed)],
    own: &[(&Event, &LogonFailed)],
) -> Finding {
    let case = scene.case;
    let name = case.hosts.get(host).name.clone();
    let domains = crossing::domains(foreign);
    let shown: Vec<&str> = domains.iter().map(String::as_str).collect();
    let other = shown.join(", ");
    let count = foreign.iter().map(|(event, _)| event.count()).sum();
    let status = foreign.first().map(|(_, e)| crossing::code(e)).unwrap_or(0);
    let from: Vec<Citation> = foreign
        .iter()
        .map(|(event, _)| event.citation.clone())
        .collect();
    let subject = Subject {
        host: Some(name.clone()),
        ..Subject::default()
    };
    let text = format!(
        "{name} refuses users of {other} with {}: the trust between the two domains does not carry their logons.",
        codes::NTSTATUS.in_words(status)
    );
    let says = format!("{name} refused users of {other} {}", times(count));
    let mut finding = Finding::about(subject, text).observed(says, &few(from, 3));
    finding = directions(scene, host, &domains, finding);
    let first = foreign.iter().map(|(event, _)| event.time).min();
    let (removed, changed) = trust_changes(scene, host, &domains, first);
    finding = finding.structure("the trust was removed", &few(removed, 2));
    finding = finding.supporting("the trust was changed", &few(changed, 2));
    // Users of the own domain who get in show that the server's own channel works.
    let home = case.home_domain(host).unwrap_or_default();
    let of_home = |domain: &str| case.is_one_domain(domain, &home);
    let got_in: Vec<Citation> = crossing::logons(case, host)
        .filter(|(_, logon)| logon.is_ntlm() && logon.target.domain.as_deref().is_some_and(of_home))
        .map(|(event, _)| event.citation.clone())
        .collect();
    let others: Vec<Citation> = crossing::foreign_logons(case, host)
        .into_iter()
        .filter(|(d, ..)| domains.iter().any(|name| case.is_one_domain(name, d)))
        .map(|(_, event, _)| event.citation.clone())
        .collect();
    finding = finding.contradicting(
        format!("a user of {other} got in on {name}"),
        &few(others, 1),
    );
    let channel = case
        .machine(Some(host))
        .and_then(|machine| machine.channel());
    let works = channel.filter(|c| c.value == crate::case::Channel::Works);
    let sound: Vec<Citation> = got_in
        .into_iter()
        .chain(works.map(|c| c.from).unwrap_or_default())
        .collect();
    let is_sound = !sound.is_empty();
    finding = finding.supporting(
        format!("the secure channel of {name} works: users of its own domain come by NTLM, or it was tested"),
        &few(sound, 2),
    );
    if !own.is_empty() || (!is_sound && finding.structure.is_empty()) {
        finding = finding.or_else(
            "MC-01",
            "a broken secure channel of the web server gives the same statuses, and nothing shows that it works",
        );
    }
    let explained = failed_for(scene, host, TRUST, foreign);
    if !crossing::is_web(case, host) {
        finding = finding.at_most(Status::Likely);
    }
    finding.explains(explained).fix(remedy(), Vec::new())
}

/// What listings say of the direction of the trust.
fn directions(
    scene: &Scene<'_>,
    host: HostId,
    domains: &BTreeSet<String>,
    mut finding: Finding,
) -> Finding {
    let case = scene.case;
    let Some(home) = case.home_domain(host) else {
        return finding;
    };
    for domain in domains {
        for trust in trusts(case, &home, domain) {
            // From the server's side the trust must go out, from the users' side come in.
            let names_domain = [&trust.dns, &trust.netbios];
            let mut names_domain = names_domain.into_iter().flatten();
            let from_home = names_domain.any(|n| case.is_one_domain(n, domain));
            let needed = match from_home {
                true => &trust.outbound,
                false => &trust.inbound,
            };
            if let Known::Present(there) = needed
                && !there.value
            {
                let says = format!(
                    "the trust with {domain} does not let its users in here: it has the other direction only"
                );
                finding = finding.structure(says, &few(there.from.clone(), 1));
            }
        }
    }
    finding
}

/// The trust with one of these domains, removed and changed (4707, 4716) before the first refusal: what controllers of
/// either side wrote.
fn trust_changes(
    scene: &Scene<'_>,
    host: HostId,
    domains: &BTreeSet<String>,
    first: Option<Timestamp>,
) -> (Vec<Citation>, Vec<Citation>) {
    let case = scene.case;
    let home = case.home_domain(host).unwrap_or_default();
    let foreign = |name: &str| domains.iter().any(|d| case.is_one_domain(d, name));
    let (mut removed, mut changed) = (Vec::new(), Vec::new());
    for event in &case.events {
        let (Body::Other(fields), 4707 | 4716) = (&event.body, event.id) else {
            continue;
        };
        let name = fields.text("DomainName").unwrap_or_default();
        let writer = event.domain();
        // Each side's controllers write of the other.
        let of_this = match foreign(&name) {
            true => writer.is_none_or(|w| case.is_one_domain(&w, &home)),
            false => case.is_one_domain(&name, &home) && writer.is_some_and(|w| foreign(&w)),
        };
        if !of_this || first.is_none_or(|first| event.time > first) {
            continue;
        }
        match event.id {
            4707 => removed.push(event.citation.clone()),
            _ => changed.push(event.citation.clone()),
        }
    }
    (removed, changed)
}

/// Referrals that could not be opened.
fn referrals(scene: &Scene<'_>, out: &mut Assessment) {
    let failed = scene
        .symptoms(|k| matches!(k, SymptomKind::ReferralFailed(_, code) if KEYS.contains(code)));
    for (id, symptom) in failed {
        let SymptomKind::ReferralFailed(realm, code) = &symptom.kind else {
            continue;
        };
        let realm = realm.to_uppercase();
        let subject = Subject {
            account: Some(format!("krbtgt/{realm}")),
            ..Subject::default()
        };
        let text = format!(
            "The key of the trust with {realm} is not the same on both sides: tickets that cross it are refused with {}.",
            codes::KERBEROS.in_words(*code)
        );
        let finding = Finding::about(subject, text)
            .conclusive(
                format!(
                    "a ticket for krbtgt/{realm} was refused {}",
                    times(symptom.count)
                ),
                &few(symptom.from.clone(), 3),
            )
            .explains([id]);
        out.find(finding.fix(remedy(), Vec::new()));
    }
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on a domain controller of each side: netdom trust <this domain> /domain:<other domain> /verify (keep the output)")
            .stop_if("both sides verify: this is not the cause"),
        Step::by_hand("make sure that the controllers of both sides find each other: nltest /dsgetdc:<other domain> /force")
            .stop_if("none is found: repair name resolution and the network between the domains first"),
        Step::by_hand("reset the trust's password on both sides: netdom trust <this domain> /domain:<other domain> /reset, with administrators of both domains")
            .risk("until both sides have replicated it, nobody crosses the trust"),
        Step::by_hand("where the trust is gone or points the other way: whether it should be there is for the owners of both domains to say"),
    ])
    .verify(vec![
        Step::by_hand("netdom trust … /verify succeeds on both sides"),
        Step::by_hand("a user of the other domain signs in to the site: 4624 of type 3 on the web server"),
    ])
    .rollback(vec![Step::by_hand("an old trust password cannot be put back: reset it again on both sides")])
    .prevent(CAUSE.page.prevent)
}
