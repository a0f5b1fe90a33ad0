//! Tickets in the caches that klist showed, and attempts to fetch one.

use super::sessions::{Session, Shows};
use super::spn::Spn;
use crate::evidence::{Certainty, Citation, When};
use crate::readers::klist::{Failure, KlistRun, Shown, Ticket};

/// A ticket in a cache.
#[derive(Clone, Debug)]
pub struct HeldTicket {
    /// Its server principal as an SPN.
    pub spn: Spn,
    /// The ticket, with its times as printed.
    pub ticket: Ticket,
    /// The machine that a prompt names.
    pub shown_on: Option<String>,
    /// When it began: UTC where the zone of the machine is known, else as its clock showed it.
    pub start: Option<When>,
    /// When it ends, likewise.
    pub end: Option<When>,
    /// How sure the two times are.
    pub certainty: Certainty,
}

/// `klist get` of an SPN.
#[derive(Clone, Debug)]
pub struct TicketAttempt {
    /// The SPN, where the output names it.
    pub spn: Option<Spn>,
    /// How it went.
    pub result: Result<(), Failure>,
    /// The logon session that asked.
    pub session: Option<Session>,
    /// Where it stands.
    pub from: Citation,
}

impl TicketAttempt {
    /// The user who asked, where that is known.
    pub fn user(&self) -> Option<&str> {
        self.session.as_ref()?.user.as_deref()
    }

    /// Whether the KDC answered that nobody holds the SPN: klist prints STATUS_NO_TRUST_SAM_ACCOUNT with substatus 0x6fb
    /// (public captures; the same status stands for a missing computer account, which an HTTP name cannot mean).
    pub fn principal_unknown(&self) -> bool {
        matches!(
            self.result,
            Err(Failure {
                status: Some(0xC000_018B),
                ..
            } | Failure {
                sub_status: Some(0x6FB),
                ..
            })
        )
    }

    /// Whether no encryption type was acceptable to the KDC.
    pub fn no_common_etype(&self) -> bool {
        matches!(
            self.result,
            Err(Failure {
                status: Some(0xC000_02FD),
                ..
            } | Failure {
                sub_status: Some(0x8009_0342),
                ..
            })
        )
    }
}

/// The tickets and attempts of klist runs.
pub(super) fn collect(runs: &[KlistRun]) -> (Vec<HeldTicket>, Vec<TicketAttempt>) {
    let mut tickets = Vec::new();
    let mut attempts = Vec::new();
    let sessions = Shows::of(runs);
    for run in runs {
        match &run.shown {
            Shown::Cache(cache) => tickets.extend(cache.tickets.iter().map(|ticket| HeldTicket {
                spn: Spn::new(&ticket.server),
                shown_on: run.host.clone(),
                start: ticket.start.map(When::Local),
                end: ticket.end.map(When::Local),
                certainty: Certainty::Exact,
                ticket: ticket.clone(),
            })),
            Shown::Get(get) => attempts.push(TicketAttempt {
                spn: get.spn.as_deref().map(Spn::new),
                result: get.result,
                session: sessions.session(run, get.logon_id.as_deref()),
                from: get.from.clone(),
            }),
            _ => {}
        }
    }
    (tickets, attempts)
}
