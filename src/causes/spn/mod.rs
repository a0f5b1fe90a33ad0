//! Group SPN: who owns the name.

mod missing;
mod on_machine;
mod on_pool_account;
#[cfg(test)]
mod tests;

pub use missing::CAUSE as SPN_01;
pub use on_machine::CAUSE as SPN_06;
pub use on_pool_account::CAUSE as SPN_05;

use crate::case::Spn;

/// Whether a registered value is a near miss of the SPN that clients ask for: the same name with another port, in its
/// other form (short or fully qualified), or misspelled. Each of these is a cause of its own (SPN-09, SPN-10, SPN-11, SPN-18).
pub(super) fn neighbours(registered: &Spn, asked: &Spn) -> bool {
    if registered == asked {
        return false;
    }
    let clean = registered.visible_form();
    if !registered.invisible().is_empty() && clean == *asked {
        return true;
    }
    let meant = |text: &str| text.to_lowercase().contains(&asked.host());
    if registered.malformation().is_some() {
        return meant(registered.as_str());
    }
    registered.has_class("HTTP")
        && (registered.host() == asked.host() || other_form(&registered.host(), &asked.host()))
}

/// Whether one name is the short form of the other.
pub(super) fn other_form(a: &str, b: &str) -> bool {
    let short_of = |short: &str, long: &str| {
        !short.contains('.')
            && long
                .strip_prefix(short)
                .is_some_and(|rest| rest.starts_with('.'))
    };
    short_of(a, b) || short_of(b, a)
}
