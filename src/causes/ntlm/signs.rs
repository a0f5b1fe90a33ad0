//! What several causes of this group ask: blocked NTLM in events, settings as numbers, users who are refused with one status,
//! and whether a user is protected or restricted.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Case, HostId, Role, Spn, SymptomId, SymptomKind, split_name};
use crate::causes::Scene;
use crate::evidence::{Citation, Known};
use crate::negotiate::Outcome;
use crate::readers::events::{Body, Event, NtlmBlocked};
use crate::readers::registry::Key;

/// STATUS_NTLM_BLOCKED.
pub(super) const NTLM_BLOCKED: u32 = 0xC000_0418;
/// STATUS_ACCOUNT_RESTRICTION.
pub(super) const ACCOUNT_RESTRICTION: u32 = 0xC000_006E;

/// Events with these ids that say that NTLM was blocked, with the machine that wrote them.
pub(super) fn blocked<'a>(
    case: &'a Case,
    ids: &'a [u32],
) -> impl Iterator<Item = (HostId, &'a Event, &'a NtlmBlocked)> {
    case.pick(move |body| match body {
        Body::NtlmBlocked(e) if ids.contains(&e.id) => Some(e),
        _ => None,
    })
    .filter_map(|(event, e)| Some((case.hosts.find(&event.computer)?, event, e)))
}

/// The web servers of a case.
pub(super) fn web_servers(case: &Case) -> impl Iterator<Item = HostId> {
    let serves = |(_, host): &(HostId, &crate::case::Host)| host.roles.contains(&Role::WebServer);
    case.hosts.iter().filter(serves).map(|(id, _)| id)
}

/// A setting of the registry as a number, with its place: 0 where it is shown not to be set, `None` where nothing shows it.
pub(super) fn number(
    case: &Case,
    host: HostId,
    key: Key,
    name: &str,
) -> Option<(u64, Vec<Citation>)> {
    match case.machine(Some(host))?.setting(key, name) {
        Known::Present(setting) => Some((setting.value.number()?, setting.from)),
        Known::Absent(from) => Some((0, from)),
        Known::Unknown => None,
    }
}

/// Logons that failed on a machine with this status.
pub(super) fn failed_logons<'a>(
    scene: &Scene<'a>,
    host: HostId,
    code: u32,
) -> Vec<(SymptomId, &'a crate::case::Symptom)> {
    scene.symptoms(|kind| match kind {
        SymptomKind::LogonFailed {
            host: at,
            status,
            sub_status,
            ..
        } => {
            *at == host
                && code
                    == if *sub_status == 0 {
                        *status
                    } else {
                        *sub_status
                    }
        }
        _ => false,
    })
}

/// What the blocks on a machine are among the symptoms.
pub(super) fn block_symptoms(scene: &Scene<'_>, host: HostId, spn: Option<&str>) -> Vec<SymptomId> {
    scene
        .symptoms(|kind| match kind {
            SymptomKind::NtlmBlocked(at, target) => *at == host && target.as_deref() == spn,
            _ => false,
        })
        .into_iter()
        .map(|(id, _)| id)
        .collect()
}

/// The names on a web server whose users cannot come by Kerberos, by configuration and directory.
pub(super) fn lost_names(scene: &Scene<'_>, host: HostId) -> BTreeSet<String> {
    let lost = |outcome| matches!(outcome, Outcome::NtlmFallback | Outcome::NtlmByDesign);
    let views = scene.views.iter();
    views
        .filter(|v| v.endpoint.host == Some(host) && lost(v.path.outcome))
        .map(|v| match v.spn() {
            Some(spn) => spn.to_string(),
            None => v.endpoint.location(),
        })
        .collect()
}

/// The first SPN among names.
pub(super) fn first_spn(names: &BTreeSet<String>) -> Option<&str> {
    let is_spn = |name: &&String| Spn::new(name).has_class("HTTP");
    names.iter().find(is_spn).map(String::as_str)
}

/// A user whom a web server refuses with one status.
pub(super) struct RefusedUser<'a> {
    /// As the events spell it, with the domain.
    pub(super) shown: String,
    /// The machines.
    pub(super) hosts: BTreeSet<HostId>,
    /// The failures.
    pub(super) events: Vec<&'a Event>,
}

impl RefusedUser<'_> {
    /// Where the failures stand.
    pub(super) fn from(&self) -> Vec<Citation> {
        self.events.iter().map(|e| e.citation.clone()).collect()
    }
}

/// Users refused on web servers (network logons) with one status, by account name in lower case.
pub(super) fn refused_users<'a>(scene: &Scene<'a>, code: u32) -> BTreeMap<String, RefusedUser<'a>> {
    let mut users: BTreeMap<String, RefusedUser<'a>> = BTreeMap::new();
    for event in &scene.case.events {
        let Body::LogonFailed(e) = &event.body else {
            continue;
        };
        let found = e.sub_status.filter(|s| *s != 0).or(e.status);
        let host = scene.case.hosts.find(&event.computer);
        let (Some(host), Some(name), Some(3)) = (host, &e.target.name, e.logon_type) else {
            continue;
        };
        let web = scene.case.hosts.get(host).roles.contains(&Role::WebServer);
        if found != Some(code) || !web {
            continue;
        }
        let (within, sam) = split_name(name);
        let shown = match (&e.target.domain, within) {
            (Some(domain), None) => format!("{domain}\\{name}"),
            _ => name.clone(),
        };
        let user = users.entry(sam).or_insert_with(|| RefusedUser {
            shown,
            hosts: BTreeSet::new(),
            events: Vec::new(),
        });
        user.hosts.insert(host);
        user.events.push(event);
    }
    users
}

/// The failures of these users among the symptoms.
pub(super) fn explained(scene: &Scene<'_>, user: &str, code: u32) -> Vec<SymptomId> {
    scene
        .case
        .numbered_symptoms()
        .filter(|(_, s)| match s.kind {
            SymptomKind::LogonFailed {
                status, sub_status, ..
            } => {
                let found = if sub_status == 0 { status } else { sub_status };
                found == code && s.principals.iter().all(|p| split_name(p).1 == user)
            }
            _ => false,
        })
        .map(|(id, _)| id)
        .collect()
}

/// Where it stands that a user is a member of Protected Users: the user's token, or a listing. The group has RID 525 and,
/// in a directory of another language, another name.
pub(in crate::causes) fn is_protected(case: &Case, user: &str) -> Vec<Citation> {
    let named = |shown: &str| split_name(shown).1 == user;
    let tokens = case.tokens.iter().filter_map(|(_, token)| {
        let user = token.user.as_ref()?;
        let group = token.protected_users()?;
        named(&user.value).then(|| group.from.clone())
    });
    let listed = case.objects.iter().filter(|object| {
        let sam = object.sam.as_ref();
        sam.is_some_and(|sam| sam.value.eq_ignore_ascii_case(user))
    });
    let listed = listed.flat_map(|object| {
        let groups = object.groups.present().map(|groups| &groups.value.shown);
        let protected = groups.into_iter().flatten().filter(|group| {
            let name =
                crate::case::common_name(&group.value).unwrap_or_else(|| group.value.clone());
            name.eq_ignore_ascii_case("Protected Users")
        });
        protected
            .flat_map(|group| group.from.first().cloned())
            .collect::<Vec<_>>()
    });
    tokens.chain(listed).collect()
}

/// Which policy of the domain refused a user, in the words of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::causes) enum Restriction {
    /// A member of Protected Users met NTLM (100, 4822), or DES or RC4 (KDC 104).
    Protected,
    /// An authentication policy or silo refused NTLM (101, 4823) or a ticket (KDC 105 and 106, 4820, 4821).
    Policy,
}

/// The events of domain controllers by which a policy refused a user, oldest first; of all users where none is named.
pub(in crate::causes) fn restricted_by(
    case: &Case,
    which: Restriction,
) -> impl Iterator<Item = (String, &Event)> {
    let ids: &[u32] = match which {
        Restriction::Protected => &[100, 104, 4822],
        Restriction::Policy => &[101, 105, 106, 4820, 4821, 4823],
    };
    case.events.iter().filter_map(move |event| {
        let (id, name) = match &event.body {
            Body::NtlmBlocked(e) => (e.id, e.user.clone()),
            Body::Kdc(e) if e.id >= 100 => (e.id, e.name.clone()),
            Body::PolicyRefused(e) => (e.id, e.target.name.clone()),
            _ => return None,
        };
        ids.contains(&id).then_some((split_name(&name?).1, event))
    })
}
