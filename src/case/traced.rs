//! What the traces of a web server show of its endpoints.

use super::{Case, Endpoint};
use crate::readers::request_trace::{Package, RequestTrace};
use crate::readers::url;

impl Case {
    /// The traced requests to an endpoint: written on its machine, for its site, under its name and below its path.
    pub fn traces_at<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> impl Iterator<Item = &'a RequestTrace> {
        let site = self
            .server(endpoint)
            .config
            .sites
            .iter()
            .find(|site| site.name == endpoint.site);
        let id = site.and_then(|site| site.id);
        self.traces.iter().filter(move |trace| {
            let host = trace
                .computer
                .as_deref()
                .and_then(|name| self.hosts.find(name));
            host.is_some()
                && host == endpoint.host
                && trace.site_id.is_some()
                && trace.site_id == id
                && url::host(&trace.url).is_some_and(|name| endpoint.is_named(&name))
                && self.application_of(endpoint, &trace.url) == Some(endpoint.application.as_str())
        })
    }

    /// The application that answers to a URL, among those of the endpoint's site.
    fn application_of<'a>(&'a self, endpoint: &Endpoint, address: &str) -> Option<&'a str> {
        let rest = address.split_once("//")?.1;
        let path = rest
            .find('/')
            .and_then(|at| rest.get(at..))
            .unwrap_or("/")
            .to_lowercase();
        let covers = |application: &str| {
            let below =
                path.strip_prefix(application.trim_end_matches('/').to_lowercase().as_str());
            below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        };
        let all = self
            .situation
            .endpoints
            .iter()
            .filter(|other| other.server == endpoint.server && other.site == endpoint.site);
        all.map(|other| other.application.as_str())
            .filter(|application| covers(application))
            .max_by_key(|application| application.len())
    }

    /// Whether traces show users at this endpoint who came by Kerberos, and none who came by NTLM.
    pub(super) fn traced_kerberos(&self, endpoint: &Endpoint) -> bool {
        let packages: Vec<Package> = self
            .traces_at(endpoint)
            .filter_map(|trace| trace.authenticated().map(|(package, _, _)| package))
            .collect();
        !packages.is_empty() && packages.iter().all(|package| *package == Package::Kerberos)
    }
}

#[cfg(test)]
mod tests;
