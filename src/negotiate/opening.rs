//! S6: whether the account whose key opens tickets at an endpoint is the one whose key sealed them.

use super::acceptor::{Acceptor, AcceptorRule, accept};
use super::challenge::{has_restricted_provider, origin_of};
use super::path::{KeyMatch, Outcome, Path, Stage, Step};
use crate::case::{AccountId, AccountKind, Case, Endpoint, Sameness};
use crate::evidence::Citation;
use crate::readers::iis_config::TokenChecking;

pub(super) fn rule(endpoint: &Endpoint) -> Option<AcceptorRule> {
    let windows = &endpoint.settings.windows;
    Some(accept(
        windows.use_kernel_mode.value,
        windows.use_app_pool_credentials.value,
        &endpoint.pool.as_ref()?.identity,
        has_restricted_provider(&endpoint.settings),
    ))
}

/// S6: the acceptor opens the ticket, or cannot.
pub(super) fn accepted(
    case: &Case,
    endpoint: &Endpoint,
    holder: AccountId,
    alias_open: bool,
    path: &mut Path,
) -> Outcome {
    let Some(rule) = &path.rule else {
        path.steps.push(Step {
            stage: Stage::Accept,
            says: "the application's pool is not defined in the configuration".into(),
            from: vec![endpoint.binding.clone()],
        });
        return Outcome::Unknown;
    };
    let mut from = acceptor_citations(endpoint);
    from.dedup();
    path.key_match = match_keys(case, endpoint, &rule.acceptor, holder);
    let shown = case.acceptor_shown(endpoint, &rule.acceptor);
    let (says, outcome) = match (&rule.acceptor, path.key_match) {
        (Acceptor::Undecided, _) => (rule.because.to_owned(), Outcome::Unknown),
        (_, KeyMatch::Match) if alias_open => (
            format!(
                "{shown} opens the ticket ({}); unless an HTTP registration that the bundle does not show wins over HOST",
                rule.because
            ),
            Outcome::Kerberos,
        ),
        (_, KeyMatch::Match) => (
            format!("{shown} opens the ticket ({})", rule.because),
            Outcome::Kerberos,
        ),
        (_, KeyMatch::Mismatch { .. }) => (
            format!(
                "{shown} cannot open it ({}): KRB_AP_ERR_MODIFIED, the browser prompts and ends in 401.1",
                rule.because
            ),
            Outcome::Denied,
        ),
        (_, KeyMatch::Unknown) => (
            format!(
                "{shown} opens tickets here ({}); whether that is the holder is not shown",
                rule.because
            ),
            Outcome::Unknown,
        ),
    };
    path.steps.push(Step {
        stage: Stage::Accept,
        says,
        from,
    });
    let epa = &endpoint.settings.windows.extended_protection;
    if outcome == Outcome::Kerberos && epa.token_checking.value == TokenChecking::Require {
        path.steps.push(Step {
            stage: Stage::Accept,
            says: "extended protection requires a channel or service binding: the token must fit the connection that reaches IIS".into(),
            from: origin_of(&epa.token_checking),
        });
    }
    outcome
}

/// The lines that decide whose key opens tickets for an endpoint.
pub fn acceptor_citations(endpoint: &Endpoint) -> Vec<Citation> {
    let windows = &endpoint.settings.windows;
    let mut from = origin_of(&windows.use_kernel_mode);
    from.extend(origin_of(&windows.use_app_pool_credentials));
    if from.is_empty() {
        from.extend(origin_of(&windows.enabled));
    }
    if let Some(pool) = &endpoint.pool {
        from.extend(pool.from.iter().cloned());
    }
    from.sort();
    from.dedup();
    from
}

fn match_keys(
    case: &Case,
    endpoint: &Endpoint,
    acceptor: &Acceptor,
    holder: AccountId,
) -> KeyMatch {
    let compare = |account| match case.accounts.compare(account, holder) {
        Sameness::Same => KeyMatch::Match,
        Sameness::Different => KeyMatch::Mismatch { presumed: false },
        Sameness::PresumedDifferent => KeyMatch::Mismatch { presumed: true },
        Sameness::Unknown => KeyMatch::Unknown,
    };
    match acceptor {
        Acceptor::Account(account) => compare(*account),
        Acceptor::NoKey => KeyMatch::Mismatch { presumed: false },
        Acceptor::Undecided => KeyMatch::Unknown,
        Acceptor::Machine => match endpoint.host {
            Some(host) => compare(case.hosts.get(host).machine),
            // The machine is unknown; an account that is no computer account cannot be its machine account.
            None => match case.accounts.get(holder).kind {
                AccountKind::User | AccountKind::Managed => KeyMatch::Mismatch { presumed: false },
                _ if is_pool_account(case, endpoint, holder) => {
                    KeyMatch::Mismatch { presumed: false }
                }
                AccountKind::Computer | AccountKind::Unknown => KeyMatch::Unknown,
            },
        },
    }
}

fn is_pool_account(case: &Case, endpoint: &Endpoint, holder: AccountId) -> bool {
    endpoint
        .pool
        .as_ref()
        .and_then(|p| p.identity.account())
        .is_some_and(|account| case.accounts.compare(account, holder) == Sameness::Same)
}
