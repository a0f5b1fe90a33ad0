//! What clients give as the reason for NTLM (`NtlmUsageId`).

use crate::causes::Status;
use crate::testkit::{Happening, Kit, config, pool, site, windows};

#[test]
fn spn_01_by_the_reason_that_a_client_gives_for_ntlm() {
    let kit = |reason: &'static str| {
        Kit::new().events("PC7.corp.example", 3, move || Happening {
            channel: "Microsoft-Windows-NTLM/Operational",
            provider: "Microsoft-Windows-NTLM",
            id: 4020,
            values: vec![
                ("Username", "uma".into()),
                ("TargetService", "HTTP/portal.corp.example".into()),
                ("NtlmUsageId", reason.into()),
            ],
        })
    };
    kit("6").judge().assert_found("SPN-01", Status::Likely);
    for other in ["7", "8", "9"] {
        kit(other).judge().assert_not_found("SPN-01");
    }
    // With a server in the bundle, a name that is none of its own may be anything's.
    kit("6")
        .config(
            "WEB01/applicationHost.config",
            &config(
                &pool("Shop", "CORP\\svc_web"),
                &site("Shop", "*:80:shop.corp.example", "Shop"),
                &windows("enabled=\"true\""),
                "",
            ),
        )
        .judge()
        .assert_found("SPN-01", Status::Possible);
}
