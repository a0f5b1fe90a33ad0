//! Several files built into servers: shared configuration, history, and what tools of IIS printed.

mod printed;

use std::sync::Arc;

use super::*;
use crate::bundle::{Content, text};
use crate::case::{Case, PoolIdentity, assemble};
use crate::causes::Status;
use crate::readers::console;
use crate::testkit::{config, judge, pool, query, site, windows};

/// A bundle of texts, read as the real one is.
fn readings(files: &[(&str, Kind, &str)]) -> (Vec<Artifact>, Readings) {
    let mut artifacts = Vec::new();
    let mut readings = Readings::default();
    let mut configs = Vec::new();
    for (number, (path, kind, content)) in (0u32..).zip(files) {
        let id = ArtifactId(number);
        artifacts.push(Artifact {
            id,
            path: (*path).to_owned(),
            content: Content::Memory(Arc::from(content.as_bytes())),
            bytes: 0,
            kind: *kind,
            duplicate_of: None,
            start_of: None,
        });
        let text = text::decode(content.as_bytes());
        if *kind == Kind::Console {
            let reading = console::read(id, &text);
            readings.problems.extend(reading.problems);
            readings.consoles.push((id, reading.records));
        } else {
            configs.push((id, ConfigFile::read(id, &text).records));
        }
    }
    build_from(&artifacts, configs, &mut readings);
    (artifacts, readings)
}

fn case(files: &[(&str, Kind, &str)]) -> Case {
    let (artifacts, readings) = readings(files);
    assemble(&artifacts, readings, None)
}

const HOST: Kind = Kind::ApplicationHostConfig;

/// A site `Web` in kernel mode, whose pool runs as this account.
fn server(user: &str) -> String {
    config(
        &pool("Web", user),
        &site("Web", "*:80:web.corp.example", "Web"),
        &windows(r#"enabled="true""#),
        "",
    )
}

fn redirection(enabled: &str) -> String {
    format!(
        r#"<configuration><configurationRedirection enabled="{enabled}" path="\\fs\iis$\farm" userName="CORP\cfg" password="x" /></configuration>"#
    )
}

#[test]
fn the_file_of_the_share_is_the_live_one() {
    let (local, shared) = (server("CORP\\svc_old"), server("CORP\\svc_new"));
    for saved in [
        "WEB01/SharedConfiguration_applicationHost.config",
        "fs/iis$/farm/applicationHost.config",
    ] {
        let files = [
            ("WEB01/applicationHost.config", HOST, local.as_str()),
            (
                "WEB01/redirection.config",
                Kind::OtherConfig,
                &redirection("true"),
            ),
            (saved, HOST, &shared),
        ];
        let (_, readings) = readings(&files);
        let [(id, own)] = readings.servers.as_slice() else {
            panic!("one server: {:?}", readings.servers.len());
        };
        assert_eq!((*id, &own.not_live), (ArtifactId(2), &None), "{saved}");
        assert_eq!(own.pools[0].user_name.value, "CORP\\svc_new");
        assert!(
            readings
                .problems
                .iter()
                .any(|p| p.artifact == ArtifactId(0) && p.says.contains("not in force"))
        );
    }
}

#[test]
fn what_rests_on_a_dead_file_is_only_possible() {
    let holder = query(
        "HTTP/web.corp.example",
        &[(
            "CN=svc_web,OU=S,DC=corp,DC=example",
            &["HTTP/web.corp.example"],
        )],
    );
    let local = server("CORP\\svc_web");
    let status = |enabled: &str| {
        let case = case(&[
            ("WEB01/applicationHost.config", HOST, local.as_str()),
            (
                "WEB01/redirection.config",
                Kind::OtherConfig,
                &redirection(enabled),
            ),
            ("setspn.txt", Kind::Console, &holder),
        ]);
        let judgement = judge(&case);
        let found = judgement.findings.iter().find(|f| f.cause.id == "SPN-05");
        found.map(|f| {
            (
                f.status,
                f.finding.contradicting.len(),
                f.finding.lacks.len(),
            )
        })
    };
    assert_eq!(status("false"), Some((Status::Likely, 0, 0)));
    assert_eq!(status("true"), Some((Status::Possible, 1, 1)));
}

#[test]
fn generations_are_a_time_line_that_ends_in_the_live_file() {
    let old = server("CORP\\svc_old");
    let switched = old.replace(
        r#"enabled="true""#,
        r#"enabled="true" useKernelMode="false""#,
    );
    let live = switched.replace("svc_old", "svc_new").replace(
        r#"<binding protocol="http" bindingInformation="*:80:web.corp.example" />"#,
        r#"<binding protocol="http" bindingInformation="*:80:new.corp.example" />"#,
    );
    let history = "WEB01/inetpub/history/CFGHISTORY_0000000";
    let (ten, nine) = (
        format!("{history}010/applicationHost.config"),
        format!("{history}009/applicationHost.config"),
    );
    let (_, readings) = readings(&[
        ("WEB01/applicationHost.config", HOST, live.as_str()),
        (&ten, HOST, &switched),
        (&nine, HOST, &old),
    ]);
    assert_eq!(readings.servers.len(), 1, "a past file is no server");
    let told: Vec<(Generation, String)> = readings
        .config_changes
        .iter()
        .map(|one| (one.newer.clone(), one.change.says()))
        .collect();
    let live = Generation::Live;
    assert_eq!(
        told,
        [
            (Generation::Kept(10), "windowsAuthentication/@useKernelMode set to false".to_owned()),
            (live.clone(), "add[@name='Web']/processModel/@userName changed from CORP\\svc_old to CORP\\svc_new".to_owned()),
            (live.clone(), "site[@name='Web']/binding http *:80:new.corp.example added".to_owned()),
            (live, "site[@name='Web']/binding http *:80:web.corp.example removed".to_owned()),
        ]
    );
    let first = &readings.config_changes[0].change.from;
    assert_eq!(
        first.iter().map(|at| at.artifact).collect::<Vec<_>>(),
        [ArtifactId(1)]
    );
}

#[test]
fn changed_passwords_are_told_without_them() {
    let old = server("CORP\\svc_web");
    let new = old.replace(":abc:", ":xyz:");
    let (_, readings) = readings(&[
        (
            "h/CFGHISTORY_0000000001/applicationHost.config",
            HOST,
            old.as_str(),
        ),
        ("h/CFGHISTORY_0000000002/applicationHost.config", HOST, &new),
    ]);
    let says: Vec<String> = readings
        .config_changes
        .iter()
        .map(|one| one.change.says())
        .collect();
    assert_eq!(says, ["add[@name='Web']/processModel/@password changed"]);
}

#[test]
fn a_broken_generation_is_left_out() {
    let whole = server("CORP\\svc_web");
    let cut = whole.get(..whole.len() / 2).unwrap();
    let (_, readings) = readings(&[
        (
            "h/CFGHISTORY_0000000001/applicationHost.config",
            HOST,
            whole.as_str(),
        ),
        ("h/CFGHISTORY_0000000002/applicationHost.config", HOST, cut),
    ]);
    assert_eq!(readings.config_changes, []);
    assert_eq!(readings.problems.len(), 1);
}

#[test]
fn a_configuration_of_a_developer_is_said_to_be_none_of_a_server() {
    let express = server("CORP\\svc_web").replace("%windir%\\System32\\inetsrv", "%IIS_BIN%");
    let (_, readings) = readings(&[("applicationhost.config", HOST, express.as_str())]);
    assert!(readings.servers[0].1.iis_express);
    assert!(
        readings
            .problems
            .iter()
            .any(|p| p.says.contains("IIS Express"))
    );
}
