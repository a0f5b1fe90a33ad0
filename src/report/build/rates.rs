//! How failures came over time, in words and numbers.

use jiff::SignedDuration;

use crate::case::{Symptom, Turn};
use crate::report::model;

/// Fewer failures than this have no rate.
const ENOUGH: u64 = 3;

/// How often a symptom came, before and after it began or rose.
pub(super) fn rate(symptom: &Symptom) -> Option<model::Frequency> {
    let turn = symptom.turn.filter(|_| symptom.count >= ENOUGH)?;
    Some(model::Frequency {
        since: model::Time(turn.at),
        per_hour: rounded(turn.after.rate()),
        per_hour_before: turn.before.map(|before| rounded(before.rate())),
        hours_before: turn.before.map(|before| rounded(before.hours)),
    })
}

/// The same as a sentence.
pub(super) fn told(symptom: &Symptom) -> Option<String> {
    let turn = symptom.turn.filter(|_| symptom.count >= ENOUGH)?;
    let since = model::Time(turn.at).to_the_second();
    Some(match turn.before {
        None => format!(
            "Rate: {} an hour; the sources begin with them: they may have begun earlier",
            shown(turn.after.rate())
        ),
        Some(before) if before.count == 0 => format!(
            "Rate: {} an hour since {since}; none in the {} before that its sources cover",
            shown(turn.after.rate()),
            long_hours(before.hours)
        ),
        Some(_) => format!("Rate since {since}: {}", rates(&turn)),
    })
}

/// `12 an hour after 0.5 in the 9 hours before`.
pub(super) fn rates(turn: &Turn) -> String {
    let after = shown(turn.after.rate());
    match turn.before {
        Some(before) => format!(
            "{after} an hour after {} in the {} before",
            shown(before.rate()),
            long_hours(before.hours)
        ),
        None => format!("{after} an hour"),
    }
}

/// A length of time as people say it.
pub(super) fn long(length: SignedDuration) -> String {
    long_hours(length.as_secs_f64() / 3600.0)
}

fn long_hours(hours: f64) -> String {
    if hours < 1.5 {
        format!("{:.0} minutes", hours * 60.0)
    } else if hours < 48.0 {
        format!("{hours:.0} hours")
    } else {
        format!("{:.0} days", hours / 24.0)
    }
}

fn shown(rate: f64) -> String {
    if rate >= 10.0 {
        format!("{rate:.0}")
    } else {
        rounded(rate).to_string()
    }
}

/// One decimal is as much as such a rate is worth; a rate that is not 0 is not shown as 0.
fn rounded(value: f64) -> f64 {
    let tenths = (value * 10.0).round() / 10.0;
    if tenths == 0.0 && value > 0.0 {
        0.1
    } else {
        tenths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_rates_are_short() {
        assert_eq!(long(SignedDuration::from_mins(45)), "45 minutes");
        assert_eq!(long(SignedDuration::from_hours(9)), "9 hours");
        assert_eq!(long(SignedDuration::from_hours(24 * 12)), "12 days");
        assert_eq!(
            (shown(31.4), shown(2.72), shown(0.004)),
            ("31".into(), "2.7".into(), "0.1".into())
        );
    }
}
