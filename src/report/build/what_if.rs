//! The endpoints before and after assumptions.

use crate::bundle::Bundle;
use crate::case::Case;
use crate::causes::Scene;
use crate::remedy::assume::{Assumption, AssumptionError, settle};
use crate::remedy::{assume, is_worse};
use crate::report::model::{self, Outcome, WhatIf};

use super::book::Book;
use super::endpoints;

/// The endpoints of a case as they are, and as they would be with the assumptions, which apply in their order.
///
/// # Errors
/// An assumption names what the case does not have: its place among them, and why.
pub fn what_if(
    bundle: &Bundle,
    mut case: Case,
    assumptions: &[Assumption],
) -> Result<WhatIf, (usize, AssumptionError)> {
    let mut book = Book::new(&bundle.artifacts);
    let before = Scene::of(&case);
    let outcomes: Vec<_> = before.views.iter().map(|v| v.path.outcome).collect();
    let shown = endpoints::build(&before, &mut book);
    let mut assumed = Vec::new();
    for (index, assumption) in assumptions.iter().enumerate() {
        let meant = settle(&mut case, assumption).map_err(|error| (index, error))?;
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        case.situation = assume(&case, &meant.changes, number, &assumption.text);
        assumed.push(model::Assumption {
            text: assumption.text.clone(),
            says: meant.says,
            remarks: meant.remarks,
        });
    }
    let after = Scene::of(&case);
    let endpoints = outcomes
        .into_iter()
        .zip(&after.views)
        .map(|(before, view)| is_worse(before, view.path.outcome))
        .zip(shown)
        .zip(endpoints::build(&after, &mut book))
        .map(|((is_worse, before), mut after)| {
            after.observed = Outcome::Unknown;
            after.observed_by = None;
            model::Trial {
                url: before.url.clone(),
                host: before.host.clone(),
                is_worse,
                before,
                after,
            }
        })
        .collect();
    Ok(WhatIf {
        assumptions: assumed,
        endpoints,
        evidence: book.into_entries(),
        ..WhatIf::default()
    })
}
