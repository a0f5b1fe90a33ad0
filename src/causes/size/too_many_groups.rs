//! SZ-03: the user is in more groups than a token can hold.

use std::collections::{BTreeMap, BTreeSet};

use super::saw_large_tickets;
use crate::case::{HostId, Role, Symptom, SymptomId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// SZ-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "SZ-03",
    name: "too-many-groups-for-a-token",
    title: "The user is in more groups than a Windows token can hold (about 1,010)",
    stage: Stage::Accept,
    page: Page {
        mechanism: "The LSA builds a token from all groups of the user, nested ones and SID history included. A token holds 1,024 SIDs, about 1,010 of them for groups. Beyond that the LSA refuses the logon with 0xC000015A (too many context ids), by Kerberos, NTLM and password alike, on every machine where the groups of that machine's domain count. The web site is only where it is noticed.",
        evidence: &[
            "Security log of the web server: 4625 with status or sub-status 0xC000015A",
            "System log: LsaSrv event 6035 with the SID of the account",
            "IIS log: 401 1 1384, or 401 1 with 2147943784",
            "the same user fails at file servers and remote desktops too",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SZ-01",
                told_apart_by: "there only http.sys refuses, with 400, and the user logs on elsewhere",
            },
            LookAlike {
                cause: "AC-10",
                told_apart_by: "there the account itself is restricted (0xC000006E)",
            },
        ],
        ruled_out_by: "the same user logs on over the network to another service of the same machine.",
        fix: &[
            "List all groups, nested ones too: Get-ADUser NAME -Properties tokenGroups, or NTDSUTIL group membership evaluation.",
            "Take the user out of groups; undo circular or deep nesting; remove SID history of finished migrations.",
            "The user signs out and in again, everywhere.",
        ],
        verify: "The user logs on; whoami /groups shows fewer than 1,000 groups.",
        rollback: "Put the user back into a group that turns out to be needed.",
        prevent: "A yearly review of the largest tokens; no mail lists with security rights.",
        blind_spots: &["the groups themselves, where no listing is in the bundle"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Logging on a user account that is a member of more than 1,010 groups may fail",
            "Microsoft: NTSTATUS 0xC000015A, Win32 error 1384",
        ],
    },
    assess,
};

/// STATUS_TOO_MANY_CONTEXT_IDS, and the same as Win32 error and HRESULT.
const TOO_MANY: u32 = 0xC000_015A;
const WIN32: [u32; 2] = [1384, 0x8007_0568];

fn is_it(kind: &SymptomKind) -> bool {
    match kind {
        SymptomKind::TooManyGroups(_) => true,
        SymptomKind::LogonFailed {
            status, sub_status, ..
        } => [*status, *sub_status].contains(&TOO_MANY),
        SymptomKind::SignInFailed {
            win32: Some(code), ..
        } => WIN32.contains(code) || *code == TOO_MANY,
        _ => false,
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut hosts: BTreeMap<Option<HostId>, Vec<(SymptomId, &Symptom)>> = BTreeMap::new();
    for (id, symptom) in scene.symptoms(is_it) {
        let logged = symptom
            .logged_site()
            .and_then(|site| scene.case.logged_site(site)?.host);
        hosts
            .entry(symptom.host().or(logged))
            .or_default()
            .push((id, symptom));
    }
    for (host, symptoms) in hosts {
        out.find(finding(scene, host, symptoms));
    }
    if !scene.has_log("Security", Role::WebServer) {
        out.lack(Input::ServerSecurityLog);
    }
    for (_, symptom) in
        scene.symptoms(|k| matches!(k, SymptomKind::LogonFailed { .. }) && !is_it(k))
    {
        out.rule_out(
            "logons to the web server fail for another reason than too many groups",
            &few(symptom.from.clone(), 1),
        );
    }
    out
}

fn finding(
    scene: &Scene<'_>,
    host: Option<HostId>,
    symptoms: Vec<(SymptomId, &Symptom)>,
) -> Finding {
    let name = host.map(|host| scene.case.hosts.get(host).name.clone());
    let users: BTreeSet<String> = symptoms
        .iter()
        .flat_map(|(_, s)| s.principals.iter().cloned())
        .collect();
    let subject = Subject {
        host: name,
        account: users.first().cloned(),
        ..Subject::default()
    };
    let whom = users.first().map_or("The user", String::as_str);
    let mut finding = Finding::about(
        subject,
        format!(
            "{whom} is in more groups than a token can hold. The logon fails whatever the site, the SPN and the package."
        ),
    );
    for (id, symptom) in symptoms {
        finding = finding
            .conclusive(
                format!(
                    "the LSA could not build a token for so many groups, {} times",
                    symptom.count
                ),
                &symptom.from,
            )
            .explains([id]);
    }
    saw_large_tickets(scene, finding, |_, token| scene.is_of(token, &users))
        .fix(remedy(), Vec::new())
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("list all groups of the user, nested ones and SID history included: Get-ADUser NAME -Properties memberOf,sIDHistory, and tokenGroups of the object"),
        Step::by_hand("take the user out of groups that are not needed, and undo deep nesting")
            .risk("the user loses what those groups gave"),
        Step::by_hand("the user signs out and in again on every machine"),
    ])
    .verify(vec![Step::by_hand("the user logs on; no new 4625 with 0xC000015A")])
    .rollback(vec![Step::by_hand("put the user back into a group that turns out to be needed")])
    .prevent(CAUSE.page.prevent)
}
