//! Group TR: trusts, referrals and routing between domains and forests.

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[];
