//! CL-05: Firefox is not set up for the site.

use super::signs::{self, Program};
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// CL-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-05",
    name: "client-firefox-not-configured",
    title: "Firefox is not set up for the site",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "Firefox knows no zones: it answers Negotiate and NTLM only at the sites of its own lists (network.negotiate-auth.trusted-uris, network.automatic-ntlm-auth.trusted-uris, or the policy Authentication). Without an entry it ignores Negotiate, and prompts for NTLM at best. Edge and Chrome on the same computer sign in.",
        evidence: &[
            "IIS log: 401.2 of Firefox and nothing after it, while other browsers sign in",
            "about:policies or about:config: the site is in neither list; allow-non-fqdn matters for short names",
        ],
        look_alikes: &[LookAlike {
            cause: "CL-01",
            told_apart_by: "there Edge and Chrome prompt as well",
        }],
        ruled_out_by: "other browsers of the same computer that prompt too, or an entry that covers the site.",
        fix: &[
            "Put the site or its domain into the policy Authentication, lists SPNEGO and (where needed) NTLM.",
        ],
        verify: "The site opens in Firefox without a prompt.",
        rollback: "Take the entry away.",
        prevent: "Keep the policies of all browsers in one place.",
        blind_spots: &["the settings of Firefox are in none of these inputs"],
        versions: "All versions of Firefox.",
        sources: &[
            "Mozilla: policy Authentication and the preferences network.negotiate-auth and network.automatic-ntlm-auth",
        ],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the policy Authentication of Firefox on a client that prompts (about:policies)",
    collect_with: "type \"%ProgramFiles%\\Mozilla Firefox\\distribution\\policies.json\" & reg query HKLM\\SOFTWARE\\Policies\\Mozilla\\Firefox /s",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    signs::assess_unanswered(scene, WANTED, remedy, |unanswered| {
        // Where nobody signs in at all, Firefox is not to blame.
        let alone = unanswered.program == Program::Firefox && unanswered.others_sign_in;
        alone.then(|| "Firefox leaves the challenge of the site unanswered while other browsers sign in: it answers only at sites of its own lists.".to_owned())
    })
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("does the site open without a prompt in Edge on the same computer? Then it is Firefox"),
        Step::by_hand("in the policies of Firefox (Administrative Templates, or policies.json): Authentication, SPNEGO: add the site or its domain; AllowNonFQDN for short names")
            .risk("every site of an entry gets the users' tickets unasked: name no domain that is not yours"),
        Step::by_hand("restart Firefox; about:policies shows the policy"),
    ])
    .verify(vec![Step::by_hand("the site opens in Firefox without a prompt")])
    .rollback(vec![Step::by_hand("take the entry away")])
    .prevent(CAUSE.page.prevent)
}
