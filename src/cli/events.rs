//! `why401 events`: the events themselves, for other programs.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use why401::bundle::Bundle;
use why401::evidence::Place;
use why401::readers::events::Selection;
use why401::readers::{self, Selected};
use why401::report::sanitize;

use super::NOTHING_WRONG;
use super::failure::Failure;
use super::output;
use super::source::{self, Threads};

/// Problems that are told one by one.
const TOLD: usize = 20;

/// Write the events that matter, or those of chosen ids and providers, as lines of JSON
#[derive(Args, Debug)]
pub struct Events {
    /// Folders, files and archives to read, together
    #[arg(required = true, value_name = "BUNDLE")]
    paths: Vec<PathBuf>,
    /// Only events with these ids, whether the analysis uses them or not
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    id: Vec<u32>,
    /// Only events of these providers, whether the analysis uses them or not
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    provider: Vec<String>,
    /// Only events from this time on (2026-11-20, 2026-11-20T03:00, UTC unless it says otherwise)
    #[arg(long, value_name = "TIME", value_parser = source::time)]
    since: Option<Timestamp>,
    /// Only events up to this time
    #[arg(long, value_name = "TIME", value_parser = source::time)]
    until: Option<Timestamp>,
    /// Only events that this machine wrote
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Write the events to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

impl Events {
    /// Writes the events.
    pub fn run(&self) -> Result<u8, Failure> {
        self.threads.start()?;
        let bundle = why401::open(&self.paths)?;
        let selected = match &self.output {
            Some(path) => {
                output::check(path, &self.paths)?;
                let to = path.display().to_string();
                let file = File::create(path);
                file.and_then(|mut file| self.write(&bundle, &mut file))
                    .map_err(|reason| Failure::Write { to, reason })?
            }
            None => self
                .write(&bundle, &mut io::stdout())
                .map_err(output::failure)?,
        };
        if selected.logs == 0 {
            return Err(Failure::NothingReadable {
                artifacts: bundle.artifacts.len(),
            });
        }
        tell(&bundle, &selected);
        Ok(NOTHING_WRONG)
    }

    fn write(&self, bundle: &Bundle, out: &mut (dyn Write + Send)) -> io::Result<Selected> {
        let selection = Selection {
            ids: self.id.clone(),
            providers: self.provider.clone(),
            since: self.since,
            until: self.until,
            host: self.host.clone(),
        };
        readers::write_events(bundle, &selection, out)
    }
}

/// Says on standard error what could not be read.
fn tell(bundle: &Bundle, selected: &Selected) {
    let mut stderr = anstream::stderr().lock();
    let problems = bundle.problems.iter().chain(&selected.problems);
    let all = bundle.problems.len() + selected.problems.len();
    for problem in problems.take(TOLD) {
        let path = bundle.artifacts.get(problem.artifact.0 as usize);
        let path = path.map_or("", |artifact| artifact.path.as_str());
        let place = match problem.place {
            Place::Record(record) => format!(", record {record}"),
            Place::Line(line) => format!(", line {line}"),
            _ => String::new(),
        };
        let says = format!("{path}{place}: {}", problem.says);
        _ = writeln!(stderr, "why401: {}", sanitize::line(&says));
    }
    if all > TOLD {
        _ = writeln!(stderr, "why401: and {} more problems", all - TOLD);
    }
}
