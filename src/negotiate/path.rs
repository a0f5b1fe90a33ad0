//! The path of one endpoint for one kind of client, step by step, each step with what it rests on.

use super::acceptor::{Acceptor, AcceptorRule, accept};
use super::client_name::{ClientName, Profile};
use super::kdc::{Answer, lookup};
use crate::case::{AccountId, AccountKind, Case, Endpoint, Sameness, Situation};
use crate::evidence::{Citation, Place};
use crate::readers::iis_config::{EffectiveSettings, Origin, Setting, TokenChecking};

/// What happens to a user's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Kerberos.
    Kerberos,
    /// NTLM, because no usable ticket can be had.
    NtlmFallback,
    /// NTLM, because the address or the configuration asks for it.
    NtlmByDesign,
    /// 401.
    Denied,
    /// 500.19 or 503: authentication is not reached.
    Unavailable,
    /// Another scheme, or anonymous.
    NotWindowsAuth,
    /// The bundle does not decide.
    Unknown,
}

/// Where on the way a step stands (`causes.md` section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// S0: the request reaches the site.
    Request,
    /// S1: IIS sends its challenge.
    Challenge,
    /// S2: the client decides to answer.
    ClientAnswer,
    /// S3: the client builds the SPN.
    ClientName,
    /// S4: the KDC answers.
    Ticket,
    /// S5: the client sends its token.
    Authorization,
    /// S6: the server accepts the token.
    Accept,
    /// S7: IIS authorizes the user.
    Authorize,
}

/// One step of a path.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where on the way.
    pub stage: Stage,
    /// What happens, as one sentence.
    pub says: String,
    /// What that rests on; empty for what follows from the steps before.
    pub from: Vec<Citation>,
}

/// Whether the key that opens the ticket is the one that sealed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMatch {
    /// The holder is the acceptor.
    Match,
    /// The holder is another account.
    Mismatch {
        /// True when the two are told apart only by a CN that differs from an account name.
        presumed: bool,
    },
    /// The bundle does not show it, or no ticket comes into it.
    Unknown,
}

/// A simulated path.
#[derive(Clone, Debug)]
pub struct Path {
    /// The kind of client.
    pub profile: Profile,
    /// The name it asks for.
    pub name: ClientName,
    /// The KDC's answer; `None` when no ticket is asked for.
    pub answer: Option<Answer>,
    /// The acceptor; `None` when the pool is unknown.
    pub rule: Option<AcceptorRule>,
    /// Whether the keys match.
    pub key_match: KeyMatch,
    /// What the user gets.
    pub outcome: Outcome,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Path {
    /// Whether the simulation reaches an outcome.
    pub fn is_decided(&self) -> bool {
        self.outcome != Outcome::Unknown
    }
}

/// Simulates one endpoint for one kind of client.
pub fn simulate(case: &Case, situation: &Situation, endpoint: &Endpoint, profile: Profile) -> Path {
    let mut path = Path {
        profile,
        name: ClientName::of(case, endpoint, profile),
        answer: None,
        rule: None,
        key_match: KeyMatch::Unknown,
        outcome: Outcome::Unknown,
        steps: Vec::new(),
    };
    let config = &case.server(endpoint).config;
    if is_cut_off(case, endpoint) {
        path.rule = Some(AcceptorRule::NOT_SHOWN);
        path.steps.push(Step {
            stage: Stage::Challenge,
            says: "the configuration is incomplete: what it says about authentication here may stand in the missing part".into(),
            from: vec![config.from.clone()],
        });
        negotiate(case, situation, endpoint, &mut path);
        return path;
    }
    path.rule = rule(endpoint);
    path.outcome = match challenge(endpoint, config.complete, &mut path.steps) {
        Some(outcome) => outcome,
        None => negotiate(case, situation, endpoint, &mut path),
    };
    if path.outcome == Outcome::Kerberos && hides_providers(endpoint, config.complete) {
        path.outcome = Outcome::Unknown;
    }
    path
}

/// Whether the providers stand in the missing part of a configuration: nothing in what is left lists or clears them.
fn hides_providers(endpoint: &Endpoint, whole: bool) -> bool {
    let windows = &endpoint.settings.windows;
    !whole && windows.providers.is_empty() && windows.providers_shaped_by.is_empty()
}

/// Whether the server's configuration is cut, and what is left would let nobody use Windows authentication, by values of the
/// whole server: a location tag in the missing part may say otherwise.
pub fn is_cut_off(case: &Case, endpoint: &Endpoint) -> bool {
    let (config, settings) = (&case.server(endpoint).config, &endpoint.settings);
    let of_a_path = |path: &str| {
        let location = path.split_once("location[@path=");
        location.is_some_and(|(_, rest)| !rest.starts_with("''"))
    };
    let own = |setting: &Setting<bool>| match &setting.origin {
        Origin::SchemaDefault => false,
        Origin::Set(from) => {
            from.artifact != config.from.artifact
                || matches!(&from.place, Place::Element { path, .. } if of_a_path(path))
        }
    };
    let (anonymous, windows) = (&settings.anonymous.enabled, &settings.windows.enabled);
    !config.complete
        && ((anonymous.value && !denies_anonymous(settings) && !own(anonymous))
            || (!windows.value && !own(windows)))
}

fn rule(endpoint: &Endpoint) -> Option<AcceptorRule> {
    let windows = &endpoint.settings.windows;
    Some(accept(
        windows.use_kernel_mode.value,
        windows.use_app_pool_credentials.value,
        &endpoint.pool.as_ref()?.identity,
        has_restricted_provider(&endpoint.settings),
    ))
}

/// Whether a provider that shuts NTLM out is offered (`Negotiate:Kerberos`, `Negotiate:PKU2U`).
pub fn has_restricted_provider(settings: &EffectiveSettings) -> bool {
    settings
        .windows
        .providers
        .iter()
        .any(|(name, _)| name.to_lowercase().starts_with("negotiate:"))
}

/// The places a setting rests on: the element that set it, or none for a schema default.
pub fn origin_of<T>(setting: &Setting<T>) -> Vec<Citation> {
    match &setting.origin {
        Origin::Set(citation) => vec![citation.clone()],
        Origin::SchemaDefault => Vec::new(),
    }
}

/// S1. `Some` outcome when Windows authentication is not reached. `whole` is false where the configuration is cut: what
/// it does not show may stand in the missing part.
fn challenge(endpoint: &Endpoint, whole: bool, steps: &mut Vec<Step>) -> Option<Outcome> {
    let settings = &endpoint.settings;
    let windows = &settings.windows;
    let mut step = |says: String, from: Vec<Citation>| {
        steps.push(Step {
            stage: Stage::Challenge,
            says,
            from,
        });
    };
    if let Some(violation) = settings.lock_violations.first() {
        let mut from = vec![violation.set_at.clone()];
        from.extend(violation.locked_by.clone());
        step(
            format!(
                "{} is set where it is locked: IIS answers 500.19",
                violation.section
            ),
            from,
        );
        return Some(Outcome::Unavailable);
    }
    let anonymous = settings.anonymous.enabled.value;
    if anonymous && !denies_anonymous(settings) {
        step(
            "anonymous authentication is on and nothing denies anonymous users: no challenge is sent".into(),
            origin_of(&settings.anonymous.enabled),
        );
        return Some(Outcome::NotWindowsAuth);
    }
    let missing = settings.global_module.is_none() || settings.enabled_module.is_none();
    if missing && (whole || settings.module_removed_by.is_some()) {
        step(
            "WindowsAuthenticationModule does not run for this path: no Negotiate or NTLM challenge".into(),
            settings.module_removed_by.iter().cloned().collect(),
        );
        return Some(without_windows(settings));
    }
    if !windows.enabled.value {
        step(
            "Windows authentication is off for this path".into(),
            origin_of(&windows.enabled),
        );
        return Some(without_windows(settings));
    }
    if hides_providers(endpoint, whole) {
        step(
            "IIS answers 401.2; the configuration is incomplete and does not show whether it offers Negotiate, as it does when installed".into(),
            origin_of(&windows.enabled),
        );
        return None;
    }
    let names: Vec<&str> = windows.providers.iter().map(|(n, _)| n.as_str()).collect();
    let from: Vec<Citation> = windows.providers.iter().map(|(_, c)| c.clone()).collect();
    if names.is_empty() {
        step(
            "Windows authentication is on, but its list of providers is empty: the 401 carries no challenge".into(),
            windows.providers_shaped_by.clone(),
        );
        return Some(Outcome::Denied);
    }
    step(
        format!("IIS answers 401.2 and offers {}", names.join(", ")),
        from,
    );
    if !names
        .iter()
        .any(|n| n.to_lowercase().starts_with("negotiate"))
    {
        return Some(Outcome::NtlmByDesign);
    }
    None
}

fn without_windows(settings: &EffectiveSettings) -> Outcome {
    let others = [
        &settings.basic,
        &settings.digest,
        &settings.client_certificate,
        &settings.iis_client_certificate,
    ];
    if others.iter().any(|s| s.value) {
        Outcome::NotWindowsAuth
    } else {
        Outcome::Denied
    }
}

/// Whether an authorization rule makes IIS challenge although anonymous authentication is on.
pub fn denies_anonymous(settings: &EffectiveSettings) -> bool {
    if settings.asp_net_denies_anonymous.is_some() {
        return true;
    }
    let covers = |users: &str| users.split(',').any(|u| matches!(u.trim(), "?" | "*"));
    // Deny rules win over allow rules; whoever no rule allows is denied.
    settings
        .authorization
        .iter()
        .any(|r| !r.allow && covers(&r.users) && r.verbs.is_empty())
        || (!settings.authorization.is_empty()
            && !settings
                .authorization
                .iter()
                .any(|r| r.allow && covers(&r.users)))
}

/// S3 to S6.
fn negotiate(case: &Case, situation: &Situation, endpoint: &Endpoint, path: &mut Path) -> Outcome {
    let spn = match &path.name {
        ClientName::IpLiteral => {
            path.steps.push(Step {
                stage: Stage::ClientName,
                says: "the address is an IP literal: the client builds no SPN and uses NTLM".into(),
                from: vec![endpoint.binding.clone()],
            });
            return Outcome::NtlmByDesign;
        }
        ClientName::Unknown => {
            path.steps.push(Step {
                stage: Stage::ClientName,
                says: "the binding takes any host name, and the bundle does not show which one users type".into(),
                from: vec![endpoint.binding.clone()],
            });
            return Outcome::Unknown;
        }
        ClientName::Spn { spn, from, says } => {
            path.steps.push(Step {
                stage: Stage::ClientName,
                says: format!("{says}: {spn}"),
                from: from.clone(),
            });
            spn.clone()
        }
    };
    let answer = lookup(&situation.directory, &case.accounts, &spn);
    let outcome = ticket(case, endpoint, &answer, path, &spn.to_string());
    path.answer = Some(answer);
    outcome
}

fn ticket(
    case: &Case,
    endpoint: &Endpoint,
    answer: &Answer,
    path: &mut Path,
    spn: &str,
) -> Outcome {
    let restricted = has_restricted_provider(&endpoint.settings);
    let fallback = if restricted {
        Outcome::Denied
    } else {
        Outcome::NtlmFallback
    };
    let then = if restricted {
        "the provider list leaves no NTLM to fall back to"
    } else {
        "Negotiate falls back to NTLM"
    };
    let mut step = |says: String, from: Vec<Citation>| {
        path.steps.push(Step {
            stage: Stage::Ticket,
            says,
            from,
        });
    };
    match answer {
        Answer::Unknown => {
            step(
                format!("the bundle does not show which account holds {spn}"),
                Vec::new(),
            );
            Outcome::Unknown
        }
        Answer::NotFound {
            alias_searched: false,
            from,
            ..
        } if case.hosts.find(&endpoint.name).is_some() => {
            step(
                format!(
                    "nobody holds {spn} itself; whether HOST/{} covers it is not shown",
                    endpoint.name
                ),
                from.clone(),
            );
            Outcome::Unknown
        }
        Answer::NotFound { from, .. } => {
            step(
                format!("nobody holds {spn}: the KDC answers 0x7, {then}"),
                from.clone(),
            );
            fallback
        }
        Answer::Duplicate { holders } => {
            let from = holders.iter().flat_map(|h| h.from.clone()).collect();
            let names: Vec<&str> = holders
                .iter()
                .map(|h| case.accounts.get(h.account).shown.as_str())
                .collect();
            step(
                format!(
                    "{spn} is held by {} accounts ({}): the KDC answers 0x7, {then}",
                    holders.len(),
                    names.join("; ")
                ),
                from,
            );
            fallback
        }
        Answer::Ticket {
            holder,
            by_host_alias,
            closed,
            from,
        } => {
            let shown = &case.accounts.get(holder.account).shown;
            let how = if *by_host_alias {
                " through the HOST alias"
            } else {
                ""
            };
            let mut cites = holder.from.clone();
            cites.extend(from.iter().cloned());
            step(
                format!(
                    "the KDC seals the ticket for {spn} with the key of {shown}, who holds it{how}"
                ),
                cites,
            );
            accepted(
                case,
                endpoint,
                holder.account,
                *by_host_alias && !closed,
                path,
            )
        }
    }
}

/// S6: the acceptor opens the ticket, or cannot.
fn accepted(
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
