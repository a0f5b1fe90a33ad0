//! The path of one endpoint for one kind of client, step by step, each step with what it rests on.

use super::acceptor::AcceptorRule;
use super::challenge::{challenge, has_restricted_provider, hides_providers, is_cut_off};
use super::client_name::{ClientName, Profile};
use super::kdc::{Answer, lookup};
use super::opening::{accepted, rule};
use super::sealing::sealing;
use crate::case::{Case, Endpoint, Situation};
use crate::evidence::Citation;

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
    /// S8: the application calls another machine in the user's name.
    SecondHop,
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
            says: "the configuration is incomplete: what it says about authentication here may stand in the part that is missing or damaged".into(),
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
    let outcome = ticket(case, situation, endpoint, &answer, path);
    path.answer = Some(answer);
    outcome
}

fn ticket(
    case: &Case,
    situation: &Situation,
    endpoint: &Endpoint,
    answer: &Answer,
    path: &mut Path,
) -> Outcome {
    let spn = match &path.name {
        ClientName::Spn { spn, .. } => spn.to_string(),
        ClientName::IpLiteral | ClientName::Unknown => return Outcome::Unknown,
    };
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
            let sealing = sealing(case, situation, holder.account);
            if sealing.fails() {
                cites.extend(sealing.from());
                step(
                    format!(
                        "{shown} holds {spn}{how}, and the KDC has no encryption type to seal a ticket for it with ({}): it answers 0xE, and whether the client then uses NTLM is up to the client",
                        sealing.says()
                    ),
                    cites,
                );
                return Outcome::Unknown;
            }
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
