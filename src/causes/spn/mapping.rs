//! SPN-13: the directory does not map the class http to host any more, so that HOST/… covers no web name.

use super::repair::register;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Unheld, View, Why};
use crate::evidence::Citation;
use crate::negotiate::Stage;

/// SPN-13.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-13",
    name: "spn-mappings-altered",
    title: "HOST does not stand for HTTP in this forest any more",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A server answers to HTTP/<server> without any such SPN because the attribute sPNMappings of the forest lets HOST stand for some fifty classes, http among them. Where somebody edited that attribute and http went missing, every server's own name loses Kerberos on the same day: the KDC knows HOST/<server> and not HTTP/<server>, answers 0x7, and clients fall back to NTLM. WinRM and everything else under HTTP suffers with it.",
        evidence: &[
            "an export of CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,<forest root>: a value of sPNMappings that begins with host= and does not hold http",
            "setspn -L <server>: HOST/<server> is there; the KDC answers 0x7 for HTTP/<server> all the same",
            "the same on all servers of the forest",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-14",
                told_apart_by: "there one computer account lacks HOST values; all other servers work",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the name is an alias, which HOST never covered",
            },
        ],
        ruled_out_by: "sPNMappings holds http in its host= value, or another server's own name gets Kerberos.",
        fix: &[
            "Register HTTP/<server>, short and full, on the computer accounts that need it: that is safe and works at once.",
            "Then put http back into sPNMappings, by change control and from the list of an untouched forest of the same version.",
            "Replicate the configuration partition, purge tickets.",
        ],
        verify: "klist get HTTP/<server> succeeds on any server; Test-WSMan <server> works.",
        rollback: "setspn -D HTTP/<server> <server>.",
        prevent: "Let nobody edit sPNMappings; audit changes of the configuration partition.",
        blind_spots: &[
            "a list that was cut in print",
            "who changed it, and when, unless 5136 is audited there",
        ],
        versions: "All supported versions.",
        sources: &[
            "MS-ADTS: sPNMappings",
            "Microsoft: setspn reference (aliases of HOST)",
        ],
    },
    assess,
};

/// What the forest maps, from any machine of it.
pub(super) const MAPPINGS: Input = Input::Stated {
    what: "which classes HOST stands for in the forest (sPNMappings)",
    collect_with: "powershell -NoProfile -Command \"$c = ([ADSI]'LDAP://RootDSE').configurationNamingContext; ldifde -f spn_mappings.ldf -d ('CN=Directory Service,CN=Windows NT,CN=Services,' + $c) -p base -l sPNMappings\"",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let all = scene.unheld();
    let hit = |u: &&Unheld<'_, '_>| matches!(u.why, Why::NoMapping(_));
    let failing = all.iter().filter(hit).any(|u| scene.fails(&u.spn));
    // Every server's own name is hit: those that are seen to fail stand for them.
    for unheld in all
        .iter()
        .filter(hit)
        .filter(|u| !failing || scene.fails(&u.spn))
    {
        let Why::NoMapping(from) = &unheld.why else {
            continue;
        };
        let text = format!(
            "A computer account holds {}, but the forest does not let HOST stand for HTTP any more: the KDC answers 0x7 for {}, and Negotiate falls back to NTLM. Every server's own name is hit.",
            unheld.spn.with_class("HOST"),
            unheld.spn
        );
        let finding: Finding = unheld
            .finding(scene, text)
            .structure(
                "sPNMappings does not map http to host",
                &few(from.clone(), 1),
            )
            .supporting(
                format!("{} is held", unheld.spn.with_class("HOST")),
                &few(held_as_host(scene, &unheld.spn), 2),
            );
        out.find(register(
            scene,
            finding,
            &unheld.spn,
            &unheld.views,
            &[],
            CAUSE.page.prevent,
        ));
    }
    for view in scene.negotiating().filter(|v| v.by_host_alias()) {
        let (Some(spn), Some(host)) = (view.spn(), view.endpoint.host) else {
            continue;
        };
        let mut issued = scene.tickets(spn);
        issued.extend(scene.case.kerberos_logon(host).map(|e| e.citation.clone()));
        if !issued.is_empty() {
            out.rule_out(
                format!("Kerberos works for {spn}, which HOST covers"),
                &few(issued, 2),
            );
        }
    }
    let refused = |v: &View<'_>| {
        v.by_host_alias()
            && v.spn()
                .is_some_and(|spn| !scene.unknown_principals(spn).is_empty())
    };
    if scene.views.is_empty() || scene.negotiating().any(refused) {
        out.lack(MAPPINGS);
    }
    out
}

fn held_as_host(scene: &Scene<'_>, spn: &crate::case::Spn) -> Vec<Citation> {
    let directory = &scene.case.situation.directory;
    let holders = directory.holders(&spn.with_class("HOST"), &scene.case.accounts);
    holders.shown.into_iter().flat_map(|h| h.from).collect()
}
