//! Why nobody holds a name: the reason that says most comes first, so that one cause tells of it and no other.

use std::net::IpAddr;

use super::absence::Why;
use super::near_miss::{Near, NearMisses};
use super::scene::{Scene, few};
use super::view::View;
use crate::case::{AccountKind, Holder, HostId, Registration, Role, Spn, dn_domain};
use crate::evidence::{Citation, Known};
use crate::negotiate::{Acceptor, KeyMatch, Profile};
use crate::readers::events::{Body, ConfigChanged, Event};
use crate::readers::machine::Fact;
use crate::readers::setspn::{Mode, Outcome, SetspnRun};

/// A server's own name that its computer account does not hold.
pub struct OwnName {
    /// The server.
    pub host: HostId,
    /// The list or search that shows it.
    pub lacks: Vec<Citation>,
    /// What the computer account holds instead, where shown.
    pub holds: Vec<String>,
    /// The suffix of the server's name and its domain, where they differ.
    pub disjoint: Option<(String, String, Vec<Citation>)>,
    /// NETLOGON 5788 and 5789: the server could not write its names.
    pub logged: Vec<Citation>,
}

/// A short name that was completed in another way.
pub struct OtherSuffix {
    /// The name that the site has.
    pub meant: String,
    /// Whether an account holds that one.
    pub held: Vec<Citation>,
    /// DNS answers that show the completion.
    pub answers: Vec<Citation>,
}

impl Why<'_> {
    /// Whether a name held twice would look the same while no search shows that nobody holds it.
    pub(super) fn may_be_duplicate(&self) -> bool {
        matches!(
            self,
            Why::Missing
                | Why::NewBinding(_)
                | Why::Refused(_)
                | Why::Literal
                | Why::Public(_)
                | Why::OtherSuffix(_)
        )
    }
}

impl<'a> Scene<'a> {
    pub(super) fn why_unheld(
        &self,
        spn: &Spn,
        views: &[&View<'a>],
        near_misses: &NearMisses<'a>,
    ) -> Why<'a> {
        let nearby = near_misses.to(spn);
        for kind in Near::BY_WEIGHT {
            let registrations: Vec<&'a Registration> = nearby
                .iter()
                .filter(|(near, r)| *near == kind && (kind.is_inert() || self.serves(r, views)))
                .map(|(_, r)| *r)
                .collect();
            if registrations.is_empty() {
                continue;
            }
            return match kind {
                Near::Invisible => Why::Invisible(registrations),
                Near::Malformed => Why::Malformed(registrations),
                Near::OtherPort => Why::OtherPort(registrations),
                Near::OtherForm => match self.other_suffix(spn, views) {
                    // The site's full name is held: this one is a completion of the short name, and no form of it.
                    Some(other) if other.meant.contains('.') && !other.held.is_empty() => {
                        Why::OtherSuffix(other)
                    }
                    _ => Why::OtherForm(registrations),
                },
            };
        }
        let spelled = near_misses.other_spelling(spn);
        if !spelled.is_empty() {
            return Why::OtherSpelling(spelled);
        }
        let typed_works = |v: &&View<'_>| {
            v.others
                .iter()
                .any(|p| p.profile == Profile::LiteralName && p.key_match == KeyMatch::Match)
        };
        if views.iter().any(typed_works) {
            return Why::FollowedAlias;
        }
        let unmapped = self.held_as_host(spn);
        if !unmapped.is_empty() {
            return Why::NoMapping(unmapped);
        }
        if let Some(own) = self.own_name(spn, views) {
            return Why::NoHostSpn(own);
        }
        if let Some(run) = self.refused_registration(spn) {
            return Why::Refused(run);
        }
        let as_typed = |v: &&View<'_>| {
            let mut others = v.others.iter();
            others.any(|p| p.profile == Profile::LiteralName && p.asks_for(spn))
        };
        if views.iter().any(as_typed) {
            return Why::Literal;
        }
        let public = self.public_addresses(&spn.host());
        if !public.is_empty() {
            return Why::Public(public);
        }
        if let Some(other) = self.other_suffix(spn, views) {
            return Why::OtherSuffix(other);
        }
        match self.binding_change(spn) {
            Some(event) => Why::NewBinding(event),
            None => Why::Missing,
        }
    }

    /// Whether a registration is on an account that opens tickets at these endpoints, or none is known.
    fn serves(&self, registration: &Registration, views: &[&View<'_>]) -> bool {
        let acceptors: Vec<_> = views
            .iter()
            .filter_map(|v| v.acceptor_account(self.case))
            .collect();
        acceptors.is_empty() || acceptors.iter().any(|a| self.same(*a, registration.holder))
    }

    /// Where it is shown that a name which is held as `HOST/…` is not covered by that.
    fn held_as_host(&self, spn: &Spn) -> Vec<Citation> {
        let (directory, accounts) = (&self.case.situation.directory, &self.case.accounts);
        let holders = directory.holders(&spn.with_class("HOST"), accounts).shown;
        let unmapped = |h: &Holder| directory.http_unmapped_for(h.account, accounts);
        holders.iter().flat_map(unmapped).collect()
    }

    /// The server whose own name this is, where its computer account opens the tickets and does not hold it.
    fn own_name(&self, spn: &Spn, views: &[&View<'a>]) -> Option<OwnName> {
        if spn.port().is_some()
            || views
                .iter()
                .any(|v| v.acceptor() != Some(&Acceptor::Machine))
        {
            return None;
        }
        let case = self.case;
        let name = spn.host();
        let host = case.hosts.find(&name).filter(|host| {
            let machine = case.hosts.get(*host);
            !machine.roles.contains(&Role::DomainController)
                && (machine.name.eq_ignore_ascii_case(&name)
                    || machine
                        .fqdn
                        .as_deref()
                        .is_some_and(|f| f.eq_ignore_ascii_case(&name)))
        })?;
        let account = case.hosts.get(host).machine;
        let directory = &case.situation.directory;
        let lacks = match directory.holds(account, &spn.with_class("HOST"), &case.accounts) {
            Known::Absent(from) => few(from, 2),
            Known::Present(_) => return None,
            Known::Unknown => Vec::new(),
        };
        let logged: Vec<Citation> = case
            .events_of(host)
            .filter(|e| matches!(&e.body, Body::Netlogon(n) if matches!(n.id, 5788 | 5789)))
            .map(|e| e.citation.clone())
            .collect();
        let disjoint = self
            .disjoint(host)
            .filter(|(suffix, ..)| name.ends_with(suffix.as_str()));
        let mut holds: Vec<String> = directory
            .of_account(account, &case.accounts)
            .filter(|r| r.spn.has_class("HOST"))
            .map(|r| r.spn.to_string())
            .collect();
        holds.sort();
        holds.dedup();
        (!lacks.is_empty() || !logged.is_empty() || disjoint.is_some()).then_some(OwnName {
            host,
            lacks,
            holds,
            disjoint,
            logged,
        })
    }

    /// The suffix of a machine's name and its domain, where they differ.
    pub(super) fn disjoint(&self, host: HostId) -> Option<(String, String, Vec<Citation>)> {
        let case = self.case;
        let machine = case.hosts.get(host);
        let facts = case
            .machine(Some(host))
            .map(|m| m.facts.as_slice())
            .unwrap_or_default();
        let said = |pick: fn(&Fact) -> Option<&String>| {
            let mut all = facts.iter();
            all.find_map(|f| Some((pick(&f.fact)?.to_lowercase(), f.from.clone())))
                .filter(|(name, _)| name.contains('.'))
        };
        let domain = said(|f| match f {
            Fact::Domain(name) => Some(name),
            _ => None,
        });
        let by_directory = || {
            let directory = &case.situation.directory;
            let mut of_it = directory.of_account(machine.machine, &case.accounts);
            let held = of_it.find(|r| case.accounts.get(r.holder).kind == AccountKind::Computer)?;
            let domain = dn_domain(case.accounts.get(held.holder).dn.as_deref()?)?;
            Some((domain, held.from.clone()))
        };
        let (domain, from) = domain.or_else(by_directory)?;
        let suffix = said(|f| match f {
            Fact::DnsSuffix(name) => Some(name),
            _ => None,
        });
        let (suffix, at) = match suffix {
            Some((suffix, at)) => (suffix, at),
            None => (
                machine.fqdn.as_deref()?.split_once('.')?.1.to_owned(),
                from.clone(),
            ),
        };
        (suffix != domain).then(|| (suffix, domain, few(vec![at, from], 2)))
    }

    /// The last attempt to register the name, where it was refused and nothing shows that another one succeeded.
    pub(super) fn refused_registration(&self, spn: &Spn) -> Option<&'a SetspnRun> {
        let about_it = |run: &&'a SetspnRun| {
            let named = run.target.as_deref().is_some_and(|t| Spn::new(t) == *spn);
            let set_out = run.change.iter().flat_map(|c| &c.spns);
            named || set_out.into_iter().any(|s| Spn::new(&s.value) == *spn)
        };
        let mut tried = self
            .case
            .setspn_runs
            .iter()
            .filter(|run| matches!(run.mode, Mode::Add | Mode::AddUnchecked) && about_it(run));
        let last = tried.next_back()?;
        let written = self.case.pick(|b| match b {
            Body::DirectoryChanged(change) if change.added == Some(true) => Some(change),
            _ => None,
        });
        let mut written = written.filter_map(|(_, change)| change.value.as_deref());
        let refused = matches!(last.outcome, Outcome::RefusedDuplicate | Outcome::Failed(_));
        (refused && !written.any(|value| Spn::new(value) == *spn)).then_some(last)
    }

    /// DNS answers that give a name public addresses and no private one.
    pub(super) fn public_addresses(&self, name: &str) -> Vec<Citation> {
        let answers =
            self.case.lookups.iter().filter(|l| {
                l.asked.trim_end_matches('.').eq_ignore_ascii_case(name) && !l.not_found
            });
        let addresses: Vec<_> = answers.flat_map(|l| &l.addresses).collect();
        let public = |text: &str| match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => {
                !(ip.is_private()
                    || ip.is_loopback()
                    || ip.is_link_local()
                    || ip.is_documentation())
            }
            Ok(IpAddr::V6(ip)) => ip
                .segments()
                .first()
                .is_some_and(|s| (0x2000..0x4000).contains(s)),
            Err(_) => false,
        };
        if addresses.is_empty() || !addresses.iter().all(|a| public(&a.value)) {
            return Vec::new();
        }
        few(addresses.iter().flat_map(|a| a.from.clone()).collect(), 2)
    }

    /// The site's name that a client completed with another suffix.
    fn other_suffix(&self, spn: &Spn, views: &[&View<'a>]) -> Option<OtherSuffix> {
        let name = spn.host();
        let (label, suffix) = name.split_once('.')?;
        if !views.is_empty() || spn.port().is_some() {
            return None;
        }
        let kin = |other: &str| {
            let tail = |text: &str| {
                text.rsplit('.')
                    .take(2)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            self.case.accounts.knows_domain(suffix) || tail(other) == tail(&name)
        };
        let named = |v: &&View<'a>| {
            let (of_site, rest) = match v.endpoint.name.split_once('.') {
                Some((label, rest)) => (label, rest),
                None => (v.endpoint.name.as_str(), ""),
            };
            v.endpoint.name_is_tied()
                && of_site.eq_ignore_ascii_case(label)
                && !rest.eq_ignore_ascii_case(suffix)
                && (rest.is_empty() || kin(&v.endpoint.name))
        };
        let mut meant: Vec<_> = self.views.iter().filter(named).collect();
        meant.sort_by_key(|v| (!v.endpoint.name.contains('.'), v.holder().is_none()));
        let view = meant.first()?;
        let answers = self.case.lookups.iter().filter(|l| {
            let canonical = l.canonical.as_ref().map(|c| c.value.trim_end_matches('.'));
            l.asked.eq_ignore_ascii_case(label)
                && canonical.is_some_and(|c| c.eq_ignore_ascii_case(&name))
        });
        Some(OtherSuffix {
            meant: view.endpoint.name.clone(),
            held: view
                .holder()
                .map(|h| few(h.from.clone(), 1))
                .unwrap_or_default(),
            answers: few(answers.map(|l| l.from.clone()).collect(), 2),
        })
    }

    /// The change that gave a site this host name, where it comes before the first failure for it.
    fn binding_change(&self, spn: &Spn) -> Option<&'a Event> {
        let seen = self.symptoms_of(spn).iter();
        let first = seen.filter_map(|(_, s)| s.first).min();
        let host = spn.host();
        let before = |event: &Event| first.is_none_or(|f| event.time <= f);
        let mut last_first = self.config_changes.iter().rev();
        last_first
            .find(|(event, change)| before(event) && adds_binding(change, &host))
            .map(|(event, _)| *event)
    }
}

/// Whether a change of the IIS configuration gave some site this host name.
fn adds_binding(change: &ConfigChanged, host: &str) -> bool {
    let Some(path) = change.configuration.as_deref().map(str::to_lowercase) else {
        return false;
    };
    // `bindingInformation` is `ip:port:host`; in the path it stands between quotation marks.
    let names = |text: &str| {
        text.to_lowercase()
            .split(['"', '\'', ':', ',', ' ', '[', ']'])
            .any(|part| part == host)
    };
    let named_after = change.new_value.as_deref().is_some_and(names);
    let removed = change.new_value.is_none() && change.old_value.is_some();
    path.contains("/bindings") && !removed && (named_after || names(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_bindings() {
        let change = |path: &str, old: Option<&str>, new: Option<&str>| ConfigChanged {
            id: 29,
            configuration: Some(path.into()),
            old_value: old.map(Into::into),
            new_value: new.map(Into::into),
            ..ConfigChanged::default()
        };
        let path = "/system.applicationHost/sites/site[@name=\"S\"]/bindings/binding[@protocol=\"http\" and @bindingInformation=\"*:80:new.corp.example\"]";
        let attribute =
            "/system.applicationHost/sites/site[@name=\"S\"]/bindings/binding/@bindingInformation";
        assert!(adds_binding(&change(path, None, None), "new.corp.example"));
        assert!(adds_binding(
            &change(
                attribute,
                Some("*:80:old.corp.example"),
                Some("*:80:new.corp.example")
            ),
            "new.corp.example"
        ));
        assert!(!adds_binding(
            &change(attribute, Some("*:80:new.corp.example"), None),
            "new.corp.example"
        ));
        assert!(!adds_binding(&change(path, None, None), "corp.example"));
    }
}
