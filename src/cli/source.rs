//! What to read and which part of it: the arguments that every command on a bundle shares.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use why401::bundle::{Bundle, Kind};
use why401::case::Zone;
use why401::remedy::assume::Assumption;
use why401::report::{Diff, Report, WhatIf, sanitize};
use why401::{Options, Progress};

use super::failure::Failure;
use super::progress::Meter;

/// Which part of a bundle to look at, and how.
#[derive(Args, Clone, Debug, Default)]
pub struct Scope {
    /// Leave out what happened before this time (2026-11-20, 2026-11-20T03:00, UTC unless it says otherwise)
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Leave out what happened after this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Look at this server only
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Look at this site only
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

/// How bundles are read.
#[derive(Args, Clone, Debug, Default)]
pub struct Reading {
    /// The time zone of local times where the bundle does not say it (Europe/Berlin, "W. Europe Standard Time", +01:00)
    #[arg(long, value_name = "ZONE", value_parser = Zone::parse)]
    tz: Option<Zone>,
    #[command(flatten)]
    threads: Threads,
}

/// How many threads read.
#[derive(Args, Clone, Debug, Default)]
pub struct Threads {
    /// How many threads to read with [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl Threads {
    /// Starts them.
    pub fn start(&self) -> Result<(), Failure> {
        let Some(threads) = self.threads.map(usize::from) else {
            return Ok(());
        };
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|reason| Failure::Threads {
                threads,
                reason: reason.to_string(),
            })
    }
}

impl Reading {
    /// Opens two bundles and compares them.
    pub fn diff(
        &self,
        before: &Path,
        after: &Path,
        since: Option<Timestamp>,
    ) -> Result<Diff, Failure> {
        let meter = self.meter()?;
        let open = |path: &Path| {
            let bundle = why401::open(&[path.to_owned()])?;
            let tells = |kind| !matches!(kind, Kind::Text | Kind::Binary | Kind::Empty);
            match bundle.artifacts.iter().any(|artifact| tells(artifact.kind)) {
                true => Ok(bundle),
                false => Err(Failure::NothingToCompare {
                    path: path.to_owned(),
                }),
            }
        };
        let (before, after) = (open(before)?, open(after)?);
        let options = Options {
            since,
            zone: self.tz.clone(),
            ..Options::default()
        };
        let show = |progress: Progress<'_>| meter.show(progress);
        Ok(why401::diff(&before, &after, &options, &show))
    }

    /// Starts the threads, and the progress bar.
    fn meter(&self) -> Result<Meter, Failure> {
        self.threads.start()?;
        Ok(Meter::new())
    }
}

/// How a command on a bundle writes its result, where it has more than one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people
    #[default]
    Terminal,
    /// For programs
    Json,
}

impl Scope {
    /// Opens the bundle and analyses it, with a progress bar where somebody watches.
    pub fn analyze(&self, paths: &[PathBuf]) -> Result<(Bundle, Report), Failure> {
        self.analyze_with(paths, &self.options())
    }

    /// The same for a report that names the hashes of the inputs.
    pub fn analyze_with_hashes(&self, paths: &[PathBuf]) -> Result<(Bundle, Report), Failure> {
        let options = Options {
            hashes: true,
            ..self.options()
        };
        self.analyze_with(paths, &options)
    }

    fn analyze_with(
        &self,
        paths: &[PathBuf],
        options: &Options,
    ) -> Result<(Bundle, Report), Failure> {
        let meter = self.reading.meter()?;
        let bundle = why401::open(paths)?;
        let report = why401::analyze(&bundle, options, &|progress| meter.show(progress));
        self.check(&report)?;
        Ok((bundle, report))
    }

    /// Opens the bundle and tries assumptions out.
    pub fn what_if(
        &self,
        paths: &[PathBuf],
        assumptions: &[Assumption],
    ) -> Result<WhatIf, Failure> {
        let meter = self.reading.meter()?;
        let bundle = why401::open(paths)?;
        let options = Options {
            host: None,
            site: None,
            ..self.options()
        };
        let show = |progress: Progress<'_>| meter.show(progress);
        let mut what_if =
            why401::what_if(&bundle, &options, assumptions, &show).map_err(|(index, error)| {
                Failure::Assumption {
                    text: assumptions.get(index).map_or("", |a| &a.text).to_owned(),
                    error: sanitize::line(&error.to_string()).into_owned(),
                }
            })?;
        let known: BTreeSet<String> = what_if.endpoints.iter().map(|e| e.host.clone()).collect();
        what_if.keep_only(self.host.as_deref(), None);
        if let (Some(host), true) = (&self.host, what_if.endpoints.is_empty()) {
            return Err(Failure::UnknownHost {
                host: host.clone(),
                known: known.into_iter().collect::<Vec<_>>().join(", "),
            });
        }
        what_if.keep_only(None, self.site.as_deref());
        match &self.site {
            Some(site) if what_if.endpoints.is_empty() => {
                Err(Failure::UnknownSite { site: site.clone() })
            }
            _ => Ok(what_if),
        }
    }

    fn options(&self) -> Options {
        Options {
            since: self.since,
            until: self.until,
            host: self.host.clone(),
            site: self.site.clone(),
            zone: self.reading.tz.clone(),
            hashes: false,
        }
    }

    /// A name that nothing has would leave an empty report, which reads like a healthy one.
    fn check(&self, report: &Report) -> Result<(), Failure> {
        let short = |name: &str| name.split('.').next().unwrap_or(name).to_lowercase();
        if let Some(host) = &self.host {
            let mut names = report.bundle.hosts.iter().map(|h| h.name.as_str());
            let is_known = names.any(|name| short(name) == short(host));
            if !is_known && report.endpoints.is_empty() && report.findings.is_empty() {
                let known: Vec<&str> = report.bundle.hosts.iter().map(|h| &*h.name).collect();
                return Err(Failure::UnknownHost {
                    host: host.clone(),
                    known: known.join(", "),
                });
            }
        }
        match &self.site {
            Some(site) if report.endpoints.is_empty() => {
                Err(Failure::UnknownSite { site: site.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// A time as people write it: with an offset, without one (then it is UTC), or a date alone.
pub fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    text.parse::<DateTime>()
        .and_then(|time| time.to_zoned(TimeZone::UTC))
        .map(|time| time.timestamp())
        .map_err(|_| {
            "write it like 2026-11-20, 2026-11-20T03:00 or 2026-11-20T03:00:00+01:00".to_owned()
        })
}
