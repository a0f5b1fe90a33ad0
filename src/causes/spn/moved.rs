//! Names that were moved to the account that opens their tickets (5136), and whose tickets could not be opened until then:
//! what SPN-05, SPN-06 or SPN-07 was before somebody repaired it.

use jiff::SignedDuration;

use crate::case::{AccountId, AccountKind, Sameness, Spn};
use crate::causes::scene::few;
use crate::causes::{Current, Finding, Mismatch, Scene, Subject, View};
use crate::negotiate::{Acceptor, KeyMatch};
use crate::readers::events::{Body, DirectoryChanged};

/// How far two clocks may differ under Kerberos.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The mismatches of one kind that a move has ended, none of which was seen since. The clocks of client and domain controller
/// may stand five minutes apart, so that a failure of the last minutes before the move may bear a time after it.
pub(super) fn repaired(scene: &Scene<'_>, kind: Mismatch) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for event in &scene.case.events {
        let Body::DirectoryChanged(change) = &event.body else {
            continue;
        };
        let (Some(spn), Some(holder)) = (taken(change), change.object_dn.as_deref()) else {
            continue;
        };
        let failed = scene.mismatches(&spn);
        let began = failed.iter().filter_map(|(_, s)| s.first).min();
        let ended = failed.iter().filter_map(|(_, s)| s.last).max();
        let over = began.is_some_and(|first| first < event.time)
            && ended.is_some_and(|last| last < event.time + SKEW);
        if !over {
            continue;
        }
        let views = scene.views.iter().filter(|v| v.spn() == Some(&spn));
        let views: Vec<&View<'_>> = views.collect();
        let right = |v: &&View<'_>| v.path.key_match == KeyMatch::Match;
        let Some(view) = views.first().filter(|_| views.iter().all(right)) else {
            continue;
        };
        if was(scene, view, holder, kind_of(change)) != Some(kind) {
            continue;
        }
        let known = scene.case.accounts.iter().find(|(_, account)| {
            let dn = account.dn.as_deref();
            dn.is_some_and(|dn| dn.eq_ignore_ascii_case(holder))
        });
        let holder = known.map_or(holder, |(id, _)| scene.shown(id));
        let acceptor = view.acceptor_shown(scene.case);
        let subject = Subject {
            account: Some(holder.to_owned()),
            ..view.subject(scene.case)
        };
        let mut finding = Finding::about(
            subject,
            format!(
                "{spn} was on {holder} until it was moved to {acceptor}, whose key opens tickets here. Before that, the KDC sealed tickets with a key that the web server does not have; none was refused since, as far as the clocks of two machines can be compared."
            ),
        )
        .structure(
            format!("{spn} was taken from {holder}"),
            std::slice::from_ref(&event.citation),
        )
        .structure(
            format!("{acceptor} holds {spn} now"),
            &few(view.holder().map_or_else(Vec::new, |h| h.from.clone()), 2),
        )
        .saw_mismatches(scene, &spn);
        finding.current = Current::No;
        findings.push(finding);
    }
    findings.dedup_by(|a, b| a.subject == b.subject);
    findings
}

/// The name that an event takes from an account.
fn taken(change: &DirectoryChanged) -> Option<Spn> {
    let attribute = change.attribute.as_deref()?;
    let is_taken =
        change.added == Some(false) && attribute.eq_ignore_ascii_case("servicePrincipalName");
    is_taken.then(|| Spn::new(change.value.as_deref().unwrap_or_default()))
}

/// What the mismatch was while this account held the name; `None` where it was none, or cannot be told.
fn was(scene: &Scene<'_>, view: &View<'_>, holder: &str, kind: AccountKind) -> Option<Mismatch> {
    let case = scene.case;
    let is = |id: AccountId| case.accounts.is_object(id, holder, kind);
    let acceptor = is(view.acceptor_account(case)?);
    let pool = view.pool_account().map(is);
    let machine = view.endpoint.host.map(|h| is(case.hosts.get(h).machine));
    let by_machine = view.acceptor() == Some(&Acceptor::Machine);
    if acceptor == Sameness::Same || acceptor == Sameness::Unknown {
        None
    } else if by_machine && pool == Some(Sameness::Same) {
        Some(Mismatch::OnPoolAccount)
    } else if !by_machine && machine == Some(Sameness::Same) {
        Some(Mismatch::OnMachine)
    } else {
        let open = [pool, machine].contains(&Some(Sameness::Unknown));
        (!open).then_some(Mismatch::OnOther)
    }
}

/// The kind of the object that an event is about.
fn kind_of(change: &DirectoryChanged) -> AccountKind {
    match change.object_class.as_deref() {
        Some(class) if class.eq_ignore_ascii_case("computer") => AccountKind::Computer,
        Some(class) if class.eq_ignore_ascii_case("user") => AccountKind::User,
        Some(_) => AccountKind::Managed,
        None => AccountKind::Unknown,
    }
}
