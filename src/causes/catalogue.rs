//! The catalogue: every cause, in the order of its id's group. One line each.

use super::{Cause, name, spn};

/// Every cause.
pub static CATALOGUE: &[&Cause] = &[
    &spn::SPN_01,
    &spn::SPN_02,
    &spn::SPN_03,
    &spn::SPN_04,
    &spn::SPN_05,
    &spn::SPN_06,
    &spn::SPN_07,
    &spn::SPN_09,
    &spn::SPN_10,
    &spn::SPN_11,
    &spn::SPN_12,
    &spn::SPN_18,
    &spn::SPN_19,
    &spn::SPN_21,
    &name::NAME_01,
    &name::NAME_02,
    &name::NAME_06,
];

/// The cause with this id or name, without regard to case.
pub fn find(id_or_name: &str) -> Option<&'static Cause> {
    CATALOGUE
        .iter()
        .find(|c| c.id.eq_ignore_ascii_case(id_or_name) || c.name.eq_ignore_ascii_case(id_or_name))
        .copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_and_names_are_unique() {
        let ids: BTreeSet<_> = CATALOGUE.iter().map(|c| c.id).collect();
        let names: BTreeSet<_> = CATALOGUE.iter().map(|c| c.name).collect();
        assert_eq!((ids.len(), names.len()), (CATALOGUE.len(), CATALOGUE.len()));
    }

    #[test]
    fn pages_are_whole() {
        for cause in CATALOGUE {
            let page = &cause.page;
            assert!(
                cause
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                cause.id
            );
            assert!(
                !page.mechanism.is_empty()
                    && !page.evidence.is_empty()
                    && !page.look_alikes.is_empty(),
                "{}",
                cause.id
            );
            assert!(
                !page.ruled_out_by.is_empty() && !page.fix.is_empty() && !page.verify.is_empty(),
                "{}",
                cause.id
            );
            assert!(
                !page.rollback.is_empty() && !page.prevent.is_empty() && !page.sources.is_empty(),
                "{}",
                cause.id
            );
            for other in page.look_alikes {
                assert_ne!(other.cause, cause.id);
            }
        }
    }
}
