//! What the bundle shows of the domains themselves: their trusts, the names routed across them, their replication, and
//! which services `HOST/…` stands for.
//!
//! What was printed says how it was when it was collected: after the failures that the bundle shows.

#[cfg(test)]
mod tests;

use crate::evidence::{Citation, Known};
use crate::readers::console::ConsoleRecords;
use crate::readers::directory::SpnMapping;
use crate::readers::domain::{NameSuffix, Replication, ReplicationSummary};
use crate::readers::machine::Fact;
use crate::readers::trust::Trust;

/// What the bundle shows of domains.
#[derive(Clone, Debug, Default)]
pub struct Domains {
    /// Trusts, one entry for each listing that shows one; the own domains that `nltest` lists are left out.
    pub trusts: Vec<Trust>,
    /// Names that are routed to trusted forests.
    pub suffixes: Vec<NameSuffix>,
    /// Where domain controllers get the directory from, and whether that works.
    pub replications: Vec<Replication>,
    /// Failures of replication, summed by domain controller.
    pub replication_summaries: Vec<ReplicationSummary>,
    /// Which classes of services one class stands for (`sPNMappings`); empty where it was not listed.
    pub spn_mappings: Vec<SpnMapping>,
}

impl Domains {
    /// Takes what one console file shows.
    pub(super) fn take(&mut self, console: &ConsoleRecords) {
        let of_machines = console.machine.iter().filter_map(|fact| match &fact.fact {
            Fact::Trust(trust) if !trust.own => Some(trust.as_ref()),
            _ => None,
        });
        let trusts = of_machines.chain(&console.directory.trusts);
        self.trusts.extend(trusts.cloned());
        let mappings = console.directory.spn_mappings.iter().cloned();
        self.spn_mappings.extend(mappings);
        let records = &console.domain;
        self.suffixes.extend(records.suffixes.iter().cloned());
        self.replications
            .extend(records.replications.iter().cloned());
        let summaries = records.summaries.iter().cloned();
        self.replication_summaries.extend(summaries);
    }

    /// The listings of the trust with a domain, by its full or its short name.
    pub fn trusts_with<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Trust> {
        self.trusts
            .iter()
            .filter(move |trust| is_named(trust, name))
    }

    /// What listings of the trust with a domain say alike: a value that `pick` takes.
    pub fn trust_says<T: Clone + PartialEq>(
        &self,
        name: &str,
        pick: impl Fn(&Trust) -> &Known<T>,
    ) -> Known<T> {
        super::objects::agreed(self.trusts_with(name).map(pick))
    }

    /// The suffix that decides where a host name or domain is routed to: the longest that covers it, of the listings that
    /// `about` takes.
    pub fn suffix_of(
        &self,
        host: &str,
        about: impl Fn(&NameSuffix) -> bool,
    ) -> Option<&NameSuffix> {
        let host = host.trim_end_matches('.').to_lowercase();
        let covers = |suffix: &&NameSuffix| {
            let name = suffix.name.trim_start_matches("*.").to_lowercase();
            host == name
                || host
                    .strip_suffix(&name)
                    .is_some_and(|rest| rest.ends_with('.'))
        };
        let listed = self.suffixes.iter().filter(|suffix| about(suffix));
        let mut covering: Vec<&NameSuffix> = listed.filter(covers).collect();
        covering.sort_by_key(|suffix| std::cmp::Reverse(suffix.name.len()));
        covering.into_iter().next()
    }

    /// Replications that fail.
    pub fn failing_replications(&self) -> impl Iterator<Item = &Replication> {
        self.replications.iter().filter(|r| r.result != 0)
    }

    /// The forests whose whole list of what `HOST/…` stands for does not have a class of services; the defaults of a forest
    /// have `http` and `www`. A forest is `None` where its listing does not name it.
    pub fn unmapped(&self, class: &str) -> Vec<(Option<String>, Citation)> {
        let of_host = self.spn_mappings.iter().filter(|m| m.class == "host");
        let named = |m: &&SpnMapping| m.services.iter().any(|s| s.eq_ignore_ascii_case(class));
        of_host
            .filter(|m| m.complete && !named(m))
            .map(|m| (m.forest.clone(), m.from.clone()))
            .collect()
    }
}

fn is_named(trust: &Trust, name: &str) -> bool {
    let names = [&trust.dns, &trust.netbios];
    names
        .into_iter()
        .flatten()
        .any(|own| own.eq_ignore_ascii_case(name))
}
