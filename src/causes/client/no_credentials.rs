//! CL-12: the program sends no credentials.

use super::signs::{self, Program};
use super::soap::is_soap;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// CL-12.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-12",
    name: "client-program-sends-no-credentials",
    title: "The program sends no credentials",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "Programs do not answer a challenge by themselves: an HttpClient needs UseDefaultCredentials, a script its -UseDefaultCredentials, fetch and XMLHttpRequest need credentials: 'include', a SOAP client its credentials. Without that the program takes the 401 for the answer, and reports it. Nothing is wrong with the server, and a browser opens the same address.",
        evidence: &[
            "IIS log: 401.2 again and again, with the user agent of a library, and never a 401.1 or a user",
            "browsers sign in at the same address",
            "a trace or recording of the program's request: no Authorization header after the challenge",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-01",
                told_apart_by: "there it is a browser, and it prompts",
            },
            LookAlike {
                cause: "CFG-18",
                told_apart_by: "there the requests are OPTIONS: what a browser asks before a call to another site",
            },
            LookAlike {
                cause: "CL-13",
                told_apart_by: "there the program uses WinHTTP, which has a level of its own for sending credentials",
            },
            LookAlike {
                cause: "PRX-05",
                told_apart_by: "there it is the health check of a load balancer or a scanner, which needs no answer",
            },
        ],
        ruled_out_by: "an Authorization header in a trace of the program's request.",
        fix: &[
            "Find the program: address and user agent stand in the log.",
            "Let it use the credentials of its account: UseDefaultCredentials, credentials: 'include', or what its library calls it.",
            "Check that the account it runs as may use the site.",
        ],
        verify: "The IIS log shows 401.2 followed by 200 with the account's name.",
        rollback: "Undo the change in the program.",
        prevent: "A test of the program against a site with Windows authentication.",
        blind_spots: &[
            "what a program was told to send is in no log of the server: this cause is never more than possible",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: HttpClientHandler.UseDefaultCredentials; the Fetch standard: credentials mode",
        ],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "a failed-request trace of the program's request with its headers, and how it is told to authenticate",
    collect_with: "%windir%\\System32\\inetsrv\\appcmd.exe list config -section:system.webServer/tracing/traceFailedRequests",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    signs::assess_unanswered(scene, WANTED, remedy, |unanswered| {
        let others = if unanswered.others_sign_in {
            " Others sign in at the same site."
        } else {
            ""
        };
        let program = unanswered.program == Program::Library && !is_soap(unanswered);
        program.then(|| format!(
            "A program takes the challenge of the site for its answer: it sends no credentials, as programs do that were not told to.{others}"
        ))
    })
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("find the program by the address (c-ip) and the user agent of the requests")
            .stop_if("it is a health check or a scanner: then 401.2 is all it needs"),
        Step::by_hand("open the same address in a browser on that machine, as the account of the program: if that works, the server is in order"),
        Step::by_hand("in the program: send the credentials of its account (.NET: UseDefaultCredentials = true; PowerShell: -UseDefaultCredentials; scripts of pages: credentials: 'include'; curl: --negotiate -u :)"),
    ])
    .verify(vec![Step::by_hand(
        "the IIS log shows 401.2 followed by 200 with the account's name",
    )])
    .rollback(vec![Step::by_hand("undo the change in the program")])
    .prevent(CAUSE.page.prevent)
}
