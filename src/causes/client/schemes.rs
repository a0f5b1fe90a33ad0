//! CL-03: the browser's policy forbids Negotiate.

use super::signs;
use crate::case::{Case, HostId, SymptomKind};
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::negotiate::Stage;
use crate::readers::registry::Setting;
use crate::remedy::{Remedy, Step};

/// CL-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-03",
    name: "client-schemes-lack-negotiate",
    title: "The browser's policy forbids Negotiate",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "The policy AuthSchemes lists the schemes that Edge and Chrome may answer: basic, digest, ntlm, negotiate, in small letters. Without negotiate in it the browser takes NTLM where the site offers it, and answers nothing where the site offers Negotiate alone. Every site is concerned, from these browsers only; the directory and the server are in order.",
        evidence: &[
            "edge://policy, chrome://policy or the registry: AuthSchemes without negotiate, or with a capital N",
            "IIS log: two legs (NTLM) from these clients where others need one; or 401.2 and nothing after it",
            "no ticket for HTTP/<name> in klist, and klist get HTTP/<name> works",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-03",
                told_apart_by: "there the site itself offers NTLM only, to everybody",
            },
            LookAlike {
                cause: "CL-06",
                told_apart_by: "there Integrated Windows Authentication is turned off in the Internet options",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there klist get HTTP/<name> fails as well",
            },
        ],
        ruled_out_by: "a policy that is not set, or has negotiate in it.",
        fix: &[
            "Add negotiate (in small letters) to AuthSchemes, or take the policy away.",
            "Restart the browser.",
        ],
        verify: "klist shows a ticket for HTTP/<name> after the site was opened.",
        rollback: "Set the policy to what it was.",
        prevent: "Take negotiate for granted in every baseline: ntlm is the one to give up.",
        blind_spots: &["policies of clients that are not in the bundle"],
        versions: "Edge and Chrome 77 and later.",
        sources: &["Microsoft: Edge browser policy AuthSchemes"],
    },
    assess,
};

const VALUE: &str = "AuthSchemes";
const WANTED: Input = Input::Stated {
    what: "the policies of the browser on a client that does not use Kerberos (or edge://policy, exported as JSON)",
    collect_with: "reg query HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let policies = signs::policies(case, VALUE);
    for (host, browser, set) in &policies {
        let Setting::Text(schemes) = &set.value else {
            continue;
        };
        let (machine, browser) = (
            signs::machine_name(case, *host),
            signs::browser_name(*browser),
        );
        if schemes
            .split(',')
            .any(|scheme| scheme.trim() == "negotiate")
        {
            out.rule_out(
                format!("{browser} on {machine} may use negotiate"),
                &set.from,
            );
            continue;
        }
        let subject = Subject {
            host: host.map(|host| case.hosts.get(host).name.clone()),
            ..Subject::default()
        };
        let finding = Finding::about(
            subject,
            format!("{browser} on {machine} may answer no Negotiate: it takes NTLM at every site that offers it, and nothing else."),
        )
        .structure(format!("{VALUE} of {browser} on {machine} is \"{schemes}\": negotiate is not in it"), &set.from);
        out.find(by_ntlm(scene, *host, finding).fix(remedy(), Vec::new()));
    }
    if policies.is_empty() {
        out.lack(WANTED);
    }
    out
}

/// Logons by NTLM from the client, where it is known: of all logons by NTLM they must be all, to be laid at its door.
pub(super) fn by_ntlm(scene: &Scene<'_>, client: Option<HostId>, finding: Finding) -> Finding {
    let Some(client) = client else {
        return finding;
    };
    let own = scene.clients.addresses(scene.case, client);
    let logons = scene.symptoms(|kind| matches!(kind, SymptomKind::NtlmLogons(_)));
    let mine: Vec<_> = logons
        .into_iter()
        .filter(|(_, s)| !s.clients.is_empty() && is_all(scene.case, client, &own, &s.clients))
        .collect();
    finding.saw(mine, |count| {
        format!("its users came to the web server by NTLM {count}")
    })
}

fn is_all(
    case: &Case,
    client: HostId,
    own: &std::collections::BTreeSet<String>,
    clients: &std::collections::BTreeSet<String>,
) -> bool {
    let name = &case.hosts.get(client).name;
    clients
        .iter()
        .all(|c| own.contains(&c.to_lowercase()) || c.eq_ignore_ascii_case(name))
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand(
            "note the policy as it is now (edge://policy or chrome://policy, Export to JSON)",
        ),
        Step::by_hand(format!(
            "add negotiate to {VALUE}, in small letters, or set the policy to \"Not configured\""
        )),
        Step::by_hand("gpupdate, close all windows of the browser and start it again"),
    ])
    .verify(vec![Step::by_hand(
        "the site opens, and klist in the same session shows a ticket for HTTP/<name>",
    )])
    .rollback(vec![Step::by_hand("set the policy to what was noted")])
    .prevent(CAUSE.page.prevent)
}
