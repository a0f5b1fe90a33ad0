//! What lacks its deciding input is not claimed: on a bundle that holds a ticket cache and nothing else, no cause is found
//! and none is ruled out. That each cause says what it lacks is shown over all fixtures (`tests/catalogue.rs`).

use crate::testkit::Kit;

#[test]
fn a_ticket_cache_alone_decides_nothing() {
    let klist = "C:\\>klist\n\nCurrent LogonId is 0:0x5d3fa\n\nCached Tickets: (0)\n\nC:\\>\n";
    let judgement = Kit::new().console("klist.txt", klist).judge();
    assert!(judgement.findings.is_empty() && judgement.ruled_out.is_empty());
    assert!(!judgement.not_assessed.is_empty());
}
