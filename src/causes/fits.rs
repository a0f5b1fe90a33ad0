//! Which causes could be behind a symptom, going by what each one makes machines write (`causes.md` section 4). It decides
//! nothing: it only says what is asked for first while a symptom is unexplained.

use super::predicted::{Predicts, predicted_by};
use crate::case::SymptomKind;

/// STATUS_BAD_BINDINGS, as NTSTATUS and as what SSPI makes of it.
const BAD_BINDINGS: [u32; 2] = [0xC000_035B, 0x8009_0346];

/// Whether a cause could explain a symptom.
pub fn fits(cause: &str, kind: &SymptomKind) -> bool {
    use SymptomKind as S;
    let group = cause.split('-').next().unwrap_or(cause);
    match kind {
        S::KeyMismatch(_) => cannot_open(cause),
        S::TokenRefused { spn: Some(_), .. } => cannot_open(cause) || group == "EPA",
        S::TokenRefused { .. } => matches!(group, "AC" | "EPA" | "NT" | "PRX"),
        S::PrincipalUnknown(_) => no_holder(cause),
        S::KerberosError(..) => matches!(group, "ET" | "TR" | "DG" | "MC"),
        S::NtlmForName(..) | S::NtlmLogons(_) | S::NtlmByLegs(_) => {
            no_holder(cause)
                || predicted_by(cause) == Some(Predicts::Ntlm)
                || matches!(cause, "CL-03" | "CL-06" | "CL-07" | "CL-08")
        }
        S::LogonFailed {
            status, sub_status, ..
        } if BAD_BINDINGS.contains(status) || BAD_BINDINGS.contains(sub_status) => group == "EPA",
        S::LogonFailed {
            own_address: true, ..
        }
        | S::Loopback(..) => group == "LOOP" || group == "AC",
        S::LogonFailed { .. } => matches!(group, "AC" | "NT" | "MC" | "TR"),
        S::SignInFailed {
            win32: Some(code), ..
        } if BAD_BINDINGS.contains(code) => group == "EPA",
        S::SignInFailed {
            own_address: true, ..
        } => group == "LOOP",
        S::SignInFailed { .. } => cannot_open(cause) || matches!(group, "AC" | "NT" | "PRX"),
        S::PoolDown(..)
        | S::ServiceLogonFailed(..)
        | S::ManagedPassword(..)
        | S::PoolRefuses(..) => group == "POOL",
        S::NtlmBlocked(..) => group == "NT" || no_holder(cause),
        S::SecureChannel(_) => group == "MC",
        S::ClockSkew(_) => cause == "MC-05",
        S::SecurityPackage(_) => cause == "CFG-20",
        S::NobodySignsIn(_) => matches!(group, "CL" | "CFG" | "PRX"),
        S::HeaderTooLong(..) | S::TokenTooLarge(_) | S::TooManyGroups(_) => {
            group == "SZ" || cause == "PRX-03"
        }
        S::ConfigUnreadable(..) => matches!(cause, "CFG-09" | "AZ-02" | "POOL-07"),
        S::AccessRefused(..)
        | S::RefusedUntold(_)
        | S::AddressRefused(..)
        | S::TracedRefusal(..) => group == "AZ" || cause == "CFG-19",
        S::TokensAlone(_) => matches!(group, "PRX" | "CFG" | "CL"),
        S::ReferralFailed(..) => group == "TR",
        S::SecondHop { .. } => group == "DG",
        S::ForeignTicket(_) => cause == "ET-15",
        S::NtlmTimeouts(_) => cause == "MC-04",
        S::LoginPages(_) => cause == "CFG-10",
        S::PreflightsRefused(_) => cause == "CFG-18",
        S::PipelineRefused(..) => cause == "CFG-11",
        S::AnsweredOnTheWay(_) => group == "PRX",
    }
}

/// Causes of a ticket that the server cannot open. Those named here are over before a log of requests would show it.
fn cannot_open(cause: &str) -> bool {
    matches!(cause, "KM-07" | "POOL-06" | "CL-10")
        || predicted_by(cause) == Some(Predicts::RefusedTickets)
}

/// Causes of a name that the KDC finds on no single account.
fn no_holder(cause: &str) -> bool {
    let group = cause.split('-').next().unwrap_or(cause);
    let of_name = matches!(group, "SPN" | "NAME" | "TR") && !cannot_open(cause);
    of_name || matches!(cause, "CL-11" | "MC-09")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::catalogue;

    #[test]
    fn what_cannot_be_opened_and_what_is_not_issued_are_two_things() {
        let mismatch = SymptomKind::KeyMismatch("http/a".into());
        let unknown = SymptomKind::PrincipalUnknown("http/a".into());
        for (cause, opens, issued) in [
            ("SPN-05", true, false),
            ("SPN-01", false, true),
            ("NAME-08", false, true),
            ("AC-01", false, false),
        ] {
            let fitting = (fits(cause, &mismatch), fits(cause, &unknown));
            assert_eq!(fitting, (opens, issued), "{cause}");
        }
        let both = |c: &&crate::causes::Cause| fits(c.id, &mismatch) && fits(c.id, &unknown);
        assert!(catalogue::all().find(both).is_none());
    }
}
