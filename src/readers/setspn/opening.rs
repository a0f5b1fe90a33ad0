//! Where output of setspn begins, when no echoed command says so.

use super::shape::{Sentence, Shape, around_dn, classify, indented, speaks_of_spns};
use crate::readers::console::Line;

/// True when the output of setspn begins here, judged without an echo: stricter than `classify`, because
/// distinguished names stand in the output of many tools.
pub fn opens(lines: &[Line<'_>]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    let text = first.text;
    const LEADS: &[&str] = &[
        "Registered ServicePrincipalNames for ",
        "Registered SPNs for ",
        "Registering ServicePrincipalNames for ",
        "Registering SPN ",
        "Unregistering ServicePrincipalNames for ",
        "Checking domain DC=",
        "Checking forest DC=",
        "FindDomainForAccount: ",
        "Processing entry ",
        "Ldap Error(0x",
    ];
    if LEADS.iter().any(|lead| text.trim_start().starts_with(lead)) {
        return true;
    }
    let candidate = text.contains("DC=")
        || speaks_of_spns(text)
        || text.contains(" is registered on these accounts");
    if !candidate || indented(text) {
        return false;
    }
    let next = lines
        .iter()
        .skip(1)
        .take(4)
        .map(|line| line.text)
        .find(|next| !next.trim().is_empty());
    let next_shape = next.map(|next| classify(next, None));
    let spn_next = matches!(&next_shape, Some(Shape::Spn(_))) && next.is_some_and(indented);
    let plain_lead = around_dn(text)
        .is_some_and(|(before, _, _)| !before.contains([':', '=', ',', '|', ';', '<']));
    match classify(text, next) {
        Shape::Check { .. } => {
            plain_lead
                && match &next_shape {
                    Some(
                        Shape::Dn(_)
                        | Shape::Member(_)
                        | Shape::Number { .. }
                        | Shape::Header { .. },
                    ) => true,
                    Some(Shape::Sentence(sentence)) => {
                        *sentence != Sentence::Other || next.is_some_and(speaks_of_spns)
                    }
                    _ => false,
                }
        }
        Shape::Header { .. } => plain_lead && (spn_next || speaks_of_spns(text)),
        Shape::Dn(_) => spn_next,
        Shape::Group(_) => text.contains(" is registered on these accounts"),
        Shape::Number { of_spns, .. } => of_spns && text.contains("SPN"),
        _ => false,
    }
}
