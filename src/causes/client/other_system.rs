//! CL-15: a client that is no Windows has no ticket, or is not set up to use it.

use super::signs::{self, Program};
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// CL-15.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-15",
    name: "client-other-system",
    title: "A client that is no Windows has no ticket, or is not set up to use it",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "On macOS, Linux, iOS and Android nobody fetches a ticket by signing in, unless something was set up for it: kinit, an extension for single sign-on, a profile. A browser there must besides be told at which sites it may use tickets. Without either, the challenge stays unanswered, or a prompt leads to NTLM, which many of these browsers do not speak.",
        evidence: &[
            "IIS log: user agents of macOS, Linux, iOS or Android that leave the challenge unanswered while Windows clients sign in",
            "klist on the client: no krbtgt/<REALM>",
            "no 4768 of its user on the domain controllers",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-05",
                told_apart_by: "there it is Firefox on Windows",
            },
            LookAlike {
                cause: "CL-08",
                told_apart_by: "there the client has what it needs and reaches no domain controller",
            },
        ],
        ruled_out_by: "a ticket for HTTP/<name> in klist on that client.",
        fix: &[
            "Fetch a ticket: kinit user@REALM (in capitals), or the extension for single sign-on of macOS.",
            "Tell the browser: AuthServerAllowlist of Chrome and Edge, network.negotiate-auth.trusted-uris of Firefox.",
        ],
        verify: "klist shows HTTP/<name> after the site was opened.",
        rollback: "Take the profile away.",
        prevent: "One profile for realm, tickets and browsers, by the management of the devices.",
        blind_spots: &["what these clients are set to is in none of these inputs"],
        versions: "All.",
        sources: &["Apple: Kerberos single sign-on extension; MIT Kerberos: kinit, krb5.conf"],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the tickets of the user on a client that is no Windows",
    collect_with: "klist -e",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    signs::assess_unanswered(scene, WANTED, remedy, |unanswered| {
        let alone = unanswered.program == Program::NotWindows && unanswered.others_sign_in;
        alone.then(|| "Browsers on other systems than Windows leave the challenge of the site unanswered while others sign in: they have no ticket, or were not told to use it there.".to_owned())
    })
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on the client: klist; without krbtgt/<REALM> fetch one with kinit user@REALM, the realm in capitals")
            .stop_if("kinit finds no KDC: then DNS, or the way to port 88, is the trouble"),
        Step::by_hand("tell the browser at which sites it may use tickets: AuthServerAllowlist (Chrome, Edge), network.negotiate-auth.trusted-uris (Firefox); Safari needs nothing")
            .risk("every site of a pattern gets the users' tickets unasked"),
        Step::by_hand("for all devices: a profile with realm, single sign-on and browser settings"),
    ])
    .verify(vec![Step::by_hand("klist shows HTTP/<name> after the site was opened")])
    .rollback(vec![Step::by_hand("take the profile away")])
    .prevent(CAUSE.page.prevent)
}
