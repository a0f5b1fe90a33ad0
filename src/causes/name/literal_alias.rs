//! NAME-03: the name is a CNAME, and some clients ask for it as typed, under which nothing is registered.

use crate::case::Browser;
use crate::causes::scene::few;
use crate::causes::spn::register;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Unheld, Why,
};
use crate::evidence::Known;
use crate::negotiate::{Answer, Profile, Stage};

/// NAME-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-03",
    name: "alias-asked-as-typed",
    title: "Some clients ask for the alias itself, and only the host behind it has an SPN",
    stage: Stage::ClientName,
    page: Page {
        mechanism: "The name is a CNAME. Browsers as installed follow it and ask for a ticket for the host behind it, which has one: they get Kerberos. A client that does not follow it (Edge or Chrome with the policy DisableAuthNegotiateCnameLookup, and some HTTP stacks) asks for HTTP/<alias>. Nobody holds that, the KDC answers 0x7, and this client alone falls back to NTLM.",
        evidence: &[
            "nslookup <alias>: the answer is an alias of another name",
            "Kerberos event 3 or 4769 with 0x7, or NTLM 4020, for HTTP/<alias>, from some clients; tickets for HTTP/<host> on others",
            "the registry of those clients: Policies\\Microsoft\\Edge (or Google\\Chrome) DisableAuthNegotiateCnameLookup = 1",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NAME-02",
                told_apart_by: "there it is the other way round: the alias has its SPN, and clients ask for the host behind it",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the name is a host record: all clients fail alike",
            },
            LookAlike {
                cause: "SPN-10",
                told_apart_by: "there it is the short or the full form of one name",
            },
        ],
        ruled_out_by: "HTTP/<alias> on the account whose key opens the tickets.",
        fix: &[
            "Register HTTP/<alias> too, on the account whose key opens the tickets: then both kinds of client work.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "klist get HTTP/<alias> and klist get HTTP/<host> both succeed.",
        rollback: "setspn -D HTTP/<alias> <account>.",
        prevent: "Host records instead of CNAMEs for sites with Windows authentication, or one policy for all browsers.",
        blind_spots: &[
            "which client stack sent a request",
            "the policies of clients that are not in the bundle",
        ],
        versions: "Edge, Chrome and other Chromium browsers; HTTP stacks that do not follow aliases.",
        sources: &[
            "Chromium: policy DisableAuthNegotiateCnameLookup",
            "Microsoft: troubleshoot Kerberos failures in browsers",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        if matches!(unheld.why, Why::Literal) {
            out.findings.extend(finding(scene, &unheld));
        }
    }
    for view in scene.views.iter().filter(|v| v.endpoint.name_is_tied()) {
        let typed = view
            .others
            .iter()
            .find(|p| p.profile == Profile::LiteralName);
        match typed.and_then(|p| p.answer.as_ref()) {
            Some(Answer::Ticket { holder, .. }) => out.rule_out(
                format!(
                    "{} itself is held by {}",
                    view.endpoint.name,
                    scene.shown(holder.account)
                ),
                &few(holder.from.clone(), 2),
            ),
            Some(_) => {}
            None if view.spn().is_some_and(|spn| scene.fails(spn)) => {
                out.lack(Input::Dns(view.endpoint.name.clone()));
            }
            None => {}
        }
    }
    out
}

fn finding(scene: &Scene<'_>, unheld: &Unheld<'_, '_>) -> Option<Finding> {
    let first = unheld.views.first()?;
    let alias = scene.case.canonical_name(&first.endpoint.name)?;
    let spn = &unheld.spn;
    let text = format!(
        "{} is an alias of {}. A client that does not follow aliases asked for {spn}, which nobody holds: the KDC answers 0x7, and that client falls back to NTLM, while others get a ticket for the host behind it.",
        first.endpoint.name, alias.value
    );
    let mut finding = unheld.finding(scene, text).structure(
        format!("{} is an alias of {}", first.endpoint.name, alias.value),
        &few(alias.from.clone(), 2),
    );
    if let Some(Answer::Ticket { holder, .. }) = &first.path.answer {
        let behind = first.spn().map(ToString::to_string).unwrap_or_default();
        finding = finding.supporting(
            format!("{behind} is held by {}", scene.shown(holder.account)),
            &few(holder.from.clone(), 1),
        );
    }
    for (host, machine) in &scene.case.machines {
        for browser in [Browser::Edge, Browser::Chrome] {
            let policy = machine.browser_policy(browser, "DisableAuthNegotiateCnameLookup");
            if let Known::Present(policy) = policy
                && policy.value.number() == Some(1)
            {
                let client = &scene.case.hosts.get(*host).name;
                let says = format!("a policy keeps the browser of {client} from following aliases");
                finding = finding.structure(says, &few(policy.from, 1));
            }
        }
    }
    // An administrator who asks klist for the alias shows what would happen, not that any client does so.
    let met = scene
        .unknown_principals(spn)
        .into_iter()
        .chain(scene.ntlm_for(spn, &[None, Some(5), Some(6)]));
    if met.into_iter().all(|(_, symptom)| symptom.first.is_none()) {
        finding = finding.at_most(Status::Possible);
    }
    Some(register(
        scene,
        finding,
        spn,
        &unheld.views,
        &[],
        CAUSE.page.prevent,
    ))
}
