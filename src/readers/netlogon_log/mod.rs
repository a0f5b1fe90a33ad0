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

mod groups;
mod line;
mod seen;
#[cfg(test)]
mod tests;

pub use line::LogTime;

use std::borrow::Cow;
use std::io;

use super::Reading;
use super::shares::{Shares, Sizes};
use crate::bundle::text::Lines;
use crate::evidence::{ArtifactId, Citation, Place, Problem};
use groups::{Group, Groups, Key};
use seen::{Of, Seen};

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

/// The log while its lines come in.
struct Log {
    artifact: ArtifactId,
    /// What was seen of the lines before: its room is used again.
    seen: Seen,
    logons: Groups,
    channel: Groups,
    entered: u64,
    returned: u64,
    /// Lines whose group came after the last one that is told apart.
    left_out: u64,
    span: Option<(LogTime, LogTime)>,
}

/// Reads it, with so many threads where it is large.
///
/// # Errors
/// The lines could not be read to the end.
pub fn read(
    artifact: ArtifactId,
    lines: &mut Lines,
    threads: usize,
) -> io::Result<Reading<NetlogonLog>> {
    fold(artifact, lines, Log::pass, Sizes::of(threads))
}

/// Takes the lines at hand, as [`Log::pass`] does.
type Pass = fn(&mut Log, &mut Lines);

/// Folds all lines; those that neither `pass` nor shares of these sizes take are read one by one.
fn fold(
    artifact: ArtifactId,
    lines: &mut Lines,
    pass: Pass,
    sizes: Option<Sizes>,
) -> io::Result<Reading<NetlogonLog>> {
    let mut log = Log::new(artifact);
    let mut shares = sizes.map(Shares::new);
    loop {
        pass(&mut log, lines);
        if let Some(shares) = &mut shares {
            log.pass_shares(shares, lines)?;
        }
        let Some((number, line)) = lines.next_line()? else {
            break;
        };
        log.take(number, line);
    }
    Ok(log.finish())
}

impl Log {
    fn new(artifact: ArtifactId) -> Self {
        Self {
            artifact,
            seen: Seen::default(),
            logons: Groups::default(),
            channel: Groups::default(),
            entered: 0,
            returned: 0,
            left_out: 0,
            span: None,
        }
    }

    fn take(&mut self, number: u32, line: &str) {
        let mut seen = std::mem::take(&mut self.seen);
        seen.look_at(line);
        self.fold(&seen, line.as_bytes(), number);
        self.seen = seen;
    }

    /// Takes the lines at hand, as far as they are read as they stand there.
    fn pass(&mut self, lines: &mut Lines) {
        let (number, text) = lines.ahead();
        let mut seen = std::mem::take(&mut self.seen);
        let bytes = seen.look(text, text.len());
        let next = self.fold(&seen, text, number);
        self.seen = seen;
        lines.pass(next.saturating_sub(number), bytes);
    }

    /// Takes lines that are not at hand, as many as may be.
    fn pass_shares(&mut self, shares: &mut Shares<Seen>, lines: &mut Lines) -> io::Result<()> {
        shares.pass(lines, Seen::look, |seen, text, number| {
            self.fold(seen, text, number)
        })
    }

    /// Takes what was seen of lines; `number` is that of the first. Out comes the number of the next.
    fn fold(&mut self, seen: &Seen, text: &[u8], number: u32) -> u32 {
        self.entered = self.entered.saturating_add(seen.entered);
        self.returned = self.returned.saturating_add(seen.returned);
        if let Some((first, last)) = seen.span {
            self.span = Some((self.span.map_or(first, |(first, _)| first), last));
        }
        for answer in &seen.answers {
            let part = |place: seen::Place| place.of(text).map(Cow::Borrowed);
            let key = Key {
                whose: answer.whose.and_then(part),
                what: part(answer.what).unwrap_or_default(),
                via: answer.via.and_then(part),
                status: answer.status,
            };
            let cite = || {
                let line = answer.line.of(text).unwrap_or_default();
                Citation::line(self.artifact, number.saturating_add(answer.number), line)
            };
            let groups = match answer.of {
                Of::Logon => &mut self.logons,
                Of::Channel => &mut self.channel,
            };
            if !groups.count(&key, answer.time, cite) {
                self.left_out = self.left_out.saturating_add(1);
            }
        }
        number.saturating_add(seen.lines)
    }

    fn finish(self) -> Reading<NetlogonLog> {
        let mut problems = Vec::new();
        if self.left_out > 0 {
            let says = format!(
                "has more kinds of entries than are told apart; {} were left out",
                self.left_out
            );
            problems.push(Problem::new(self.artifact, Place::Whole, says));
        }
        let logon = |(key, group): (Key<'static>, Group)| NtlmLogons {
            user: key.whose.unwrap_or_default().into_owned(),
            workstation: key.what.into_owned(),
            via: key.via.map(Cow::into_owned),
            status: key.status,
            count: group.count,
            span: group.span,
            from: group.from,
        };
        let failure = |(key, group): (Key<'static>, Group)| ChannelFailures {
            domain: key.whose.map(Cow::into_owned),
            function: key.what.into_owned(),
            status: key.status,
            count: group.count,
            span: group.span,
            from: group.from,
        };
        let log = NetlogonLog {
            logons: self.logons.sorted().map(logon).collect(),
            channel: self.channel.sorted().map(failure).collect(),
            unanswered: self.entered.saturating_sub(self.returned),
            span: self.span,
        };
        let logons = log.logons.iter().map(|group| group.count);
        let count = logons
            .chain(log.channel.iter().map(|group| group.count))
            .fold(0u64, u64::saturating_add);
        Reading {
            artifact: self.artifact,
            records: log,
            count,
            problems,
        }
    }
}
