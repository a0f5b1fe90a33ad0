//! LogonType of 4624 and 4625 (S23). A Windows logon at IIS is type 3, Basic authentication usually type 8; a pool
//! identity logs on as 4 or 5.

use super::table::{Notation, Table};

/// Logon types.
#[rustfmt::skip]
pub static LOGON_TYPES: Table = Table::new(Notation::Decimal, &[
    (0, "System", "the system itself"),
    (2, "Interactive", "at the console"),
    (3, "Network", "over the network: Kerberos or NTLM at IIS, shares"),
    (4, "Batch", "a scheduled task or an application pool"),
    (5, "Service", "a service"),
    (7, "Unlock", "a console was unlocked"),
    (8, "NetworkCleartext", "the password came in clear: Basic authentication"),
    (9, "NewCredentials", "other credentials for the network: runas /netonly"),
    (10, "RemoteInteractive", "Remote Desktop"),
    (11, "CachedInteractive", "at the console, with cached credentials"),
    (12, "CachedRemoteInteractive", "Remote Desktop, with cached credentials"),
    (13, "CachedUnlock", "unlocked with cached credentials"),
]);
