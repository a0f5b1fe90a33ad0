//! The group CFG against small cases.
