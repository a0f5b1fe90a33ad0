//! What was observed at an endpoint, whatever the simulation says: an observed fact always wins over a simulated one.

use std::collections::BTreeSet;

use super::symptom::{Symptom, SymptomKind};
use super::{Case, Endpoint, HostId};
use crate::evidence::Citation;
use crate::negotiate::Outcome;
use crate::readers::events::{Body, Event};

impl Case {
    /// All symptoms with their ids.
    pub fn numbered_symptoms(&self) -> impl Iterator<Item = (super::SymptomId, &Symptom)> {
        self.symptoms
            .iter()
            .enumerate()
            .map(|(i, s)| (super::SymptomId(i), s))
    }

    /// The last logon of a person over the network by Kerberos on a machine. Computers log on to each other all day, for
    /// policies and shares.
    pub fn kerberos_logon(&self, host: HostId) -> Option<&Event> {
        let person = |name: &String| !name.ends_with('$');
        self.pick(|body| match body {
            Body::Logon(logon) if logon.logon_type == Some(3) && logon.is_kerberos() => Some(logon),
            _ => None,
        })
        .filter(|(event, logon)| {
            self.hosts.find(&event.computer) == Some(host)
                && logon.target.name.as_ref().is_some_and(person)
        })
        .map(|(event, _)| event)
        .last()
    }

    /// What was observed at an endpoint: in events, and only where they say nothing in the logs of IIS.
    pub fn observed(&self, endpoint: &Endpoint) -> Outcome {
        match self.observed_in_events(endpoint) {
            Outcome::Unknown => self
                .observed_by_legs(endpoint)
                .map_or(Outcome::Unknown, |(outcome, _)| outcome),
            outcome => outcome,
        }
    }

    /// A place that shows users who came to an endpoint by Kerberos, where nothing shows that they came otherwise.
    pub fn came_by_kerberos<'a>(&'a self, endpoint: &'a Endpoint) -> Option<&'a Citation> {
        if self.observed(endpoint) != Outcome::Kerberos {
            return None;
        }
        let traced = self.traces_at(endpoint).find_map(|t| t.authenticated());
        traced
            .map(|(_, _, from)| from)
            .or_else(|| self.one_leg_at(endpoint))
    }

    /// What events show of an endpoint.
    pub fn observed_in_events(&self, endpoint: &Endpoint) -> Outcome {
        let pool_down = self.symptoms.iter().any(|s| match &s.kind {
            SymptomKind::PoolDown(host, pool) => {
                Some(*host) == endpoint.host
                    && endpoint
                        .pool
                        .as_ref()
                        .is_some_and(|p| p.name.eq_ignore_ascii_case(pool))
            }
            _ => false,
        });
        if pool_down {
            return Outcome::Unavailable;
        }
        if endpoint.name.is_empty() || !endpoint.name_is_tied() {
            return Outcome::Unknown;
        }
        let typed = super::Spn::http(&endpoint.name).key();
        let canonical = self
            .canonical_name(&endpoint.name)
            .map(|name| super::Spn::http(name.trim_end_matches('.')).key());
        let mut outcome = Outcome::Unknown;
        for (_, symptom) in self.numbered_symptoms().filter(|(_, s)| {
            s.spn()
                .is_some_and(|spn| spn == typed || Some(spn) == canonical.as_deref())
        }) {
            outcome = match symptom.kind {
                // One node of a farm, or one application, may refuse what another accepts.
                SymptomKind::KeyMismatch(_) if self.is_of_another(endpoint, &typed) => outcome,
                SymptomKind::KeyMismatch(_) | SymptomKind::TokenRefused { .. } => {
                    return Outcome::Denied;
                }
                // Without a ticket a client may go on with NTLM; whether it does is documented for few errors.
                SymptomKind::KerberosError(..) if self.came_by_ntlm(endpoint, symptom) => {
                    Outcome::NtlmFallback
                }
                SymptomKind::KerberosError(..) => outcome,
                SymptomKind::NtlmForName(_, Some(7)) => Outcome::NtlmByDesign,
                _ => Outcome::NtlmFallback,
            };
        }
        match outcome {
            Outcome::Unknown if self.traced_kerberos(endpoint) => Outcome::Kerberos,
            outcome => outcome,
        }
    }

    /// Whether users whom the KDC refused a ticket came to the endpoint's machine by NTLM.
    fn came_by_ntlm(&self, endpoint: &Endpoint, refused: &Symptom) -> bool {
        let bare = |name: &String| super::split_name(name).1;
        let users: BTreeSet<String> = refused.principals.iter().map(bare).collect();
        self.symptoms.iter().any(|s| match s.kind {
            SymptomKind::NtlmLogons(host) => {
                let mut came = s.principals.iter().map(bare);
                Some(host) == endpoint.host && came.any(|user| users.contains(&user))
            }
            _ => false,
        })
    }

    /// Whether the events by which clients learned of a mismatch all name somebody else than this endpoint's machine and
    /// pool account, where others answer to the same host name: another node of a farm, or another application.
    fn is_of_another(&self, endpoint: &Endpoint, key: &str) -> bool {
        let pool = |e: &Endpoint| e.pool.as_ref().and_then(|p| p.identity.account());
        let shared = self.situation.endpoints.iter().any(|e| {
            e.is_named(&endpoint.name) && (e.server != endpoint.server || pool(e) != pool(endpoint))
        });
        let machine = endpoint.host.map(|h| self.hosts.get(h).name.to_lowercase());
        let account = pool(endpoint).map(|a| self.accounts.get(a).bare_name().to_lowercase());
        let own: Vec<String> = [machine, account].into_iter().flatten().collect();
        let bare = |name: &str| name.trim_end_matches('$').to_owned();
        shared
            && !own.is_empty()
            && self.mismatch_events(key).all(|(_, event)| {
                let named = event.server.as_deref().map(|s| super::split_name(s).1);
                named.is_some_and(|n| !own.iter().any(|o| bare(o) == bare(&n)))
            })
    }
}

#[cfg(test)]
mod tests {
    use crate::negotiate::Outcome;
    use crate::testkit::{Happening, Kit, config, kerberos_3, pool, security, site, windows};

    fn by_ntlm(user: &str) -> Happening {
        security(
            4624,
            &[
                ("TargetUserName", user),
                ("TargetDomainName", "CORP"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "NTLM"),
                ("LmPackageName", "NTLM V2"),
            ],
        )
    }

    /// A refused ticket is no denial seen at the site: only who comes all the same is shown to come by NTLM.
    #[test]
    fn what_follows_a_refused_ticket_is_what_is_seen() {
        let sites = site("Portal", "*:80:portal.corp.example", "Portal");
        let windows = windows("enabled=\"true\"");
        let text = config(&pool("Portal", "CORP\\svc_web"), &sites, &windows, "");
        let kit = || {
            Kit::new()
                .config("WEB01/applicationHost.config", &text)
                .logs_in("WEB01")
                .event(
                    "PC7.corp.example",
                    kerberos_3("HTTP/portal.corp.example", "0xe"),
                )
        };
        let seen = |kit: Kit| {
            let case = kit.case();
            case.observed(&case.situation.endpoints[0])
        };
        assert_eq!(seen(kit()), Outcome::Unknown);
        let came = |user| kit().event("WEB01.corp.example", by_ntlm(user));
        assert_eq!(seen(came("uma")), Outcome::NtlmFallback);
        assert_eq!(seen(came("karl")), Outcome::Unknown, "somebody else");
    }
}
