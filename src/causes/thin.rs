//! What lacks its deciding input is said to, cause by cause: on a bundle that holds a ticket cache and nothing else, no
//! cause is found and none is ruled out.

use super::catalogue::CATALOGUE;
use crate::testkit::Kit;

/// Causes that ask for an input only once something in the bundle points at them; their own tests show it.
const ASK_LATER: &[&str] = &[
    "SPN-03", "SPN-04", "SPN-19", "NAME-02", "NAME-06", "KM-03", "POOL-01", "POOL-02", "POOL-03",
    "POOL-04", "POOL-05", "POOL-07", "ET-04",
];

#[test]
fn a_ticket_cache_alone_decides_nothing() {
    let klist = "C:\\>klist\n\nCurrent LogonId is 0:0x5d3fa\n\nCached Tickets: (0)\n\nC:\\>\n";
    let judgement = Kit::new().console("klist.txt", klist).judge();
    assert!(judgement.findings.is_empty() && judgement.ruled_out.is_empty());
    let lacking: Vec<&str> = judgement.not_assessed.iter().map(|(c, _)| c.id).collect();
    for cause in CATALOGUE {
        assert_ne!(
            lacking.contains(&cause.id),
            ASK_LATER.contains(&cause.id),
            "{} {lacking:?}",
            cause.id
        );
    }
}
