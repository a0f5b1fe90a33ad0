//! What a finding of this group exposes: the loss of Kerberos, which other findings of the same server or name explain.

use super::CAUSES;
use crate::causes::verdict::Judged;
use crate::causes::{Cause, Status};

/// Groups whose causes send users to NTLM.
const LOSSES: &[&str] = &["SPN", "NAME", "CFG", "KM", "ET", "TR", "MC", "CL"];

/// Whether a cause only shows where Kerberos was lost before. Such a cause is told after the loss.
pub(in crate::causes) fn is_exposer(cause: &Cause) -> bool {
    CAUSES.iter().any(|own| own.id == cause.id)
}

/// Says in each finding of this group which other finding explains why NTLM was needed.
pub(in crate::causes) fn name_what_is_exposed(findings: &mut [Judged]) {
    for at in 0..findings.len() {
        let Some(exposer) = findings.get(at).filter(|f| is_exposer(f.cause)) else {
            continue;
        };
        let losses = |surely: bool| -> Vec<String> {
            (findings.iter())
                .filter(|other| is_loss(other.cause))
                .filter(|other| surely == (other.status != Status::Possible))
                .filter(|other| concern_one(exposer, other))
                .map(shown)
                .collect()
        };
        let says = match (losses(true).as_slice(), losses(false).as_slice()) {
            ([], []) => " Kerberos was lost before that, and no other finding here says why: look for that first.".to_owned(),
            ([], possible) => format!(
                " Kerberos was lost before that, perhaps for what is told as possible here: {}. Decide that first.",
                possible.join(", ")
            ),
            (sure, _) => format!(
                " Kerberos was lost before that, and this is the root: {}. Repair it first; with tickets the block harms nobody.",
                sure.join(", ")
            ),
        };
        if let Some(exposer) = findings.get_mut(at) {
            exposer.finding.explanation.push_str(&says);
        }
    }
}

/// A finding by its cause and what it is about.
fn shown(finding: &Judged) -> String {
    let subject = &finding.finding.subject;
    let about = subject.spn.as_ref().or(subject.host_name.as_ref());
    let about = about.or(subject.site.as_ref());
    let about = about.map_or(String::new(), |about| format!(" ({about})"));
    format!("{}{about}", finding.cause.id)
}

fn is_loss(cause: &Cause) -> bool {
    let group = cause.id.split('-').next().unwrap_or_default();
    LOSSES.contains(&group)
}

/// Whether two findings are about one endpoint: one name, or one machine where no name is known of one of them.
fn concern_one(exposer: &Judged, loss: &Judged) -> bool {
    let (a, b) = (&exposer.finding.subject, &loss.finding.subject);
    let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => Some(a.eq_ignore_ascii_case(b)),
        _ => None,
    };
    let host = match (&a.host, &b.host) {
        (Some(a), Some(b)) => Some(b.split(", ").any(|b| b.eq_ignore_ascii_case(a))),
        _ => None,
    };
    same(&a.spn, &b.spn)
        .or(same(&a.host_name, &b.host_name))
        .or(host)
        .unwrap_or(false)
}
