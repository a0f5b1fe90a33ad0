//! DG-12: a proxy that signs users in by itself and gets tickets for them, to this web server.

use crate::case::{HopResult, Sameness, Spn, dn_domain, split_name};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step, commands as c};

/// DG-12.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-12",
    name: "proxy-connector-delegation",
    title: "A publishing proxy (Entra Application Proxy, WAP) cannot get tickets for its users to this site",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "A proxy that signs users in at the edge (Microsoft Entra application proxy, Web Application Proxy) has no ticket of theirs. Its connector, a member server inside, makes one: it asks the KDC for a ticket of the user to itself and then for one to HTTP/<internal name> in the user's name. For that the connector's computer account needs the site's SPN on its list with \"any authentication protocol\", or the account that holds the SPN has to name the connector; the user's name as the proxy sends it must exist inside; and at the site the ordinary rule holds: the account that holds the SPN has to open the tickets. Where one of these is missing, users from outside get an error of the proxy or a 401, and users inside work.",
        evidence: &[
            "application proxy connector log on the connector: Kerberos errors for the internal SPN",
            "Security log of a domain controller: 4769 with 0xD, 0x6 or 0x7 from the connector's address",
            "listing of the connector's computer account: msDS-AllowedToDelegateTo, TrustedToAuthForDelegation",
            "IIS log of the site: 401 for requests from the connector's address only",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NAME-07",
                told_apart_by: "there a proxy passes the users' own sign-in on, under another host name",
            },
            LookAlike {
                cause: "DG-10",
                told_apart_by: "there the connector's account may not read the groups of users (KDC event 25)",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there users inside fail too: the site cannot open anybody's ticket",
            },
        ],
        ruled_out_by: "the same application failing for users inside, who do not come through the proxy.",
        fix: &[
            "On every connector's computer account: the site's SPN on the list, with any authentication protocol; or let the SPN's holder name the connectors.",
            "Check which form of the user's name the application is set to send (user principal name, SAM name).",
            "Check at the site that the account that holds the SPN opens the tickets.",
        ],
        verify: "The connector's log shows no Kerberos error; 4769 with status 0x0 for the site's account from the connector.",
        rollback: "Write the former list back.",
        prevent: "Treat connectors as a group: every new one gets the same list before it takes traffic.",
        blind_spots: &["the connector's own log, and how the proxy maps users, are not read"],
        versions: "Web Application Proxy since Windows Server 2012 R2; Microsoft Entra application proxy.",
        sources: &[
            "Microsoft: Kerberos constrained delegation for single sign-on with application proxy",
        ],
    },
    assess,
};

const CONNECTOR_LOG: Input = Input::Stated {
    what: "the log of the proxy's connector (its Kerberos errors name the user and the SPN), from every connector",
    collect_with: "wevtutil epl \"Microsoft-AadApplicationProxy-Connector/Admin\" %COMPUTERNAME%_connector.evtx",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for connector in connectors(scene) {
        match refused_to(scene, &connector.name) {
            from if !from.is_empty() => out.find(finding(scene, &connector, &from)),
            _ => out.lack(CONNECTOR_LOG),
        }
    }
    // A machine that no configuration describes asks for tickets of users, and is refused.
    let mut strangers = scene.case.hops.iter().filter(|hop| hop.front.is_none());
    if strangers.any(|hop| matches!(hop.result, HopResult::Refused(_))) {
        out.lack(CONNECTOR_LOG);
    }
    out
}

/// A computer of another machine whose list has a site of this bundle.
struct Connector<'s, 'a> {
    /// Its account name, and its domain.
    name: (String, Option<String>),
    /// The first such site.
    view: &'s View<'a>,
    /// The entries of its list.
    from: Vec<Citation>,
}

fn connectors<'s, 'a>(scene: &'s Scene<'a>) -> Vec<Connector<'s, 'a>> {
    let case = scene.case;
    let mut found = Vec::new();
    for object in case.objects.iter() {
        let Some(sam) = object.sam.as_ref().filter(|sam| sam.ends_with('$')) else {
            continue;
        };
        let domain = object.dn.as_ref().and_then(|dn| dn_domain(&dn.value));
        let own = case.servers.iter().filter_map(|server| server.host);
        let mut own = own.map(|host| case.hosts.get(host).machine);
        if own.any(|id| case.accounts.is_named(id, sam, domain.as_deref()) == Sameness::Same) {
            continue;
        }
        let list = object
            .delegates_to
            .present()
            .map(|list| list.shown.as_slice());
        let sites: Vec<(&View<'a>, &Citation)> = list
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| {
                let spn = Spn::new(&entry.value);
                let view = scene
                    .negotiating()
                    .find(|v| v.spn().is_some_and(|s| *s == spn))?;
                Some((view, entry.from.first()?))
            })
            .collect();
        if let Some((view, _)) = sites.first() {
            found.push(Connector {
                name: (sam.value.clone(), domain),
                view,
                from: sites.iter().map(|(_, from)| (*from).clone()).collect(),
            });
        }
    }
    found
}

/// Where the KDC refused a connector tickets in users' names.
fn refused_to(scene: &Scene<'_>, (sam, domain): &(String, Option<String>)) -> Vec<Citation> {
    let all = scene.case.hops.iter().filter(|hop| {
        let asker = hop.asker.as_deref().map(split_name);
        let by_name = asker.is_some_and(|(of, name)| {
            let same = scene
                .case
                .accounts
                .same_domain(of.as_deref(), domain.as_deref());
            name.eq_ignore_ascii_case(sam) && same != Sameness::Different
        });
        by_name && matches!(hop.result, HopResult::Refused(_))
    });
    few(all.map(|hop| hop.from.clone()).collect(), 3)
}

fn finding(scene: &Scene<'_>, connector: &Connector<'_, '_>, refused: &[Citation]) -> Finding {
    let shown = connector.name.0.clone();
    let finding = Finding::about(
        Subject {
            account: Some(shown.clone()),
            ..connector.view.subject(scene.case)
        },
        format!(
            "{shown} may pass users on to this site, as the connector of a publishing proxy does, and the KDC refused it tickets in users' names. Users who come through it fail; users inside need not."
        ),
    )
    .supporting(
        format!("{shown} has the site's SPN on its list"),
        &few(connector.from.clone(), 2),
    )
    .supporting("the KDC refused it tickets in users' names", refused)
    .lacks(CONNECTOR_LOG)
    .at_most(Status::Possible);
    let remedy = Remedy::of(vec![
        Step::run(
            c::get_delegation(c::AccountKind::Computer, connector.name.0.trim_end_matches('$')),
            "note what the connector may delegate to now (keep the output)",
        ),
        Step::by_hand(
            "compare its list with the SPN in the proxy's settings of the application, and choose \"use any authentication protocol\" on it",
        )
        .risk("the connector can then be any user towards the services on its list: keep the list short"),
        Step::by_hand("compare the form of the user's name that the application is set to send with the users' names in the directory"),
    ])
    .verify(vec![Step::by_hand(
        "a user from outside opens the application, and the connector's log shows no Kerberos error",
    )])
    .rollback(vec![Step::by_hand(CAUSE.page.rollback)])
    .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
