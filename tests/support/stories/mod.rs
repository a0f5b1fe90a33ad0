//! The stories, in folders of causes: each becomes `fixtures/<name>`. Add a function, and its name in
//! the list of its file.

mod account;
mod account_other;
mod account_state;
mod between;
mod channel_binding;
mod composite;
mod config;
mod config_scope;
mod doubt;
mod doubtful_keys;
mod duplicate;
mod encryption;
mod hardening;
mod healthy;
mod holder;
mod layouts;
mod machine;
mod missing;
mod name;
mod ntlm;
mod pool;
mod providers;
mod refused;
mod repaired;
mod settings;
mod shared_name;
mod spn;
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
        account::all(),
        machine::all(),
        composite::all(),
        doubt::all(),
        account_state::all(),
        doubtful_keys::all(),
        layouts::all(),
        encryption::all(),
        hardening::all(),
        trust::all(),
        ntlm::all(),
        account_other::all(),
        repaired::all(),
        refused::all(),
        settings::all(),
        between::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
