//! The stories, in folders of causes: each becomes `fixtures/<name>`. Add a function, and its line in [`all`].

mod account;
mod channel_binding;
mod composite;
mod config;
mod config_scope;
mod doubt;
mod healthy;
mod machine;
mod pool;
mod providers;
mod spn;

use super::story::Story;

/// Every story.
pub fn all() -> Vec<Story> {
    vec![
        healthy::kerberos_with_pool_credentials(),
        spn::no_spn_for_host_header(),
        spn::spn_on_pool_account_kernel_mode(),
        config::windows_authentication_not_installed(),
        config::windows_authentication_turned_off(),
        providers::only_ntlm_offered(),
        providers::ntlm_before_negotiate(),
        providers::providers_cleared(),
        providers::negotiate_kerberos_without_spn(),
        config::anonymous_wins(),
        config::every_method_off(),
        config_scope::locked_section_in_web_config(),
        config_scope::module_removed_from_site(),
        config_scope::farm_nodes_drifted(),
        config_scope::setting_at_the_wrong_scope(),
        channel_binding::channel_binding_behind_proxy(),
        channel_binding::alias_not_in_accepted_spns(),
        pool::pool_password_wrong_at_start(),
        pool::pool_password_changed_while_running(),
        pool::pool_account_locked(),
        pool::pool_account_lacks_batch_logon_right(),
        pool::managed_password_not_retrievable(),
        account::server_calls_its_own_alias(),
        account::one_user_types_an_old_password(),
        account::user_locked_out_by_a_phone(),
        account::password_must_be_changed(),
        account::network_logon_denied(),
        machine::secure_channel_broken_after_snapshot(),
        machine::server_clock_behind(),
        composite::three_faults_on_one_server(),
        composite::broken_site_beside_healthy_one(),
        composite::wrong_clock_and_missing_spn(),
        doubt::noisy_and_healthy(),
        doubt::damaged_bundle_still_decides(),
        doubt::setspn_dumps_contradict(),
    ]
}
