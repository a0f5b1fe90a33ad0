//! Group CL: what the client does, or does not do. Most of it is in no log of the server, which shows a challenge that nobody
//! answers and no more: such findings are possible, and ask for what would decide.

pub(super) mod allow_list;
mod cloud_device;
mod expired_tgt;
mod firefox;
mod integrated_off;
mod no_controller;
mod no_credentials;
mod not_joined;
mod other_session;
mod other_system;
mod private_window;
mod proxy_left;
mod remembered_refusal;
mod schemes;
mod signs;
mod soap;
mod stale_ticket;
#[cfg(test)]
mod tests;
mod winhttp_level;
mod zone;

use crate::causes::Cause;
pub(super) use signs::of_this_case;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &zone::CAUSE,
    &allow_list::CAUSE,
    &schemes::CAUSE,
    &private_window::CAUSE,
    &firefox::CAUSE,
    &integrated_off::CAUSE,
    &not_joined::CAUSE,
    &no_controller::CAUSE,
    &cloud_device::CAUSE,
    &stale_ticket::CAUSE,
    &remembered_refusal::CAUSE,
    &no_credentials::CAUSE,
    &winhttp_level::CAUSE,
    &other_session::CAUSE,
    &other_system::CAUSE,
    &soap::CAUSE,
    &expired_tgt::CAUSE,
    &proxy_left::CAUSE,
];
