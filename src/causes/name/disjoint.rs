//! NAME-09: the suffix of the server's name is not the name of its domain, and its full name has no SPN.

use crate::causes::spn::{own_name_finding, rule_out_or_ask};
use crate::causes::{Assessment, Cause, LookAlike, Page, Scene, Why};
use crate::negotiate::Stage;

/// NAME-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-09",
    name: "disjoint-namespace",
    title: "The server's DNS suffix is not its domain, and its full name has no SPN",
    stage: Stage::ClientName,
    page: Page {
        mechanism: "The server is a member of one domain and carries another DNS suffix (web01.plant.example in corp.example). A computer may write to its own account names under its domain and under the suffixes that the domain allows (msDS-AllowedDNSSuffixes). Where the suffix is not allowed, Netlogon's attempt fails (5788, 5789): HOST/web01.plant.example is never written. Browsers ask for exactly that name, because DNS knows it, and the KDC answers 0x7: NTLM. The short name works.",
        evidence: &[
            "ipconfig /all: Primary Dns Suffix; systeminfo: Domain; they differ",
            "System log of the server after a start: NETLOGON 5788 or 5789",
            "setspn -L <server>: HOST/<server>, and none with the suffix",
            "0x7 for HTTP/<server>.<suffix>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-14",
                told_apart_by: "there the suffix is the domain's, and something else keeps the server from writing its names",
            },
            LookAlike {
                cause: "NAME-04",
                told_apart_by: "there the client completes a short name in an unexpected way; the server's own suffix is the usual one",
            },
        ],
        ruled_out_by: "HOST/<full name with the suffix> on the computer account.",
        fix: &[
            "Add the suffix to msDS-AllowedDNSSuffixes of the domain object.",
            "Let the directory write the names anew: setspn -R <server>, then restart Netlogon.",
            "Or register HTTP/<full name> on the computer account by hand, if the suffix is to stay an exception.",
        ],
        verify: "setspn -L <server> shows HOST/<full name>; klist get HTTP/<full name> succeeds; no 5788 or 5789 after a restart.",
        rollback: "Take the values away again (setspn -D), and the suffix from the list.",
        prevent: "Allow a suffix in the domain before servers get it.",
        blind_spots: &["what the domain allows (msDS-AllowedDNSSuffixes) is seldom in a bundle"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: disjoint namespace; msDS-AllowedDNSSuffixes",
            "Microsoft: NETLOGON events 5788 and 5789",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        let Why::NoHostSpn(own) = &unheld.why else {
            continue;
        };
        let Some((suffix, domain, from)) = &own.disjoint else {
            continue;
        };
        let name = &scene.case.hosts.get(own.host).name;
        let text = format!(
            "{name} belongs to {domain} and has names under {suffix}. Its account does not hold {}: the KDC answers 0x7 for it, and Negotiate falls back to NTLM; where NTLM is blocked, users get 401.",
            unheld.spn.with_class("HOST")
        );
        let finding = own_name_finding(scene, &unheld, own, text, CAUSE.page.prevent).structure(
            format!("{name} has names under {suffix}, and its domain is {domain}"),
            from,
        );
        out.find(finding);
    }
    rule_out_or_ask(scene, &mut out);
    out
}
