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

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use foldhash::fast::RandomState;

use super::Reading;
use crate::bundle::text::Lines;
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

/// What a group has in common; ordered as groups are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Key<'l> {
    /// The user, or the domain at the other end.
    whose: Option<Cow<'l, str>>,
    /// The workstation, or the function that failed.
    what: Cow<'l, str>,
    via: Option<Cow<'l, str>>,
    status: u32,
}

/// Count, first and last time, citation.
struct Group {
    count: u64,
    span: (LogTime, LogTime),
    from: Citation,
}

/// Groups by what they have in common.
#[derive(Default)]
struct Groups {
    numbers: HashMap<Key<'static>, usize, RandomState>,
    list: Vec<Group>,
}

/// The log while its lines come in.
#[derive(Default)]
struct Fold {
    logons: Groups,
    channel: Groups,
    entered: u64,
    returned: u64,
    /// Lines whose group came after the last one that is told apart.
    left_out: u64,
}

/// Reads it.
///
/// # Errors
/// The lines could not be read to the end.
pub fn read(artifact: ArtifactId, lines: &mut Lines) -> io::Result<Reading<NetlogonLog>> {
    let mut fold = Fold::default();
    let mut log = NetlogonLog::default();
    while let Some((number, line)) = lines.next_line()? {
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
    let answered = fold.logons.sorted();
    log.logons = answered
        .map(|(key, group)| NtlmLogons {
            user: key.whose.unwrap_or_default().into_owned(),
            workstation: key.what.into_owned(),
            via: key.via.map(Cow::into_owned),
            status: key.status,
            count: group.count,
            span: group.span,
            from: group.from,
        })
        .collect();
    let failed = fold.channel.sorted();
    log.channel = failed
        .map(|(key, group)| ChannelFailures {
            domain: key.whose.map(Cow::into_owned),
            function: key.what.into_owned(),
            status: key.status,
            count: group.count,
            span: group.span,
            from: group.from,
        })
        .collect();
    let logons = log.logons.iter().map(|group| group.count);
    let count = logons
        .chain(log.channel.iter().map(|group| group.count))
        .fold(0u64, u64::saturating_add);
    Ok(Reading {
        artifact,
        records: log,
        count,
        problems,
    })
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
                let key = Key {
                    whose: Some(logon.user.into()),
                    what: logon.workstation.into(),
                    via: logon.via.map(Cow::from),
                    status: logon.status,
                };
                self.logons.count(&key, entry.time, cite)
            }
            Said::ChannelFailed { function, status } => {
                let key = Key {
                    whose: entry.domain.map(Cow::from),
                    what: (*function).into(),
                    via: None,
                    status: *status,
                };
                self.channel.count(&key, entry.time, cite)
            }
            Said::Other => true,
        };
        if !taken {
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}

impl Key<'_> {
    fn kept(&self) -> Key<'static> {
        let own = |text: &Cow<'_, str>| Cow::Owned(text.to_string());
        Key {
            whose: self.whose.as_ref().map(own),
            what: own(&self.what),
            via: self.via.as_ref().map(own),
            status: self.status,
        }
    }
}

impl Groups {
    /// False where there are too many groups for another one.
    fn count(&mut self, key: &Key<'_>, time: LogTime, cite: impl Fn() -> Citation) -> bool {
        let number = self.numbers.get(key).copied();
        if let Some(group) = number.and_then(|number| self.list.get_mut(number)) {
            group.count = group.count.saturating_add(1);
            group.span.1 = time;
            return true;
        }
        let room = self.list.len() < GROUPS;
        if room {
            self.numbers.insert(key.kept(), self.list.len());
            self.list.push(Group {
                count: 1,
                span: (time, time),
                from: cite(),
            });
        }
        room
    }

    fn sorted(self) -> impl Iterator<Item = (Key<'static>, Group)> {
        let mut keys: Vec<(usize, Key<'static>)> = self
            .numbers
            .into_iter()
            .map(|(key, number)| (number, key))
            .collect();
        keys.sort_unstable();
        let mut groups: Vec<(Key<'static>, Group)> = keys
            .into_iter()
            .map(|(_, key)| key)
            .zip(self.list)
            .collect();
        groups.sort_by(|(a, _), (b, _)| a.cmp(b));
        groups.into_iter()
    }
}
