//! Symptoms in words.

use crate::case::{Case, Spn, Symptom, SymptomId, SymptomKind};
use crate::codes;
use crate::report::model;

use super::book::Book;

/// How many principals are named in full.
const NAMED: usize = 10;

/// The id of a symptom in the report.
pub(super) fn id(symptom: SymptomId) -> String {
    format!("S{}", symptom.0 + 1)
}

/// The symptoms of a case.
pub(super) fn build(case: &Case, book: &mut Book<'_>) -> Vec<model::Symptom> {
    case.numbered_symptoms()
        .map(|(number, symptom)| model::Symptom {
            id: id(number),
            what: what(case, symptom),
            count: symptom.count,
            first_time: symptom.first.map(model::Time),
            last_time: symptom.last.map(model::Time),
            endpoint: endpoint(case, symptom),
            principals: symptom.principals.iter().take(NAMED).cloned().collect(),
            evidence: book.cite_all(&symptom.from),
        })
        .collect()
}

/// The URL of the endpoint whose name a symptom is about, where there is one.
fn endpoint(case: &Case, symptom: &Symptom) -> Option<String> {
    let spn = Spn::new(symptom.spn()?);
    case.situation
        .endpoints
        .iter()
        .find(|e| e.is_named(&spn.host()))
        .map(crate::case::Endpoint::url)
}

/// What failed, as one sentence with the codes in words.
pub(super) fn what(case: &Case, symptom: &Symptom) -> String {
    let host = |id| case.hosts.get(id).name.clone();
    match &symptom.kind {
        SymptomKind::KeyMismatch(spn) => format!(
            "clients were told that the ticket for {} cannot be opened (KRB_AP_ERR_MODIFIED)",
            shown(spn)
        ),
        SymptomKind::PrincipalUnknown(spn) => {
            format!("the KDC found no single account for {} (0x7)", shown(spn))
        }
        SymptomKind::KerberosError(spn, code) => format!(
            "the KDC refused a ticket for {}: {}",
            shown(spn),
            codes::KERBEROS.in_words(*code)
        ),
        SymptomKind::NtlmForName(spn, Some(usage)) => format!(
            "NTLM was used towards {}: {}",
            shown(spn),
            codes::NTLM_USAGE.in_words(*usage)
        ),
        SymptomKind::NtlmForName(spn, None) => format!("NTLM was used towards {}", shown(spn)),
        SymptomKind::NtlmLogons(id) => format!(
            "domain users logged on to {} over the network by NTLM",
            host(*id)
        ),
        SymptomKind::LogonFailed {
            host: id,
            status,
            sub_status,
            own_address,
        } => {
            let code = if *sub_status == 0 { status } else { sub_status };
            let from = if *own_address { " from itself" } else { "" };
            format!(
                "network logons to {} failed{from}: {}",
                host(*id),
                codes::NTSTATUS.in_words(*code)
            )
        }
        SymptomKind::TokenRefused {
            host: id,
            code,
            spn,
        } => {
            let what = match spn {
                Some(spn) => format!("a ticket for {}", shown(spn)),
                None => "tokens of users".to_owned(),
            };
            format!(
                "{} refused {what}: {}",
                host(*id),
                codes::status_in_words(*code)
            )
        }
        SymptomKind::Loopback(id, target) if target.is_empty() => format!(
            "{} refused logons to a name of its own (loop-back check)",
            host(*id)
        ),
        SymptomKind::Loopback(id, target) => format!(
            "{} refused logons to its own name {target} (loop-back check)",
            host(*id)
        ),
        SymptomKind::PoolDown(id, pool) => format!(
            "application pool {pool} on {} did not start or was disabled",
            host(*id)
        ),
        SymptomKind::ServiceLogonFailed(id, account, status) => {
            format!(
                "{account} could not log on as a service or batch job on {}: {}",
                host(*id),
                codes::NTSTATUS.in_words(*status)
            )
        }
        SymptomKind::NtlmBlocked(id) => format!("a policy blocked NTLM on {}", host(*id)),
        SymptomKind::SecureChannel(id) => format!("the secure channel failed on {}", host(*id)),
        SymptomKind::ClockSkew(id) => {
            format!("the clocks are too far apart, seen on {}", host(*id))
        }
        SymptomKind::ManagedPassword(id, account) => {
            format!("{} could not fetch the password of {account}", host(*id))
        }
        SymptomKind::SecurityPackage(id) => format!(
            "http.sys on {} could not initialise a security package",
            host(*id)
        ),
    }
}

/// An SPN key as people write it.
fn shown(key: &str) -> Spn {
    Spn::of_key(key)
}
