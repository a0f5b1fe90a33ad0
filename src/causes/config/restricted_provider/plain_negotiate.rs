//! The way back from a restricted provider: plain Negotiate and NTLM.

use super::super::{locations, position, switch_all};
use crate::causes::{Finding, Group};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// The alternative: plain Negotiate and NTLM.
pub(super) fn plain_negotiate(views: &Group<'_, '_>, finding: Finding) -> Finding {
    let first = views.first;
    let all = locations(views);
    let offered = |name: &str| position(&first.endpoint.settings, name).is_some();
    let mut fix = vec![p::backup()];
    let mut rollback = Vec::new();
    for location in &all {
        for (name, provider) in [
            ("Negotiate:Kerberos", c::Provider::NegotiateKerberos),
            ("Negotiate:PKU2U", c::Provider::NegotiatePku2u),
        ] {
            if offered(name) {
                fix.push(
                    Step::run(
                        c::appcmd_remove_provider(location, provider),
                        format!("remove {name} from the providers of {location}"),
                    )
                    .risk("NTLM becomes possible again: only where that is allowed"),
                );
                rollback.push(Step::run(
                    c::appcmd_add_provider(location, provider),
                    format!("put {name} back, and take Negotiate and NTLM out"),
                ));
            }
        }
        fix.extend(p::offer_negotiate_first(
            location,
            offered("Negotiate"),
            offered("NTLM"),
        ));
    }
    let remedy = Remedy::of(fix)
        .verify(p::verify_challenge(
            &views.location(),
            &first.endpoint.url(),
        ))
        .rollback(rollback);
    let providers = Switch::Providers(vec!["Negotiate".into(), "NTLM".into()]);
    finding.fix(remedy, switch_all(first, &all, &providers))
}
