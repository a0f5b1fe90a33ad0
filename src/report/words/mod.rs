//! The enumerations of the contract in the words that people read, and lists as a sentence has them.

pub(crate) mod diff;

use super::model::{
    Auditing, Current, Endpoint, Onset, Outcome, Shell, Status, Subject, Symptom, Time,
    TimeCertainty, TimelineEntry, VerdictStatus, Weight,
};

/// How many citations are named behind a sentence.
const CITATIONS_NAMED: usize = 5;

/// An outcome in words.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Kerberos => "Kerberos",
        Outcome::NtlmFallback => "NTLM (fell back)",
        Outcome::NtlmByDesign => "NTLM (as configured)",
        Outcome::Denied => "401 denied",
        Outcome::Unavailable => "unavailable",
        Outcome::NotWindowsAuth => "not Windows auth",
        Outcome::Unknown => "unknown",
    }
}

/// A status in words.
pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "confirmed",
        Status::Likely => "likely",
        Status::Possible => "possible",
    }
}

/// What sort of verdict it is, in words.
pub(crate) fn verdict(status: VerdictStatus) -> &'static str {
    match status {
        VerdictStatus::RootCauseFound => "root cause found",
        VerdictStatus::Inconclusive => "inconclusive",
        VerdictStatus::Healthy => "nothing wrong found",
    }
}

/// A weight in words.
pub(crate) fn weight(weight: Weight) -> &'static str {
    match weight {
        Weight::Decisive => "decisive",
        Weight::Supporting => "supporting",
        Weight::Contradicting => "contradicting",
    }
}

/// Whether auditing was on, in words.
pub(crate) fn auditing(auditing: Auditing) -> &'static str {
    match auditing {
        Auditing::On => "on",
        Auditing::Partial => "partial",
        Auditing::Off => "off",
        Auditing::Unknown => "unknown",
    }
}

/// Whether a finding still holds, as a sentence; nothing needs saying when it does.
pub(crate) fn current(current: Current) -> Option<&'static str> {
    match current {
        Current::True => None,
        Current::False => Some("In the past: a later change in the bundle ended it."),
        Current::Unknown => Some("The bundle does not say whether it still holds."),
    }
}

/// The shell a command is for, in words.
pub(crate) fn shell(shell: Shell) -> &'static str {
    match shell {
        Shell::Cmd => "cmd",
        Shell::PowerShell => "PowerShell",
        Shell::None => "by hand",
    }
}

/// A number with its noun: `1 symptom`, `3 symptoms`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A span of time that may be on a local clock.
pub(crate) fn span_by(
    first: Option<Time>,
    last: Option<Time>,
    certainty: Option<TimeCertainty>,
) -> String {
    let span = span(first, last);
    match certainty.filter(|_| first.or(last).is_some()) {
        Some(TimeCertainty::ZoneAssumed) => format!("{span} (time zone assumed)"),
        Some(TimeCertainty::Unknown) => {
            format!("{} (local time, zone not known)", span.replace('Z', ""))
        }
        _ => span,
    }
}

/// A span of time, as far as its ends are known.
pub(crate) fn span(first: Option<Time>, last: Option<Time>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if first.to_the_second() == last.to_the_second() => {
            first.to_the_second()
        }
        (Some(first), Some(last)) => {
            format!("{} to {}", first.to_the_second(), last.to_the_second())
        }
        (Some(first), None) => format!("from {}", first.to_the_second()),
        (None, Some(last)) => format!("until {}", last.to_the_second()),
        (None, None) => "time unknown".to_owned(),
    }
}

/// The first few items with a word on how many are left out: `a, b and 12 more`.
pub(crate) fn first_few(items: &[String], few: usize) -> String {
    let shown = items.get(..few).unwrap_or(items).join(", ");
    match items.len().saturating_sub(few) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// What a finding is about, in one name: the most telling one of its subject.
pub(crate) fn about(subject: &Subject) -> Option<&str> {
    let names = [
        &subject.spn,
        &subject.host_name,
        &subject.site,
        &subject.account,
        &subject.host,
    ];
    names.into_iter().find_map(|name| name.as_deref())
}

/// What a finding is about, in full: `site Intranet · host name intranet.corp.example · on WEB01`.
pub(crate) fn subject(subject: &Subject) -> Option<String> {
    let parts = [
        ("site", &subject.site),
        ("application", &subject.application),
        ("host name", &subject.host_name),
        ("SPN", &subject.spn),
        ("account", &subject.account),
        ("on", &subject.host),
    ];
    let named: Vec<String> = parts
        .into_iter()
        .filter_map(|(word, name)| Some(format!("{word} {}", name.as_ref()?)))
        .collect();
    (!named.is_empty()).then(|| named.join(" · "))
}

/// A symptom in one sentence: `12 × 401.1 at https://intranet`.
pub(crate) fn symptom(symptom: &Symptom) -> String {
    match &symptom.endpoint {
        Some(endpoint) => format!("{} × {} at {endpoint}", symptom.count, symptom.what),
        None => format!("{} × {}", symptom.count, symptom.what),
    }
}

/// A sentence with the ids of what it rests on.
pub(crate) fn cited(says: &str, evidence: &[String]) -> String {
    if evidence.is_empty() {
        says.to_owned()
    } else {
        format!("{says} ({})", first_few(evidence, CITATIONS_NAMED))
    }
}

/// When a cause began and with what.
pub(crate) fn onset(onset: &Onset) -> String {
    let time = onset.time.map(Time::to_the_second);
    let says: Vec<String> = time.into_iter().chain(onset.change.clone()).collect();
    if says.is_empty() {
        return "not known".to_owned();
    }
    cited(&says.join(", "), &onset.evidence)
}

/// When something on the timeline happened, marked with `~` where the time zone was assumed, and where its day alone is known.
pub(crate) fn when(entry: &TimelineEntry) -> String {
    match (entry.time, entry.time_certainty) {
        (None, _) => "time unknown".to_owned(),
        (Some(time), TimeCertainty::Exact) => time.to_the_second(),
        (Some(time), TimeCertainty::Day) => time.0.strftime("day %Y-%m-%d %H:%MZ").to_string(),
        (Some(time), TimeCertainty::ZoneAssumed) => format!("~{}", time.to_the_second()),
        (Some(time), TimeCertainty::Unknown) => {
            format!("~{}", time.to_the_second().trim_end_matches('Z'))
        }
    }
}

/// What stands before the explanation of a finding that is merely possible.
pub(crate) const IF_SO: &str = "If this is the cause:";

/// What the marks of [`when`] mean, as far as they stand on a timeline.
pub(crate) fn notes_on_times(timeline: &[TimelineEntry]) -> Vec<&'static str> {
    let any = |is: fn(TimeCertainty) -> bool| {
        let mut timed = timeline.iter().filter(|entry| entry.time.is_some());
        timed.any(|entry| is(entry.time_certainty))
    };
    let marks = [
        match any(|sure| sure == TimeCertainty::Unknown) {
            true => (
                true,
                "~ stands before times whose zone was assumed, or is not known: those are as their machine's clock showed them.",
            ),
            false => (
                any(|sure| sure == TimeCertainty::ZoneAssumed),
                "~ stands before times whose zone was assumed.",
            ),
        },
        (
            any(|sure| sure == TimeCertainty::Day),
            "\"day\" stands before the earliest time at which a day of which no more is known may have begun.",
        ),
    ];
    let met = marks.into_iter().filter(|(met, _)| *met);
    met.map(|(_, note)| note).collect()
}

/// The simulated outcome of an endpoint, and what was seen to happen.
pub(crate) fn outcomes(endpoint: &Endpoint) -> String {
    let simulated = outcome(endpoint.outcome);
    let by = match &endpoint.observed_by {
        Some(by) => format!(" ({by})"),
        None => String::new(),
    };
    match endpoint.observed {
        Outcome::Unknown => simulated.to_owned(),
        observed if observed == endpoint.outcome => format!("{simulated}, as observed{by}"),
        observed => format!("{simulated}; observed: {}{by}", outcome(observed)),
    }
}
