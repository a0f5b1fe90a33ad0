//! The stories, in folders of causes: each becomes `fixtures/<name>`. Add a function, and its name in
//! the list of its file.

mod account;
mod account_other;
mod account_state;
mod between;
mod channel_binding;
mod client;
mod client_name;
mod composite;
mod config;
mod config_scope;
mod domain_member;
mod doubt;
mod doubtful_keys;
mod duplicate;
mod encryption;
mod hardening;
mod healthy;
mod holder;
mod hops;
mod layouts;
mod machine;
mod missing;
mod name;
mod ntlm;
mod order;
mod pool;
mod pool_state;
mod providers;
mod refused;
mod repaired;
mod second_hop;
mod settings;
mod several;
mod shared_name;
mod sparse;
mod spn;
mod spn_written;
mod thin;
mod trust;

use super::story::Story;

/// Every story.
pub fn all() -> Vec<Story> {
    [
        healthy::all(),
        spn::all(),
        missing::all(),
        duplicate::all(),
        holder::all(),
        name::all(),
        shared_name::all(),
        thin::all(),
        config::all(),
        providers::all(),
        config_scope::all(),
        channel_binding::all(),
        pool::all(),
        pool_state::all(),
        account::all(),
        second_hop::all(),
        machine::all(),
        composite::all(),
        doubt::all(),
        account_state::all(),
        doubtful_keys::all(),
        layouts::all(),
        encryption::all(),
        hardening::all(),
        trust::all(),
        domain_member::all(),
        spn_written::all(),
        client_name::all(),
        ntlm::all(),
        client::all(),
        account_other::all(),
        repaired::all(),
        refused::all(),
        settings::all(),
        between::all(),
        several::all(),
        order::all(),
        sparse::all(),
        hops::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
