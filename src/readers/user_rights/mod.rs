//! User rights: the template that `secedit /export` writes.
//!
//! ```text
//! [Privilege Rights]
//! SeNetworkLogonRight = *S-1-5-11,*S-1-5-32-544,CORP\svc_web
//! SeDenyNetworkLogonRight = *S-1-5-32-546
//! [Registry Values]
//! MACHINE\System\CurrentControlSet\Control\Lsa\LmCompatibilityLevel=4,5
//! ```
//!
//! A right lists everybody who has it. The registry values of the template are read by [`registry`](super::registry).
//! `[System Access]` is not kept: it says how passwords are made, not who may log on.

#[cfg(test)]
mod tests;

use super::Reading;
use super::console::{Section, Tool};
use crate::evidence::{ArtifactId, Citation, Problem};

/// Who has one user right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRight {
    /// The machine that the prompt names, where one does.
    pub host: Option<String>,
    /// The right, `SeNetworkLogonRight`.
    pub right: String,
    /// SIDs, and names where no SID was found.
    pub holders: Vec<String>,
    /// Where it stands.
    pub from: Citation,
}

/// Longest list that is kept.
const HOLDERS: usize = 1 << 12;

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<UserRight>> {
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for section in sections.iter().filter(|s| s.tool == Some(Tool::UserRights)) {
        let mut inside = false;
        for line in &section.lines {
            let text = line.text.trim();
            if text.starts_with('[') {
                inside = text == "[Privilege Rights]";
            } else if let (true, Some((right, holders))) = (inside, text.split_once('=')) {
                let right = right.trim();
                if !right.starts_with("Se") || right.contains(' ') {
                    let says = "is no user right; the line was skipped";
                    problems.push(Problem::new(artifact, line.place(), says));
                    continue;
                }
                records.push(UserRight {
                    host: section.host.clone(),
                    right: right.to_owned(),
                    holders: holders
                        .split(',')
                        .map(|holder| holder.trim().trim_start_matches('*').to_owned())
                        .filter(|holder| !holder.is_empty())
                        .take(HOLDERS)
                        .collect(),
                    from: line.cite(artifact),
                });
            }
        }
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems,
    }
}
