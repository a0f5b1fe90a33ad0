//! The remedies that several causes of this group share: registering a name on the acceptor, and moving it there.

use crate::case::{AccountId, Registration, Spn};
use crate::causes::{Finding, Scene, View};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step};

/// Registers the SPN on the account that opens the tickets. `inert` are values that never match and go afterwards.
pub(in crate::causes) fn register(
    scene: &Scene<'_>,
    finding: Finding,
    spn: &Spn,
    views: &[&View<'_>],
    inert: &[&Registration],
    prevent: &str,
) -> Finding {
    let account = scene.one_acceptor(views);
    if account.is_none() && scene.on_several_machines(views) {
        return share(scene, finding, spn, &[], views, prevent);
    }
    if account.is_none() && scene.acceptors_differ(views) {
        let mut fix = p::snapshot(spn.as_str(), &[]);
        fix.push(Step::by_hand(format!(
            "let one account open the tickets of all applications under {} (KM-04, KM-05); only then register {spn} on it: as it is now, whoever held it, the other applications would go from NTLM to 401",
            spn.host()
        )));
        return finding.fix(Remedy::of(fix).prevent(prevent), Vec::new());
    }
    let mut fix = p::snapshot(spn.as_str(), &[]);
    fix.extend(match account {
        Some(account) => p::add_spn(spn.as_str(), &scene.command_name(account)),
        None => p::add_spn_to_unknown(spn.as_str()),
    });
    for registration in inert {
        fix.push(remove_inert(scene, registration));
    }
    fix.push(p::replicate());
    fix.extend(p::purge_and_retest());
    let name = account.map_or_else(
        || "the account that opens the tickets".to_owned(),
        |a| scene.command_name(a),
    );
    let rollback = match account {
        Some(_) => p::take_back_spn(spn.as_str(), &name),
        None => vec![Step::by_hand(format!(
            "remove {spn} from that account again with setspn -D"
        ))],
    };
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(spn.as_str(), &name))
        .rollback(rollback)
        .prevent(prevent);
    let changes = account
        .map(|a| vec![Change::AddSpn(spn.clone(), a)])
        .unwrap_or_default();
    finding.fix(remedy, changes)
}

/// Takes a value away that matches nothing: such values carry characters that cannot stand in a command.
fn remove_inert(scene: &Scene<'_>, registration: &Registration) -> Step {
    let code_points = registration.spn.invisible();
    let told_by = if code_points.is_empty() {
        String::new()
    } else {
        format!(" (the one with {})", code_points.join(", "))
    };
    Step::by_hand(format!(
        "then remove the value {}{told_by} from {} in the attribute editor (servicePrincipalName); nothing uses it",
        registration.spn.visible_form(),
        scene.shown(registration.holder)
    ))
}

/// Moves the SPN from its holders to the one account that opens the tickets; where there is none, one account for all.
pub(super) fn move_to_acceptor(
    scene: &Scene<'_>,
    finding: Finding,
    spn: &Spn,
    holders: &[AccountId],
    views: &[&View<'_>],
    prevent: &str,
) -> Finding {
    let Some(acceptor) = scene.one_acceptor(views) else {
        if scene.on_several_machines(views) {
            return share(scene, finding, spn, holders, views, prevent);
        }
        let mut fix = p::snapshot(spn.as_str(), &[]);
        fix.push(Step::by_hand(format!(
            "work out whose key opens tickets for {spn}, then leave it on that account alone: setspn -D from the others, setspn -S on that one"
        )));
        fix.push(p::replicate());
        fix.extend(p::purge_and_retest());
        return finding.fix(Remedy::of(fix).prevent(prevent), Vec::new());
    };
    let right = scene.command_name(acceptor);
    let mut fix = p::snapshot(spn.as_str(), &[&right]);
    let mut rollback = Vec::new();
    let mut changes = Vec::new();
    let kept = holders.iter().any(|h| scene.same(*h, acceptor));
    let wrong: Vec<&AccountId> = holders
        .iter()
        .filter(|h| !scene.same(**h, acceptor))
        .collect();
    for holder in wrong {
        let name = scene.command_name(*holder);
        fix.extend(p::take_spn(spn.as_str(), &name, scene.shown(*holder)));
        rollback.push(Step::by_hand(format!(
            "only if {name} serves another working site under this name: put {spn} back on it with setspn -S, after taking it from {right}"
        )));
        changes.push(Change::RemoveSpn(spn.clone(), *holder));
    }
    if !kept {
        fix.extend(p::add_spn(spn.as_str(), &right));
        changes.push(Change::AddSpn(spn.clone(), acceptor));
    }
    fix.push(p::replicate());
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(spn.as_str(), &right))
        .rollback(rollback)
        .prevent(prevent);
    finding.fix(remedy, changes)
}

/// One account for all servers behind the name.
pub(in crate::causes) fn share(
    scene: &Scene<'_>,
    finding: Finding,
    spn: &Spn,
    holders: &[AccountId],
    views: &[&View<'_>],
    prevent: &str,
) -> Finding {
    let names: Vec<String> = holders.iter().map(|h| scene.command_name(*h)).collect();
    let mut places: Vec<(String, String, String)> = views
        .iter()
        .map(|v| {
            (
                scene.case.server(v.endpoint).label.clone(),
                v.endpoint.location(),
                v.pool_name().to_owned(),
            )
        })
        .collect();
    places.sort();
    places.dedup();
    let remedy = Remedy::of(p::share_one_account(spn.as_str(), &names, &places))
        .verify(vec![Step::by_hand(
            "call each server by the shared name through a hosts file: 4624 of type 3 shows Kerberos on every one",
        )])
        .rollback(vec![Step::by_hand(format!(
            "drain all servers but one, put {spn} back on the account that server opens tickets with"
        ))])
        .prevent(prevent);
    finding.fix(remedy, Vec::new())
}
