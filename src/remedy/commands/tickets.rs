//! klist: tickets of the logon session it runs in. A purge in another session, elevated or not, leaves the browser's
//! tickets where they are.

use super::Written;
use crate::remedy::quoting::cmd;

/// Asks the KDC for a ticket: shows who answers, or the error. Fills the cache, changes nothing else.
pub fn klist_get(spn: &str) -> Written {
    cmd("klist").arg("get").value(spn).build()
}

/// Drops the tickets of this session.
pub fn klist_purge() -> Written {
    cmd("klist").arg("purge").build()
}

/// Drops the tickets of the machine itself, for servers that act as clients. Needs an elevated prompt.
pub fn klist_purge_machine() -> Written {
    cmd("klist").arg("-li").arg("0x3e7").arg("purge").build()
}
