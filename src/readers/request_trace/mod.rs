//! Failed-request traces of IIS (`fr000123.xml`): what every module did to one request.
//!
//! ```text
//! <failedRequest url="http://web.corp.example/" siteId="1" appPoolId="Portal" processId="4242" verb="GET"
//!                authenticationType="NOT_AVAILABLE" failureReason="STATUS_CODE" statusCode="401.1" timeTaken="15">
//! <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>…
//!   <TimeCreated SystemTime="2026-03-02T08:00:00.467Z"/><Computer>WEB01</Computer></System>
//!  <EventData><Data Name="ErrorCode">2148074252</Data></EventData>
//!  <RenderingInfo Culture="de-DE"><Opcode>AUTH_SSPI_LOGON_FAILED</Opcode></RenderingInfo></Event>
//! …
//! ```
//!
//! gives a [`RequestTrace`] with its [`Step`]s in order. Events are told by their `<Opcode>`, which is never translated.
//! IIS cuts traces at `maxLogFileSizeKB`, and people append one to the other: every event is read by itself, and every
//! `<failedRequest>` begins a new trace. Times are UTC. Of headers, only those of authentication are read.

mod event;
mod read;
mod shown;
mod step;
#[cfg(test)]
mod tests;

pub(super) use event::attribute;
pub use read::read;
pub use step::{AuthMethod, Step, StepKind};

use jiff::Timestamp;

use super::token::{AuthHeader, Token};
use crate::evidence::{Citation, Cited};

/// The trace of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestTrace {
    /// The URL as requested, without its query.
    pub url: String,
    /// Number of the site.
    pub site_id: Option<u32>,
    /// The application pool.
    pub pool: Option<String>,
    /// The worker process.
    pub process_id: Option<u32>,
    /// The HTTP method.
    pub verb: Option<String>,
    /// The user as the client named it.
    pub remote_user: Option<String>,
    /// The user that the request ran for.
    pub user: Option<String>,
    /// The user of the token that the request ran with.
    pub token_user: Option<String>,
    /// How the user was authenticated (`anonymous`, `NTLM`, `Negotiate`); `None` where the request ended before.
    pub authentication: Option<String>,
    /// Why the trace was written (`STATUS_CODE`, `TIME_TAKEN`).
    pub failure_reason: Option<String>,
    /// Status and substatus that were sent.
    pub status: Option<(u16, Option<u16>)>,
    /// Status and substatus that set the trace off.
    pub trigger: Option<(u16, Option<u16>)>,
    /// Time taken, in milliseconds.
    pub time_taken: Option<u64>,
    /// The activity id, by which other traces of the system name the request.
    pub activity: Option<String>,
    /// The web server (`Computer` of its events).
    pub computer: Option<String>,
    /// When the first event was written, UTC.
    pub started: Option<Timestamp>,
    /// Whether the end tag stands: what a trace cut off before it does not show may have happened all the same.
    pub complete: bool,
    /// What happened, in order, as far as authentication goes.
    pub steps: Vec<Cited<Step>>,
    /// Where it begins.
    pub from: Citation,
}

/// The package by which Windows authenticated a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Package {
    /// NTLM.
    Ntlm,
    /// Anything but NTLM: Kerberos.
    Kerberos,
}

/// How a user who was signed in was refused.
#[derive(Clone, Copy, Debug)]
pub struct Denied<'t> {
    /// The sub-status of the 401.
    pub sub_status: u16,
    /// The module that set it.
    pub module: &'t str,
    /// Whether it did so while the handler ran: the application itself.
    pub by_handler: bool,
    /// Where it stands.
    pub from: &'t Citation,
}

/// `RQ_AUTHENTICATE_REQUEST` and `RQ_EXECUTE_REQUEST_HANDLER` (httpserv.h).
const AUTHENTICATE: u32 = 0x2;
const EXECUTE_HANDLER: u32 = 0x80;

/// The upper half of an HRESULT of SSPI (FACILITY_SECURITY, winerror.h).
const FACILITY_SSPI: u32 = 0x8009;

impl RequestTrace {
    /// What the client presented.
    pub fn presented(&self) -> Option<(&AuthHeader, &Citation)> {
        self.find(|kind| match kind {
            StepKind::RequestHeaders { presented } => presented.as_deref(),
            _ => None,
        })
    }

    /// The token that the client presented.
    pub fn token(&self) -> Option<(&Token, &Citation)> {
        let (header, from) = self.presented()?;
        header.token.as_ref().map(|token| (token, from))
    }

    /// How a user was authenticated, by the only event of IIS that tells NTLM from Kerberos. Anonymous requests write it
    /// too, with `NTLMUsed` false and no user.
    pub fn authenticated(&self) -> Option<(Package, &str, &Citation)> {
        self.find(|kind| match kind {
            StepKind::Succeeded {
                method: AuthMethod::Windows,
                ntlm_used: Some(ntlm),
                user: Some(user),
            } => Some((
                if *ntlm {
                    Package::Ntlm
                } else {
                    Package::Kerberos
                },
                user.as_str(),
            )),
            _ => None,
        })
        .map(|((package, user), from)| (package, user, from))
    }

    /// The code with which SSPI refused a token, at the last leg that the trace shows; where it shows none, the one with
    /// which a module answered 401.1.
    pub fn refused(&self) -> Option<(u32, &Citation)> {
        let last = |of: fn(&StepKind) -> Option<u32>| {
            let mut steps = self.steps.iter().rev();
            steps.find_map(|step| Some((of(&step.value.kind)?, step.from.first()?)))
        };
        let by_sspi = last(|kind| match kind {
            StepKind::SspiFailed { code } => Some(*code),
            _ => None,
        });
        by_sspi.or_else(|| {
            last(|kind| match kind {
                StepKind::StatusSet {
                    status: (401, Some(1)),
                    error: Some(code),
                    ..
                } if code >> 16 == FACILITY_SSPI => Some(*code),
                _ => None,
            })
        })
    }

    /// How a user who was signed in was refused all the same: the sub-status of the 401, the module that set it, and at which
    /// notification. Not by a module that authenticates.
    pub fn denied(&self) -> Option<Denied<'_>> {
        self.authenticated()?;
        let mut steps = self.steps.iter().rev();
        steps.find_map(|step| match &step.value.kind {
            StepKind::StatusSet {
                module,
                notification,
                status: (401, sub_status),
                ..
            } if *sub_status != Some(1) && *notification != Some(AUTHENTICATE) => Some(Denied {
                sub_status: sub_status.unwrap_or(0),
                module: module.as_deref().unwrap_or_default(),
                by_handler: *notification == Some(EXECUTE_HANDLER),
                from: step.from.first()?,
            }),
            _ => None,
        })
    }

    /// The challenges that were sent; those that a module set, where the trace does not show the headers sent.
    pub fn challenges(&self) -> Vec<&AuthHeader> {
        let of = |sent: bool| {
            let steps = self
                .steps
                .iter()
                .filter_map(move |step| match &step.value.kind {
                    StepKind::ResponseHeaders { challenges, .. } if sent => Some(challenges),
                    StepKind::ChallengeSet { challenges } if !sent => Some(challenges),
                    _ => None,
                });
            steps.flatten().collect::<Vec<_>>()
        };
        let sent = of(true);
        if sent.is_empty() { of(false) } else { sent }
    }

    fn find<'a, T>(
        &'a self,
        pick: impl Fn(&'a StepKind) -> Option<T>,
    ) -> Option<(T, &'a Citation)> {
        self.steps
            .iter()
            .find_map(|step| pick(&step.value.kind).zip(step.from.first()))
    }
}
