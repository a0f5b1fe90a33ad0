//! The catalogue: every cause, in the order of its id's group. One line each.

use super::{
    Cause, acceptor, account, channel_binding, config, encryption, loopback, machine, name, pool,
    spn,
};

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
    &config::CFG_01,
    &config::CFG_02,
    &config::CFG_03,
    &config::CFG_04,
    &config::CFG_05,
    &config::CFG_06,
    &config::CFG_07,
    &config::CFG_08,
    &config::CFG_09,
    &config::CFG_13,
    &config::CFG_15,
    &config::CFG_16,
    &acceptor::KM_03,
    &acceptor::KM_04,
    &acceptor::KM_05,
    &acceptor::KM_06,
    &acceptor::KM_07,
    &pool::POOL_01,
    &pool::POOL_02,
    &pool::POOL_03,
    &pool::POOL_04,
    &pool::POOL_05,
    &pool::POOL_07,
    &channel_binding::EPA_01,
    &channel_binding::EPA_02,
    &channel_binding::EPA_03,
    &loopback::LOOP_01,
    &account::AC_01,
    &account::AC_02,
    &account::AC_03,
    &account::AC_04,
    &account::AC_05,
    &account::AC_07,
    &machine::MC_01,
    &machine::MC_05,
    &encryption::ET_04,
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
