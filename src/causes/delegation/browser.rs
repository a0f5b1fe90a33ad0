//! DG-09: the browser sends no ticket that the front end could forward.

use std::collections::BTreeSet;

use super::hop::SecondHop;
use super::repair::repaired;
use super::unconstrained::NotForwarded;
use super::{domain_of, every_hop};
use crate::case::{Browser, Sameness};
use crate::causes::client::allow_list;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::registry::Setting;

/// DG-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-09",
    name: "browser-does-not-forward",
    title: "The browser does not forward the user's ticket to the web server",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "With delegation to any service (unconstrained) the web server needs the user's own ticket-granting ticket, and only the client can send it. Windows sends it where the KDC marked the site's ticket ok-as-delegate and the program asks for it. Edge (87 and later) and Chrome ask only for hosts in the policy AuthNegotiateDelegateAllowlist, which is empty as installed; Internet Explorer asks for sites of the zones intranet and trusted sites. Otherwise the user signs in by Kerberos, and the next call of the server arrives as nobody. Constrained delegation, by list or by the back end, needs nothing of the browser.",
        evidence: &[
            "listing of the account that opens the tickets: TrustedForDelegation True, and no other way",
            "Security log of the web server: 4624 by Kerberos with impersonation level 1833 for browsers, 1840 for other programs",
            "registry or edge://policy of a client that fails: AuthNegotiateDelegateAllowlist missing or without the host",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-01",
                told_apart_by: "there the web server's account is not trusted at all, and no client succeeds",
            },
            LookAlike {
                cause: "DG-03",
                told_apart_by: "there Credential Guard runs on the client, and no program forwards the ticket",
            },
            LookAlike {
                cause: "DG-02",
                told_apart_by: "there only users fail who may not be delegated",
            },
            LookAlike {
                cause: "DG-08",
                told_apart_by: "there only users of another forest fail",
            },
        ],
        ruled_out_by: "the host in the policy of a client that fails, or logons with impersonation level 1840 from such browsers.",
        fix: &[
            "Best: replace delegation to any service by constrained delegation; the browser no longer matters.",
            "Otherwise add the host to AuthNegotiateDelegateAllowlist (and AuthServerAllowlist) for the clients, and restart the browser.",
        ],
        verify: "4624 at the web server shows impersonation level 1840 (delegation) for the user; or, with constrained delegation, 4769 with transmitted services.",
        rollback: "Take the host off the policy.",
        prevent: "Do not use unconstrained delegation for new applications.",
        blind_spots: &["which program a user came with is not in the Security log"],
        versions: "Edge 87 and later, Chrome.",
        sources: &[
            "Microsoft: Kerberos double-hop authentication with Microsoft Edge",
            "Microsoft Edge: policy AuthNegotiateDelegateAllowlist",
        ],
    },
    assess,
};

const POLICY: Input = Input::Stated {
    what: "the policies of the browser on a client that fails, from the user's own session (AuthNegotiateDelegateAllowlist says to which hosts it forwards the ticket)",
    collect_with: "(reg query HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge & reg query HKCU\\SOFTWARE\\Policies\\Microsoft\\Edge & reg query HKLM\\SOFTWARE\\Policies\\Google\\Chrome & reg query HKCU\\SOFTWARE\\Policies\\Google\\Chrome) > %COMPUTERNAME%_browser_policies.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        match NotForwarded::of(hop) {
            Some(not) => match policies(scene, &not) {
                Policies::Name(from) => out.rule_out(
                    "the browser policy of a client names the web server: the ticket is forwarded to it",
                    &few(from, 2),
                ),
                shown => out.find(finding(scene, &not, shown)),
            },
            None if hop.ways.any_service.is_true() => out.lack(POLICY),
            None if hop.ways.any_service.is_false() => {
                let from = hop.ways.any_service.present().map(|t| t.from.clone());
                out.rule_out(
                    format!(
                        "{} is not trusted for any service: nothing has to be forwarded",
                        hop.account_shown(scene)
                    ),
                    &few(from.unwrap_or_default(), 1),
                );
            }
            None => super::lack_attributes(scene, hop, out),
        }
    });
    out
}

/// What the policies of browsers say of forwarding tickets to the front end.
enum Policies {
    /// They name it.
    Name(Vec<Citation>),
    /// They do not; and whether the client is one of those that came.
    DoNotName(Vec<Citation>, bool),
    /// None is shown.
    Unknown,
}

fn policies(scene: &Scene<'_>, not: &NotForwarded<'_, '_, '_>) -> Policies {
    let case = scene.case;
    let views = not.hop.views.iter();
    let names: BTreeSet<String> = views.map(|v| v.endpoint.name.to_lowercase()).collect();
    let mut shown = Policies::Unknown;
    for (host, machine) in &case.machines {
        if Some(*host) == not.hop.front {
            continue;
        }
        let own = machine.addresses().into_iter();
        let own: Vec<String> = own.map(|address| address.value.to_string()).collect();
        let mut ips = not
            .arrivals
            .kerberos
            .iter()
            .filter_map(|(_, l)| l.ip.as_ref());
        let came = ips.any(|ip| own.contains(ip));
        // How clients are set that may be of another domain says nothing of those that came.
        let of = |host| domain_of(case, host);
        let (client, front) = (of(*host), not.hop.front.and_then(of));
        let domains = case
            .accounts
            .same_domain(client.as_deref(), front.as_deref());
        if !came && domains != Sameness::Same {
            continue;
        }
        for browser in [Browser::Edge, Browser::Chrome] {
            match machine.browser_policy(browser, "AuthNegotiateDelegateAllowlist") {
                Known::Present(list) => {
                    let Setting::Text(hosts) = &list.value else {
                        continue;
                    };
                    if names.iter().any(|name| allow_list::matches(hosts, name)) {
                        return Policies::Name(list.from);
                    }
                    shown = Policies::DoNotName(list.from, came);
                }
                Known::Absent(from) => shown = Policies::DoNotName(from, came),
                Known::Unknown => {}
            }
        }
    }
    shown
}

fn finding(scene: &Scene<'_>, not: &NotForwarded<'_, '_, '_>, shown: Policies) -> Finding {
    let hop: &SecondHop<'_, '_> = not.hop;
    let mut finding = not.finding(
        scene,
        format!(
            "{} relies on delegation to any service: the client has to forward the user's ticket, and these clients sent one that cannot be forwarded. Edge and Chrome forward it only to hosts in AuthNegotiateDelegateAllowlist, which is empty as installed. Calls to {} then arrive as nobody.",
            hop.front_shown(scene.case),
            hop.shown(scene.case)
        ),
    );
    finding.current = Current::Unknown;
    if not.with.is_empty() && matches!(shown, Policies::Unknown) {
        finding = finding
            .or_else(
                "DG-03",
                "Credential Guard on the clients keeps tickets from being forwarded as well",
            )
            .or_else("DG-02", "users who may not be delegated come so as well");
    } else if !not.with.is_empty() {
        finding = finding.supporting(
            "others came with a ticket that can be forwarded (impersonation level 1840): the server's account is in order",
            &few(not.with.clone(), 2),
        );
    }
    let finding = match shown {
        Policies::DoNotName(from, came) => {
            let says = "the policy of a client's browser does not name the web server";
            let finding = finding.structure(says, &few(from, 3));
            // A client that is not seen to come shows only how clients are set here.
            if came {
                finding
            } else {
                finding.at_most(Status::Likely)
            }
        }
        _ => finding.lacks(POLICY).at_most(Status::Likely),
    };
    repaired(scene, hop, CAUSE.page.prevent, finding)
}
