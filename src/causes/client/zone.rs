//! CL-01: the browser does not take the site for one of the intranet.

use super::signs::{self, Program};
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// CL-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-01",
    name: "client-site-not-in-intranet-zone",
    title: "The browser does not take the site for one of the intranet",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "Edge, Chrome and Internet Explorer send the user's credentials unasked to sites of the intranet zone only. A name with dots belongs to the internet zone until a policy says otherwise. The browser then answers the challenge with a prompt: the user types a password (and comes by NTLM or, with luck, by Kerberos), or gives up, and the log shows 401.2 and nothing after it. On the server nothing is wrong.",
        evidence: &[
            "IIS log: 401.2 of browsers that never sign in, while other clients of the same site do",
            "the same site opens without a prompt by its short name, or from a client with the policy",
            "Site to Zone Assignment List: the site, or its domain, is not in it with the value 1",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-02",
                told_apart_by: "there a policy AuthServerAllowlist is set and leaves the host out; it overrides the zone for Edge and Chrome",
            },
            LookAlike {
                cause: "NT-02",
                told_apart_by: "there no prompt appears, and the client's NTLM log has 4001",
            },
            LookAlike {
                cause: "CL-12",
                told_apart_by: "there it is a program, not a browser, and it never prompts",
            },
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there nobody at all signs in, because the site does not ask for it",
            },
        ],
        ruled_out_by: "a policy that puts the site into zone 1, or a prompt that appears by the short name as well.",
        fix: &[
            "Put the site, or its domain, into the intranet zone by policy: Site to Zone Assignment List, value 1.",
            "Restart the browser and try again.",
        ],
        verify: "No prompt; the IIS log shows 401.2 followed by 200 with the user's name.",
        rollback: "Take the entry from the list.",
        prevent: "Derive the list from the bindings of your sites; name only domains that you own.",
        blind_spots: &[
            "zones are kept on the client and are in no log: this cause is never more than possible from logs alone",
            "a user who closes the prompt and one who was never asked look the same in the log",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos failures in Internet Explorer (zones and automatic logon)"],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the zones that policy gives sites on a client that prompts",
    collect_with: "reg query \"HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\ZoneMapKey\"",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let allowed = signs::policies(scene.case, "AuthServerAllowlist");
    signs::assess_unanswered(scene, WANTED, remedy, |unanswered| {
        let browser = matches!(unanswered.program, Program::Chromium | Program::Explorer);
        let name = unanswered.subject(scene).host_name;
        // A name without dots belongs to the intranet by itself.
        let dotted = name.as_deref().is_none_or(|name| name.contains('.'));
        let others = if unanswered.others_sign_in {
            " Other clients do sign in there, so that the site itself asks as it should."
        } else {
            ""
        };
        (browser && dotted && allowed.is_empty()).then(|| format!(
            "Browsers leave the challenge of the site unanswered, as they do where a site is not in the intranet zone and the user closes the prompt.{others}"
        ))
    })
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on a client that prompts: does the site open without a prompt by its short name, or in the browser of a colleague? Then it is the zone")
            .stop_if("nobody is prompted: then another cause keeps the browser from answering"),
        Step::by_hand("in a policy for these users: Administrative Templates, Windows Components, Internet Explorer, Internet Control Panel, Security Page, Site to Zone Assignment List: add the site's name with the value 1")
            .risk("every site of an entry with a wildcard gets the users' credentials unasked: name no domain that is not yours"),
        Step::by_hand("gpupdate, restart the browser, try again"),
    ])
    .verify(vec![
        Step::by_hand("the site opens without a prompt"),
        Step::by_hand("the IIS log shows 401.2 followed by 200 with the user's name"),
    ])
    .rollback(vec![Step::by_hand("take the entry from the list")])
    .prevent(CAUSE.page.prevent)
}
