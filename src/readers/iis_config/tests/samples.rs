//! Real files. They are not part of the project: without them the tests say so and pass.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;
use crate::readers::iis_config::Redirection;

/// The files of a folder of samples, by name.
fn samples(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/samples")
        .join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("no samples in {}", folder.display());
        return Vec::new();
    };
    let mut files: Vec<(String, PathBuf)> = entries
        .filter_map(Result::ok)
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .collect();
    files.sort();
    files
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).expect("a sample")).into_owned()
}

#[test]
fn every_application_of_every_sample_has_settings() {
    let (mut complete, mut declared, mut denied, mut native, mut express) = (0, 0, 0, 0, 0);
    for (name, path) in samples("applicationhost") {
        let reading = ConfigFile::read_str(ArtifactId(0), &text(&path));
        let (server, problems) = ServerConfig::build(&reading.records, &[]);
        let mut applications = 0;
        let mut duplicates = BTreeSet::new();
        for site in &server.sites {
            for application in &site.applications {
                let settings = server.effective(&site.name, &application.path);
                applications += 1;
                assert_eq!(settings.lock_violations, [], "{name}");
                duplicates.extend(settings.duplicate_entries);
                assert!(!application.pool.value.is_empty());
            }
        }
        println!(
            "{name}: {} elements, {} sites, {applications} applications, {} pools, {} + {} problems",
            reading.count,
            server.sites.len(),
            server.pools.len(),
            reading.problems.len(),
            problems.len()
        );
        // One file registers two modules twice; it was edited by hand and IIS would refuse it.
        assert_eq!(
            duplicates.is_empty(),
            !name.starts_with("Uguudei"),
            "{name}: {duplicates:?}"
        );
        for problem in reading.problems.iter().chain(&problems) {
            println!("    {problem:?}");
        }
        if !server.complete {
            continue;
        }
        complete += 1;
        express += u32::from(server.iis_express);
        let declaration = reading
            .records
            .declaration(crate::readers::iis_config::schema::WINDOWS);
        let mode = declaration.and_then(|node| node.attribute("overrideModeDefault"));
        declared += u32::from(mode.is_some());
        denied += u32::from(mode == Some("Deny"));
        let root = server.effective("", "");
        native += u32::from(root.global_module.is_some());
        // The setup of the role service writes the providers. The hand-edited file has the module without them.
        let (installed, providers) = (
            root.global_module.is_some(),
            !root.windows.providers.is_empty(),
        );
        assert_eq!(
            installed && !name.starts_with("Uguudei"),
            providers,
            "{name}"
        );
    }
    println!(
        "{complete} complete, {denied} of {declared} deny, {native} with the native module, {express} of IIS Express"
    );
    // One of them was changed by hand to allow.
    assert!(declared == 0 || denied == declared - 1);
    assert!(complete == 0 || (native > complete / 2 && express == 1));
}

#[test]
fn the_extended_protection_of_an_exchange_server_is_read_per_application() {
    let Some((_, path)) = samples("applicationhost")
        .into_iter()
        .find(|(name, _)| name.ends_with("E19_Configured_ApplicationHost.config"))
    else {
        return;
    };
    let server = ServerConfig::build(&file(0, &text(&path)), &[]).0;
    let at = |path: &str| server.effective("Exchange Back End", path);
    use crate::readers::iis_config::TokenChecking;
    let shell = at("/PowerShell");
    assert_eq!(
        shell.windows.extended_protection.token_checking.value,
        TokenChecking::Require
    );
    assert_eq!(providers(&shell), ["Negotiate", "NTLM"]);
    assert_eq!(shell.windows.providers_shaped_by.len(), 1);
    assert!(shell.windows.enabled.value && !shell.anonymous.enabled.value);
    assert_eq!(shell.ssl_flags.value, "Ssl, SslNegotiateCert, Ssl128");
    assert_eq!(
        at("/Autodiscover")
            .windows
            .extended_protection
            .token_checking
            .value,
        TokenChecking::None
    );
    assert!(at("/mapi/emsmdb").enabled_module.is_some());
    assert!(
        !shell.windows.use_kernel_mode.value,
        "the server's default is set to false"
    );
}

#[test]
fn fragments_and_broken_files_give_what_they_hold() {
    for (name, path) in samples("applicationhost") {
        let reading = ConfigFile::read_str(ArtifactId(0), &text(&path));
        if name.starts_with("nttlong+jd-apps__applicationHost") {
            assert_eq!(reading.count, 0, "all of it is a comment but an end tag");
            assert_eq!(reading.problems.len(), 2);
            assert_eq!(reading.problems[1].place, Place::Line(28));
        }
        if name.starts_with("Mattza") || name.starts_with("Chocobog") {
            assert!(reading.records.is_transform());
            assert!(reading.count > 0);
        }
    }
}

#[test]
fn the_other_files_are_read_too() {
    for folder in ["administration", "redirection", "schema"] {
        for (name, path) in samples(folder) {
            let reading = ConfigFile::read_str(ArtifactId(0), &text(&path));
            println!(
                "{name}: {} elements, {} problems",
                reading.count,
                reading.problems.len()
            );
            assert!(
                reading.count > 5 && reading.problems.is_empty(),
                "{:?}",
                reading.problems
            );
            assert!(!reading.records.is_application_host());
            let redirection = Redirection::of(&reading.records);
            assert_eq!(redirection.is_some(), folder == "redirection");
            assert!(redirection.is_none_or(|redirection| !redirection.enabled));
        }
    }
}

#[test]
fn samples_cut_anywhere_are_read_up_to_the_cut() {
    let mut cuts = 0;
    for (_, path) in samples("applicationhost") {
        let text = text(&path);
        let whole = ServerConfig::build(&file(0, &text), &[]).0;
        for tenth in 1..10 {
            let cut = text.get(..text.floor_char_boundary(text.len() * tenth / 10));
            let cut = cut.expect("a boundary");
            let server = ServerConfig::build(&file(0, cut), &[]).0;
            assert!(!server.complete);
            assert!(
                server.sites.len() <= whole.sites.len() && server.pools.len() <= whole.pools.len()
            );
            let names = |server: &ServerConfig| {
                let pools = server.pools.iter();
                pools.map(|pool| pool.name.clone()).collect::<Vec<_>>()
            };
            assert!(names(&whole).starts_with(&names(&server)));
            for site in &server.sites {
                let _ = server.effective(&site.name, "/");
            }
            cuts += 1;
        }
    }
    println!("{cuts} cuts");
}

/// No attribute and no element of a real file is called unknown.
#[test]
fn nothing_of_a_real_file_is_unknown() {
    let mut read = 0;
    for (name, path) in ["applicationhost", "administration", "redirection"]
        .into_iter()
        .flat_map(samples)
    {
        let reading = ConfigFile::read_str(ArtifactId(0), &text(&path));
        let unknown = reading.problems.iter();
        let unknown = unknown.filter(|p| p.says.starts_with("IIS does not know this"));
        assert_eq!(
            unknown.collect::<Vec<_>>(),
            Vec::<&crate::evidence::Problem>::new(),
            "{name}"
        );
        read += 1;
    }
    println!("{read} files");
}
