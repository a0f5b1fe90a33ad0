//! `netlogon.log`: every NTLM logon that a machine passed on or validated, and the state of its secure channel.
//!
//! ```text
//! 03/02 08:00:01 [LOGON] [1234] CORP: SamLogon: Transitive Network logon of CORP\uma from PC7 (via WEB01) Entered
//! 03/02 08:00:01 [LOGON] [1234] CORP: SamLogon: Transitive Network logon of CORP\uma from PC7 (via WEB01) Returns 0xC000006A
//! 03/02 08:00:09 [CRITICAL] [1234] CORP: NlPrintRpcDebug: Couldn't get EEInfo for I_NetServerAuthenticate3: 0xc0000022
//! 03/02 08:00:09 [SESSION] [1234] CORP: NlSessionSetup: Session setup: cannot I_NetServerAuthenticate 0xC0000022
//! ```
//!
//! becomes one group of logons (uma from PC7 through WEB01, 0xC000006A, how often, first and last), and one of failures of
//! the channel. `via` names the member server that the user came to: NTLM reached it. The log is as long as it was allowed
//! to grow, so that logons are counted, not kept; its times are local and have no year.

mod line;
#[cfg(test)]
mod tests;

pub use line::LogTime;

use std::collections::BTreeMap;

use super::Reading;
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Place, Problem};
use line::{Entry, Said};

/// What a `netlogon.log` holds.
#[derive(Clone, Debug, Default)]
pub struct NetlogonLog {
    /// NTLM logons that got an answer, in groups.
    pub logons: Vec<NtlmLogons>,
    /// Failures of the secure channel, in groups.
    pub channel: Vec<ChannelFailures>,
    /// Logons that were begun, and have no answer in the log.
    pub unanswered: u64,
    /// The first and the last time of the log, as they stand in it.
    pub span: Option<(LogTime, LogTime)>,
}

/// How often the same logon got the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NtlmLogons {
    /// The user as logged, `CORP\uma`.
    pub user: String,
    /// The workstation that the user named.
    pub workstation: String,
    /// The server that passed the logon on, where another one did.
    pub via: Option<String>,
    /// The NTSTATUS; 0 is a success.
    pub status: u32,
    /// How many.
    pub count: u64,
    /// When first and last.
    pub span: (LogTime, LogTime),
    /// The first of them.
    pub from: Citation,
}

/// How often the secure channel failed in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelFailures {
    /// The domain at the other end, where the line names it.
    pub domain: Option<String>,
    /// The function that failed, `NlSessionSetup`.
    pub function: String,
    /// The status: NTSTATUS or Win32.
    pub status: u32,
    /// How many.
    pub count: u64,
    /// When first and last.
    pub span: (LogTime, LogTime),
    /// The first of them.
    pub from: Citation,
}

/// Groups that are told apart; a log of more has them counted under no name.
const GROUPS: usize = 1 << 14;

/// User, workstation, server in between and status.
type LogonKey = (String, String, Option<String>, u32);
/// Domain, function and status.
type ChannelKey = (Option<String>, String, u32);

/// Count, first and last time, citation.
struct Group {
    count: u64,
    span: (LogTime, LogTime),
    from: Citation,
}

/// The log while its lines come in.
#[derive(Default)]
struct Fold {
    logons: BTreeMap<LogonKey, Group>,
    channel: BTreeMap<ChannelKey, Group>,
    entered: u64,
    returned: u64,
    /// Lines whose group came after the last one that is told apart.
    left_out: u64,
}

/// Reads it.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<NetlogonLog> {
    let mut fold = Fold::default();
    let mut log = NetlogonLog::default();
    for (number, line) in (1u32..).zip(&text.lines) {
        let Some(entry) = Entry::new(line) else {
            continue; // an entry goes on below itself
        };
        let first = log.span.map_or(entry.time, |(first, _)| first);
        log.span = Some((first, entry.time));
        fold.take(&entry, || Citation::line(artifact, number, line));
    }
    let mut problems = Vec::new();
    if fold.left_out > 0 {
        let says = format!(
            "has more kinds of entries than are told apart; {} were left out",
            fold.left_out
        );
        problems.push(Problem::new(artifact, Place::Whole, says));
    }
    log.unanswered = fold.entered.saturating_sub(fold.returned);
    let answered = fold.logons.into_iter();
    log.logons = answered
        .map(|((user, workstation, via, status), group)| NtlmLogons {
            user,
            workstation,
            via,
            status,
            count: group.count,
            span: group.span,
            from: group.from,
        })
        .collect();
    let failed = fold.channel.into_iter();
    log.channel = failed
        .map(|((domain, function, status), group)| ChannelFailures {
            domain,
            function,
            status,
            count: group.count,
            span: group.span,
            from: group.from,
        })
        .collect();
    let logons = log.logons.iter().map(|group| group.count);
    let count = logons
        .chain(log.channel.iter().map(|group| group.count))
        .fold(0u64, u64::saturating_add);
    Reading {
        artifact,
        records: log,
        count,
        problems,
    }
}

impl Fold {
    fn take(&mut self, entry: &Entry<'_>, cite: impl Fn() -> Citation) {
        let taken = match &entry.said {
            Said::Entered => {
                self.entered = self.entered.saturating_add(1);
                true
            }
            Said::Returned(logon) => {
                self.returned = self.returned.saturating_add(1);
                let key = (
                    logon.user.to_owned(),
                    logon.workstation.to_owned(),
                    logon.via.map(str::to_owned),
                    logon.status,
                );
                count(&mut self.logons, key, entry.time, cite)
            }
            Said::ChannelFailed { function, status } => {
                let key = (
                    entry.domain.map(str::to_owned),
                    (*function).to_owned(),
                    *status,
                );
                count(&mut self.channel, key, entry.time, cite)
            }
            Said::Other => true,
        };
        if !taken {
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}

/// False where there are too many groups for another one.
fn count<K: Ord>(
    groups: &mut BTreeMap<K, Group>,
    key: K,
    time: LogTime,
    cite: impl Fn() -> Citation,
) -> bool {
    if let Some(group) = groups.get_mut(&key) {
        group.count = group.count.saturating_add(1);
        group.span.1 = time;
        return true;
    }
    let room = groups.len() < GROUPS;
    if room {
        let group = Group {
            count: 1,
            span: (time, time),
            from: cite(),
        };
        groups.insert(key, group);
    }
    room
}
