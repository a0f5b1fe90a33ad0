//! Computers that become domain controllers. Promotion turns the account of the computer from that of a workstation into that
//! of a server: its flags, and with them its primary group. That a controller starts its directory service says nothing: it
//! does so at every boot.

use super::Case;
use super::account::common_name;
use super::change::plain;
use crate::readers::events::{AccountChanged, Body, DirectoryChanged, Event};

/// `SERVER_TRUST_ACCOUNT` in the encoding of SAM, as 4742 writes it (MS-SAMR 2.2.1.12).
const SAM_SERVER_TRUST: u32 = 0x100;
/// `SERVER_TRUST_ACCOUNT` of the attribute `userAccountControl`.
const SERVER_TRUST: u32 = 0x2000;
/// Domain Controllers, Read-only Domain Controllers: RIDs of primary groups.
const CONTROLLERS: [u32; 2] = [516, 521];

/// The plain name of the computer that an event shows to become a domain controller.
pub(super) fn promoted(case: &Case, event: &Event) -> Option<String> {
    match &event.body {
        Body::AccountChanged(change) if change.id == 4742 => {
            let name = change.target.name.as_deref()?;
            by_account(change).then(|| plain(name))
        }
        Body::DirectoryChanged(change) => {
            let name = common_name(change.object_dn.as_deref()?)?;
            by_directory(case, event, change).then(|| plain(&name))
        }
        _ => None,
    }
}

/// The group stands in the event only where it was changed.
fn by_account(change: &AccountChanged) -> bool {
    let is_server = |flags: Option<u32>| flags.map(|flags| flags & SAM_SERVER_TRUST != 0);
    let becomes =
        (is_server(change.old_uac), is_server(change.new_uac)) == (Some(false), Some(true));
    becomes
        || change
            .primary_group
            .is_some_and(|group| CONTROLLERS.contains(&group))
}

fn by_directory(case: &Case, event: &Event, change: &DirectoryChanged) -> bool {
    let Some(value) = number(change).filter(|_| change.added == Some(true)) else {
        return false;
    };
    let attribute = change.attribute.as_deref().unwrap_or_default();
    if attribute.eq_ignore_ascii_case("primaryGroupID") {
        return CONTROLLERS.contains(&value);
    }
    // The flags of a controller are written anew with every change of one of them: those before tell.
    attribute.eq_ignore_ascii_case("userAccountControl")
        && value & SERVER_TRUST != 0
        && taken_away(case, event, change).is_some_and(|before| before & SERVER_TRUST == 0)
}

/// The value that was taken away for the one of this event: one change writes both at once.
fn taken_away(case: &Case, event: &Event, change: &DirectoryChanged) -> Option<u32> {
    let same = |before: &DirectoryChanged| {
        before.added == Some(false)
            && before.object_dn == change.object_dn
            && before.attribute == change.attribute
    };
    let near = case.events.partition_point(|other| other.time < event.time);
    let from = case.events.get(..near)?.iter().rev();
    let at = case.events.get(near..)?.iter();
    let at = at.take_while(|other| other.time == event.time);
    let close = |other: &&Event| event.time.duration_since(other.time).as_secs() < 2;
    let mut others = at.chain(from.take_while(close));
    others.find_map(|other| match &other.body {
        Body::DirectoryChanged(before) if same(before) => number(before),
        _ => None,
    })
}

fn number(change: &DirectoryChanged) -> Option<u32> {
    change.value.as_deref()?.trim().parse().ok()
}
