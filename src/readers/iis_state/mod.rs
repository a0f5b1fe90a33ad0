//! The state of IIS as `appcmd`, the cmdlets of IIS and the inventories of collectors list it.
//!
//! ```text
//! SITE "Intranet" (id:2,bindings:http/*:80:intranet.corp.example,state:Started)
//! APP "Intranet/api" (applicationPool:Api)
//! WP "3577" (applicationPool:Api)
//!
//! PS C:\> Get-Website
//! Name      ID   State    Physical Path   Bindings
//! ----      --   -----    -------------   --------
//! Intranet  2    Started  D:\web          http *:80:intranet.corp.example
//! ```
//!
//! gives a [`IisFact`] each: sites, applications with their pools, pools, worker processes, running requests, settings.
//! What `appcmd` prints of the configuration itself is kept as its elements ([`IisState::Configuration`]).

mod arguments;
mod csv;
mod exported;
mod list_view;
mod objects;
mod short;
mod table;
#[cfg(test)]
mod tests;

pub(super) use exported::of_object;

use std::sync::Arc;

use super::Reading;
use super::console::{Command, Line, Section, Tool};
use super::iis_config::AppcmdOutput;
use crate::evidence::{ArtifactId, Citation, Problem};

/// A fact about the state of IIS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IisFact {
    /// What is said.
    pub state: IisState,
    /// The machine, where a prompt or the inventory names it.
    pub host: Option<String>,
    /// Where it stands.
    pub from: Citation,
}

/// What is said about IIS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IisState {
    /// A site.
    Site(Site),
    /// An application and its pool.
    Application {
        /// The site; `None` where the output does not name it (`Get-WebApplication`).
        site: Option<String>,
        /// `/`, `/api`, ….
        path: String,
        /// The pool.
        pool: String,
    },
    /// An application pool.
    Pool(Pool),
    /// A worker process: its process id, and its pool.
    WorkerProcess {
        /// Process id.
        pid: u32,
        /// The pool.
        pool: String,
    },
    /// A request that was running.
    Request(Request),
    /// A module that is in force, by name.
    Module(String),
    /// A setting in force.
    Setting(ShownSetting),
    /// What appcmd printed of the configuration itself.
    Configuration(Arc<AppcmdOutput>),
    /// The collector that made the bundle, with its version.
    Collector(String),
}

/// A site as a list shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Its number.
    pub id: Option<u32>,
    /// `Started`, `Stopped`, …, as written; `None` where it is not shown (FTP sites have none).
    pub state: Option<String>,
    /// Bindings as protocol and `address:port:host`.
    pub bindings: Vec<(String, String)>,
}

/// An application pool as a list shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// `Started`, `Stopped`, …, as written.
    pub state: Option<String>,
    /// Version of the CLR, `v4.0`; empty for no managed code.
    pub runtime: Option<String>,
    /// `Integrated` or `Classic`.
    pub pipeline: Option<String>,
    /// The account or identity type it is set to run as; most lists do not show it.
    pub identity: Option<String>,
}

/// A running request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Method and path, without the query: it may hold secrets.
    pub url: String,
    /// The stage of the pipeline: `AuthenticateRequest`, ….
    pub stage: Option<String>,
    /// The module that is at work.
    pub module: Option<String>,
    /// How long it has run, in milliseconds.
    pub milliseconds: Option<u64>,
}

/// A setting that a cmdlet shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownSetting {
    /// The section, as asked for: `system.webServer/security/authentication/windowsAuthentication`.
    pub section: String,
    /// The attribute; `providers` for the list of providers.
    pub name: String,
    /// Its value, or the values of a collection in order.
    pub values: Vec<String>,
    /// `Site/app`; empty for the whole server; `None` where the output does not say.
    pub place: Option<String>,
    /// True where nothing sets it: the schema default.
    pub inherited: Option<bool>,
}

/// Reads the sections of a console file that hold the state of IIS.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<IisFact>> {
    let mut found = Found {
        artifact,
        host: None,
        facts: Vec::new(),
        problems: Vec::new(),
    };
    for section in sections.iter().filter(|s| s.tool == Some(Tool::Iis)) {
        found.host.clone_from(&section.host);
        let before = found.facts.len();
        let command = section.commands_of(Tool::Iis).next();
        read_section(&mut found, command, &section.lines);
        let first = section.lines.iter().find(|line| !line.is_blank());
        if let Some(line) = first.filter(|_| found.facts.len() == before) {
            let says = "no state of IIS could be read here; the output was skipped";
            found.problem(*line, says);
        }
    }
    Reading {
        artifact,
        count: u64::try_from(found.facts.len()).unwrap_or(u64::MAX),
        records: found.facts,
        problems: found.problems,
    }
}

/// What was read so far.
pub(super) struct Found {
    artifact: ArtifactId,
    host: Option<String>,
    facts: Vec<IisFact>,
    problems: Vec<Problem>,
}

impl Found {
    /// Adds a fact of a line.
    fn fact(&mut self, state: IisState, line: Line<'_>) {
        self.cited(state, line.cite(self.artifact));
    }

    /// Adds a fact with its place.
    fn cited(&mut self, state: IisState, from: Citation) {
        self.facts.push(IisFact {
            state,
            host: self.host.clone(),
            from,
        });
    }

    fn problem(&mut self, line: Line<'_>, says: &str) {
        self.problems
            .push(Problem::new(self.artifact, line.place(), says));
    }
}

/// Reads the lines of one command, or of several whose outputs follow each other without a heading.
fn read_section(found: &mut Found, command: Option<&Command>, lines: &[Line<'_>]) {
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let taken = objects::take(found, command, rest)
            .or_else(|| csv::take(found, rest))
            .or_else(|| table::take(found, command, rest))
            .or_else(|| list_view::take(found, command, rest));
        if let Some(taken) = taken {
            rest = rest.get(taken.max(1)..).unwrap_or_default();
            continue;
        }
        if !line.is_blank() {
            short::read(found, *line);
        }
        rest = after;
    }
}
