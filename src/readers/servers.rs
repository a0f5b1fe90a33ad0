//! The configurations of servers: which applicationHost.config is live, and which web.config belongs to which.

use super::Readings;
use super::iis_config::{ConfigFile, Redirection, ServerConfig};
use crate::bundle::{Bundle, Kind};
use crate::evidence::{ArtifactId, Place, Problem};

/// Puts each web.config to the applicationHost.config that stands nearest to it in the bundle.
pub(super) fn build(
    bundle: &Bundle,
    configs: Vec<(ArtifactId, ConfigFile)>,
    readings: &mut Readings,
) {
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
