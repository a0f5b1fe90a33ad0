//! How far clocks stand apart, in words.

use crate::case::{Case, ClockDifference};
use crate::report::model;

use super::book::Book;

/// A second: intervals within one of zero are what clocks of one domain show.
const SECOND: i64 = 1_000;

/// The differences between clocks that the bundle shows. That a clock is not ahead by much is what every ticket shows, and
/// says nothing.
pub(super) fn build(case: &Case, book: &mut Book<'_>) -> Vec<model::ClockDifference> {
    case.clock_differences
        .iter()
        .filter(|difference| difference.at_least.is_some() || difference.at_most < -SECOND)
        .map(|difference| model::ClockDifference {
            host: case.hosts.get(difference.host).name.clone(),
            against: case.hosts.get(difference.against).name.clone(),
            at_least_ms: difference.at_least,
            at_most_ms: difference.at_most,
            says: says(case, difference),
            evidence: book.cite_all(&difference.from),
        })
        .collect()
}

fn says(case: &Case, difference: &ClockDifference) -> String {
    let host = &case.hosts.get(difference.host).name;
    let against = &case.hosts.get(difference.against).name;
    let (least, most) = (difference.at_least, difference.at_most);
    let apart = match least {
        Some(least) if least > SECOND => {
            format!(
                "is between {} and {} ahead of",
                seconds(least),
                seconds(most)
            )
        }
        Some(least) if most < -SECOND => {
            format!(
                "is between {} and {} behind",
                seconds(-most),
                seconds(-least)
            )
        }
        Some(least) => format!(
            "is no more than {} behind and {} ahead of",
            seconds((-least).max(0)),
            seconds(most.max(0))
        ),
        None => format!("is at least {} behind", seconds(-most)),
    };
    let pairs = difference.pairs;
    let plural = if pairs == 1 { "" } else { "s" };
    format!(
        "the clock of {host} {apart} that of {against} ({pairs} sign-in{plural} that both wrote of)"
    )
}

fn seconds(milliseconds: i64) -> String {
    let tenths = milliseconds.unsigned_abs().div_ceil(100);
    match tenths {
        0..600 => format!("{}.{} s", tenths / 10, tenths % 10),
        _ => {
            let seconds = tenths.div_ceil(10);
            format!("{} min {} s", seconds / 60, seconds % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn seconds_in_words() {
        assert_eq!(seconds(60), "0.1 s");
        assert_eq!(seconds(-4_250), "4.3 s");
        assert_eq!(seconds(400_000), "6 min 40 s");
    }
}
