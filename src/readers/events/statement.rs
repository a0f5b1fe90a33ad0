//! What an event says, as a number that all have that say the same.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::LazyLock;

use foldhash::quality::RandomState;

use super::{Body, Event, Fields, Logon, LogonFailed, ServiceTicketRequest};

/// Another in each process: events cannot be written beforehand that have one number.
static HASHING: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// What an event says, as a number: that of others that say the same. Two statements with one number would be counted as one.
pub(super) fn statement(event: &Event) -> u64 {
    let mut hasher = HASHING.build_hasher();
    (&event.provider, event.id, &event.channel, &event.computer).hash(&mut hasher);
    said(&event.body, &mut hasher);
    hasher.finish()
}

/// Leaves out what passes: connections, sessions, numbers of processes.
fn said(body: &Body, hasher: &mut impl Hasher) {
    match body {
        Body::Logon(e) => {
            let Logon {
                target,
                logon_type,
                logon_process,
                package,
                lm_package,
                logon_guid: _,
                workstation,
                logon_id: _,
                process,
                ip,
                port: _,
                impersonation_level,
                transmitted_services,
                outbound,
            } = e;
            (target, logon_type, logon_process, package, lm_package).hash(hasher);
            (workstation, process, ip, impersonation_level).hash(hasher);
            (transmitted_services, outbound).hash(hasher);
        }
        Body::LogonFailed(e) => {
            let LogonFailed {
                target,
                status,
                sub_status,
                failure_reason,
                logon_type,
                logon_process,
                package,
                lm_package,
                workstation,
                process,
                ip,
                port: _,
            } = e;
            (target, status, sub_status, failure_reason, logon_type).hash(hasher);
            (logon_process, package, lm_package, workstation).hash(hasher);
            (process, ip).hash(hasher);
        }
        Body::ServiceTicketRequest(e) => {
            let ServiceTicketRequest {
                id,
                client,
                service_name,
                service_sid,
                status,
                options,
                ticket_etype,
                logon_guid: _,
                ip,
                transmitted_services,
                etypes,
            } = e;
            (id, client, service_name, service_sid, status, options).hash(hasher);
            (ticket_etype, ip, transmitted_services, etypes).hash(hasher);
        }
        Body::ExplicitCredentials(e) => e.hash(hasher),
        Body::LogonRightChanged(e) => e.hash(hasher),
        Body::AccountChanged(e) => e.hash(hasher),
        Body::TgtRequest(e) => e.hash(hasher),
        Body::PreauthFailed(e) => e.hash(hasher),
        Body::NtlmValidation(e) => e.hash(hasher),
        Body::PolicyRefused(e) => e.hash(hasher),
        Body::DirectoryChanged(e) => e.hash(hasher),
        Body::KerberosError(e) => e.hash(hasher),
        Body::KeyMismatch(e) => e.hash(hasher),
        Body::Kerberos(e) => e.fields.hash_lasting(hasher),
        Body::Kdc(e) => e.hash(hasher),
        Body::Lsa(e) => e.hash(hasher),
        Body::Netlogon(e) => e.hash(hasher),
        Body::NtlmUse(e) => e.fields.hash_lasting(hasher),
        Body::NtlmBlocked(e) => e.fields.hash_lasting(hasher),
        Body::Pool(e) => e.hash(hasher),
        Body::ConfigChanged(e) => e.hash(hasher),
        Body::Http(e) => e.hash(hasher),
        Body::Other(fields) => fields.hash_lasting(hasher),
    }
}

/// Names of values that are others in each event, whatever it says: numbers of processes and sessions.
const PASSING: [&str; 10] = [
    "CallerPID",
    "ClientLUID",
    "ClientLogonId",
    "IpPort",
    "LogonId",
    "ProcessID",
    "ProcessPID",
    "SubjectLogonId",
    "TargetLogonId",
    "ThreadID",
];

impl Fields {
    /// Hashes all values but those that pass.
    fn hash_lasting(&self, hasher: &mut impl Hasher) {
        for (name, value) in self.pairs() {
            if !PASSING.iter().any(|p| name.eq_ignore_ascii_case(p)) {
                (name, value).hash(hasher);
            }
        }
    }
}
