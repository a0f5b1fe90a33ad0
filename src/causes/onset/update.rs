//! Whether an update of Windows began the failures that a finding is about.

use crate::case::{Case, Role, Sameness, SeenChange, dn_domain, split_name};
use crate::causes::Subject;

/// What updates of domain controllers brought about: enforced signatures and requestors of the PAC, refused encryption types,
/// tickets that no longer pass between forests.
const OF_CONTROLLERS: [&str; 7] = [
    "ET-03", "ET-07", "ET-08", "ET-09", "ET-10", "ET-11", "DG-08",
];

/// Whether the update is one of a domain controller of the finding's domain, and the cause one that updates brought about.
pub(super) fn fits(case: &Case, change: &SeenChange<'_>, cause: &str, subject: &Subject) -> bool {
    let Some(host) = change.host.map(|host| case.hosts.get(host)) else {
        return false;
    };
    let account = subject.account.as_deref().unwrap_or_default();
    let domain = dn_domain(account).or_else(|| split_name(account).0);
    let own = host.fqdn.as_deref().and_then(|fqdn| fqdn.split_once('.'));
    let same = (case.accounts).same_domain(domain.as_deref(), own.map(|(_, domain)| domain));
    OF_CONTROLLERS.contains(&cause)
        && host.roles.contains(&Role::DomainController)
        && !matches!(same, Sameness::Different | Sameness::PresumedDifferent)
}
