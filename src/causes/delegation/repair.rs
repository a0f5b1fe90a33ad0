//! The repairs of the group, in their safest order: the back end names the front end (resource-based), else the front end's
//! list. Never delegation to any service.

use super::hop::SecondHop;
use crate::case::{AccountId, AccountKind, split_name};
use crate::causes::{Finding, Scene};
use crate::remedy::commands::{self as c, AccountKind as Kind};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// The cmdlet's kind of an account, and its name without a domain.
pub(super) fn cmdlet(scene: &Scene<'_>, account: AccountId) -> (Kind, String) {
    let case = scene.case;
    let known = case.accounts.get(account);
    let name = split_name(&known.bare_name()).1;
    let is_machine = case.hosts.iter().any(|(_, host)| host.machine == account);
    let kind = match known.kind {
        _ if is_machine => Kind::Computer,
        AccountKind::Computer => Kind::Computer,
        AccountKind::Managed => Kind::ServiceAccount,
        _ if name.ends_with('$') => Kind::ServiceAccount,
        _ => Kind::User,
    };
    (kind, name)
}

/// What an account may delegate to now, to be kept before anything is changed.
pub(super) fn note(scene: &Scene<'_>, account: AccountId) -> Step {
    let (kind, name) = cmdlet(scene, account);
    Step::run(
        c::get_delegation(kind, &name),
        format!(
            "note what {name} may delegate to now, and who may delegate to it (keep the output)"
        ),
    )
}

/// Lets the back end's account take users from the front end's account, where both are known.
pub(super) fn allow_at_the_back(scene: &Scene<'_>, hop: &SecondHop<'_, '_>) -> Remedy {
    let mut fix = Vec::new();
    let mut rollback = Vec::new();
    let target = hop.shown(scene.case);
    match (hop.account, hop.holder) {
        (Some(front), Some(holder)) => {
            let (front_kind, front) = cmdlet(scene, front);
            let (kind, name) = cmdlet(scene, holder);
            fix.push(note(scene, holder));
            fix.push(
                Step::run(
                    c::allow_delegation_from((kind, &name), (front_kind, &front)),
                    format!("let {front} pass users on to {name}, which holds {target}"),
                )
                .stop_if("the first step printed principals already: this replaces the list, so name them too"),
            );
            rollback.push(
                Step::run(
                    c::clear_delegation_from(kind, &name),
                    "empty the list again",
                )
                .stop_if("it was not empty before: write the former list instead"),
            );
        }
        _ => {
            fix.push(Step::by_hand(format!(
                "find the account that holds {target} (setspn -F -Q), and let it take users from {} (its property PrincipalsAllowedToDelegateToAccount)",
                hop.account_shown(scene)
            )));
            rollback.push(Step::by_hand("write the former list of principals back"));
        }
    }
    fix.push(p::replicate());
    fix.push(retry());
    Remedy::of(fix).verify(verify(&target)).rollback(rollback)
}

/// Adds the target's SPN to the front end account's list.
pub(super) fn add_to_the_list(scene: &Scene<'_>, hop: &SecondHop<'_, '_>) -> Option<Remedy> {
    let (account, target) = (hop.account?, hop.target.as_ref()?.to_string());
    let (kind, name) = cmdlet(scene, account);
    let fix = vec![
        note(scene, account),
        Step::run(
            c::change_delegation_list(kind, &name, &target, true),
            format!("add {target} to what {name} may delegate to, spelled as it was asked for"),
        )
        .stop_if(
            "the account is not meant to reach that service in the name of users: ask its owner",
        ),
        p::replicate(),
        retry(),
    ];
    let rollback = vec![Step::run(
        c::change_delegation_list(kind, &name, &target, false),
        "take the entry off the list again",
    )];
    Some(Remedy::of(fix).verify(verify(&target)).rollback(rollback))
}

/// Old answers live on in the server's ticket cache.
fn retry() -> Step {
    Step::run(
        c::klist_purge_machine(),
        "purge the tickets of the computer account on the web server, wait 15 minutes (refusals are remembered), then let a user sign in anew",
    )
}

/// That the second hop works.
pub(super) fn verify(target: &str) -> Vec<Step> {
    vec![
        Step::by_hand(format!(
            "open the page that calls {target}: it must work for an ordinary user"
        )),
        Step::by_hand(
            "the Security log of the back end must show a 4624 of type 3 for that user from the web server's address, and no ANONYMOUS LOGON",
        ),
        Step::by_hand(
            "with constrained delegation the domain controller logs 4769 with status 0x0 and the web server's account under transmitted services",
        ),
    ]
}

/// The finding with its repairs: at the back end first, then by the list.
pub(super) fn repaired(
    scene: &Scene<'_>,
    hop: &SecondHop<'_, '_>,
    prevent: &str,
    finding: Finding,
) -> Finding {
    let finding = finding.fix(allow_at_the_back(scene, hop).prevent(prevent), Vec::new());
    match add_to_the_list(scene, hop) {
        Some(remedy) => finding.fix(remedy.prevent(prevent), Vec::new()),
        None => finding,
    }
}
