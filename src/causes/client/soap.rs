//! CL-16: a WCF or SOAP client is bound to another scheme, or expects another identity.

use super::signs::{self, Program, Unanswered};
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// CL-16.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-16",
    name: "client-soap-binding",
    title: "A WCF or SOAP client is bound to another scheme, or expects another identity",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "A WCF client answers only the scheme that its binding names: clientCredentialType Ntlm does not answer Negotiate, None answers nothing, Windows means Negotiate. And an <identity> in its endpoint decides which SPN it asks for: a wrong servicePrincipalName gets a ticket that the server cannot open, a userPrincipalName one that is not for HTTP at all. The exception names the schemes that the server offered. Browsers are not concerned.",
        evidence: &[
            "exception of the client: unauthorized with client authentication scheme …, the authentication header received was …",
            "IIS log: 401.2 and nothing after it (or 401.1) for .svc or .asmx, by one application only",
            "configuration of the client: clientCredentialType, <identity>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there browsers end on NTLM or fail as well",
            },
            LookAlike {
                cause: "CL-12",
                told_apart_by: "there the client is no WCF or SOAP client",
            },
        ],
        ruled_out_by: "a browser that fails at the same address in the same way.",
        fix: &[
            "Let the binding name Windows (Negotiate), with transport security.",
            "Take the <identity> away, or set servicePrincipalName to HTTP/<name> of the site.",
        ],
        verify: "The call succeeds; the IIS log shows 401.2 followed by 200 with the account's name.",
        rollback: "Put the client's configuration back.",
        prevent: "Test the transformations of the configuration for every environment.",
        blind_spots: &["the client's configuration is in none of these inputs"],
        versions: "WCF of the .NET Framework and its successors.",
        sources: &[
            "Microsoft: WCF transport security, clientCredentialType; service identity and authentication",
        ],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the configuration of the calling program (system.serviceModel: binding, clientCredentialType, identity), without passwords",
    collect_with: "findstr /n /i \"clientCredentialType servicePrincipalName userPrincipalName\" <program>.exe.config",
};

/// Whether the calls are those of a SOAP client.
pub(super) fn is_soap(unanswered: &Unanswered) -> bool {
    let service = |path: &String| {
        let path = path.to_lowercase();
        path.ends_with(".svc") || path.ends_with(".asmx") || path.contains(".svc/")
    };
    unanswered.program == Program::Library
        && !unanswered.paths.is_empty()
        && unanswered.paths.iter().all(service)
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unanswered in signs::unanswered(scene) {
        if is_soap(&unanswered) {
            let explanation = "A SOAP client leaves the challenge of its service unanswered: its binding names no scheme that the site offers, or none at all.";
            let finding = unanswered.finding(scene, explanation, WANTED).or_else(
                "CL-12",
                "a client that was not told to send credentials looks the same",
            );
            out.find(finding.fix(remedy(), Vec::new()));
        }
    }
    out.lack(WANTED);
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("read the exception of the client: it names the scheme that it may use and those that the server offered"),
        Step::by_hand("in the client's configuration: security mode Transport (TransportCredentialOnly without TLS), clientCredentialType Windows; no <identity>, or servicePrincipalName HTTP/<name of the site>")
            .risk("TransportCredentialOnly sends the messages in clear"),
    ])
    .verify(vec![Step::by_hand("the call succeeds, and the IIS log names the account")])
    .rollback(vec![Step::by_hand("put the client's configuration back")])
    .prevent(CAUSE.page.prevent)
}
