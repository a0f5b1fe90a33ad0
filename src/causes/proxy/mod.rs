//! Group PRX: proxies, load balancers and protocols between client and IIS.

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[];
