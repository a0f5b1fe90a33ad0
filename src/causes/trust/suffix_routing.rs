//! TR-02: the name suffix of the server is not routed across the forest trust.

use super::crossing::{answers, is_one_forest, realm_of, referral_tickets, trusts};
use crate::case::{Case, Spn};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject, View};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::domain::{NameSuffix, Routing};
use crate::readers::events::Event;
use crate::readers::trust::TrustKind;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// TR-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "TR-02",
    name: "name-suffix-not-routed",
    title: "The server's name suffix is not routed across the forest trust",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A domain controller of the user's forest does not hold the SPN. It looks at the host name's suffix: if a forest trust says that this suffix belongs to the other forest, it hands out a referral to it. A suffix that is not listed for the trust, is disabled, or is in conflict with the same suffix of another forest, leads nowhere: the controller answers 0x7, as if nobody held the name, and Negotiate falls back to NTLM. Users of the server's own forest get tickets for the same name.",
        evidence: &[
            "setspn -T <other forest> -Q HTTP/<name>: the name has a holder there",
            "System log of a client: Kerberos event 3 with 0x7, server realm = the user's own realm",
            "klist on the client: no krbtgt/<other realm>",
            "netdom trust <own domain> /namesuffixes:<other forest>: the suffix is missing, Disabled or Conflicting",
            "Security log of a domain controller: 4865 to 4867 (trusted forest information changed)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there nobody holds the name in any forest, and users of the server's forest fall back too",
            },
            LookAlike {
                cause: "SPN-15",
                told_apart_by: "there the user's forest holds the name itself, on a wrong account",
            },
            LookAlike {
                cause: "TR-03",
                told_apart_by: "there the trust is external: no name is routed across it",
            },
            LookAlike {
                cause: "TR-06",
                told_apart_by: "there names of every suffix fail",
            },
        ],
        ruled_out_by: "a suffix that covers the host and is enabled, or a referral ticket to the other realm.",
        fix: &[
            "Look at the suffixes of the trust.",
            "Enable the suffix on the side of the users (Active Directory Domains and Trusts, the trust's properties, Name Suffix Routing), or add it as a UPN suffix of the server's forest and refresh.",
            "Where it is in conflict: exclude it on the side that must not have it.",
            "Or give the site a name below a suffix that is routed, with its SPN.",
        ],
        verify: "klist shows krbtgt/<other realm> and a ticket for the name from a controller of the other forest.",
        rollback: "Set the suffix to its old state.",
        prevent: "Name sites below a suffix that every trust routes.",
        blind_spots: &["the routing is that of the day on which it was listed"],
        versions: "Forest trusts since Windows Server 2003.",
        sources: &[
            "Microsoft: Kerberos error KDC_ERR_S_PRINCIPAL_UNKNOWN across forests",
            "Microsoft: routing name suffixes across forests",
        ],
    },
    assess,
};

/// How names are routed.
const SUFFIXES: Input = Input::Stated {
    what: "the name suffixes that the forest trust routes, from the side of the users",
    collect_with: "netdom trust <users' domain> /namesuffixes:<server's forest> >> %COMPUTERNAME%_suffixes.txt",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    for (spn, views) in scene.by_spn(|_| true) {
        let Some(view) = views.first() else { continue };
        let Some((holder, held)) = view.holder().map(|h| (h.account, h.from.clone())) else {
            continue;
        };
        let Some(target) = realm_of(case, holder) else {
            continue;
        };
        let refused: Vec<(String, &Event)> = answers(case, &spn, &[0x7])
            .into_iter()
            .filter(|(realm, _)| super::crossing::differ(case, realm, &target))
            .filter(|(realm, _)| !is_one_forest(case, realm, &target))
            .collect();
        let Some((realm, _)) = refused.first().cloned() else {
            continue;
        };
        let referrals = referral_tickets(case, &target);
        if !referrals.is_empty() {
            out.rule_out(
                format!("a client has a referral to {}", target.to_uppercase()),
                &few(referrals, 1),
            );
            continue;
        }
        let listed = trusts(case, &realm, &target);
        let external = |k: TrustKind| matches!(k, TrustKind::External | TrustKind::Realm);
        if let Some(trust) = listed.iter().find(|t| t.kind.is_some_and(external)) {
            out.rule_out(
                format!("the trust with {} is no forest trust", trust.name()),
                std::slice::from_ref(&trust.from),
            );
            continue;
        }
        let told = Told {
            scene,
            spn: &spn,
            view,
            realm: &realm,
            target: &target,
            refused: refused
                .iter()
                .map(|(_, event)| event.citation.clone())
                .collect(),
            held,
        };
        let of_this = |suffix: &NameSuffix| is_about(case, suffix, &realm, &target);
        match case.domains.suffix_of(&spn.host(), of_this) {
            Some(suffix) => match &suffix.routed {
                Known::Present(routed) if routed.value == Routing::Enabled => out.rule_out(
                    format!("the suffix {} is routed", suffix.name),
                    &few(routed.from.clone(), 1),
                ),
                Known::Present(routed) => {
                    let state = match routed.value {
                        Routing::Conflicting => "in conflict with another forest",
                        _ => "disabled",
                    };
                    let says = format!("the suffix {} is {state}", suffix.name);
                    out.find(told.finding().structure(says, &few(routed.from.clone(), 1)));
                }
                _ => out.lack(SUFFIXES),
            },
            None if case.domains.suffixes.iter().any(of_this) => {
                let listed = case.domains.suffixes.iter().filter(|s| of_this(s));
                let from = listed.map(|s| s.from.clone()).collect();
                let says = format!(
                    "no suffix that is listed for the trust covers {}",
                    spn.host()
                );
                out.find(told.finding().structure(says, &few(from, 2)));
            }
            None => {
                out.lack(SUFFIXES);
                let forest = listed.iter().find(|t| t.kind == Some(TrustKind::Forest));
                if let Some(trust) = forest {
                    let finding = told
                        .finding()
                        .supporting(
                            format!("the trust with {} is a forest trust", trust.name()),
                            std::slice::from_ref(&trust.from),
                        )
                        .lacks(SUFFIXES);
                    out.find(finding);
                }
            }
        }
    }
    out
}

/// Whether a suffix is listed for the trust between the forests of the users and of the server, from the users' side. A
/// listing whose command is not shown is, unless it routes the users' own names: then it is the other side's.
fn is_about(case: &Case, suffix: &NameSuffix, users: &str, server: &str) -> bool {
    let is_of = |name: &Option<String>, domain: &str| {
        let name = name.as_deref().map(str::to_lowercase);
        name.is_none_or(|n| case.is_one_domain(&n, domain) || is_one_forest(case, &n, domain))
    };
    let unnamed = suffix.of.is_none() && suffix.trust.is_none();
    let same_listing = |other: &NameSuffix| {
        other.of.is_none() && other.trust.is_none() && other.from.artifact == suffix.from.artifact
    };
    let other_side = || unnamed && case.domains.suffix_of(users, same_listing).is_some();
    is_of(&suffix.of, users) && is_of(&suffix.trust, server) && !other_side()
}

/// What is told of one name.
struct Told<'t, 'a> {
    scene: &'t Scene<'a>,
    spn: &'t Spn,
    view: &'t View<'a>,
    realm: &'t str,
    target: &'t str,
    refused: Vec<Citation>,
    held: Vec<Citation>,
}

impl Told<'_, '_> {
    fn finding(&self) -> Finding {
        let (spn, scene) = (self.spn, self.scene);
        let (realm, target) = (self.realm.to_uppercase(), self.target.to_uppercase());
        let subject = Subject {
            spn: Some(spn.to_string()),
            ..self.view.subject(scene.case)
        };
        let text = format!(
            "{spn} is held in {target}. The KDC of {realm} does not know that the name belongs there: it answers its users 0x7 instead of a referral, and they fall back to NTLM."
        );
        let finding = Finding::about(subject, text)
            .observed(
                format!("the KDC of {realm} answered 0x7 for {spn}"),
                &few(self.refused.clone(), 3),
            )
            .supporting(
                format!("{spn} is held in {target}"),
                &few(self.held.clone(), 2),
            )
            .explains(scene.unknown_principals(spn).into_iter().map(|(id, _)| id))
            .saw_logons_of_the_refused(scene, spn, &[self.view]);
        finding.fix(self.remedy(), Vec::new())
    }

    fn remedy(&self) -> Remedy {
        let mut fix = vec![
            Step::by_hand("in the users' forest, keep the suffixes of the trust: netdom trust <users' domain> /namesuffixes:<server's forest>"),
            Step::by_hand("in the users' forest, Active Directory Domains and Trusts: the trust, Properties, Name Suffix Routing, enable the suffix (Refresh first, where it is not listed)")
                .risk("from then on every name below the suffix is looked for in the other forest")
                .stop_if("a domain of the users' own forest has names below this suffix"),
        ];
        fix.push(p::replicate());
        fix.extend(p::purge_and_retest());
        Remedy::of(fix)
            .verify(vec![
                Step::run(
                    crate::remedy::commands::klist_get(&self.spn.to_string()),
                    "in the session of a user of the other forest: the ticket comes, and klist shows a referral (krbtgt/…) before it",
                ),
            ])
            .rollback(vec![Step::by_hand("set the suffix to its old state on the same page")])
            .prevent(CAUSE.page.prevent)
    }
}
