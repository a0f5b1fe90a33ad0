//! Events as Windows writes them: one short constructor for each that matters, with the complete field list of
//! `causes.md` section 7, in its order, and plausible values in the fields that do not.
//!
//! Every constructor starts with the time and the machine that writes the event, and returns an
//! [`EventSpec`](super::evtx_writer::EventSpec); change a single field with `.with("Status", hex(0x12))`.
//!
//! Who writes what: 4624/4625 the IIS server; 4768 to 4776, 4738, 4740, 5136 and KDC events a domain controller;
//! Kerberos 3 and 4 and NTLM 8001/4020 the client.

mod account;
mod hop;
mod iis;
mod kdc;
mod kerberos;
mod lsa;
mod noise;
mod ntlm;
mod providers;
mod security;
mod tickets;

pub use account::{
    account_disabled, account_locked_out, computer_changed, logon_right_removed, password_set,
    spn_added, spn_removed, user_changed,
};
pub use hop::{
    application_error, delegated_account, kdc_s4u_refused, ntlm_credential_guard, sql_login_failed,
};
pub use iis::{
    http_package_not_initialised, iis_configuration_changed, iis_configuration_committed,
    pool_event, pool_identity_invalid, pool_logon_failed,
};
pub use kdc::{
    kdc_duplicate_name, kdc_large_ticket, kdc_lookup_failed, kdc_no_key_as, kdc_no_key_tgs,
    kdc_record, kdc_unsupported_etype,
};
pub use kerberos::{
    clock_skew, kerberos_error, key_mismatch, pac_check, pac_verification_failed, token_too_large,
};
pub use lsa::{
    lsa_could_not_authenticate, lsa_foreign_ticket, lsa_loopback, lsa_ntlm_in_use,
    lsa_too_many_groups, netlogon_9000, netlogon_event,
};
pub use noise::{noise, process_started};
pub use ntlm::{
    ntlm_4001, ntlm_4003, ntlm_4004, ntlm_4011, ntlm_4020, ntlm_4022, ntlm_8001, ntlm_8002,
    ntlm_8003, ntlm_8004, protected_user_refused,
};
pub use providers::*;
pub use security::{
    denied_by_policy, explicit_credentials, logoff, logon, logon_failed, logon_kerberos,
    logon_ntlm, ntlm_validation, privileges, sids_filtered,
};
pub use tickets::{preauth_failed, service_ticket, service_ticket_failed, tgt, tgt_failed};
