//! `why401 show`: the cited records and lines, with what stands around them.

use std::path::PathBuf;

use clap::Args;
use why401::report::sanitize;

use super::NOTHING_WRONG;
use super::failure::Failure;
use super::output;
use super::source::Scope;

/// Show what the report cites (E17), with what stands around it
#[derive(Args, Debug)]
pub struct Show {
    /// The bundle, and the ids of the evidence to show; a file that is called like an id is written ./E17
    #[arg(required = true, value_name = "BUNDLE|ID")]
    arguments: Vec<PathBuf>,
    #[command(flatten)]
    scope: Scope,
}

impl Show {
    /// Writes the evidence.
    pub fn run(&self) -> Result<u8, Failure> {
        let (ids, paths) = ids_and_paths(&self.arguments);
        if ids.is_empty() {
            return Err(Failure::NoId);
        }
        if paths.is_empty() {
            return Err(Failure::NoBundle);
        }
        let (bundle, report) = self.scope.analyze(&paths)?;
        let known = |id: &String| report.evidence.iter().any(|evidence| evidence.id == *id);
        let unknown: Vec<String> = ids.iter().filter(|id| !known(id)).cloned().collect();
        if !unknown.is_empty() {
            return Err(Failure::UnknownId {
                ids: unknown.join(", "),
            });
        }
        let shown: Vec<String> = why401::report::show(&bundle, &report, &ids)
            .iter()
            .map(|text| sanitize::lines(text).map(|line| line + "\n").collect())
            .collect();
        output::print(&shown.join("\n"))?;
        Ok(NOTHING_WRONG)
    }
}

/// The ids among the arguments, in the spelling of the report, and the rest.
pub(super) fn ids_and_paths(arguments: &[PathBuf]) -> (Vec<String>, Vec<PathBuf>) {
    let mut ids = Vec::new();
    let mut paths = Vec::new();
    for argument in arguments {
        match argument.to_str().filter(|text| is_id(text)) {
            Some(id) => ids.push(id.to_ascii_uppercase()),
            None => paths.push(argument.clone()),
        }
    }
    (ids, paths)
}

fn is_id(text: &str) -> bool {
    let number = text.strip_prefix(['E', 'e']).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
