//! What tools of IIS printed of a configuration, laid beside the server that it belongs to, or made a server of its own
//! where no applicationHost.config is there.

use std::collections::BTreeMap;

use super::{Placed, file_name, folder, shared_folders};
use crate::bundle::Artifact;
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::Readings;
use crate::readers::iis_config::{
    AppcmdOutput, ConfigFile, ServerConfig, SettingInForce, place_web_config,
};
use crate::readers::iis_state::IisState;

/// Facts of one file that are held against the servers: lists of more are no server's.
const MAX_FACTS: usize = 5_000;

/// Lays every output beside its server.
pub(super) fn lay(artifacts: &[Artifact], files: &[Placed<'_>], readings: &mut Readings) {
    let path = |id: ArtifactId| {
        artifacts
            .get(id.0 as usize)
            .map_or("", |one| one.path.as_str())
    };
    // Outputs of one folder are of one server: `sites.xml` beside `pools.xml`.
    let mut folders: BTreeMap<String, Vec<AppcmdOutput>> = BTreeMap::new();
    for (id, console) in &readings.consoles {
        for fact in &console.iis {
            if let IisState::Configuration(output) = &fact.state {
                let own = folders.entry(folder(path(*id)).to_lowercase()).or_default();
                own.push(output.as_ref().clone());
            }
        }
    }
    let mut beside: BTreeMap<(usize, String), Vec<AppcmdOutput>> = BTreeMap::new();
    for (folder, outputs) in folders {
        let Some(first) = outputs.first().map(|output| output.artifact) else {
            continue;
        };
        let server = ServerConfig::build(&composed(first, &outputs), &[]).0;
        let fits = |own: &ServerConfig| own.has_sites_of(&server);
        match owner(&readings.servers, path, first, &fits) {
            Some(at) => beside.entry((at, folder)).or_default().extend(outputs),
            None if server.sites.is_empty() => {
                let says = "it is not clear to which server this output belongs; put it into the folder of that server's applicationHost.config";
                readings
                    .problems
                    .push(Problem::new(first, Place::Whole, says));
            }
            None => readings.servers.push((first, server)),
        }
    }
    for file in files {
        match asked(readings, path, *file) {
            Some((at, output)) => {
                let folder = folder(file.path).to_lowercase();
                beside.entry((at, folder)).or_default().push(output);
            }
            None => {
                let says = "it is not clear for which path of which server this was printed; it is left out";
                readings
                    .problems
                    .push(Problem::new(file.id, Place::Whole, says));
            }
        }
    }
    for ((at, _), outputs) in beside {
        if let (Some((_, server)), Some(first)) = (readings.servers.get_mut(at), outputs.first()) {
            server.lay_beside(composed(first.artifact, &outputs));
        }
    }
    lay_settings(path, readings);
    readings.servers.sort_by_key(|(id, _)| *id);
}

/// Lays settings that a cmdlet showed for a path of a site beside the server that has the site.
fn lay_settings<'a>(path: impl Fn(ArtifactId) -> &'a str + Copy, readings: &mut Readings) {
    let mut beside: BTreeMap<usize, Vec<SettingInForce<'_>>> = BTreeMap::new();
    for (id, console) in &readings.consoles {
        for fact in console.iis.iter().take(MAX_FACTS) {
            let IisState::Setting(setting) = &fact.state else {
                continue;
            };
            let Some(place) = setting.place.as_deref().filter(|place| !place.is_empty()) else {
                continue;
            };
            let site = place.split('/').next().unwrap_or(place);
            let fits = |own: &ServerConfig| {
                own.sites
                    .iter()
                    .any(|own| own.name.eq_ignore_ascii_case(site))
            };
            if let Some(at) = owner(&readings.servers, path, *id, &fits) {
                beside.entry(at).or_default().push(SettingInForce {
                    section: &setting.section,
                    name: &setting.name,
                    values: &setting.values,
                    place,
                    from: &fact.from,
                });
            }
        }
    }
    for (at, settings) in beside {
        if let (Some((_, server)), Some(first)) = (readings.servers.get_mut(at), settings.first()) {
            server.lay_beside(ConfigFile::of_settings(first.from.artifact, &settings));
        }
    }
}

fn composed(artifact: ArtifactId, outputs: &[AppcmdOutput]) -> ConfigFile {
    ConfigFile::recompose(artifact, &outputs.iter().collect::<Vec<_>>())
}

/// The server whose folder is nearest among those that fit; none when two are as near.
fn owner<'a>(
    servers: &[(ArtifactId, ServerConfig)],
    path: impl Fn(ArtifactId) -> &'a str,
    artifact: ArtifactId,
    fits: &dyn Fn(&ServerConfig) -> bool,
) -> Option<usize> {
    let own = path(artifact);
    let near = |id: ArtifactId| {
        let other = path(id);
        let shared = shared_folders(own, other);
        // Folders side by side are two machines; a file at the top may be any one's.
        let apart = shared == 0 && own.contains('/') && other.contains('/');
        (!apart).then_some(shared)
    };
    let fitting: Vec<(usize, usize)> = (servers.iter().enumerate())
        .filter(|(_, (_, server))| fits(server))
        .filter_map(|(at, (id, _))| Some((at, near(*id)?)))
        .collect();
    let best = fitting.iter().map(|(_, shared)| *shared).max()?;
    let mut at_best = fitting.iter().filter(|(_, shared)| *shared == best);
    match (at_best.next(), at_best.next()) {
        (Some((at, _)), None) => Some(*at),
        _ => None,
    }
}

/// A file of fragments, `<Site>_<app>_EffectiveConfiguration.config`: its server, and the path that it was printed for.
fn asked<'a>(
    readings: &Readings,
    path: impl Fn(ArtifactId) -> &'a str,
    file: Placed<'_>,
) -> Option<(usize, AppcmdOutput)> {
    const SUFFIX: &str = "_effectiveconfiguration.config";
    let name = file_name(file.path).to_lowercase();
    let stem = name.strip_suffix(SUFFIX)?;
    // Collectors flatten the paths of web.config files in the same way.
    let as_web_config = format!("{}/{stem}_web.config", folder(file.path));
    let mut servers: Vec<(usize, usize, String)> = Vec::new();
    for (at, (id, server)) in readings.servers.iter().enumerate() {
        if let [place] = place_web_config(server, &as_web_config).as_slice() {
            let shared = shared_folders(file.path, path(*id));
            servers.push((shared, at, format!("{}{}", place.site, place.path)));
        }
    }
    let best = servers.iter().map(|(shared, _, _)| *shared).max()?;
    servers.retain(|(shared, _, _)| *shared == best);
    let [(_, at, place)] = servers.as_slice() else {
        return None;
    };
    let output = AppcmdOutput::of_file(file.file, place);
    Some((*at, output))
}
