//! Whether the start of new worker processes began the failures that a finding is about: what was changed long before takes
//! effect then.

use crate::case::{PoolIdentity, SeenChange, SymptomKind};

use super::Asked;

/// Pools that do not start: their identity, its password, its rights, the file that WAS writes for them.
const AT_START: [&str; 7] = [
    "POOL-01", "POOL-03", "POOL-04", "POOL-05", "POOL-07", "POOL-09", "POOL-10",
];

/// Whether it is the pool of the finding, and nobody logged on for it after that and before the failures.
pub(super) fn fits(asked: &Asked<'_>, change: &SeenChange<'_>, pool: &str) -> bool {
    let (case, Some(host)) = (asked.case, change.host) else {
        return false;
    };
    let is_pool = |on, named: &str| on == Some(host) && named.eq_ignore_ascii_case(pool);
    let is_down = asked.symptoms().any(|symptom| match &symptom.kind {
        SymptomKind::PoolDown(on, named) => is_pool(Some(*on), named),
        SymptomKind::PoolRefuses(on, named, _) => is_pool(*on, named),
        _ => false,
    });
    let mut own = case.situation.endpoints.iter().filter(|endpoint| {
        let named = endpoint.pool.as_ref().map(|pool| pool.name.as_str());
        named.is_some_and(|named| is_pool(endpoint.host, named))
    });
    let identity: Option<&PoolIdentity> = own
        .next()
        .and_then(|e| e.pool.as_ref())
        .map(|p| &p.identity);
    let started = case.pool_logon_after(host, identity, change.until);
    AT_START.contains(&asked.cause)
        && is_down
        && started.is_none_or(|event| event.time >= asked.first.time)
}
