//! What became of things from one bundle to the next, in the words that people read.

use crate::report::model::{
    AnswerStatus, AttributeChange, AttributeFate, AttributeKind, CauseFate, Outcome, PlacedValue,
    Rate, SignIns, Status, SymptomFate,
};
use crate::report::words;

/// The answer.
pub(crate) fn answer(status: AnswerStatus) -> &'static str {
    match status {
        AnswerStatus::Fixed => "fixed",
        AnswerStatus::NotFixed => "not fixed",
        AnswerStatus::Undecided => "not decided",
    }
}

/// What became of a cause.
pub(crate) fn cause(fate: CauseFate) -> &'static str {
    match fate {
        CauseFate::New => "new",
        CauseFate::Unchanged => "still there",
        CauseFate::Undecided => "not decided",
        CauseFate::Past => "past",
        CauseFate::Gone => "gone",
    }
}

/// What became of a failure.
pub(crate) fn symptom(fate: SymptomFate) -> &'static str {
    match fate {
        SymptomFate::GoesOn => "goes on",
        SymptomFate::Dwindled => "dwindled",
        SymptomFate::New => "new",
        SymptomFate::Stopped => "stopped",
        SymptomFate::NotCovered => "not decided",
    }
}

/// How sure a cause was and is: `confirmed → likely`.
pub(crate) fn statuses(before: Option<Status>, after: Option<Status>) -> String {
    let word = |status: Option<Status>| status.map_or("not found", words::status);
    match (before, after) {
        (before, after) if before == after => word(before).to_owned(),
        (before, after) => format!("{} → {}", word(before), word(after)),
    }
}

/// What became of an attribute.
pub(crate) fn attribute(change: &AttributeChange) -> String {
    let value = |value: &Option<PlacedValue>| value.as_ref().map_or("?", |v| &v.value).to_owned();
    let (before, after) = (value(&change.before), value(&change.after));
    match (change.change, change.kind) {
        (AttributeFate::Added, AttributeKind::Registration) => "registered now".to_owned(),
        (AttributeFate::Removed, AttributeKind::Registration) => {
            "not registered any more".to_owned()
        }
        (AttributeFate::NotKnownInAfter, _) => format!("{before} → not known in AFTER"),
        (AttributeFate::NotKnownInBefore, _) => format!("not known in BEFORE → {after}"),
        _ => format!("{before} → {after}"),
    }
}

/// How often something happened: `40 times (13.4 an hour)`.
pub(crate) fn rate(rate: Option<&Rate>) -> String {
    let Some(rate) = rate else {
        return "none".to_owned();
    };
    let times = words::count(rate.count, "time");
    match rate.per_hour {
        Some(per_hour) => format!("{times} ({per_hour} an hour)"),
        None => times,
    }
}

/// How users signed in: `82 % NTLM (33 NTLM, 7 Kerberos in 3 hours)`.
pub(crate) fn sign_ins(sign_ins: &SignIns) -> String {
    let hours = sign_ins.ntlm.hours;
    let span = hours.map_or(String::new(), |hours| format!(" in {hours} h"));
    let per_hour = match (sign_ins.ntlm.per_hour, sign_ins.kerberos.per_hour) {
        (Some(ntlm), Some(kerberos)) => format!(", {ntlm} and {kerberos} an hour"),
        _ => String::new(),
    };
    match sign_ins.ntlm_share {
        Some(share) => format!(
            "{} % ({} NTLM, {} Kerberos{span}{per_hour})",
            (share * 100.0).round(),
            sign_ins.ntlm.count,
            sign_ins.kerberos.count
        ),
        None => format!("nobody{span}"),
    }
}

/// How an endpoint ends, and was seen to end.
pub(crate) fn outcome(outcome: Option<Outcome>, observed: Outcome) -> String {
    match (outcome, observed) {
        (None, _) => "not in it".to_owned(),
        (Some(outcome), Outcome::Unknown) => words::outcome(outcome).to_owned(),
        (Some(outcome), observed) if outcome == observed => {
            format!("{}, as observed", words::outcome(outcome))
        }
        (Some(outcome), observed) => format!(
            "{}; observed: {}",
            words::outcome(outcome),
            words::outcome(observed)
        ),
    }
}

/// A sentence with a capital letter, unless its first word is a name with capitals of its own or a code.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
