//! Which events somebody wants.

use super::wanted;

/// A choice of events: those that the analysis wants, or those of chosen ids and providers.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only events with one of these ids; all where empty.
    pub ids: Vec<u32>,
    /// Only events of these providers, whatever their case; all where empty.
    pub providers: Vec<String>,
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
        };
        assert!(chosen.of_provider("SECURITY").contain(7));
        assert!(!chosen.of_provider("SECURITY").contain(4625));
        assert!(!chosen.of_provider("Other").contain(7));
        let providers = Selection {
            ids: Vec::new(),
            ..chosen
        };
        assert!(providers.of_provider("Security").contain(1));
    }
}
