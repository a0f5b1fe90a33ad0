//! Users of another domain than the machine that they come to.

use super::Case;
use super::account::Sameness;
use super::host::HostId;

impl Case {
    /// The domain of a machine, by its DNS name, lower case.
    pub fn home_domain(&self, host: HostId) -> Option<String> {
        let fqdn = self.hosts.get(host).fqdn.as_deref()?;
        fqdn.split_once('.')
            .map(|(_, domain)| domain.to_lowercase())
    }

    /// Whether two domains are shown to be one.
    pub fn is_one_domain(&self, a: &str, b: &str) -> bool {
        let (a, b) = (a.to_lowercase(), b.to_lowercase());
        self.accounts.same_domain(Some(&a), Some(&b)) == Sameness::Same
    }

    /// Whether the domain of a user, as a logon names it, is shown to be another one than that of a machine. A DNS name there
    /// may be the suffix of a user principal name, a short one the name of a machine.
    pub fn is_foreign_domain(&self, host: HostId, domain: Option<&str>) -> bool {
        let (Some(domain), Some(home)) = (domain.map(str::to_lowercase), self.home_domain(host))
        else {
            return false;
        };
        let is_short = !domain.contains('.');
        if domain == "nt authority" || (is_short && self.hosts.find(&domain).is_some()) {
            return false;
        }
        let first = home.split('.').next().unwrap_or_default();
        let trusted = self.domains.trusts_with(&domain).next().is_some();
        // The own domain is known by the first label of its name, and this is another short name.
        let own_is_known = || {
            let mut accounts = self.accounts.iter();
            accounts.any(|(_, a)| a.domain.as_deref() == Some(first))
        };
        let same = self.accounts.same_domain(Some(&domain), Some(&home));
        same == Sameness::Different
            || (trusted && domain != home && domain != first)
            || (is_short && domain != first && own_is_known())
    }
}
