//! Which events somebody wants.

use jiff::Timestamp;

use super::{RawEvent, wanted};

/// A choice of events: those that the analysis wants, or those of chosen ids and providers.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only events with one of these ids; all where empty.
    pub ids: Vec<u32>,
    /// Only events of these providers, whatever their case; all where empty.
    pub providers: Vec<String>,
    /// Only events from this time on, UTC.
    pub since: Option<Timestamp>,
    /// Only events up to this time, UTC.
    pub until: Option<Timestamp>,
    /// Only events of this machine, by its name with or without the domain, whatever their case.
    pub host: Option<String>,
}

/// The ids that are wanted of one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    /// All.
    All,
    /// These, sorted.
    These(Vec<u32>),
}

impl Selection {
    /// Whether events of this machine are wanted.
    pub(crate) fn has_host(&self, computer: &str) -> bool {
        let Some(host) = &self.host else { return true };
        let short = |name: &str| name.split('.').next().unwrap_or(name).to_lowercase();
        match host.contains('.') && computer.contains('.') {
            true => host.eq_ignore_ascii_case(computer),
            false => short(host) == short(computer),
        }
    }

    /// Whether events of this time are wanted.
    pub(crate) fn has_time(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time <= until)
    }

    /// Whether an event is wanted.
    pub(crate) fn has(&self, raw: &RawEvent) -> bool {
        self.of_provider(&raw.provider).contain(raw.id)
            && self.has_host(&raw.computer)
            && self.has_time(raw.time)
    }

    /// The ids wanted of at least one provider.
    pub(crate) fn of_any_provider(&self) -> Ids {
        match (self.ids.is_empty(), self.providers.is_empty()) {
            (true, true) => Ids::These(wanted::all_ids()),
            (true, false) => Ids::All,
            (false, _) => Ids::These(self.ids.clone()),
        }
    }

    /// The ids wanted of a provider.
    pub(crate) fn of_provider(&self, provider: &str) -> Ids {
        if self.ids.is_empty() && self.providers.is_empty() {
            return Ids::These(wanted::ids_of(provider).to_vec());
        }
        let chosen = |p: &String| p.eq_ignore_ascii_case(provider);
        if !self.providers.is_empty() && !self.providers.iter().any(chosen) {
            return Ids::These(Vec::new());
        }
        if self.ids.is_empty() {
            return Ids::All;
        }
        let mut ids = self.ids.clone();
        ids.sort_unstable();
        Ids::These(ids)
    }
}

impl Ids {
    pub(crate) fn contain(&self, id: u32) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.binary_search(&id).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_choice_it_is_what_the_analysis_wants() {
        let ids = Selection::default().of_provider("microsoft-windows-security-auditing");
        assert!(ids.contain(4625) && !ids.contain(4688));
        assert!(!Selection::default().of_provider("Other").contain(4625));
    }

    #[test]
    fn a_choice_is_taken_whatever_the_analysis_wants() {
        let chosen = Selection {
            ids: vec![4688, 7],
            providers: vec!["Security".to_owned()],
            ..Selection::default()
        };
        assert!(chosen.of_provider("SECURITY").contain(7));
        assert!(!chosen.of_provider("SECURITY").contain(4625));
        assert!(!chosen.of_provider("Other").contain(7));
        let providers = Selection {
            ids: Vec::new(),
            ..chosen
        };
        assert!(providers.of_provider("Security").contain(1));
        let of_host = |host: &str| Selection {
            host: Some(host.to_owned()),
            ..Selection::default()
        };
        assert!(of_host("web01").has_host("WEB01.corp.example"));
        assert!(of_host("web01.corp.example").has_host("WEB01"));
        assert!(!of_host("web01.corp.example").has_host("WEB01.other.example"));
        assert!(!of_host("web01").has_host("WEB02.corp.example"));
    }
}
