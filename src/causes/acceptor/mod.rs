//! Causes of this group.
