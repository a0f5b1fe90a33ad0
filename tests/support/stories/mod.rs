//! The stories, in folders of causes: each becomes `fixtures/<name>`. Add a function, and its line in [`all`].

mod account;
mod account_state;
mod channel_binding;
mod composite;
mod config;
mod config_scope;
mod doubt;
mod doubtful_keys;
mod duplicate;
mod healthy;
mod holder;
mod layouts;
mod machine;
mod missing;
mod name;
mod pool;
mod providers;
mod shared_name;
mod spn;
mod thin;

use super::story::Story;

/// Every story.
pub fn all() -> Vec<Story> {
    vec![
        healthy::kerberos_with_pool_credentials(),
        healthy::domain_pool_with_name_on_machine(),
        healthy::own_name_covered_by_host(),
        healthy::managed_account_with_pool_credentials(),
        healthy::farm_with_managed_account(),
        healthy::alias_by_cname_with_machine(),
        spn::no_spn_for_host_header(),
        spn::spn_on_pool_account_kernel_mode(),
        missing::shown_by_klist_and_forest(),
        missing::shown_by_ntlm_reasons(),
        missing::registered_with_https(),
        missing::short_form_missing(),
        missing::only_with_port(),
        missing::dash_for_a_hyphen(),
        missing::repaired_before_collection(),
        duplicate::listed_and_noticed(),
        duplicate::two_holders_in_french(),
        duplicate::spelled_in_two_cases(),
        holder::server_name_on_pool_account(),
        holder::managed_account_without_pool_credentials(),
        holder::alias_left_on_machine(),
        holder::own_name_in_user_mode(),
        holder::name_left_on_old_account(),
        holder::reporting_services_holds_server_name(),
        name::address_in_the_url(),
        name::alias_by_cname(),
        name::binding_added(),
        shared_name::farm_name_on_one_node(),
        shared_name::homonym_in_child_domain(),
        shared_name::worker_still_runs_as_before(),
        shared_name::pool_credentials_in_one_application(),
        shared_name::two_pool_accounts_behind_one_name(),
        shared_name::local_account_opens_tickets(),
        thin::only_configuration(),
        thin::only_one_list(),
        thin::only_klist(),
        thin::only_client_system_log(),
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
        doubt::configuration_cut_before_the_site(),
        doubt::setspn_dumps_contradict(),
        account_state::user_disabled_by_automation(),
        account_state::contractor_account_expired(),
        channel_binding::old_clients_without_channel_binding(),
        doubtful_keys::local_service_in_user_mode(),
        doubtful_keys::rc4_ticket_that_the_server_cannot_open(),
        doubtful_keys::configuration_copied_without_its_keys(),
        layouts::auth_scripts_of_client_and_server(),
        layouts::tss_of_server_and_domain_controller(),
        layouts::sdp_of_a_healthy_server(),
        layouts::log_catcher_of_two_nodes(),
        layouts::mail_with_pastes_in_two_languages(),
        layouts::two_collections_of_one_server(),
    ]
}
