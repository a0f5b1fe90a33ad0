//! Group AZ: authenticated, and then refused: by files, rules, addresses or the application.

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[];
