//! SPN-03: a duplicate that an old `setspn -X` does not see, because the two spellings differ by case.

use super::repair::move_to_acceptor;
use super::two_holders::{about, observed};
use crate::case::{Holder, Spn};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene};
use crate::evidence::Citation;
use crate::negotiate::{Answer, Stage};
use crate::readers::setspn::Scope;

/// SPN-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-03",
    name: "spn-duplicate-by-case",
    title: "Two accounts hold the SPN in different case, and setspn -X does not see it",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The KDC compares SPNs without regard to case: HTTP/Web and http/web are one name. setspn -X of Windows before 10 and Server 2016 compares with regard to case and reports no duplicate. The audit looks clean while the KDC refuses the name, and clients fall back to NTLM.",
        evidence: &[
            "setspn -L or -Q of two accounts: the same name, spelled in different case",
            "setspn -X, attached: found 0 group of duplicate SPNs",
            "System log of a domain controller: KDC event 11 for the name",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-02",
                told_apart_by: "there setspn -X shows the duplicate, or was not run",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there no account holds the name in any spelling",
            },
        ],
        ruled_out_by: "one holder only, when all spellings are taken as one name.",
        fix: &[
            "Work out whose key opens tickets for the application: that account keeps the SPN.",
            "Remove the other spelling from the other account.",
            "Search again with setspn -F -X of Windows 10, Server 2016 or later.",
        ],
        verify: "setspn -F -X of a current Windows shows no group for the name; no new KDC event 11; 4624 of type 3 shows Kerberos.",
        rollback: "None needed: a second holder serves nobody. Put it back only if another working site turns out to need it.",
        prevent: "Run audits from Windows 10, Server 2016 or later.",
        blind_spots: &["whether the search was made before the second registration"],
        versions: "setspn of Windows Server 2012 R2, Windows 8.1 and earlier.",
        sources: &[
            "Microsoft: setspn reference",
            "Microsoft: SPN and UPN uniqueness",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut searched = false;
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() || v.endpoint.is_asked()) {
        let Some(view) = views.first() else { continue };
        let Some(search) = denied_by_search(scene, &spn) else {
            if let Some(Answer::Ticket { holder, .. }) = &view.path.answer {
                out.rule_out(
                    format!(
                        "every spelling of {spn} is on {}",
                        scene.shown(holder.account)
                    ),
                    &few(holder.from.clone(), 2),
                );
            }
            searched |= view.path.answer.is_some();
            continue;
        };
        let holders = holders(scene, &spn);
        let spellings = spellings(scene, &spn).join(" and ");
        let mut finding = about(scene, view.subject(scene.case), &spn, &holders)
            .structure("setspn -X reports no duplicate", &few(search, 2));
        finding.explanation = format!(
            "{} The spellings {spellings} differ by case only, which the KDC ignores and an old setspn -X does not.",
            finding.explanation
        );
        let finding = observed(scene, finding, &spn, &views, &holders);
        let accounts: Vec<_> = holders.iter().map(|h| h.account).collect();
        out.find(move_to_acceptor(
            scene,
            finding,
            &spn,
            &accounts,
            &views,
            CAUSE.page.prevent,
        ));
    }
    if searched && scene.case.situation.directory.duplicate_searches.is_empty() {
        out.lack(Input::DuplicateSearch);
    }
    out
}

/// The finished search for duplicates that denies this one: it found none, covers all holders, and they spell the name
/// in different case.
pub(super) fn denied_by_search(scene: &Scene<'_>, spn: &Spn) -> Option<Vec<Citation>> {
    let accounts = &scene.case.accounts;
    let holders = holders(scene, spn);
    if holders.len() < 2 || spellings(scene, spn).len() < holders.len() {
        return None;
    }
    scene
        .case
        .situation
        .directory
        .duplicate_searches
        .iter()
        .filter(|s| s.groups == 0)
        .find(|s| match &s.scope {
            Scope::Forest(_) => true,
            Scope::Domain(domain) => holders
                .iter()
                .all(|h| accounts.get(h.account).domain.as_ref() == Some(domain)),
            Scope::Account | Scope::Unknown => false,
        })
        .map(|s| s.from.clone())
}

fn holders(scene: &Scene<'_>, spn: &Spn) -> Vec<Holder> {
    let directory = &scene.case.situation.directory;
    directory.holders(spn, &scene.case.accounts).shown
}

/// The spellings of a name, each once.
fn spellings(scene: &Scene<'_>, spn: &Spn) -> Vec<String> {
    let registrations = &scene.case.situation.directory.registrations;
    let mut all: Vec<String> = registrations
        .iter()
        .filter(|r| r.spn == *spn)
        .map(|r| r.spn.to_string())
        .collect();
    all.sort();
    all.dedup();
    all
}
