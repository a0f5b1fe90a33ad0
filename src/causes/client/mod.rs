//! Group CL: what the client does, or does not do.

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[];
