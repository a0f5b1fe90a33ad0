//! What became of each cause: which finding of AFTER is which of BEFORE, and what the rest means.

use std::collections::BTreeSet;

use super::Side;
use super::attributes::Attribute;
use super::gone::not_shown;
use super::pairs::Pairs;
use super::symptoms::Told as Failure;
use crate::case::split_name;
use crate::causes::{Current, Judged, Status, Subject};
use crate::report::model::{CauseChange, CauseFate, Finding, MissingInput};

/// A cause in both bundles.
pub(super) struct Told {
    /// Its number among the findings of BEFORE, where it was found there.
    pub before: Option<usize>,
    /// Whether it was likely or confirmed in BEFORE, and not over.
    pub was_broken: bool,
    /// Whether it is likely or confirmed in AFTER, and not over.
    pub is_broken: bool,
    /// What became of it.
    pub change: CauseChange,
}

/// What became of the causes of BEFORE, and those that only AFTER has; what is still there first.
pub(super) fn compare(
    before: &Side<'_>,
    after: &Side<'_>,
    pairs: &Pairs,
    attributes: &[Attribute],
    failures: &[Failure],
) -> Vec<Told> {
    let mut free: BTreeSet<usize> = (0..after.judgement.findings.len()).collect();
    let mut told = Vec::new();
    let olds = || {
        (0..)
            .zip(&before.judgement.findings)
            .zip(&before.report.findings)
    };
    // Those about exactly the same first, so that none of them is taken by another's look-alike.
    let mut partner: Vec<Option<usize>> = vec![None; before.judgement.findings.len()];
    for exactly in [true, false] {
        for ((index, old), _) in olds() {
            let slot = partner.get_mut(index);
            let Some(slot) = slot.filter(|slot| slot.is_none()) else {
                continue;
            };
            *slot = free.iter().copied().find(|other| {
                after.judgement.findings.get(*other).is_some_and(|new| {
                    let (a, b) = (&old.finding.subject, &new.finding.subject);
                    old.cause.id == new.cause.id && if exactly { a == b } else { may_be_one(a, b) }
                })
            });
            if let Some(taken) = *slot {
                free.remove(&taken);
            }
        }
    }
    for ((index, old), shown) in olds() {
        let new = partner.get(index).copied().flatten();
        let new = new.and_then(|at| after.judgement.findings.get(at));
        let (fate, says, missing) = match new {
            Some(new) => still_there(old, new),
            None if old.finding.current == Current::No => (
                CauseFate::Past,
                "it was over in BEFORE already".to_owned(),
                Vec::new(),
            ),
            None => not_shown(before, after, pairs, attributes, failures, old),
        };
        told.push(Told {
            before: Some(index),
            was_broken: is_broken(old),
            is_broken: new.is_some_and(is_broken),
            change: change(shown, fate, (Some(old), new), says, missing),
        });
    }
    let news = after.judgement.findings.iter().zip(&after.report.findings);
    for (_, (new, shown)) in (0..).zip(news).filter(|(index, _)| free.contains(index)) {
        let unseen = before.judgement.not_assessed.iter();
        let says = match unseen
            .map(|(cause, _)| cause.id)
            .any(|id| id == new.cause.id)
        {
            true => "BEFORE lacks what shows it: it may have been there",
            false => "BEFORE does not show it",
        };
        let fate = match new.finding.current {
            Current::No => CauseFate::Past,
            _ => CauseFate::New,
        };
        told.push(Told {
            before: None,
            was_broken: false,
            is_broken: is_broken(new),
            change: change(shown, fate, (None, Some(new)), says.to_owned(), Vec::new()),
        });
    }
    told.sort_by_key(|told| {
        let sure = told.was_broken || told.is_broken;
        (!sure, told.change.change)
    });
    told
}

fn is_broken(judged: &Judged) -> bool {
    judged.status <= Status::Likely && judged.finding.current != Current::No
}

fn change(
    shown: &Finding,
    fate: CauseFate,
    (old, new): (Option<&Judged>, Option<&Judged>),
    says: String,
    missing: Vec<MissingInput>,
) -> CauseChange {
    let status = |judged: Option<&Judged>| {
        judged.map(|judged| match judged.status {
            Status::Confirmed => crate::report::Status::Confirmed,
            Status::Likely => crate::report::Status::Likely,
            Status::Possible => crate::report::Status::Possible,
        })
    };
    CauseChange {
        cause: shown.cause.clone(),
        name: shown.name.clone(),
        title: shown.title.clone(),
        subject: shown.subject.clone(),
        change: fate,
        before: status(old),
        after: status(new),
        says,
        missing,
    }
}

/// Whether two findings of one cause are about one thing: what both name is the same, and something is.
fn may_be_one(a: &Subject, b: &Subject) -> bool {
    let account = |subject: &Subject| {
        let name = subject.account.as_deref().map(|name| split_name(name).1);
        name.map(|name| name.trim_end_matches('$').to_owned())
    };
    let (of_a, of_b) = (account(a), account(b));
    let fields = [
        (&a.site, &b.site),
        (&a.application, &b.application),
        (&a.host_name, &b.host_name),
        (&a.spn, &b.spn),
        (&of_a, &of_b),
        (&a.host, &b.host),
    ];
    let both = || {
        fields
            .iter()
            .filter_map(|(a, b)| Some((a.as_deref()?, b.as_deref()?)))
    };
    both().next().is_some() && both().all(|(a, b)| a.eq_ignore_ascii_case(b))
}

fn still_there(old: &Judged, new: &Judged) -> (CauseFate, String, Vec<MissingInput>) {
    if new.finding.current == Current::No {
        let says = "a later change that AFTER shows ended it".to_owned();
        return (CauseFate::Past, says, Vec::new());
    }
    let lacks = new.finding.lacks.iter().map(|missing| MissingInput {
        what: missing.what.clone(),
        collect_with: missing.collect_with.clone(),
    });
    let says = match (old.status, new.status) {
        (old, new) if old == new => "AFTER shows it as well",
        (_, Status::Possible) => {
            "AFTER shows it less surely: it does not decide whether it is still there"
        }
        (old, new) if new < old => "AFTER shows it more surely",
        _ => "AFTER shows it less surely",
    };
    (CauseFate::Unchanged, says.to_owned(), lacks.collect())
}
