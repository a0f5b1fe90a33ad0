//! The group PRX against small cases.
