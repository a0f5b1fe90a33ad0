//! NAME-10: an external name, an international one, or one with a dot at its end.

use crate::causes::scene::few;
use crate::causes::spn::register;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Why};
use crate::negotiate::Stage;

/// NAME-10.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-10",
    name: "external-or-international-name",
    title: "The name is an external or an international one, and its SPN is missing or spelled otherwise",
    stage: Stage::ClientName,
    page: Page {
        mechanism: "A site is reached under a name that was made for the Internet. Inside it resolves as well (split DNS), but nobody registered an SPN for it, and browsers do not count it to the intranet, so that they prompt. Two spellings hide the gap: an international name (bücher.example) travels as xn--bcher-kva.example, and that is the SPN clients ask for, whatever was registered in its own letters; and a name typed with a dot at its end makes another SPN than the one without. The KDC compares strings: 0x7 and NTLM.",
        evidence: &[
            "NTLM 8001 or 4020, 4769 or Kerberos event 3: the very string that was asked for",
            "setspn -F -Q of that string: No such SPN found; of the other spelling: found",
            "nslookup: a public address, or a public inside and a private one from the company's own DNS",
            "users are prompted (CL-01)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-01",
                told_apart_by: "there the SPN is right, and only the zone keeps the browser from answering",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the name is an internal one",
            },
            LookAlike {
                cause: "SPN-18",
                told_apart_by: "there the registered value holds characters that are not shown",
            },
        ],
        ruled_out_by: "the string that clients ask for, letter by letter, on the account whose key opens the tickets.",
        fix: &[
            "Give the name an internal host record, so that inside it leads to the server.",
            "Register HTTP/<name> in the spelling that clients send (xn--… for an international name).",
            "Put the name into the intranet zone and the browsers' allow-lists.",
        ],
        verify: "klist get of that very string succeeds; the page opens without a prompt, from inside and, where meant, from outside.",
        rollback: "setspn -D HTTP/<name> <account>; take the zone entry back.",
        prevent: "Choose names for Kerberos inside; publish to the outside with pre-authentication.",
        blind_spots: &[
            "what a browser does with a dot at the end is not documented",
            "normalisation of letters beyond case",
        ],
        versions: "All supported versions.",
        sources: &[
            "RFC 3492 and RFC 5891 (international names)",
            "Microsoft: setspn reference",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        let spn = &unheld.spn;
        let finding: Finding = match &unheld.why {
            Why::OtherSpelling(registrations) => {
                let shown: Vec<String> = registrations.iter().map(|r| r.spn.to_string()).collect();
                let from: Vec<_> = registrations.iter().map(|r| r.from.clone()).collect();
                let dotted = spn.host().ends_with('.');
                let why = if dotted { "with a dot at its end" } else { "as international names travel" };
                let mut finding = unheld
                    .finding(scene, format!(
                        "Clients ask for {spn}, {why}; registered is {}. The KDC compares the strings and knows nobody: 0x7, and NTLM.",
                        shown.join(", ")
                    ))
                    .structure(format!("{} is registered", shown.join(", ")), &few(from, 2));
                if dotted {
                    finding = finding.at_most(Status::Likely);
                }
                finding
            }
            Why::Public(from) => unheld
                .finding(scene, format!(
                    "{} is an external name: DNS gives it a public address. Clients ask for {spn}, which nobody holds: the KDC answers 0x7, and Negotiate falls back to NTLM, after a prompt where the name is in no intranet zone.",
                    spn.host()
                ))
                .structure(format!("DNS gives {} a public address", spn.host()), from),
            _ => continue,
        };
        out.find(register(
            scene,
            finding,
            spn,
            &unheld.views,
            &[],
            CAUSE.page.prevent,
        ));
    }
    for view in scene.negotiating() {
        let Some(spn) = view.spn() else { continue };
        match view.holder() {
            Some(holder) => out.rule_out(
                format!(
                    "{spn}, as clients ask for it, is on {}",
                    scene.shown(holder.account)
                ),
                &few(holder.from.clone(), 2),
            ),
            None if view.endpoint.name.contains('.') && scene.fails(spn) => {
                out.lack(Input::Dns(view.endpoint.name.clone()))
            }
            None => {}
        }
    }
    if scene.views.is_empty() {
        out.lack(Input::ApplicationHostConfig);
    }
    out
}
