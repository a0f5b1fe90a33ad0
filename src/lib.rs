//! `why401` says why IIS answered 401 to a Windows user, or let Kerberos fall back to NTLM, from what was collected
//! from the servers. It touches no live system.

pub mod bundle;
pub mod evidence;
pub mod readers;
pub mod report;

// STUBS from here on: the signatures that the command line is written against; the bodies are to be replaced.

use std::path::PathBuf;

/// Which part of a bundle to look at.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Leave out what happened before.
    pub since: Option<jiff::Timestamp>,
    /// Leave out what happened after.
    pub until: Option<jiff::Timestamp>,
    /// Look at this server only.
    pub host: Option<String>,
    /// Look at this site only.
    pub site: Option<String>,
    /// The present time, to judge what has expired; the last time in the bundle when absent.
    pub now: Option<jiff::Timestamp>,
}

/// How far an analysis is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Bytes that are done.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
    /// What is being read.
    pub what: &'a str,
}

/// STUB: Opens folders, files and archives as one bundle (`Bundle::open` with the default limits).
///
/// # Errors
/// A path is not there or may not be read.
pub fn open(paths: &[PathBuf]) -> Result<bundle::Bundle, bundle::OpenError> {
    for path in paths {
        let unreadable = |reason| bundle::OpenError::Unreadable {
            path: path.clone(),
            reason,
        };
        std::fs::metadata(path).map_err(unreadable)?;
    }
    Ok(bundle::Bundle::default())
}

/// STUB: Analyses a bundle.
pub fn analyze(_: &bundle::Bundle, _: &Options, _: &(dyn Fn(Progress) + Sync)) -> report::Report {
    report::Report::default()
}

/// STUB: The cited records and lines with what stands around them, one text an id.
pub fn show(_: &bundle::Bundle, _: &report::Report, _: &[String]) -> Vec<String> {
    Vec::new()
}

/// STUB: The page of a cause, by its id or name.
pub fn explain(_: &str) -> Option<String> {
    None
}

/// STUB: Every cause: id, name, title.
pub fn catalogue() -> Vec<(&'static str, &'static str, &'static str)> {
    Vec::new()
}
