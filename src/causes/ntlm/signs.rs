//! What several causes of this group ask: blocked NTLM in events, settings as numbers, users who are refused with one status,
//! and whether a user is protected or restricted.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{
    Accounts, Case, HostId, Role, Sameness, Spn, SymptomId, SymptomKind, split_name,
};
use crate::causes::Scene;
use crate::causes::user::{DOMAINS, Named};
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

/// Whether a setting of the registry is shown to be set.
pub(super) fn is_set(case: &Case, host: HostId, key: Key, name: &str) -> bool {
    let machine = case.machine(Some(host));
    machine.is_some_and(|m| m.setting(key, name).present().is_some())
}

/// A setting as [`number`] gives it, in words.
pub(super) fn said(case: &Case, host: HostId, key: Key, name: &str, value: u64) -> String {
    if is_set(case, host, key, name) {
        format!("{name} is {value}")
    } else {
        format!("{name} is not set")
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
    /// Who.
    pub(super) user: Named,
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

/// Users refused on web servers (network logons) with one status, by account name in lower case: one name may be that of
/// users of several domains.
pub(super) struct RefusedUsers<'a>(BTreeMap<String, Vec<RefusedUser<'a>>>);

impl<'a> RefusedUsers<'a> {
    /// Finds them.
    pub(super) fn of(scene: &Scene<'a>, code: u32) -> Self {
        let mut users: BTreeMap<String, Vec<RefusedUser<'a>>> = BTreeMap::new();
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
            let user = Named::of(name, e.target.domain.as_deref());
            let shown = match (&e.target.domain, split_name(name).0) {
                (Some(domain), None) => format!("{domain}\\{name}"),
                _ => name.clone(),
            };
            let namesakes = users.entry(user.sam.clone()).or_default();
            let known = (namesakes.iter()).position(|r| r.user.is(&user, &scene.case.accounts));
            // Of a name that is spelled with ever new domains no more are told apart.
            let at = known.unwrap_or_else(|| {
                if namesakes.len() < DOMAINS {
                    namesakes.push(RefusedUser {
                        user,
                        shown,
                        hosts: BTreeSet::new(),
                        events: Vec::new(),
                    });
                }
                namesakes.len() - 1
            });
            if let Some(refused) = namesakes.get_mut(at) {
                refused.hosts.insert(host);
                refused.events.push(event);
            }
        }
        Self(users)
    }

    /// All of them, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &RefusedUser<'a>> {
        self.0.values().flatten()
    }

    /// Who is surely, or may be, this user.
    pub(super) fn find(
        &self,
        user: &Named,
        accounts: &Accounts,
    ) -> Option<(Sameness, &RefusedUser<'a>)> {
        let namesakes = self.0.get(&user.sam)?.iter();
        let compared = namesakes.map(|r| (r.user.compare(user, accounts), r));
        let (sure, rest): (Vec<_>, Vec<_>) =
            compared.partition(|(same, _)| *same == Sameness::Same);
        let maybe = |(same, _): &(Sameness, _)| *same != Sameness::Different;
        sure.into_iter()
            .next()
            .or_else(|| rest.into_iter().find(maybe))
    }
}

/// The failures of this user among the symptoms.
pub(super) fn explained(scene: &Scene<'_>, user: &Named, code: u32) -> Vec<SymptomId> {
    let accounts = &scene.case.accounts;
    let is_it = |p: &String| Named::of(p, user.domain.as_deref()).is(user, accounts);
    scene
        .case
        .numbered_symptoms()
        .filter(|(_, s)| match s.kind {
            SymptomKind::LogonFailed {
                status, sub_status, ..
            } => {
                let found = if sub_status == 0 { status } else { sub_status };
                found == code && !s.principals.is_empty() && s.principals.iter().all(is_it)
            }
            _ => false,
        })
        .map(|(id, _)| id)
        .collect()
}

/// Which policy of the domain refused a user, in the words of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::causes) enum Restriction {
    /// A member of Protected Users met NTLM (100, 4822), or DES or RC4 (KDC 104).
    Protected,
    /// An authentication policy or silo refused NTLM (101, 4823) or a ticket (KDC 105 and 106, 4820, 4821).
    Policy,
}

/// What domain controllers, tokens and listings say of users who are protected or restricted, by account name.
pub(in crate::causes) struct Restrictions<'a> {
    case: &'a Case,
    events: BTreeMap<(Restriction, String), Vec<(Named, &'a Event)>>,
    tokens: BTreeMap<String, Vec<(Named, &'a Citation)>>,
}

impl<'a> Restrictions<'a> {
    /// Reads them.
    pub(in crate::causes) fn of(case: &'a Case) -> Self {
        let mut all = Self {
            case,
            events: BTreeMap::new(),
            tokens: BTreeMap::new(),
        };
        for event in &case.events {
            if let Some((which, user)) = restricted(event) {
                let key = (which, user.sam.clone());
                all.events.entry(key).or_default().push((user, event));
            }
        }
        for (_, token) in &case.tokens {
            if let (Some(user), Some(group)) = (&token.user, token.protected_users()) {
                let user = Named::of(&user.value, None);
                let known = all.tokens.entry(user.sam.clone()).or_default();
                known.push((user, &group.from));
            }
        }
        all
    }

    /// The users whom a policy refused, each with its events, oldest first.
    pub(super) fn users(&self, which: Restriction) -> Vec<(Named, Vec<&'a Event>)> {
        let mut users: Vec<(Named, Vec<&'a Event>)> = Vec::new();
        for (_, events) in self.events.iter().filter(|((w, _), _)| *w == which) {
            let first = users.len();
            for (user, event) in events {
                let namesakes = users.get(first..).unwrap_or_default();
                let accounts = &self.case.accounts;
                let known = (namesakes.iter()).position(|(known, _)| known.is(user, accounts));
                let is_full = namesakes.len() >= DOMAINS;
                match known.and_then(|at| users.get_mut(first + at)) {
                    Some((_, events)) => events.push(event),
                    None if is_full => {}
                    None => users.push((user.clone(), vec![event])),
                }
            }
        }
        users
    }

    /// The events by which a policy surely refused this user.
    pub(in crate::causes) fn events_of(&self, which: Restriction, user: &Named) -> Vec<&'a Event> {
        let all = self.events.get(&(which, user.sam.clone()));
        all.into_iter()
            .flatten()
            .filter(|(who, _)| who.is(user, &self.case.accounts))
            .map(|(_, event)| *event)
            .collect()
    }

    /// Where it stands that a user is a member of Protected Users: the user's token, or a listing. The group has RID 525 and,
    /// in a directory of another language, another name.
    pub(in crate::causes) fn is_protected(&self, user: &Named) -> Vec<Citation> {
        let accounts = &self.case.accounts;
        let tokens = self.tokens.get(&user.sam).into_iter().flatten();
        let tokens = tokens.filter(|(who, _)| who.is(user, accounts));
        let tokens = tokens.map(|(_, group)| (*group).clone());
        let listed = (self.case.objects).named(accounts, &user.sam, user.domain.as_deref());
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
}

/// The policy by which a domain controller refused a user. A controller checks the users of its own domain: that is the
/// user's, where the event names none.
fn restricted(event: &Event) -> Option<(Restriction, Named)> {
    let (id, name, domain) = match &event.body {
        Body::NtlmBlocked(e) => (e.id, &e.user, e.fields.text("DomainName")),
        Body::Kdc(e) if e.id >= 100 => (e.id, &e.name, None),
        Body::PolicyRefused(e) => (e.id, &e.target.name, e.target.domain.clone()),
        _ => return None,
    };
    let which = match id {
        100 | 104 | 4822 => Restriction::Protected,
        101 | 105 | 106 | 4820 | 4821 | 4823 => Restriction::Policy,
        _ => return None,
    };
    let domain = domain.or_else(|| event.domain());
    Some((which, Named::of(name.as_deref()?, domain.as_deref())))
}
