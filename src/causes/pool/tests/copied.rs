//! POOL-07: configuration copied between servers.

use super::*;
use crate::causes::Status;

fn pair() -> Kit {
    Kit::new()
        .config("WEB01/applicationHost.config", &server())
        .config("WEB02/applicationHost.config", &server())
        .silent("WEB02.corp.example", "System")
}

#[test]
fn pool_07_needs_the_silence_of_a_log_that_would_have_spoken() {
    // The server's log holds refused logons before and after, and none of the pool's account.
    let other = || refused("svc_backup", "0xc000006d", "0xc000006a");
    let judgement = complaint(pair().event(WEB, other()))
        .event(WEB, other())
        .judge();
    judgement.assert_found("POOL-07", Status::Likely);
    says_503(&judgement, "POOL-07");
    complaint(pair())
        .judge()
        .assert_found("POOL-07", Status::Possible);
    complaint(pair().event(WEB, wrong_password()))
        .judge()
        .assert_ruled_out("POOL-07")
        .assert_found("POOL-01", Status::Confirmed);
}

#[test]
fn pool_07_not_while_the_pools_run_and_not_on_one_server() {
    pair()
        .silent(WEB, "System")
        .judge()
        .assert_not_found("POOL-07");
    complaint(with_config()).judge().assert_not_found("POOL-07");
}
