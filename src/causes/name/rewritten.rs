//! NAME-07: a proxy asks the web server under another name than the one users type.

use std::collections::BTreeSet;

use crate::case::{LoggedSite, Meaning, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// NAME-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-07",
    name: "name-rewritten-by-proxy",
    title: "A proxy asks the web server under another name than users type",
    stage: Stage::ClientName,
    page: Page {
        mechanism: "A reverse proxy takes requests for the public name and sends them on to the web server under an inner one. Who signs in decides which SPN counts. A proxy that hands the user's own token through passes a ticket for the public name to a server that knows itself by the inner one: the public name must be on the account that opens tickets there. A proxy that signs in by itself (with delegation) asks for the inner name. Where the SPN was made for the other name, the KDC knows nobody (NTLM, which many proxies cannot carry), or the ticket cannot be opened.",
        evidence: &[
            "IIS log of the web server: the proxy as the only client, X-Forwarded-For or a user agent that is the proxy's",
            "the proxy's rules: the address or host header that it sends on (ARR: preserveHostHeader)",
            "the name in the tickets: klist of users shows the public name, klist -li 0x3e7 on the proxy the inner one",
        ],
        look_alikes: &[
            LookAlike {
                cause: "PRX-02",
                told_apart_by: "there the proxy breaks the handshake whatever the names are",
            },
            LookAlike {
                cause: "SPN-22",
                told_apart_by: "there the name is one, and stands on the account of the wrong hop",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there clients come directly",
            },
        ],
        ruled_out_by: "direct access works, and the proxy hands host header and token through untouched.",
        fix: &[
            "Draw the hops: who sends 401, under which name the next hop is asked, whose account opens the ticket.",
            "Proxy hands through: register the public name on the account that opens tickets on the web server, and keep the host header.",
            "Proxy signs in: register the inner name there, and let the proxy delegate to it.",
        ],
        verify: "4624 of type 3 with Kerberos on the web server, for requests through the proxy and for direct ones.",
        rollback: "Restore the proxy's configuration from its backup; setspn -D what was added.",
        prevent: "Write down for each published name which hop challenges.",
        blind_spots: &[
            "the rules of the proxy",
            "the name that the web server was asked under, unless its log has cs-host",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos behind ARR; preserveHostHeader"],
    },
    assess,
};

const RULES: Input = Input::Stated {
    what: "the rules of the proxy before the web server: which name it sends on, and whether it hands the Authorization header through (for ARR its applicationHost.config and web.config)",
    collect_with: "copy %windir%\\System32\\inetsrv\\config\\applicationHost.config %COMPUTERNAME%_applicationHost.config",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for site in &scene.case.logged_sites {
        out.findings.extend(finding(scene, site));
    }
    if out.findings.is_empty() {
        out.lack(RULES);
    }
    out
}

/// The one address that all users of a site come from, where several users, or several forwarded clients, do: a proxy's.
fn proxy_of(site: &LoggedSite) -> Option<&str> {
    let users = site.read().filter(|(_, _, meaning)| {
        matches!(
            meaning,
            Meaning::OneLeg | Meaning::TwoLegs | Meaning::SignedIn | Meaning::SignInFailed(..)
        )
    });
    let callers: BTreeSet<&str> = users
        .map(|(_, exchange, _)| &*exchange.caller.client)
        .collect();
    let only = callers.first().copied().filter(|_| callers.len() == 1)?;
    site.shared_addresses().contains(only).then_some(only)
}

fn finding(scene: &Scene<'_>, site: &LoggedSite) -> Option<Finding> {
    let case = scene.case;
    let host = site.host?;
    let proxy = proxy_of(site)?.to_owned();
    if case.is_at(host, &proxy) {
        return None;
    }
    // Names that clients ask for and that lead to the proxy.
    let asked = scene.symptoms(|k| {
        matches!(
            k,
            SymptomKind::PrincipalUnknown(_) | SymptomKind::KeyMismatch(_)
        )
    });
    let through: Vec<_> = asked
        .into_iter()
        .filter_map(|(id, symptom)| {
            let spn = crate::case::Spn::new(symptom.spn()?);
            let led: Vec<Citation> = case
                .lookups
                .iter()
                .filter(|l| {
                    l.asked
                        .trim_end_matches('.')
                        .eq_ignore_ascii_case(&spn.host())
                })
                .flat_map(|l| &l.addresses)
                .filter(|a| a.value == proxy)
                .flat_map(|a| a.from.clone())
                .collect();
            let bound = scene
                .views
                .iter()
                .any(|v| v.endpoint.host == Some(host) && v.endpoint.is_named(&spn.host()));
            (!led.is_empty() && !bound).then_some((id, symptom, spn, led))
        })
        .collect();
    let (id, symptom, spn, led) = through.into_iter().next()?;
    let server = &case.hosts.get(host).name;
    let subject = Subject {
        host: Some(server.clone()),
        host_name: Some(spn.host()),
        spn: Some(crate::case::Spn::of_key(&spn.key()).to_string()),
        site: site.site.clone(),
        ..Subject::default()
    };
    let from: Vec<Citation> = site
        .exchanges
        .iter()
        .flat_map(|(_, exchange)| exchange.from.clone())
        .take(2)
        .collect();
    let finding = Finding::about(
        subject,
        format!(
            "Users type {}, which leads to a proxy at {proxy}; the proxy sends their requests on to {server}, which has no such name. The ticket that they ask for is for the public name, and the account that opens tickets on {server} must hold that one.",
            spn.host()
        ),
    )
    .structure(format!("DNS leads {} to {proxy}", spn.host()), &few(led, 1))
    .observed(format!("all users of {server} come from {proxy}"), &from)
    .observed(format!("clients failed for {}", spn.host()), &symptom.from)
    .explains([id])
    .lacks(RULES)
    .at_most(Status::Likely);
    let fix = vec![
        Step::by_hand(format!("see in the proxy's rules whether it hands the Authorization header and the host header of {} through", spn.host())),
        Step::by_hand(format!("if it does: bind {} to the site on {server}, and register it on the account that opens tickets there", spn.host()))
            .stop_if("another account holds the name: settle whose it is first"),
        Step::by_hand("if it signs users in itself: register the inner name on that account, and let the proxy's account delegate to it"),
    ];
    let remedy = Remedy::of(fix)
        .verify(vec![Step::by_hand(
            "a request through the proxy gives a 4624 of type 3 with Kerberos on the web server",
        )])
        .rollback(vec![Step::by_hand(
            "restore the proxy's configuration from its backup, and take the SPN away again",
        )])
        .prevent(CAUSE.page.prevent);
    Some(finding.fix(remedy, Vec::new()))
}
