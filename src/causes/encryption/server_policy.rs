//! ET-04: the server's own policy refuses the encryption type of the ticket.

use crate::case::{Case, Sameness, SymptomKind, split_name};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, View};
use crate::codes::EtypeSet;
use crate::evidence::{Citation, Cited, Known};
use crate::negotiate::{Acceptor, KeyMatch, Stage, acceptor_citations, sealing};
use crate::readers::events::Body;
use crate::remedy::commands::{self as c, AccountKind};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// ET-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-04",
    name: "server-policy-refuses-ticket-etype",
    title: "The server's policy refuses the encryption type of the ticket",
    stage: Stage::Accept,
    page: Page {
        mechanism: "The KDC seals the ticket for the right account, but with an encryption type that the web server's policy (\"Configure encryption types allowed for Kerberos\") does not allow: RC4 on a server that takes AES only, or the other way round. The server then does not use that key, and clients get KRB_AP_ERR_MODIFIED as if the SPN were on the wrong account.",
        evidence: &[
            "the account that holds the SPN is the one whose key opens tickets: nothing is wrong with the SPN",
            "System log of a client: Kerberos event 4 for HTTP/<name>",
            "Security log of a domain controller: 4769 with status 0x0 for the holder, ticket encryption type 0x17 (RC4)",
            "klist on the client: KerbTicket Encryption Type of the ticket for HTTP/<name>",
            "registry of the web server: SupportedEncryptionTypes without that type",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there the pool's password changed while the pool kept running: a recycle with the new password cures it, and the type of the ticket does not matter",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there the holder is not the account whose key opens tickets",
            },
            LookAlike {
                cause: "SPN-06",
                told_apart_by: "there the holder is the computer account, and the pool's account opens tickets",
            },
            LookAlike {
                cause: "MC-02",
                told_apart_by: "there the computer's password no longer matches its account: the secure channel fails too",
            },
        ],
        ruled_out_by: "a policy of the server that contains the ticket's encryption type.",
        fix: &[
            "Compare the server's policy with the type of the ticket.",
            "Give the account that holds the SPN AES keys: reset its password if it is older than AES in the domain, and enter the new one in the pool at once.",
            "Set msDS-SupportedEncryptionTypes of that account to 0x18 (AES).",
            "Do not allow RC4 on the server instead.",
        ],
        verify: "klist shows AES for the ticket; the client's System log shows no new Kerberos event 4.",
        rollback: "Write the old value of msDS-SupportedEncryptionTypes again; the keys stay valid.",
        prevent: "Roll out a policy of encryption types after the service accounts are ready for AES.",
        blind_spots: &[
            "without the server's policy (registry, SupportedEncryptionTypes) this finding stays possible",
        ],
        versions: "All supported versions.",
        sources: &[
            "J. Roark: Kerberos event 4 through a policy of encryption types",
            "Microsoft: KB5021131",
        ],
    },
    assess,
};

/// RC4 and DES in ticket numbers: what hardened servers no longer take.
const WEAK: &[u32] = &[0x1, 0x3, 0x17, 0x18];

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied()) {
        if scene.mismatches(&spn).is_empty() {
            continue;
        }
        let Some(view) = views.first() else { continue };
        match view.path.key_match {
            KeyMatch::Match => match_policy(scene, view, &mut out),
            KeyMatch::Mismatch { presumed: false } => {
                let held = view.holder().map(|h| h.from.clone()).unwrap_or_default();
                out.rule_out(
                    format!("{spn} is on another account than the one whose key opens tickets"),
                    &few(held, 2),
                );
            }
            // A mismatch that is only presumed belongs to the causes of the SPN.
            KeyMatch::Mismatch { presumed: true } => {}
            KeyMatch::Unknown => {
                if scene.case.etype_policy(view.endpoint.host).is_unknown() {
                    out.lack(Input::ServerEtypePolicy);
                }
            }
        }
    }
    let failed = !scene
        .symptoms(|k| matches!(k, SymptomKind::KeyMismatch(_)))
        .is_empty();
    if scene.views.is_empty() && failed {
        out.lack(Input::ApplicationHostConfig);
    }
    out
}

/// What the policy of the server allows, against the tickets for an endpoint whose key is the right one.
fn match_policy(scene: &Scene<'_>, view: &View<'_>, out: &mut Assessment) {
    let tickets = tickets(scene, view);
    let of = |wanted: &dyn Fn(u32) -> bool| -> Vec<Citation> {
        let found = tickets.iter().filter(|(etype, _)| wanted(*etype));
        found.map(|(_, from)| from.clone()).collect()
    };
    match scene.case.etype_policy(view.endpoint.host) {
        Known::Present(mask) => {
            let refused = of(&|etype| !allows(mask.value, etype));
            if !refused.is_empty() {
                out.find(finding(scene, view, &refused, Some(&mask)));
            } else if tickets.is_empty() {
                match sealed_otherwise(scene.case, view, mask.value) {
                    Some((limits, from)) => {
                        let says = format!(
                            "the KDC seals its tickets with other encryption types only: {limits}"
                        );
                        let finding =
                            finding(scene, view, &[], Some(&mask)).structure(says, &few(from, 2));
                        out.find(finding.at_most(Status::Likely));
                    }
                    None => out.lack(Input::Klist),
                }
            } else {
                out.rule_out(
                    "the policy of the server allows the encryption type of the tickets",
                    &few(mask.from, 1),
                );
            }
        }
        unset => {
            let weak = of(&|etype| WEAK.contains(&etype));
            let unknown = unset.is_unknown();
            if !weak.is_empty() {
                let finding = finding(scene, view, &weak, None);
                out.find(if unknown {
                    finding.lacks(Input::ServerEtypePolicy)
                } else {
                    finding
                });
                return;
            }
            if unknown {
                out.lack(Input::ServerEtypePolicy);
            }
            if tickets.is_empty() {
                out.lack(Input::Klist);
            }
        }
    }
}

/// What shows that the KDC seals tickets for the holder with nothing that a policy allows.
fn sealed_otherwise(case: &Case, view: &View<'_>, mask: u64) -> Option<(String, Vec<Citation>)> {
    let allowed = EtypeSet::of_bits(u32::try_from(mask & 0x1F).unwrap_or(0));
    let sealing = sealing(case, &case.situation, view.holder()?.account);
    let excluded = !sealing.limits.is_empty() && !sealing.fails() && !sealing.left.meets(allowed);
    (mask != 0 && excluded).then(|| (sealing.says(), sealing.from()))
}

/// Whether a policy allows an encryption type of a ticket. 0 is no policy.
fn allows(mask: u64, etype: u32) -> bool {
    let bit = match etype {
        0x1 => 0x1,
        0x3 => 0x2,
        0x17 | 0x18 => 0x4,
        0x11 => 0x8,
        0x12 => 0x10,
        _ => return true,
    };
    mask == 0 || mask & bit != 0
}

/// Encryption types of the tickets for the SPN of an endpoint, in caches and in the log of a domain controller.
fn tickets(scene: &Scene<'_>, view: &View<'_>) -> Vec<(u32, Citation)> {
    let (Some(spn), Some(holder)) = (view.spn(), view.holder()) else {
        return Vec::new();
    };
    let case = scene.case;
    let cached = (case.tickets.iter())
        .filter(|t| t.spn == *spn)
        .filter_map(|t| Some((t.ticket.etype_id?, t.ticket.from.clone())));
    // A successful 4769 names the holder's account, without its domain.
    let issued = case
        .pick(|b| match b {
            Body::ServiceTicketRequest(e) if e.status == Some(0) => Some(e),
            _ => None,
        })
        .filter(|(_, e)| {
            e.service_name.as_deref().is_some_and(|name| {
                let sam = split_name(name).1;
                let named = |a: &crate::case::Account| a.sam.as_deref() == Some(sam.as_str());
                case.accounts.iter().any(|(id, a)| {
                    named(a) && case.accounts.compare(id, holder.account) == Sameness::Same
                })
            })
        })
        .filter_map(|(event, e)| Some((e.ticket_etype?, event.citation.clone())));
    cached.chain(issued).collect()
}

/// `policy` is what the server allows, where the bundle shows that it refuses the tickets.
fn finding(
    scene: &Scene<'_>,
    view: &View<'_>,
    sealed: &[Citation],
    policy: Option<&Cited<u64>>,
) -> Finding {
    let case = scene.case;
    let spn = view.spn().map(ToString::to_string).unwrap_or_default();
    let holder = view.holder();
    let account = holder.map_or("", |h| scene.shown(h.account)).to_owned();
    let mut subject = view.subject(case);
    subject.account = Some(account.clone());
    let text = match policy {
        Some(mask) => format!(
            "{spn} is on the right account, and clients were told all the same that the ticket cannot be opened: it is sealed with an encryption type that the policy of the server does not allow (SupportedEncryptionTypes 0x{:x}).",
            mask.value
        ),
        None => format!(
            "{spn} is on the right account, and clients were told all the same that the ticket cannot be opened. The tickets are sealed with RC4 or DES: if the server's policy allows AES only, that is the reason."
        ),
    };
    let mut finding = Finding::about(subject, text)
        .supporting(
            format!("{spn} is held by {account}, whose key opens the tickets"),
            &few(
                holder
                    .map(|h| h.from.clone())
                    .unwrap_or_default()
                    .into_iter()
                    .chain(acceptor_citations(view.endpoint))
                    .collect(),
                4,
            ),
        )
        .supporting(
            match policy {
                Some(_) => format!("tickets for {spn} are sealed with a type that is not allowed"),
                None => format!("tickets for {spn} are sealed with RC4 or DES"),
            },
            &few(sealed.to_vec(), 3),
        );
    if let Some(mask) = policy {
        let says = "the policy of the server does not allow the encryption type of the tickets";
        finding = finding.structure(says, &few(mask.from.clone(), 1));
    }
    if let Some(spn) = view.spn() {
        finding = finding.saw_mismatches(scene, spn);
    }
    finding = match view.acceptor() {
        // The policy alone is enough: no other cause is needed.
        _ if policy.is_some() => finding,
        Some(Acceptor::Machine) => {
            finding.or_else("MC-02", "a computer password that no longer matches looks the same")
        }
        _ => finding.or_else(
            "POOL-02",
            "a password of the pool's account that changed while the pool kept running looks the same",
        ),
    };
    let name = holder.map_or_else(String::new, |h| case.accounts.get(h.account).command_name());
    if policy.is_none() {
        finding = finding.at_most(Status::Possible);
    }
    finding.fix(remedy(view, &spn, &name), Vec::new())
}

fn remedy(view: &View<'_>, spn: &str, account: &str) -> Remedy {
    let identity = c::Identity::spelled(account);
    let sam = identity.name;
    let kind = match view.acceptor() {
        Some(Acceptor::Machine) => AccountKind::Computer,
        _ if sam.ends_with('$') => AccountKind::ServiceAccount,
        _ => AccountKind::User,
    };
    let mut fix = vec![
        Step::by_hand("on the web server, read SupportedEncryptionTypes (or the policy \"Configure encryption types allowed for Kerberos\")")
            .stop_if("it contains the type of the ticket: this is not the cause"),
        Step::run(c::get_ad_account(kind, identity), format!("keep encryption types and password age of {sam}")),
        Step::by_hand(format!("if the password of {sam} is older than AES in the domain, reset it, and enter the new one in the pool at once"))
            .risk("until the pool has the new password it cannot start again"),
        Step::run(c::set_supported_etypes(kind, identity, 0x18), format!("let {sam} use AES only"))
            .risk("clients that know RC4 only get no ticket any more"),
        p::replicate(),
    ];
    fix.extend(p::purge_and_retest());
    Remedy::of(fix)
        .verify(p::verify_kerberos(spn, account))
        .rollback(vec![Step::by_hand(format!(
            "write the old value of msDS-SupportedEncryptionTypes of {sam} again"
        ))])
        .prevent(CAUSE.page.prevent)
}
