//! NAME-02: the name is a CNAME, and browsers ask for a ticket for the host behind it.

use crate::case::{AccountKind, Holder, Spn};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Mismatch, Page, Scene, Status, Subject, View, Why,
};
use crate::negotiate::{Acceptor, Answer, KeyMatch, Profile, Stage, acceptor_citations, lookup};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, Switch};

/// NAME-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-02",
    name: "cname-followed",
    title: "The name is a CNAME, and browsers ask for the host behind it",
    stage: Stage::ClientName,
    page: Page {
        mechanism: "Browsers resolve the name first and follow a CNAME. They ask for a ticket for the host at its end, usually HTTP/<server>, which belongs to the computer account; the SPN of the typed alias is never asked for. Where the pool's account opens tickets, it cannot open this one: KRB_AP_ERR_MODIFIED, a prompt, 401.1.",
        evidence: &[
            "nslookup <alias>: another name, with the alias under it",
            "klist of a user: a ticket for HTTP/<server>, none for HTTP/<alias>",
            "System log of a client: Kerberos event 4 for HTTP/<server>",
            "Security log of a domain controller: 4769 with status 0x0 and <SERVER>$ as ServiceName",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-06",
                told_apart_by: "there users type the server's own name, and no CNAME comes into it",
            },
            LookAlike {
                cause: "NAME-03",
                told_apart_by: "the mirror image: there clients are told not to follow the CNAME, and the alias has no SPN",
            },
        ],
        ruled_out_by: "a host record (A, AAAA) for the name.",
        fix: &[
            "Replace the CNAME by a host record for the server's address.",
            "Or keep the CNAME and let the computer account open the tickets (one server only).",
            "Turning off the CNAME lookup in every browser is the last resort.",
        ],
        verify: "After ipconfig /flushdns and klist purge: klist shows a ticket for HTTP/<alias>, and the page opens without a prompt.",
        rollback: "Put the CNAME back.",
        prevent: "Host records for every name that Kerberos is to work with.",
        blind_spots: &[
            "clients that do not follow CNAME records",
            "a DNS answer that differs from client to client",
        ],
        versions: "All supported versions; Edge and Chrome can be told not to follow (DisableAuthNegotiateCnameLookup).",
        sources: &[
            "Microsoft: Troubleshoot Kerberos failures in Internet Explorer",
            "Microsoft: DisableAuthNegotiateCnameLookup policy",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let aliased = |v: &View<'_>| {
        v.endpoint.name_is_tied()
            && v.mismatch == Some(Mismatch::FollowedAlias)
            && scene.case.canonical_name(&v.endpoint.name).is_some()
    };
    for views in scene.by_site(aliased) {
        out.findings.extend(finding(scene, &views));
    }
    for unheld in scene.unheld() {
        if matches!(unheld.why, Why::FollowedAlias) {
            let text = format!(
                "The typed name is a CNAME. Browsers ask for {}, which nobody holds, and never for the alias, which is registered: the KDC answers 0x7, and Negotiate falls back to NTLM.",
                unheld.spn
            );
            let finding = with_dns(scene, unheld.finding(scene, text), &unheld.views);
            out.find(repair(finding, &unheld.views, &unheld.spn));
        }
    }
    if out.findings.is_empty() {
        without_dns(scene, &mut out);
    }
    for view in scene.negotiating().filter(|v| v.endpoint.name_is_tied()) {
        let name = &view.endpoint.name;
        let answers: Vec<_> = scene
            .case
            .lookups
            .iter()
            .filter(|l| !l.not_found && view.endpoint.is_named(l.asked.trim_end_matches('.')))
            .map(|l| l.from.clone())
            .collect();
        if scene.case.canonical_name(name).is_none() && !answers.is_empty() {
            out.rule_out(
                format!("{name} is a host record, no CNAME"),
                &few(answers, 2),
            );
        } else if view.path.key_match == KeyMatch::Match
            && scene.case.canonical_name(name).is_some()
        {
            out.rule_out(
                format!("{name} is a CNAME, and the tickets for the host behind it can be opened"),
                &few(answers, 2),
            );
        } else if answers.is_empty() && !view.has_server_name(scene.case) {
            out.lack(Input::Dns(name.clone()));
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &[&View<'_>]) -> Option<Finding> {
    let first = views.first()?;
    let (spn, holder) = (first.spn()?, first.holder()?);
    let alias = &first.endpoint.name;
    let text = format!(
        "{alias} is a CNAME. Browsers follow it and ask for {spn}, which belongs to {}, not for HTTP/{alias}. {}, whose key opens tickets here, cannot open them: users are prompted and get 401.1.",
        scene.shown(holder.account),
        first.acceptor_shown(scene.case)
    );
    let finding = mismatch(scene, first, spn, holder, text);
    Some(repair(with_dns(scene, finding, views), views, spn))
}

/// A finding about an endpoint whose clients get tickets for another name, held by another account.
fn mismatch(
    scene: &Scene<'_>,
    view: &View<'_>,
    spn: &Spn,
    holder: &Holder,
    explanation: String,
) -> Finding {
    let owner = scene.shown(holder.account);
    let subject = Subject {
        spn: Some(spn.to_string()),
        account: Some(owner.to_owned()),
        ..view.subject(scene.case)
    };
    Finding::about(subject, explanation)
        .structure(
            format!("{spn} is held by {owner}"),
            &few(holder.from.clone(), 2),
        )
        .structure(
            format!(
                "{} accepts tickets with {}",
                view.endpoint.location(),
                view.acceptor_shown(scene.case)
            ),
            &acceptor_citations(view.endpoint),
        )
        .saw_mismatches(scene, spn)
        .saw_tickets(scene, spn)
}

/// Adds the DNS answer for each name.
fn with_dns(scene: &Scene<'_>, mut finding: Finding, views: &[&View<'_>]) -> Finding {
    for view in views {
        if let Some(canonical) = scene.case.canonical_name(&view.endpoint.name) {
            finding = finding.structure(
                format!(
                    "DNS: {} is an alias of {}",
                    view.endpoint.name, canonical.value
                ),
                &few(canonical.from.clone(), 2),
            );
        }
    }
    finding.structure.dedup();
    finding
}

/// Tickets for the server's own name were refused, although no site answers to that name: something led clients from an
/// alias to it. Without the DNS answer this stays likely at most.
fn without_dns(scene: &Scene<'_>, out: &mut Assessment) {
    let case = scene.case;
    let at_an_alias = |v: &View<'_>| {
        matches!(v.acceptor(), Some(Acceptor::Account(_)))
            && v.endpoint.name_is_tied()
            && v.path.key_match == KeyMatch::Match
            && !v.has_server_name(case)
    };
    for views in scene.by_site(at_an_alias) {
        let Some((first, host)) = views.first().and_then(|v| Some((v, v.endpoint.host?))) else {
            continue;
        };
        let answered = scene
            .views
            .iter()
            .any(|v| v.endpoint.host == Some(host) && v.has_server_name(case));
        let machine = case.hosts.get(host);
        let names = [Some(machine.name.to_lowercase()), machine.fqdn.clone()];
        for name in names.into_iter().flatten().filter(|_| !answered) {
            let spn = Spn::http(&name);
            let answer = lookup(&case.situation.directory, &case.accounts, &spn);
            let Answer::Ticket { holder, .. } = answer else {
                continue;
            };
            let by_machine = case.accounts.get(holder.account).kind == AccountKind::Computer;
            if scene.mismatches(&spn).is_empty() || !by_machine {
                continue;
            }
            let text = format!(
                "Clients got tickets for {spn} that could not be opened, although no site of the server answers to that name. {} is probably a CNAME: browsers follow it and ask for the server's ticket, which {} cannot open.",
                first.endpoint.name,
                first.acceptor_shown(case)
            );
            let finding = mismatch(scene, first, &spn, &holder, text).at_most(Status::Likely);
            out.find(repair(finding, &views, &spn));
        }
    }
}

/// A host record instead of the CNAME; or, on one server, the computer account opens the tickets.
fn repair(finding: Finding, views: &[&View<'_>], spn: &Spn) -> Finding {
    let Some(first) = views.first() else {
        return finding;
    };
    let alias = &first.endpoint.name;
    let mut fix = vec![
        Step::by_hand(format!(
            "replace the CNAME {alias} by a host record with the address of the server (or of the load balancer)"
        ))
        .stop_if(format!(
            "no HTTP/{alias} is registered on the account that opens the tickets: register it first"
        )),
        Step::by_hand("on a client: ipconfig /flushdns, once the old record's time to live is over"),
    ];
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(
            &format!("HTTP/{alias}"),
            "the account that opens the tickets",
        ))
        .rollback(vec![Step::by_hand(format!("put the CNAME {alias} back"))])
        .prevent(CAUSE.page.prevent);
    let finding = finding.fix(remedy, Vec::new());
    let literal = |v: &&&View<'_>| v.others.iter().any(|p| p.profile == Profile::LiteralName);
    if !views.iter().any(|v| literal(&v)) || !first.is_mismatch() {
        return finding;
    }
    let location = first.endpoint.location();
    let mut machine = vec![p::backup()];
    machine.extend(p::accept_with_machine(&location, first.pool_name()));
    machine.extend(p::purge_and_retest());
    let server = first.endpoint.server;
    finding.fix(
        Remedy::of(machine)
            .verify(p::verify_kerberos(spn.as_str(), "the computer account"))
            .rollback(p::accept_with_pool(&location, first.pool_name())),
        vec![
            Change::Set(
                server,
                location.clone(),
                Switch::UseAppPoolCredentials(false),
            ),
            Change::Set(server, location, Switch::UseKernelMode(true)),
        ],
    )
}
