//! The group SZ against small cases.
