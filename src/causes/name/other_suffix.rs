//! NAME-04: clients complete a short name with another DNS suffix than the one the site is known by.

use crate::causes::spn::register;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene, Why};
use crate::negotiate::Stage;

/// NAME-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-04",
    name: "short-name-other-suffix",
    title: "Clients complete the short name with another suffix",
    stage: Stage::ClientName,
    page: Page {
        mechanism: "Users type a short name. The DNS client completes it with the first suffix of its list under which a name exists, and browsers ask for a ticket for that full name. Where the list differs (a branch, a child domain, a laptop on another network), web becomes web.emea.corp.example instead of web.corp.example. DNS answers both, an SPN exists for one: some clients get Kerberos, the others 0x7 and NTLM.",
        evidence: &[
            "Kerberos event 3, 4769 with 0x7 or NTLM 4020 for HTTP/<short>.<other suffix>, from clients of one place or domain",
            "setspn -F -Q: HTTP/<short>.<usual suffix> is held",
            "nslookup <short> on a client of each kind: different full names; ipconfig /all: different suffix lists",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-10",
                told_apart_by: "there the client asks for the short name itself",
            },
            LookAlike {
                cause: "NAME-02",
                told_apart_by: "there a CNAME leads to another host name",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the name that the site has is registered nowhere",
            },
        ],
        ruled_out_by: "the same full name on every client.",
        fix: &[
            "Publish links with the full name, so that no list decides.",
            "Where short names must go on: register HTTP/<short>.<other suffix> on the same account as the usual name.",
            "Or take the extra DNS record away, if nothing else needs it.",
        ],
        verify: "klist on a client of each place shows a ticket whose name is registered.",
        rollback: "setspn -D HTTP/<short>.<other suffix> <account>.",
        prevent: "Full names in every link, bookmark and policy.",
        blind_spots: &[
            "the suffix lists of clients",
            "which name was typed: events show the completed one",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: troubleshoot Kerberos failures in browsers; DNS suffix search list"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        let Why::OtherSuffix(other) = &unheld.why else {
            continue;
        };
        let (spn, meant) = (&unheld.spn, &other.meant);
        let text = format!(
            "The site is {meant}. Some clients complete the short name to {} instead and ask for {spn}, which nobody holds: the KDC answers 0x7, and they fall back to NTLM.",
            spn.host()
        );
        let mut finding = unheld
            .finding(scene, text)
            .structure(
                format!("DNS completes the short name to {} there", spn.host()),
                &other.answers,
            )
            .supporting(format!("HTTP/{meant} is held"), &other.held);
        let views: Vec<_> = scene
            .views
            .iter()
            .filter(|v| v.endpoint.is_named(meant))
            .collect();
        if let Some(view) = views.first() {
            finding.subject.site = Some(view.endpoint.site.clone());
            finding.subject.host = Some(scene.case.server(view.endpoint).label.clone());
        }
        if !other.held.is_empty() {
            // The site's own name is right: this one is known to be another spelling of it, and not a stranger's.
            finding.at_most = None;
        }
        if other.answers.is_empty() {
            finding = finding
                .or_else(
                    "SPN-01",
                    "whether the name leads to this site, no DNS answer of the bundle shows",
                )
                .lacks(Input::Dns(spn.host()));
        }
        out.find(register(
            scene,
            finding,
            spn,
            &views,
            &[],
            CAUSE.page.prevent,
        ));
    }
    for view in scene
        .negotiating()
        .filter(|v| !v.endpoint.name.contains('.') && v.spn().is_some_and(|spn| scene.fails(spn)))
    {
        out.lack(Input::Dns(view.endpoint.name.clone()));
    }
    if scene.views.is_empty() {
        out.lack(Input::ApplicationHostConfig);
    }
    out
}
