//! The group EPA against small cases.
