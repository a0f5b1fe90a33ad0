//! Full-size bundles: what each collector leaves, of several machines, with one decided truth in it.

mod auth_scripts;
mod log_catcher;
mod mail;
mod sdp;
mod tss;
mod twice;

pub use auth_scripts::auth_scripts_of_client_and_server;
pub use log_catcher::log_catcher_of_two_nodes;
pub use mail::mail_with_pastes_in_two_languages;
pub use sdp::sdp_of_a_healthy_server;
pub use tss::tss_of_server_and_domain_controller;
pub use twice::two_collections_of_one_server;

/// The stories of this file.
pub fn all() -> Vec<crate::support::story::Story> {
    vec![
        auth_scripts_of_client_and_server(),
        tss_of_server_and_domain_controller(),
        sdp_of_a_healthy_server(),
        log_catcher_of_two_nodes(),
        mail_with_pastes_in_two_languages(),
        two_collections_of_one_server(),
    ]
}
