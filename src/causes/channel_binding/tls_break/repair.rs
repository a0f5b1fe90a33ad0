//! The flags that fit a way on which TLS does not reach IIS, and the names to accept then.

use super::CAUSE;
use crate::causes::config::locations;
use crate::causes::{Finding, Group};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, commands as c};

/// Adds the fix. `plain` when the site speaks HTTP only.
pub(super) fn repair(views: &Group<'_, '_>, plain: bool, finding: Finding) -> Finding {
    let first = views.first;
    let all = locations(views);
    let mut names: Vec<String> = views
        .iter()
        .filter(|v| !v.endpoint.name.is_empty())
        .map(|v| format!("HTTP/{}", v.endpoint.name))
        .collect();
    names.sort();
    names.dedup();
    let mut fix = vec![
        p::backup(),
        Step::by_hand("find out where TLS ends between the clients and this server")
            .stop_if("TLS reaches IIS unbroken: then the flags are right, and the clients are at fault (EPA-02, EPA-04)"),
    ];
    let mut rollback = Vec::new();
    for location in &all {
        fix.push(
            Step::run(
                c::appcmd_set_windows_auth(location, "/extendedProtection.flags:", "Proxy"),
                format!("check the name of the service for {location}, not the channel, because a proxy stands between{}", if plain { " (\"Proxy,ProxyCohosting\" where users come over plain HTTP)" } else { "" }),
            )
            .risk("logons for a name that is not in the list of accepted SPNs are refused from now on"),
        );
        rollback.push(Step::run(
            c::appcmd_set_windows_auth(location, "/extendedProtection.flags:", "None"),
            "let IIS check the channel again",
        ));
        for name in &names {
            fix.push(Step::run(
                c::appcmd_add_accepted_spn(location, name),
                format!("accept {name}; do the same for every public name"),
            ));
            rollback.push(Step::run(
                c::appcmd_remove_accepted_spn(location, name),
                "remove the name from the accepted ones again",
            ));
        }
    }
    fix.push(Step::by_hand(
        "or let the proxy pass TLS through to IIS, and leave the flags at None",
    ));
    let remedy = Remedy::of(fix)
        .verify(vec![
            Step::by_hand(format!(
                "open {} through the proxy: 200",
                first.endpoint.url()
            )),
            Step::by_hand("the Security log of the web server shows no new 4625 with 0xC000035B"),
        ])
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
