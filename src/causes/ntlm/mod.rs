//! Group NT: NTLM that is blocked, degraded or removed: it shows once Kerberos is lost.

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[];
