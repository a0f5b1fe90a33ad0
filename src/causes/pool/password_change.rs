//! When the password of a pool's account was changed: by events of a domain controller, else as a listing of the directory
//! dates the last change.

use jiff::Timestamp;

use crate::case::{AccountId, Auditing, Role};
use crate::causes::{Assessment, Input, Scene};
use crate::evidence::{Citation, When};
use crate::readers::events::Event;

/// A change of a password.
pub(super) struct Changed {
    /// When.
    pub time: Timestamp,
    /// The event or the line of the listing.
    pub from: Citation,
    /// True where a listing shows it: the directory keeps the last change alone.
    pub listed: bool,
}

/// The changes that events show, oldest first; without any, the last one by a listing.
pub(super) fn changes(scene: &Scene<'_>, account: AccountId) -> Vec<Changed> {
    let events = scene.case.password_changes(account);
    if !events.is_empty() {
        let changed = |event: &Event| Changed {
            time: event.time,
            from: event.citation.clone(),
            listed: false,
        };
        return events.into_iter().map(changed).collect();
    }
    let last = scene
        .case
        .shown_of(account, |object| &object.state.password_last_set);
    let listed = last.present().and_then(|last| match last.value {
        When::Utc(time) => Some(Changed {
            time,
            from: last.from.first()?.clone(),
            listed: true,
        }),
        When::Local(_) => None,
    });
    listed.into_iter().collect()
}

/// Asks for what would show whether the password was changed, where neither a log that holds such changes nor a listing
/// does.
pub(super) fn lack_the_change(scene: &Scene<'_>, account: AccountId, out: &mut Assessment) {
    let case = scene.case;
    let listed = case.shown_of(account, |object| &object.state.password_last_set);
    let audited = case.coverage.iter().any(|c| {
        case.hosts
            .get(c.host)
            .roles
            .contains(&Role::DomainController)
            && c.auditing(&[4723, 4724, 4738, 4742]) == Auditing::Seen
    });
    if !listed.is_unknown() || audited {
        return;
    }
    if !scene.has_log("Security", Role::DomainController) {
        out.lack(Input::DcSecurityLog);
    }
    out.lack(Input::AccountAttributes(scene.shown(account).to_owned()));
}
