//! The catalogue: every cause, group by group.

use super::{
    Cause, acceptor, access, account, channel_binding, client, config, delegation, encryption,
    loopback, machine, name, ntlm, pool, proxy, size, spn, trust,
};

/// Causes of one kind: what their ids begin with, what they have in common, and the causes.
pub type CauseGroup = (&'static str, &'static str, &'static [&'static Cause]);

/// The groups, in the order in which the way of a request meets them.
pub static GROUPS: &[CauseGroup] = &[
    ("SPN", "Service principal names", spn::CAUSES),
    ("NAME", "The name in the URL", name::CAUSES),
    ("CFG", "Configuration of IIS", config::CAUSES),
    ("KM", "Whose key opens the tickets", acceptor::CAUSES),
    ("POOL", "Accounts of application pools", pool::CAUSES),
    ("AZ", "Signed in, and then refused", access::CAUSES),
    ("EPA", "Extended protection", channel_binding::CAUSES),
    ("PRX", "Proxies, load balancers, protocols", proxy::CAUSES),
    ("LOOP", "The server's calls to itself", loopback::CAUSES),
    ("SZ", "Sizes and limits", size::CAUSES),
    ("AC", "Accounts of users", account::CAUSES),
    ("MC", "The machine and its domain", machine::CAUSES),
    ("ET", "Encryption types and hardening", encryption::CAUSES),
    ("TR", "Trusts and referrals", trust::CAUSES),
    ("DG", "Delegation: the second hop", delegation::CAUSES),
    ("NT", "NTLM blocked or degraded", ntlm::CAUSES),
    ("CL", "The client", client::CAUSES),
];

/// Ids that stand for another one: what they name is the same fault, seen from another side.
pub static POINTERS: &[(&str, &str)] = &[
    ("KM-01", "SPN-05"),
    ("KM-02", "SPN-06"),
    ("PRX-07", "DG-12"),
];

/// Every cause, in the order of the groups and of the ids in each.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    GROUPS.iter().flat_map(|(_, _, causes)| *causes).copied()
}

/// The cause with this id or name, without regard to case. An id that stands for another one gives that one.
pub fn find(id_or_name: &str) -> Option<&'static Cause> {
    let pointer = POINTERS
        .iter()
        .find(|(id, _)| id.eq_ignore_ascii_case(id_or_name));
    let wanted = pointer.map_or(id_or_name, |(_, id)| id);
    all().find(|c| c.id.eq_ignore_ascii_case(wanted) || c.name.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_and_names_are_unique_and_in_order() {
        let ids: BTreeSet<_> = all().map(|c| c.id).collect();
        let names: BTreeSet<_> = all().map(|c| c.name).collect();
        assert_eq!((ids.len(), names.len()), (all().count(), all().count()));
        for (prefix, _, causes) in GROUPS {
            assert!(causes.is_sorted_by_key(|c| c.id), "{prefix}");
            for cause in *causes {
                assert_eq!(cause.id.split('-').next(), Some(*prefix));
            }
        }
    }

    #[test]
    fn a_pointer_leads_to_the_cause_that_it_stands_for() {
        assert_eq!(find("km-01").map(|c| c.id), Some("SPN-05"));
        assert!(POINTERS.iter().all(|(id, _)| all().all(|c| c.id != *id)));
    }

    #[test]
    fn pages_are_whole() {
        for cause in all() {
            let page = &cause.page;
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(cause.name.chars().all(kebab), "{}", cause.id);
            let texts = [
                page.mechanism,
                page.ruled_out_by,
                page.verify,
                page.rollback,
                page.prevent,
                page.versions,
            ];
            assert!(texts.iter().all(|t| !t.is_empty()), "{}", cause.id);
            let lists = [page.evidence, page.fix, page.sources];
            assert!(lists.iter().all(|l| !l.is_empty()), "{}", cause.id);
            assert!(!page.look_alikes.is_empty(), "{}", cause.id);
            for other in page.look_alikes {
                assert_ne!(other.cause, cause.id);
            }
        }
    }
}
