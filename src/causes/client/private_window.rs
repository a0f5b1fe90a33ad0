//! CL-04: the page is open in a private window.

use std::collections::BTreeSet;

use super::signs::{self, Program};
use crate::case::Meaning;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// CL-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-04",
    name: "client-private-window",
    title: "The page is open in a private window",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "InPrivate, incognito and guest windows of Edge and Chrome send no credentials unasked, unless the policy AmbientAuthenticationInPrivateModesEnabled says otherwise. The site that opens without a prompt in an ordinary window prompts there. It is meant so: a private window is not to tell who its user is.",
        evidence: &[
            "the prompt appears in the private window only",
            "edge://policy: AmbientAuthenticationInPrivateModesEnabled 0, or not set",
            "IIS log: the same address and browser sign in at one time and leave the challenge unanswered at another",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-02",
                told_apart_by: "there ordinary windows prompt as well",
            },
            LookAlike {
                cause: "CL-01",
                told_apart_by: "there ordinary windows prompt as well",
            },
        ],
        ruled_out_by: "a prompt in an ordinary window of the same browser, or the policy set to 1 (private) or 3 (private and guest).",
        fix: &[
            "Use an ordinary window.",
            "Where private windows must sign in: set the policy to 1.",
        ],
        verify: "The site opens without a prompt in an ordinary window.",
        rollback: "Unset the policy.",
        prevent: "Tell users: a private window has its own rules.",
        blind_spots: &["no log and no dump says that a window was private: ask the user"],
        versions: "Edge and Chrome 81 and later.",
        sources: &["Microsoft: Edge browser policy AmbientAuthenticationInPrivateModesEnabled"],
    },
    assess,
};

const VALUE: &str = "AmbientAuthenticationInPrivateModesEnabled";
const WANTED: Input = Input::Stated {
    what: "whether the prompt appears in an ordinary window too (ask the user), and the policies of the browser",
    collect_with: "reg query HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge /v AmbientAuthenticationInPrivateModesEnabled",
};

/// The values that let private windows sign in.
const PRIVATE_MAY: [u64; 2] = [1, 3];

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let policies = signs::policies(scene.case, VALUE);
    let mut forbids: Vec<Citation> = Vec::new();
    for (host, browser, set) in &policies {
        match set.value.number() {
            Some(value) if PRIVATE_MAY.contains(&value) => out.rule_out(
                format!(
                    "private windows of {} on {} may sign in",
                    signs::browser_name(*browser),
                    signs::machine_name(scene.case, *host)
                ),
                &set.from,
            ),
            _ => forbids.extend(set.from.iter().cloned()),
        }
    }
    if forbids.is_empty() {
        if out.ruled_out.is_empty() {
            out.lack(WANTED);
        }
        return out;
    }
    for unanswered in signs::unanswered(scene) {
        // The same address signs in at other times, by the same browser as far as the log tells.
        let Some(site) = scene.case.logged_site(unanswered.site) else {
            continue;
        };
        let inside: BTreeSet<&str> = site
            .read()
            .filter(|(_, _, meaning)| {
                matches!(
                    meaning,
                    Meaning::OneLeg | Meaning::TwoLegs | Meaning::SignedIn
                )
            })
            .map(|(_, exchange, _)| &*exchange.caller.client)
            .collect();
        let same = unanswered
            .clients
            .iter()
            .all(|c| inside.contains(c.as_str()));
        if unanswered.program == Program::Chromium && same {
            let explanation = "The same clients sign in at one time and leave the challenge unanswered at another, and the policy keeps private windows from signing in: such a window would look so.";
            let finding = unanswered
                .finding(scene, explanation, WANTED)
                .supporting(
                    format!("{VALUE} keeps private windows from signing in"),
                    &forbids,
                )
                .or_else("CL-01", "a user who closes a prompt looks the same");
            out.find(finding.fix(remedy(), Vec::new()));
        }
    }
    out.lack(WANTED);
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("ask the user to open the site in an ordinary window")
            .stop_if("it prompts there too: then it is another cause"),
        Step::by_hand(format!(
            "only where private windows must sign in: set {VALUE} to 1"
        ))
        .risk("sites of the intranet then know who sits at a private window"),
    ])
    .verify(vec![Step::by_hand(
        "the site opens without a prompt in an ordinary window",
    )])
    .rollback(vec![Step::by_hand("unset the policy")])
    .prevent(CAUSE.page.prevent)
}
