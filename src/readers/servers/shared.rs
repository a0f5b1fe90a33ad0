//! Shared configuration: with `redirection.config` enabled, IIS reads the applicationHost.config of a share, and the local
//! one is not in force.
//!
//! ```text
//! WEB01/redirection.config                              enabled="true" path="\\fs\iis$\farm"
//! WEB01/applicationHost.config                          the local one: not live
//! WEB01/SharedConfiguration_applicationHost.config      the live one, as psSDP saves it
//! fs/iis$/farm/applicationHost.config                   the live one, copied from the share
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::{Placed, file_name, folder, nearest};
use crate::evidence::{ArtifactId, Citation, Place, Problem};
use crate::readers::iis_config::Redirection;

/// The name under which psSDP saves the file of the share.
const SAVED: &str = "sharedconfiguration_applicationhost.config";

/// Files that are not in force.
#[derive(Default)]
pub(super) struct NotLive {
    /// Those whose live file is here: they are left out.
    pub(super) replaced: BTreeSet<ArtifactId>,
    /// Those whose live file is not here, with the redirection: they are all there is, and doubtful.
    pub(super) doubted: BTreeMap<ArtifactId, Citation>,
}

/// Which applicationHost.config files are not in force.
pub(super) fn not_live(
    hosts: &[Placed<'_>],
    redirections: &[(Placed<'_>, Redirection)],
    problems: &mut Vec<Problem>,
) -> NotLive {
    let mut found = NotLive::default();
    for (at, redirection) in redirections.iter().filter(|(_, one)| one.enabled) {
        let is_shared = |one: &Placed<'_>| {
            file_name(one.path).eq_ignore_ascii_case(SAVED) || is_in(one.path, &redirection.path)
        };
        let (shared, own): (Vec<_>, Vec<_>) = hosts.iter().copied().partition(is_shared);
        let beside: Vec<ArtifactId> = own
            .iter()
            .filter(|one| folder(one.path).eq_ignore_ascii_case(folder(at.path)))
            .map(|one| one.id)
            .collect();
        let local = match beside.as_slice() {
            [] => nearest(at.path, &own),
            [one] => Some(*one),
            _ => None,
        };
        let says = format!(
            "shared configuration: the live applicationHost.config is at {}, and a local one beside this file is not in force",
            redirection.path
        );
        problems.push(Problem::remark(at.id, Place::Whole, says));
        let Some(local) = local else {
            continue;
        };
        if nearest(at.path, &shared).is_some() {
            found.replaced.insert(local);
            let says = "is not in force: redirection.config sends IIS to a share, and the file of the share is read instead";
            problems.push(Problem::remark(local, Place::Whole, says));
        } else {
            found.doubted.insert(local, redirection.from.clone());
            let says = format!(
                "is not in force: redirection.config sends IIS to {}; add the applicationHost.config of that folder to the bundle",
                redirection.path
            );
            problems.push(Problem::remark(local, Place::Whole, says));
        }
    }
    found
}

/// Whether a path of the bundle ends in the folders of a share: `\\fs\iis$\farm` in `…/fs/iis$/farm/applicationHost.config`.
fn is_in(path: &str, share: &str) -> bool {
    let share = share.to_lowercase().replace('\\', "/");
    let mut wanted: Vec<&str> = share.split('/').filter(|step| !step.is_empty()).collect();
    // A collector keeps the folders; the server's name may be its own folder or part of none.
    if wanted.len() > 2 {
        wanted.remove(0);
    }
    let path = folder(path).to_lowercase();
    let folders: Vec<&str> = path.split('/').collect();
    wanted.len() >= 2 && folders.ends_with(&wanted)
}
