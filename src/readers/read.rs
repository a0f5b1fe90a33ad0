//! Reads every artifact of a bundle by its kind, in parallel; the results stand in the order of the artifacts.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use super::console::{self, ConsoleRecords};
use super::events::{EventLog, Selection};
use super::exchange::{self, Exchange};
use super::http_err::{self, HttpErrLog};
use super::iis_config::{ConfigFile, Redirection, ServerConfig};
use super::netlogon_log::{self, NetlogonLog};
use super::request_trace::{self, RequestTrace};
use super::rooms::{Room, Rooms};
use super::servers::{self, ConfigChange};
use super::web_log::{self, WebLog};
use super::{Reading, clixml, event_export, event_xml, evtx};
use crate::bundle::text::{Lines, Text};
use crate::bundle::{Artifact, Bundle, Kind};
use crate::evidence::{ArtifactId, Place, Problem, When};

/// How far one artifact was read.
#[derive(Clone, Debug)]
pub struct ArtifactReading {
    /// The artifact.
    pub artifact: ArtifactId,
    /// What it was read as: the artifact's kind, for console text what commands it holds.
    pub kind: String,
    /// Encodings met, for text.
    pub encoding: Option<String>,
    /// Records understood.
    pub records: u64,
}

/// What the readers found, by artifact, in the order of the artifacts.
#[derive(Debug, Default)]
pub struct Readings {
    /// Event logs; events that a console text lists among them.
    pub logs: Vec<(ArtifactId, EventLog)>,
    /// Server configurations, their web.config files placed.
    pub servers: Vec<(ArtifactId, ServerConfig)>,
    /// Where a `redirection.config` says that the live configuration is.
    pub redirections: Vec<Redirection>,
    /// What the configuration histories of servers say was changed, oldest first.
    pub config_changes: Vec<ConfigChange>,
    /// Console texts.
    pub consoles: Vec<(ArtifactId, ConsoleRecords)>,
    /// Logs of IIS.
    pub web_logs: Vec<(ArtifactId, WebLog)>,
    /// Logs of http.sys.
    pub http_errs: Vec<(ArtifactId, HttpErrLog)>,
    /// Failed-request traces.
    pub traces: Vec<(ArtifactId, Vec<RequestTrace>)>,
    /// Recorded HTTP exchanges.
    pub recordings: Vec<(ArtifactId, Vec<Exchange>)>,
    /// Logs of Netlogon.
    pub netlogon_logs: Vec<(ArtifactId, NetlogonLog)>,
    /// How far each artifact was read.
    pub artifacts: Vec<ArtifactReading>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// The records of one artifact.
enum Records {
    Log(EventLog),
    Config(Box<ConfigFile>),
    Console(Box<ConsoleRecords>),
    WebLog(WebLog),
    HttpErr(HttpErrLog),
    Traces(Vec<RequestTrace>),
    Recording(Vec<Exchange>),
    Netlogon(NetlogonLog),
    Nothing,
}

/// One artifact read.
struct Outcome {
    reading: ArtifactReading,
    records: Records,
    problems: Vec<Problem>,
}

/// Reads a bundle: of event logs what is within the span of `selection`. `done` is called with the size of each artifact once
/// it is read, from any thread.
pub fn read(bundle: &Bundle, selection: &Selection, done: &(dyn Fn(u64) + Sync)) -> Readings {
    let rooms = Rooms::of(bundle);
    let outcomes: Vec<Outcome> = bundle
        .artifacts
        .par_iter()
        .map(|artifact| {
            let outcome = guarded(artifact, selection, rooms.room(artifact));
            done(artifact.bytes);
            outcome
        })
        .collect();
    let mut readings = Readings {
        problems: bundle.problems.clone(),
        ..Readings::default()
    };
    let mut configs = Vec::new();
    for outcome in outcomes {
        let id = outcome.reading.artifact;
        readings.artifacts.push(outcome.reading);
        readings.problems.extend(outcome.problems);
        match outcome.records {
            Records::Log(log) => readings.logs.push((id, log)),
            Records::Config(file) => configs.push((id, *file)),
            Records::Console(mut console) => {
                let events = std::mem::take(&mut console.events);
                if !events.spans.is_empty() {
                    readings.logs.push((id, events));
                }
                readings.consoles.push((id, *console));
            }
            Records::WebLog(log) => readings.web_logs.push((id, log)),
            Records::HttpErr(log) => readings.http_errs.push((id, log)),
            Records::Traces(traces) => readings.traces.push((id, traces)),
            Records::Recording(exchanges) => readings.recordings.push((id, exchanges)),
            Records::Netlogon(log) => readings.netlogon_logs.push((id, log)),
            Records::Nothing => {}
        }
    }
    servers::build(bundle, configs, &mut readings);
    let recordings = std::mem::take(&mut readings.recordings);
    readings.recordings = exchange::pair(&bundle.artifacts, recordings);
    readings.problems.sort();
    readings
}

/// A reader that panics all the same loses its own artifact, not the whole bundle.
fn guarded(artifact: &Artifact, selection: &Selection, room: Room) -> Outcome {
    let read = || read_one(artifact, selection, room);
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        nothing(
            artifact,
            vec![Problem::new(
                artifact.id,
                Place::Whole,
                "could not be read because of a fault in why401; please report it, with the kind of file",
            )],
        )
    })
}

fn nothing(artifact: &Artifact, problems: Vec<Problem>) -> Outcome {
    Outcome {
        reading: ArtifactReading {
            artifact: artifact.id,
            kind: kind_name(artifact.kind).to_owned(),
            encoding: None,
            records: 0,
        },
        records: Records::Nothing,
        problems,
    }
}

fn read_one(artifact: &Artifact, selection: &Selection, room: Room) -> Outcome {
    // The same bytes in the folders of two machines are a fact about each; whose they are, the case finds out. What no
    // reader knows is listed, and no more.
    let unknown = matches!(
        artifact.kind,
        Kind::Text | Kind::Binary | Kind::Empty | Kind::Unsupported(_)
    );
    if unknown || (artifact.duplicate_of.is_some() && artifact.kind.names_its_machine()) {
        return nothing(artifact, Vec::new());
    }
    let unreadable = |reason: io::Error| {
        let says = format!("could not be read because {reason}");
        nothing(
            artifact,
            vec![Problem::new(artifact.id, Place::Whole, says)],
        )
    };
    if artifact.kind == Kind::Evtx {
        return match evtx::read(
            artifact.id,
            &artifact.source(),
            selection,
            room.events,
            room.threads,
        ) {
            Ok(reading) => outcome(artifact, reading, None, Records::Log),
            Err(reason) => unreadable(reason),
        };
    }
    if artifact.kind.is_log_of_lines() {
        return read_lines(artifact, room.threads).unwrap_or_else(unreadable);
    }
    match artifact.text() {
        Ok(text) => {
            let outcome = read_text(artifact, &text);
            with_cuts(outcome, &text.cut_lines, text.cut_short)
        }
        Err(reason) => unreadable(reason),
    }
}

/// Adds what was lost of long lines, and of too many.
fn with_cuts(mut outcome: Outcome, cut_lines: &[u32], cut_short: bool) -> Outcome {
    let artifact = outcome.reading.artifact;
    let cut = |line: &u32| {
        let place = Place::Line(*line);
        Problem::new(artifact, place, "the line is too long and was cut")
    };
    outcome.problems.extend(cut_lines.iter().map(cut));
    if cut_short {
        outcome.problems.push(Problem::new(
            artifact,
            Place::Whole,
            "has too many lines and was read in part",
        ));
    }
    outcome
}

fn encoding(met: &[&str]) -> Option<String> {
    Some(met.join(", ")).filter(|names| !names.is_empty())
}

/// Logs, which may be of any size: line by line.
fn read_lines(artifact: &Artifact, threads: usize) -> io::Result<Outcome> {
    let id = artifact.id;
    let mut lines = Lines::new(artifact.source())?;
    let encoding = encoding(lines.encodings());
    let outcome = match artifact.kind {
        Kind::HttpErrLog => {
            let reading = http_err::read(id, &mut lines, threads)?;
            outcome(artifact, reading, encoding, Records::HttpErr)
        }
        Kind::NetlogonLog => {
            let reading = netlogon_log::read(id, &mut lines, threads)?;
            outcome(artifact, reading, encoding, Records::Netlogon)
        }
        _ => {
            let reading = web_log::read(id, &mut lines, threads)?;
            outcome(artifact, reading, encoding, Records::WebLog)
        }
    };
    Ok(with_cuts(outcome, lines.cut_lines(), lines.is_cut_short()))
}

fn read_text(artifact: &Artifact, text: &Text) -> Outcome {
    let id = artifact.id;
    let encoding = encoding(&text.encodings);
    match artifact.kind {
        Kind::EventXml => outcome(artifact, event_xml::read(id, text), encoding, Records::Log),
        Kind::EventExport => outcome(
            artifact,
            event_export::read(id, text),
            encoding,
            Records::Log,
        ),
        Kind::Console => outcome(artifact, console::read(id, text), encoding, |console| {
            Records::Console(Box::new(console))
        }),
        Kind::Clixml => outcome(artifact, clixml::read(id, text), encoding, |objects| {
            Records::Console(Box::new(objects))
        }),
        Kind::RequestTrace => outcome(
            artifact,
            request_trace::read(id, text),
            encoding,
            Records::Traces,
        ),
        Kind::HttpRecording => outcome(
            artifact,
            exchange::read(id, text),
            encoding,
            Records::Recording,
        ),
        _ => outcome(artifact, ConfigFile::read(id, text), encoding, |file| {
            Records::Config(Box::new(file))
        }),
    }
}

fn outcome<T>(
    artifact: &Artifact,
    reading: Reading<T>,
    encoding: Option<String>,
    of: impl FnOnce(T) -> Records,
) -> Outcome {
    let records = of(reading.records);
    let kind = match &records {
        Records::Console(console) if artifact.kind == Kind::Console => console_kind(console),
        _ => kind_name(artifact.kind),
    };
    Outcome {
        reading: ArtifactReading {
            artifact: artifact.id,
            kind: kind.to_owned(),
            encoding,
            records: reading.count,
        },
        records,
        problems: reading.problems,
    }
}

/// Console text by the tool whose output it holds, where there is one.
fn console_kind(console: &ConsoleRecords) -> &'static str {
    let mut tools = console.tools.iter();
    match (tools.next(), tools.next()) {
        (Some(tool), None) => tool.name(),
        _ => kind_name(Kind::Console),
    }
}

/// The report's name of a kind.
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Evtx => "evtx",
        Kind::EventXml => "event-xml",
        Kind::ApplicationHostConfig => "application-host-config",
        Kind::WebConfig => "web-config",
        Kind::OtherConfig => "other-config",
        Kind::Console => "console",
        Kind::EventExport => "event-export",
        Kind::WebLog => "iis-log",
        Kind::HttpErrLog => "httperr-log",
        Kind::RequestTrace => "failed-request-trace",
        Kind::HttpRecording => "http-recording",
        Kind::Clixml => "clixml",
        Kind::NetlogonLog => "netlogon-log",
        Kind::Unsupported(name) => name,
        Kind::Text => "text",
        Kind::Binary => "binary",
        Kind::Empty => "empty",
    }
}

impl Readings {
    /// Drops events, and traces of requests, outside a span of time, UTC, and what logs of requests count wholly outside of it: of what they count
    /// across an end of the span, only the sum is known.
    pub fn keep_between(&mut self, since: Option<jiff::Timestamp>, until: Option<jiff::Timestamp>) {
        let within = |time| since.is_none_or(|t| time >= t) && until.is_none_or(|t| time <= t);
        for (_, log) in &mut self.logs {
            log.events.retain(|e| within(e.time));
        }
        for (_, traces) in &mut self.traces {
            traces.retain(|trace| trace.started.is_none_or(within));
        }
        let utc = |when: Option<When>| match when? {
            When::Utc(time) => Some(time),
            When::Local(_) => None,
        };
        let meets = |first: Option<When>, last: Option<When>| {
            since
                .zip(utc(last))
                .is_none_or(|(since, last)| last >= since)
                && until
                    .zip(utc(first))
                    .is_none_or(|(until, first)| first <= until)
        };
        for served in self
            .web_logs
            .iter_mut()
            .flat_map(|(_, log)| &mut log.served)
        {
            served.exchanges.retain(|e| meets(e.first, e.last));
        }
        for (_, log) in &mut self.http_errs {
            log.refusals.retain(|r| meets(r.first, r.last));
        }
    }
}
