//! What was observed at an endpoint, whatever the simulation says: an observed fact always wins over a simulated one.

use super::symptom::{Symptom, SymptomKind};
use super::{Case, Endpoint};
use crate::negotiate::Outcome;

impl Case {
    /// The symptoms about the SPN of this key (with or without regard to its port).
    pub fn symptoms_of_spn<'a>(
        &'a self,
        key: &'a str,
    ) -> impl Iterator<Item = (super::SymptomId, &'a Symptom)> {
        self.numbered_symptoms()
            .filter(move |(_, s)| s.spn() == Some(key))
    }

    /// All symptoms with their ids.
    pub fn numbered_symptoms(&self) -> impl Iterator<Item = (super::SymptomId, &Symptom)> {
        self.symptoms
            .iter()
            .enumerate()
            .map(|(i, s)| (super::SymptomId(i), s))
    }

    /// What was observed at an endpoint.
    pub fn observed(&self, endpoint: &Endpoint) -> Outcome {
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
                // One node of a farm may refuse what another accepts.
                SymptomKind::KeyMismatch(_) if self.is_of_another_node(endpoint, &typed) => outcome,
                SymptomKind::KeyMismatch(_) | SymptomKind::KerberosError(..) => {
                    return Outcome::Denied;
                }
                SymptomKind::NtlmForName(_, Some(7)) => Outcome::NtlmByDesign,
                _ => Outcome::NtlmFallback,
            };
        }
        outcome
    }

    /// Whether the events by which clients learned of a mismatch all name other servers of the same host name.
    fn is_of_another_node(&self, endpoint: &Endpoint, key: &str) -> bool {
        let shared = self
            .situation
            .endpoints
            .iter()
            .any(|e| e.server != endpoint.server && e.is_named(&endpoint.name));
        let Some(host) = endpoint.host.filter(|_| shared) else {
            return false;
        };
        let own = &self.hosts.get(host).name;
        self.mismatch_events(key).all(|(_, event)| {
            let named = event.server.as_deref().map(|s| super::split_name(s).1);
            named.is_some_and(|n| !n.trim_end_matches('$').eq_ignore_ascii_case(own))
        })
    }
}
