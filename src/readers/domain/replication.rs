//! `repadmin /showrepl`, as text and as CSV, and `repadmin /replsummary`.
//!
//! ```text
//! HQ\DC1
//! DSA object GUID: 0b7c…
//! DSA invocationID: 4d21…
//!
//! ==== INBOUND NEIGHBORS ======================================
//!
//! DC=corp,DC=example
//!     HQ\DC2 via RPC
//!         DSA object GUID: 5a0e…
//!         Last attempt @ 2026-03-02 09:12:44 failed, result 1722 (0x6ba):
//!             The RPC server is unavailable.
//!         12 consecutive failure(s).
//!         Last success @ 2026-02-27 09:00:00.
//! ```
//!
//! The first time below a source is that of the last attempt, the second that of the last success; a status stands there
//! twice, decimal and hexadecimal, where the attempt failed.

use jiff::civil::DateTime;

use super::{DomainRecords, Replication, ReplicationSummary};
use crate::bundle::{ReplicationLine, replication_line};
use crate::evidence::{ArtifactId, Certainty, When};
use crate::readers::console::{Line, Section};

/// Columns of the CSV.
const COLUMNS: usize = 11;

pub(super) fn read(artifact: ArtifactId, section: &Section<'_>, records: &mut DomainRecords) {
    let mut answers: Option<String> = None;
    let mut partition: Option<String> = None;
    let mut open: Option<(Replication, usize)> = None;
    let host = || section.host.clone();
    for line in &section.lines {
        let text = line.text;
        if let Some(row) = text.strip_prefix("showrepl_") {
            records
                .replications
                .extend(csv(row, line, artifact, host()));
            continue;
        }
        records.summaries.extend(summary(line, artifact));
        match replication_line(text) {
            Some(ReplicationLine::Answers(_, name)) => {
                finish(&mut open, records);
                answers = Some(name.to_owned());
                partition = None;
            }
            Some(ReplicationLine::Partition(name)) => {
                finish(&mut open, records);
                partition = Some(name.to_owned());
            }
            Some(ReplicationLine::Source(_, name)) => {
                finish(&mut open, records);
                let replication = Replication {
                    destination: answers.clone(),
                    source: name.to_owned(),
                    partition: partition.clone(),
                    result: 0,
                    failures: None,
                    attempted: None,
                    succeeded: None,
                    host: host(),
                    certainty: Certainty::default(),
                    from: line.cite(artifact),
                };
                open = Some((replication, 0));
            }
            Some(ReplicationLine::Id) => {}
            None => {
                if let Some((replication, dated)) = &mut open {
                    detail(line, artifact, replication, dated);
                }
            }
        }
    }
    finish(&mut open, records);
}

/// A source below which no attempt is shown says nothing.
fn finish(open: &mut Option<(Replication, usize)>, records: &mut DomainRecords) {
    let shown = open.take().filter(|(_, dated)| *dated > 0);
    records
        .replications
        .extend(shown.map(|(replication, _)| replication));
}

/// What a line below a source says.
fn detail(line: &Line<'_>, artifact: ArtifactId, replication: &mut Replication, dated: &mut usize) {
    let text = line.text.trim();
    let when = text.split_once("@ ").map(|(_, after)| local(after));
    match (when, *dated) {
        (Some(when), 0) => {
            replication.attempted = when;
            replication.result = status(text).unwrap_or(0);
            replication.from = line.cite(artifact);
            *dated = 1;
        }
        (Some(when), 1) => {
            replication.succeeded = when;
            *dated = 2;
        }
        (Some(_), _) => {}
        (None, 1) => {
            let mut words = text.split_whitespace();
            let number = words.next().and_then(|word| word.parse().ok());
            if replication.failures.is_none() && words.next().is_some() {
                replication.failures = number;
            }
        }
        (None, _) => {}
    }
    if *dated == 1 && replication.result == 0 {
        replication.succeeded = replication.attempted;
    }
}

/// `2026-03-02 09:12:44 …`, on the clock of the machine that asked.
fn local(text: &str) -> Option<When> {
    let shown = text.get(..19)?;
    let time: DateTime = shown.replace(' ', "T").parse().ok()?;
    Some(When::Local(time))
}

/// `… 1722 (0x6ba):` the same number twice.
fn status(text: &str) -> Option<u32> {
    let (before, after) = text.rsplit_once(" (0x")?;
    let (digits, _) = after.split_once(')')?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let decimal: i64 = before.split_whitespace().next_back()?.parse().ok()?;
    (decimal == i64::from(value) || decimal == i64::from(value.cast_signed())).then_some(value)
}

/// `INFO,HQ,DC1,"DC=corp,DC=example",HQ,DC2,RPC,12,2026-03-02 09:12:44,2026-02-27 09:00:00,1722`
fn csv(
    row: &str,
    line: &Line<'_>,
    artifact: ArtifactId,
    host: Option<String>,
) -> Option<Replication> {
    let cells = cells(row);
    let cell = |at: usize| cells.get(at).map(String::as_str).map(str::trim);
    let source = cell(5).filter(|name| !name.is_empty())?;
    let failures: u32 = cell(7)?.parse().ok()?;
    let last_failure = cell(8).and_then(local);
    let succeeded = cell(9).and_then(local);
    Some(Replication {
        destination: cell(2).map(str::to_owned),
        source: source.to_owned(),
        partition: cell(3).map(str::to_owned),
        // The status of the last failure stays there after a success: what counts is whether failures go on.
        result: match failures {
            0 => 0,
            _ => cell(10)?.parse().ok()?,
        },
        failures: Some(failures),
        attempted: match failures {
            0 => succeeded,
            _ => last_failure,
        },
        succeeded,
        host,
        certainty: Certainty::default(),
        from: line.cite(artifact),
    })
}

fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in row.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted && cells.len() < COLUMNS => cells.push(String::new()),
            _ => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(letter);
                }
            }
        }
    }
    cells
}

/// ` DC2               >60 days           5 /  10   50  (1722) The RPC server is unavailable.`
fn summary(line: &Line<'_>, artifact: ArtifactId) -> Option<ReplicationSummary> {
    let (before, after) = line.text.split_once(" / ")?;
    let mut words = before.split_whitespace();
    let controller = words.next()?;
    let failed = words.next_back()?.parse().ok()?;
    let mut words = after.split_whitespace();
    let total = words.next()?.parse().ok()?;
    let share: u32 = words.next()?.parse().ok()?;
    let error = words
        .next()
        .and_then(|word| word.strip_prefix('(')?.strip_suffix(')')?.parse().ok());
    (share <= 100).then(|| ReplicationSummary {
        controller: controller.to_owned(),
        failed,
        total,
        error,
        from: line.cite(artifact),
    })
}
