//! Group SZ: tokens that are too large on their way.

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[];
