//! `cmdkey /list`: the labels are translated, the kinds of targets are not.
//!
//! ```text
//! Currently stored credentials:
//!
//!     Target: Domain:target=web.corp.example
//!     Type: Domain Password
//!     User: CORP\svc_old
//!     Local machine persistence
//! ```
//!
//! Only credentials of domains are kept: those that programs store for themselves (`LegacyGeneric:`) take no part in Windows
//! authentication, and may hold anything. The secret is in no output of `cmdkey`.

use super::{Fact, Found, StoredCredential};
use crate::bundle::{credential_target, labelled, none_stored};
use crate::readers::console::Line;

/// Lines of one credential that follow its target.
const BELOW: usize = 3;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    let mut listed = false;
    for (at, line) in lines.iter().enumerate() {
        let target = credential_target(line.text);
        if !listed && (target.is_some() || none_stored(line.text)) {
            found.add(Fact::CredentialsListed, line);
            listed = true;
        }
        let Some((kind, use_, target)) = target.filter(|(kind, ..)| *kind == "Domain") else {
            continue;
        };
        debug_assert_eq!(kind, "Domain");
        let below = lines.get(at + 1..).unwrap_or_default().iter();
        // The kind of the credential stands below its target, the account below that.
        let user = below
            .take(BELOW)
            .take_while(|line| !line.is_blank() && credential_target(line.text).is_none())
            .filter_map(|line| labelled(line.text))
            .nth(1)
            .map(|(_, user)| user.to_owned())
            .filter(|user| !user.is_empty());
        let credential = StoredCredential {
            target: target.to_owned(),
            for_host: use_ == "target",
            user,
        };
        found.add(Fact::StoredCredential(credential), line);
    }
}
