//! The group AZ against small cases.
