//! Who holds which SPN in both bundles. A registration that one of them does not show is removed only where it closes the
//! question.

use std::collections::BTreeMap;

use super::attributes::Attribute;
use super::pairs::counterpart;
use crate::case::{AccountId, Case, Sameness, Spn};
use crate::evidence::{Citation, Cited, Known};
use crate::report::model::AttributeKind;

/// Registrations that one side alone shows and about which the other is asked, those of the web first. Dumps of a whole forest
/// are compared by what both show.
const ASKED: usize = 1000;
/// Holders of one SPN that are looked at.
const HOLDERS: usize = 32;

/// The holders of an SPN, each with its places.
type Held = BTreeMap<String, Vec<(Spn, AccountId, Vec<Citation>)>>;

/// The registrations of both bundles, in the order of the SPNs.
pub(super) fn collect(before: &mut Case, after: &mut Case) -> Vec<Attribute> {
    let (old, new) = (held(before), held(after));
    let mut all = Vec::new();
    let mut asked = 0;
    // The service class of web servers first.
    let of_web = |key: &String| !key.starts_with("http/");
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort_by_key(|key| (of_web(key), key.as_str()));
    keys.dedup();
    for key in keys {
        let (olds, news) = (old.get(key), new.get(key));
        let (olds, news) = (
            olds.map(Vec::as_slice).unwrap_or_default(),
            news.map(Vec::as_slice).unwrap_or_default(),
        );
        let mut met = vec![false; news.len()];
        for (spn, holder, from) in olds {
            let there = counterpart(before, *holder, after);
            let same = news
                .iter()
                .position(|(_, other, _)| after.accounts.compare(*other, there) == Sameness::Same);
            if let Some(met) = same.and_then(|at| met.get_mut(at)) {
                *met = true;
            }
            let state = match same.and_then(|at| news.get(at)) {
                Some((_, _, places)) => present(places),
                None if asked < ASKED => {
                    asked += 1;
                    asked_of(after, spn, there, news)
                }
                None => continue,
            };
            let subject = before.accounts.get(*holder).shown.clone();
            all.push(attribute(spn, subject, present(from), state));
        }
        for ((spn, holder, from), _) in news.iter().zip(&met).filter(|(_, met)| !**met) {
            if asked >= ASKED {
                continue;
            }
            asked += 1;
            let there = counterpart(after, *holder, before);
            let state = asked_of(before, spn, there, olds);
            let subject = after.accounts.get(*holder).shown.clone();
            all.push(attribute(spn, subject, state, present(from)));
        }
    }
    all
}

fn attribute(spn: &Spn, subject: String, before: Known<String>, after: Known<String>) -> Attribute {
    Attribute {
        kind: AttributeKind::Registration,
        subject,
        name: spn.to_string(),
        before,
        after,
    }
}

fn held(case: &Case) -> Held {
    let mut held = Held::new();
    for registration in &case.situation.directory.registrations {
        let holders = held.entry(registration.spn.key()).or_default();
        let same = holders.iter().position(|(_, holder, _)| {
            case.accounts.compare(*holder, registration.holder) == Sameness::Same
        });
        let from = registration.from.clone();
        match same {
            Some(at) => {
                if let Some((_, _, places)) = holders.get_mut(at) {
                    places.push(from);
                }
            }
            None if holders.len() < HOLDERS => {
                holders.push((registration.spn.clone(), registration.holder, vec![from]));
            }
            None => {}
        }
    }
    held
}

/// What a case says of a registration that it does not show. A holder that may be the account leaves it open.
fn asked_of(
    case: &Case,
    spn: &Spn,
    account: AccountId,
    shown: &[(Spn, AccountId, Vec<Citation>)],
) -> Known<String> {
    let may_be = |other: &AccountId| case.accounts.compare(*other, account) == Sameness::Unknown;
    if shown.iter().any(|(_, other, _)| may_be(other)) {
        return Known::Unknown;
    }
    match case.situation.directory.holds(account, spn, &case.accounts) {
        Known::Present(cited) => present(&cited.from),
        Known::Absent(from) => Known::Absent(from),
        Known::Unknown => Known::Unknown,
    }
}

fn present(from: &[Citation]) -> Known<String> {
    Known::Present(Cited {
        value: "registered".to_owned(),
        from: from.to_vec(),
    })
}
