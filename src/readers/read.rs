//! Reads every artifact of a bundle by its kind, in parallel; the results stand in the order of the artifacts.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use super::console::{self, ConsoleRecords};
use super::events::EventLog;
use super::iis_config::{ConfigFile, Redirection, ServerConfig};
use super::{Reading, event_xml, evtx};
use crate::bundle::{Artifact, Bundle, Kind};
use crate::evidence::{ArtifactId, Place, Problem};

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
    /// Event logs.
    pub logs: Vec<(ArtifactId, EventLog)>,
    /// Server configurations, their web.config files placed.
    pub servers: Vec<(ArtifactId, ServerConfig)>,
    /// Where a `redirection.config` says that the live configuration is.
    pub redirections: Vec<Redirection>,
    /// Console texts.
    pub consoles: Vec<(ArtifactId, ConsoleRecords)>,
    /// How far each artifact was read.
    pub artifacts: Vec<ArtifactReading>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// The records of one artifact.
enum Records {
    Log(EventLog),
    Config(Box<ConfigFile>),
    Console(ConsoleRecords),
    Nothing,
}

/// One artifact read.
struct Outcome {
    reading: ArtifactReading,
    records: Records,
    problems: Vec<Problem>,
}

/// Reads a bundle. `done` is called with the size of each artifact once it is read, from any thread.
pub fn read(bundle: &Bundle, done: &(dyn Fn(u64) + Sync)) -> Readings {
    let outcomes: Vec<Outcome> = bundle
        .artifacts
        .par_iter()
        .map(|artifact| {
            let outcome = guarded(artifact);
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
            Records::Console(console) => readings.consoles.push((id, console)),
            Records::Nothing => {}
        }
    }
    build_servers(bundle, configs, &mut readings);
    readings.problems.sort();
    readings
}

/// A reader that panics all the same loses its own artifact, not the whole bundle.
fn guarded(artifact: &Artifact) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| read_one(artifact))).unwrap_or_else(|_| {
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

fn read_one(artifact: &Artifact) -> Outcome {
    // The same log twice counts once. The same configuration may be that of two servers or of two folders: who has it
    // says as much as what is in it. What no reader knows is listed, and no more.
    let unknown = matches!(artifact.kind, Kind::Text | Kind::Binary | Kind::Empty);
    let config = matches!(
        artifact.kind,
        Kind::ApplicationHostConfig | Kind::WebConfig | Kind::OtherConfig
    );
    if unknown || (artifact.duplicate_of.is_some() && !config) {
        return nothing(artifact, Vec::new());
    }
    let unreadable = |reason: std::io::Error| {
        let says = format!("could not be read because {reason}");
        nothing(
            artifact,
            vec![Problem::new(artifact.id, Place::Whole, says)],
        )
    };
    if artifact.kind == Kind::Evtx {
        return match artifact.read() {
            Ok(bytes) => outcome(
                artifact,
                evtx::read(artifact.id, &bytes),
                None,
                Records::Log,
            ),
            Err(reason) => unreadable(reason),
        };
    }
    let text = match artifact.text() {
        Ok(text) => text,
        Err(reason) => return unreadable(reason),
    };
    let encoding = Some(text.encodings.join(", ")).filter(|e| !e.is_empty());
    let mut result = match artifact.kind {
        Kind::EventXml => outcome(
            artifact,
            event_xml::read(artifact.id, &text),
            encoding,
            Records::Log,
        ),
        Kind::Console => outcome(
            artifact,
            console::read(artifact.id, &text),
            encoding,
            Records::Console,
        ),
        _ => outcome(
            artifact,
            ConfigFile::read(artifact.id, &text),
            encoding,
            |file| Records::Config(Box::new(file)),
        ),
    };
    result.problems.extend(text.cut_lines.iter().map(|line| {
        Problem::new(
            artifact.id,
            Place::Line(*line),
            "the line is too long and was cut",
        )
    }));
    if text.cut_short {
        result.problems.push(Problem::new(
            artifact.id,
            Place::Whole,
            "has too many lines and was read in part",
        ));
    }
    result
}

fn outcome<T>(
    artifact: &Artifact,
    reading: Reading<T>,
    encoding: Option<String>,
    of: impl FnOnce(T) -> Records,
) -> Outcome {
    let records = of(reading.records);
    let kind = match &records {
        Records::Console(console) => console_kind(console),
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

/// Console text by the commands it holds.
fn console_kind(console: &ConsoleRecords) -> &'static str {
    match (
        console.setspn.is_empty(),
        console.klist.is_empty(),
        console.lookups.is_empty(),
    ) {
        (false, true, true) => "setspn",
        (true, false, true) => "klist",
        (true, true, false) => "nslookup",
        _ => "console",
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
        Kind::Text => "text",
        Kind::Binary => "binary",
        Kind::Empty => "empty",
    }
}

/// Puts each web.config to the applicationHost.config that stands nearest to it in the bundle.
fn build_servers(bundle: &Bundle, configs: Vec<(ArtifactId, ConfigFile)>, readings: &mut Readings) {
    let path = |id: ArtifactId| {
        bundle
            .artifacts
            .get(id.0 as usize)
            .map_or("", |a| a.path.as_str())
    };
    let kind = |id: ArtifactId| bundle.artifacts.get(id.0 as usize).map(|a| a.kind);
    let (hosts, others): (Vec<_>, Vec<_>) = configs
        .iter()
        .partition(|(id, _)| kind(*id) == Some(Kind::ApplicationHostConfig));
    for (id, file) in &others {
        let Some(redirection) = Redirection::of(file) else {
            continue;
        };
        if redirection.enabled {
            let says = format!(
                "shared configuration: the live applicationHost.config is at {}, and a local one beside this file is not in force",
                redirection.path
            );
            readings
                .problems
                .push(Problem::new(*id, Place::Whole, says));
        }
        readings.redirections.push(redirection);
    }
    for (id, host) in &hosts {
        // A generation of IIS's own history is a past configuration, not the live one.
        if path(*id).to_lowercase().contains("cfghistory_") {
            readings.problems.push(Problem::new(
                *id,
                Place::Whole,
                "is a generation of the configuration history; the live applicationHost.config is what counts",
            ));
            continue;
        }
        if hosts
            .iter()
            .any(|(live, _)| is_copy_of(path(*id), path(*live)))
        {
            readings.problems.push(Problem::new(
                *id,
                Place::Whole,
                "is a copy of the configuration that was put aside; the live applicationHost.config is what counts",
            ));
            continue;
        }
        let webs: Vec<(&str, &ConfigFile)> = others
            .iter()
            .filter(|(web, _)| {
                kind(*web) == Some(Kind::WebConfig)
                    && nearest(path(*web), &hosts, &path) == Some(*id)
            })
            .map(|(web, file)| (path(*web), file))
            .collect();
        let (server, problems) = ServerConfig::build(host, &webs);
        readings.problems.extend(problems);
        readings.servers.push((*id, server));
    }
}

/// Whether a file was put aside as a copy of the live one: `applicationHost.config.bak` beside it, or the file in a
/// backup of appcmd (`inetsrv/backup/<name>/applicationHost.config`).
fn is_copy_of(path: &str, live: &str) -> bool {
    const LIVE: &str = "applicationhost.config";
    const ASIDE: [&str; 10] = [
        "config", "bak", "backup", "old", "orig", "original", "copy", "kopie", "prev", "before",
    ];
    let (path, live) = (path.to_lowercase(), live.to_lowercase());
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let (live_folder, live_name) = live.rsplit_once('/').unwrap_or(("", &live));
    if live_name != LIVE || path == live {
        return false;
    }
    let backup = folder
        .split_once("inetsrv/backup/")
        .map(|(before, _)| before);
    if name == LIVE {
        return backup.is_some_and(|before| {
            live_folder.starts_with(before) && !live_folder.contains("inetsrv/backup/")
        });
    }
    let words = name.strip_prefix("applicationhost").unwrap_or("?");
    folder == live_folder
        && words
            .split(|c: char| !c.is_alphanumeric() && c != '?')
            .all(|w| ASIDE.contains(&w) || w.chars().all(|c| c.is_ascii_digit()))
}

/// The applicationHost.config that shares the longest run of folders with a path; none when two share it.
fn nearest<'a>(
    web: &str,
    hosts: &[&'a (ArtifactId, ConfigFile)],
    path: &impl Fn(ArtifactId) -> &'a str,
) -> Option<ArtifactId> {
    let shared = |other: &str| {
        let (a, b) = (web.split('/'), other.split('/'));
        a.zip(b)
            .take_while(|(x, y)| x.eq_ignore_ascii_case(y))
            .count()
    };
    let best = hosts.iter().map(|(id, _)| shared(path(*id))).max()?;
    let mut at_best = hosts.iter().filter(|(id, _)| shared(path(*id)) == best);
    match (at_best.next(), at_best.next()) {
        (Some((id, _)), None) => Some(*id),
        _ => None,
    }
}

impl Readings {
    /// Drops events outside a span of time, UTC.
    pub fn keep_between(&mut self, since: Option<jiff::Timestamp>, until: Option<jiff::Timestamp>) {
        for (_, log) in &mut self.logs {
            log.events
                .retain(|e| since.is_none_or(|t| e.time >= t) && until.is_none_or(|t| e.time <= t));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_copy_of;

    #[test]
    fn copies_beside_the_live_file() {
        let live = "WEB01/applicationHost.config";
        for copy in [
            "WEB01/applicationHost.config.bak",
            "WEB01/ApplicationHost - Copy (2).config",
            "WEB01/applicationHost_old_20240103.config",
        ] {
            assert!(is_copy_of(copy, live), "{copy}");
        }
        for other in [
            live,
            "WEB02/applicationHost.config.bak",
            "WEB02/applicationHost.config",
            "WEB01/applicationHost_WEB02.config",
            "WEB01/WEB02_applicationHost.config",
        ] {
            assert!(!is_copy_of(other, live), "{other}");
        }
        let backup = "WEB01/inetsrv/backup/monday/applicationHost.config";
        assert!(is_copy_of(
            backup,
            "WEB01/inetsrv/config/applicationHost.config"
        ));
        assert!(!is_copy_of(
            backup,
            "WEB02/inetsrv/config/applicationHost.config"
        ));
    }
}
