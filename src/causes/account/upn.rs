//! AC-11: the user principal name is not found.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Case, HostId, Noise, Role, SymptomKind};
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::user::{Granted, Named};
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::remedy::{Remedy, Step};

/// AC-11.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-11",
    name: "account-upn-not-found",
    title: "The user principal name is not found",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A user who signs in as user@suffix is looked up by that name. A suffix that no domain of the forest has, or that a trust does not route, a name that two accounts share, or a mistyped one is answered 0x6: no ticket-granting ticket, and so no ticket for any site. NTLM with the same name fails in the same way. The old form DOMAIN\\user of the same person works, which is what tells it.",
        evidence: &[
            "Security log of a domain controller: 4768 with 0x6 for a name with @",
            "System log of a domain controller: KDC 11 for a user principal name: two accounts have it",
            "Security log of the web server: 4625 of type 3 with 0xC0000064 for a name with @",
            "A listing of the user whose UserPrincipalName is another one",
        ],
        look_alikes: &[LookAlike {
            cause: "AC-08",
            told_apart_by: "there the name has the form DOMAIN\\user, or no domain at all",
        }],
        ruled_out_by: "a listing in which exactly one account has this user principal name, in a domain that the client's domain trusts.",
        fix: &[
            "Look up the user's real UserPrincipalName, and sign in with that, or with DOMAIN\\user.",
            "A suffix that is missing: add it to the forest, or route it over the trust.",
            "A duplicate: give one of the accounts another name.",
        ],
        verify: "4768 with 0x0 for the user principal name.",
        rollback: "Write the old UserPrincipalName back.",
        prevent: "Let the process that creates accounts check that the name is unique; Windows Server 2012 R2 and later refuse duplicates.",
        blind_spots: &["how suffixes are routed over a trust is in no log"],
        versions: "All supported versions.",
        sources: &[super::SOURCE, "Microsoft: SPN and UPN uniqueness"],
    },
    assess,
};

/// KDC_ERR_C_PRINCIPAL_UNKNOWN and STATUS_NO_SUCH_USER.
const UNKNOWN: u32 = 0x6;
const NO_SUCH_USER: u32 = 0xC000_0064;
const WANTED: Input = Input::Stated {
    what: "the user principal name of the user who is refused, as the directory has it",
    collect_with: "Get-ADObject -LDAPFilter \"(userPrincipalName=<user@suffix>)\" -Properties userPrincipalName,sAMAccountName -Server <global catalogue>:3268",
};

/// What was refused of one name.
#[derive(Default)]
struct Refused<'a> {
    /// By domain controllers.
    kdc: Vec<&'a Event>,
    /// By web servers.
    web: Vec<&'a Event>,
    /// By machines that are none, as far as it is known.
    elsewhere: Vec<&'a Event>,
    /// The web servers.
    hosts: BTreeSet<HostId>,
}

/// What domain controllers say of names.
struct Controllers<'a> {
    /// Names that several accounts have (KDC 11), in lower case.
    duplicate: BTreeMap<String, Vec<&'a Citation>>,
    /// Tickets that were given by the account name.
    granted: Granted<'a>,
    /// The first ticket that they gave anybody.
    first: Option<&'a Citation>,
}

/// What was refused of each name. Whoever tries many names guesses, and is left out; then it is said that somebody was.
fn refused(case: &Case) -> (BTreeMap<String, Refused<'_>>, bool) {
    let mut names: BTreeMap<String, Refused<'_>> = BTreeMap::new();
    let mut left_out = false;
    for (position, event) in case.events.iter().enumerate() {
        match &event.body {
            Body::TgtRequest(e) if e.status == Some(UNKNOWN) => {
                if let Some(name) = upn(&e.client.name) {
                    names.entry(name).or_default().kdc.push(event);
                }
            }
            Body::LogonFailed(e) if e.logon_type == Some(3) => {
                let code = e.sub_status.filter(|s| *s != 0).or(e.status);
                let (Some(name), Some(NO_SUCH_USER)) = (upn(&e.target.name), code) else {
                    continue;
                };
                if case.passing.of(position) == Some(Noise::Guessing)
                    || case.passing.is_of_many_names(event, e)
                {
                    left_out = true;
                    continue;
                }
                let refused = names.entry(name).or_default();
                let host = case.hosts.find(&event.computer);
                match host.filter(|h| case.hosts.get(*h).roles.contains(&Role::WebServer)) {
                    Some(host) => {
                        refused.web.push(event);
                        refused.hosts.insert(host);
                    }
                    None => refused.elsewhere.push(event),
                }
            }
            _ => {}
        }
    }
    (names, left_out)
}

/// Citations kept of one name.
const KEPT: usize = 3;

impl<'a> Controllers<'a> {
    fn of(case: &'a Case) -> Self {
        let mut duplicate: BTreeMap<String, Vec<&'a Citation>> = BTreeMap::new();
        let named = case.pick(|body| match body {
            Body::Kdc(e) if e.id == 11 => e.name.as_deref(),
            _ => None,
        });
        for (event, name) in named {
            let places = duplicate.entry(name.to_lowercase()).or_default();
            places.push(&event.citation);
            places.truncate(KEPT);
        }
        let given = |e: &&Event| matches!(&e.body, Body::TgtRequest(t) if t.status == Some(0));
        Self {
            duplicate,
            granted: Granted::of(case, |name| !name.contains('@')),
            first: case.events.iter().find(given).map(|e| &e.citation),
        }
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let (names, left_out) = refused(case);
    let controllers = Controllers::of(case);
    let mut all: Vec<(&String, &Refused<'_>)> = names.iter().collect();
    // Most refused first, then by name.
    all.sort_by_key(|(_, r)| Reverse((r.web.len(), r.kdc.len(), r.elsewhere.len())));
    out.find_each(
        &all,
        |(name, refused)| Some(finding(scene, name, refused, &controllers)),
        |(name, refused)| {
            let mut events = [&refused.web, &refused.kdc, &refused.elsewhere].into_iter();
            let first = events.find_map(|events| events.first());
            (
                (*name).clone(),
                first.map(|e| e.citation.clone()).into_iter().collect(),
            )
        },
    );
    if !all.is_empty() {
        return out;
    }
    if let (Some(at), false) = (controllers.first, left_out)
        && scene.has_log("Security", Role::DomainController)
    {
        out.rule_out(
            "domain controllers refuse nobody by a user principal name, and log tickets that they give",
            std::slice::from_ref(at),
        );
    } else {
        out.lack(Input::DcSecurityLog);
    }
    out
}

/// A name of the form user@suffix, in lower case. `user@REALM` of the tickets of a domain is no typed name; 4768 has no realm there.
fn upn(name: &Option<String>) -> Option<String> {
    let name = name.as_deref()?;
    let (user, suffix) = name.split_once('@')?;
    (!user.is_empty() && !suffix.is_empty()).then(|| name.to_lowercase())
}

fn finding(
    scene: &Scene<'_>,
    name: &str,
    refused: &Refused<'_>,
    controllers: &Controllers<'_>,
) -> Finding {
    let case = scene.case;
    let (sam, suffix) = name.split_once('@').unwrap_or((name, ""));
    // A suffix that is no domain does not say which domain the user is of.
    let user = Named {
        sam: sam.to_owned(),
        domain: (case.accounts.knows_domain(suffix)).then(|| suffix.to_owned()),
    };
    let duplicate = controllers.duplicate.get(name).into_iter().flatten();
    let duplicate: Vec<Citation> = duplicate.map(|at| (*at).clone()).collect();
    let other = listed_otherwise(case, &user, name);
    let works = controllers.granted.to(&user, &case.accounts);
    let host = refused.hosts.first().filter(|_| refused.hosts.len() == 1);
    let subject = Subject {
        account: Some(name.to_owned()),
        host: host.map(|host| case.hosts.get(*host).name.clone()),
        ..Subject::default()
    };
    let mut explanation = if refused.kdc.is_empty() && duplicate.is_empty() {
        format!(
            "{name} was refused as a name that nobody has: by that user principal name no single account is found."
        )
    } else {
        format!(
            "The domain controllers find no single account with the user principal name {name}: no ticket, and NTLM with that name is refused as well."
        )
    };
    if let Some((real, _)) = other.first() {
        explanation.push_str(&format!(" The directory lists {sam} as {real}."));
    }
    let cite = |events: &[&Event]| few(events.iter().map(|e| e.citation.clone()).collect(), 3);
    let count = times_of;
    let mut finding = Finding::about(subject, explanation)
        .observed(
            format!(
                "a domain controller did not find {name}, {}",
                count(&refused.kdc)
            ),
            &cite(&refused.kdc),
        )
        .observed(
            format!(
                "the web server refused {name} as unknown, {}",
                count(&refused.web)
            ),
            &cite(&refused.web),
        )
        .supporting(
            format!(
                "a machine that nothing shows to be a web server refused {name} as unknown, {}",
                count(&refused.elsewhere)
            ),
            &cite(&refused.elsewhere),
        )
        .conclusive(
            format!("several accounts have the user principal name {name} (KDC 11)"),
            &few(duplicate, 2),
        )
        .structure(
            "the directory lists that account under another user principal name",
            &few(other.into_iter().map(|(_, at)| at).collect(), 2),
        )
        .supporting(
            format!("a domain controller gives tickets to {sam} by the account name"),
            works.map_or(&[], std::slice::from_ref),
        )
        .explains(symptoms(scene, name));
    if finding.structure.is_empty() && !finding.conclusive {
        // A mistyped name looks the same; so does one or two of them in a day.
        finding = finding.at_most(if works.is_none() {
            Status::Possible
        } else {
            Status::Likely
        });
        if works.is_none() {
            finding = finding.lacks(WANTED);
        }
    }
    if refused.web.is_empty() {
        // Whether this user wanted the site is not shown.
        finding = finding
            .at_most(Status::Possible)
            .lacks_all(scene.missing_server_log());
    }
    finding.fix(remedy(), Vec::new())
}

/// Listings of the user's account whose user principal name is another one.
fn listed_otherwise(case: &Case, user: &Named, name: &str) -> Vec<(String, Citation)> {
    let domain = user.domain.as_deref();
    let objects = case.objects.named(&case.accounts, &user.sam, domain);
    let mut others = Vec::new();
    for upn in objects.filter_map(|object| object.upn.as_ref()) {
        if upn.value.eq_ignore_ascii_case(name) {
            return Vec::new();
        }
        others.extend(upn.from.first().map(|at| (upn.value.clone(), at.clone())));
    }
    others
}

fn symptoms(scene: &Scene<'_>, name: &str) -> Vec<crate::case::SymptomId> {
    let all = scene.symptoms(|kind| {
        matches!(kind, SymptomKind::LogonFailed { status, sub_status, .. } if *status == NO_SUCH_USER || *sub_status == NO_SUCH_USER)
    });
    let mine = |p: &String| p.eq_ignore_ascii_case(name);
    all.into_iter()
        .filter(|(_, s)| !s.principals.is_empty() && s.principals.iter().all(mine))
        .map(|(id, _)| id)
        .collect()
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("look the name up in the global catalogue: Get-ADObject -LDAPFilter \"(userPrincipalName=<name>)\" -Server <global catalogue>:3268 (keep the output)"),
        Step::by_hand("let the user sign in as DOMAIN\\user meanwhile"),
        Step::by_hand("no account has the name: correct what the user or the program sends, or set the account's UserPrincipalName")
            .risk("programs and Entra know the user by the old name"),
        Step::by_hand("two accounts have it: give the one that needs it less another name"),
        Step::by_hand("the suffix belongs to another forest: enable its routing on the trust (netdom trust /namesuffixes)"),
    ])
    .verify(super::verify())
    .rollback(vec![Step::by_hand("set the UserPrincipalName to what was noted")])
    .prevent(CAUSE.page.prevent)
}
