//! TR-07: a mapping of host names to realms sends the client to the wrong KDC.

use super::crossing::{differ, realm_of};
use crate::case::HostId;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// TR-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "TR-07",
    name: "host-to-realm-mapping",
    title: "A mapping of host names to realms sends the client to another realm's KDC",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A client of Windows asks its own domain for every name, unless a mapping says that a host, or all hosts below a suffix, belong to another realm (ksetup /addhosttorealmmap, the policy \"Define host name-to-Kerberos realm mappings\", the key HostToRealm). It then asks for krbtgt of that realm and for the name there. A mapping left over from a migration, or wider than it was meant, leads to a realm that does not know the name, or does not exist: 0x7 or 0x44, and Negotiate falls back to NTLM. Only machines with the mapping are hit.",
        evidence: &[
            "registry of the client: SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\HostToRealm\\<realm>, SpnMappings",
            "System log of the client: Kerberos event 3 whose server realm is that realm",
            "klist on the client: no ticket, or krbtgt/<that realm>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "TR-02",
                told_apart_by: "there every client of the forest fails, and the server realm of the error is the client's own",
            },
            LookAlike {
                cause: "NAME-05",
                told_apart_by: "there DNS leads to another server; the realm is right",
            },
        ],
        ruled_out_by: "a HostToRealm key without an entry for the host.",
        fix: &[
            "Export the key.",
            "Remove the host or suffix from the mapping (in the policy that writes it, else with ksetup /delhosttorealmmap).",
            "Restart the client, or purge its tickets.",
        ],
        verify: "klist shows the ticket for the name from the right realm.",
        rollback: "Import the exported key.",
        prevent: "Review the mappings after every migration; map hosts and not suffixes.",
        blind_spots: &["the mapping of a client is seen only where its registry was collected"],
        versions: "Windows Vista and Server 2008 and later.",
        sources: &[
            "Microsoft: ksetup addhosttorealmmap",
            "Microsoft: policy \"Define host name-to-Kerberos realm mappings\"",
        ],
    },
    assess,
};

/// The mapping of a client.
const MAPPING: Input = Input::Stated {
    what: "the mapping of host names to realms on a client that fails",
    collect_with: "reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\HostToRealm /s >> %COMPUTERNAME%_registry.txt",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let mut mapped = false;
    for (host, machine) in &case.machines {
        for mapping in machine.host_realms() {
            mapped = true;
            let (realm, hosts) = &mapping.value;
            for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied()) {
                let Some(view) = views.first() else { continue };
                if !hosts.iter().any(|entry| covers(entry, &spn.host())) {
                    continue;
                }
                let right = view.holder().and_then(|h| realm_of(case, h.account));
                let client = case.hosts.get(*host).name.clone();
                match right {
                    Some(right) if !differ(case, &right, realm) => {
                        let says =
                            format!("{client} maps {} to the realm that holds it", spn.host());
                        out.rule_out(says, &few(mapping.from.clone(), 1));
                    }
                    right => {
                        let seen = errors(scene, *host, realm);
                        let subject = Subject {
                            spn: Some(spn.to_string()),
                            ..view.subject(case)
                        };
                        let shown = realm.to_uppercase();
                        let text = format!(
                            "{client} is told that {} belongs to the realm {shown}, and asks there for its ticket. That realm does not hold the name.",
                            spn.host()
                        );
                        let mut finding = Finding::about(subject, text)
                            .structure(
                                format!("{client} maps {} to {shown} (HostToRealm)", spn.host()),
                                &few(mapping.from.clone(), 1),
                            )
                            .observed(
                                format!("{client} got a Kerberos error from {shown}"),
                                &few(seen, 3),
                            );
                        if right.is_none() {
                            finding = finding.lacks(Input::SpnQuery(spn.to_string()));
                        }
                        // Errors of this client for the name, and of the realm.
                        let errors = scene.symptoms(|k| match k {
                            crate::case::SymptomKind::ReferralFailed(r, _) => {
                                r.eq_ignore_ascii_case(realm)
                            }
                            crate::case::SymptomKind::PrincipalUnknown(s)
                            | crate::case::SymptomKind::KerberosError(s, _) => *s == spn.key(),
                            _ => false,
                        });
                        let own = errors.into_iter().filter(|(_, s)| {
                            s.clients.iter().all(|c| case.hosts.find(c) == Some(*host))
                        });
                        finding = finding.explains(own.map(|(id, _)| id));
                        out.find(finding.fix(remedy(&shown), Vec::new()));
                    }
                }
            }
        }
    }
    let failed = !scene
        .symptoms(|k| {
            use crate::case::SymptomKind as S;
            matches!(
                k,
                S::PrincipalUnknown(_) | S::KerberosError(_, 0x44) | S::ReferralFailed(..)
            )
        })
        .is_empty();
    if failed && !mapped {
        out.lack(MAPPING);
    }
    out
}

/// Whether an entry (`web.corp.example`, or `.corp.example` for all below it) covers a host.
fn covers(entry: &str, host: &str) -> bool {
    let (entry, host) = (entry.trim().to_lowercase(), host.to_lowercase());
    match entry.starts_with('.') {
        true => host.ends_with(&entry) || format!(".{host}") == entry,
        false => host == entry,
    }
}

/// Kerberos errors of a client from a realm.
fn errors(scene: &Scene<'_>, host: HostId, realm: &str) -> Vec<Citation> {
    let errors = scene.case.pick(|body| match body {
        Body::KerberosError(e) if e.code != Some(0) => Some(e),
        _ => None,
    });
    errors
        .filter(|(event, e)| {
            let named = |name: &Option<String>| {
                name.as_deref().is_some_and(|n| {
                    n.eq_ignore_ascii_case(realm)
                        || n.split('/')
                            .nth(1)
                            .is_some_and(|r| r.eq_ignore_ascii_case(realm))
                })
            };
            scene.case.hosts.find(&event.computer) == Some(host)
                && (named(&e.server_realm) || named(&e.server_name) || named(&e.target_name))
        })
        .map(|(event, _)| event.citation.clone())
        .collect()
}

fn remedy(realm: &str) -> Remedy {
    let mut fix = vec![
        Step::by_hand("on the client, keep the key: reg export HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\HostToRealm HostToRealm.reg"),
        Step::by_hand(format!(
            "find out who writes the mapping to {realm}: gpresult /h report.html (\"Define host name-to-Kerberos realm mappings\"), else it was set by hand (ksetup)"
        )),
        Step::by_hand("take the host or the suffix out of the mapping, in that policy or with ksetup /delhosttorealmmap")
            .stop_if("other hosts below the suffix do belong to that realm: map those by name first"),
        Step::by_hand("restart the client, or let it sign in anew"),
    ];
    fix.extend(p::purge_and_retest());
    Remedy::of(fix)
        .verify(vec![Step::by_hand(
            "klist on the client shows the ticket for the site, issued in the right realm",
        )])
        .rollback(vec![Step::by_hand(
            "import the kept file: reg import HostToRealm.reg",
        )])
        .prevent(CAUSE.page.prevent)
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn entries() {
        assert!(covers(".corp.example", "web.corp.example"));
        assert!(covers("Web.corp.example", "web.corp.example"));
        assert!(!covers("corp.example", "web.corp.example"));
        assert!(!covers(".corp.example", "web.mycorp.example"));
    }
}
