//! The group POOL against small cases: decision-table rows 11 and 12, and the traps about 503, managed accounts and event 4.

use crate::causes::Judgement;
use crate::testkit::{Happening, Kit, config, pool, security, site, system, windows};

mod copied;
mod managed;
mod rotation;
mod stale;
mod starting;
mod stopped;

const WEB: &str = "WEB01.corp.example";
const DC: &str = "DC1.corp.example";
const PC: &str = "PC7.corp.example";
const WAS: &str = "Microsoft-Windows-WAS";

fn server_of(pools: &str) -> String {
    config(
        pools,
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
        "",
    )
}

fn server() -> String {
    server_of(&pool("Portal", "CORP\\svc_web"))
}

fn with_config() -> Kit {
    Kit::new().config("WEB01/applicationHost.config", &server())
}

fn was(id: u32) -> Happening {
    system(WAS, id, &[("AppPoolID", "Portal")])
}

/// WAS complains: the identity is invalid, the pool is disabled, no worker process starts.
fn complaint(kit: Kit) -> Kit {
    kit.event(WEB, was(5021))
        .event(WEB, was(5057))
        .event(WEB, was(5059))
}

/// A batch logon of an account that the server refuses.
fn refused(account: &'static str, status: &'static str, detail: &'static str) -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", account),
            ("TargetDomainName", "CORP"),
            ("Status", status),
            ("SubStatus", detail),
            ("LogonType", "4"),
            ("ProcessName", "C:\\Windows\\System32\\svchost.exe"),
        ],
    )
}

fn wrong_password() -> Happening {
    refused("svc_web", "0xc000006d", "0xc000006a")
}

fn says_503(judgement: &Judgement, cause: &str) {
    for found in judgement.of(cause) {
        let text = &found.finding.explanation;
        assert!(text.contains("503, not 401"), "{text}");
    }
}

/// The password of an account was set.
fn reset(account: &'static str) -> Happening {
    security(
        4738,
        &[
            ("TargetUserName", account),
            ("TargetDomainName", "CORP"),
            ("PasswordLastSet", "3/2/2026 9:00:00 AM"),
        ],
    )
}
