//! Several files built into servers: shared configuration, history, and what tools of IIS printed.

use std::sync::Arc;

use super::*;
use crate::bundle::{Content, text};
use crate::case::{Case, PoolIdentity, assemble};
use crate::causes::{Status, judge};
use crate::readers::console;
use crate::testkit::{config, pool, query, site, windows};

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
            sha256: format!("{number}"),
            kind: *kind,
            duplicate_of: None,
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

const SITES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<appcmd>
  <SITE SITE.NAME="Web" SITE.ID="7" bindings="http/*:80:web.corp.example" state="Started">
    <site name="Web" id="7">
      <bindings><binding protocol="http" bindingInformation="*:80:web.corp.example" /></bindings>
      <application path="/" applicationPool="Web"><virtualDirectory path="/" physicalPath="D:\web" /></application>
    </site>
  </SITE>
</appcmd>
"#;

const POOLS: &str = r#"<appcmd>
  <APPPOOL APPPOOL.NAME="Web" PipelineMode="Integrated" RuntimeVersion="v4.0" state="Started">
    <add name="Web"><processModel identityType="SpecificUser" userName="CORP\svc_web" password="hunter2" /></add>
  </APPPOOL>
</appcmd>
"#;

fn section(path: &str, name: &str, content: &str) -> String {
    let section = format!("system.webServer/security/authentication/{name}");
    let element = section.replace('/', "-");
    format!(
        "  <CONFIG CONFIG.SECTION=\"{section}\" path=\"MACHINE/WEBROOT/APPHOST{path}\" overrideMode=\"Inherit\" locked=\"false\">\n    <{element} {content}</{element}>\n  </CONFIG>\n"
    )
}

/// What `appcmd list config "Web" /config:* /xml` prints, with Windows authentication in this state.
fn printed(windows: &str) -> String {
    let providers = "><providers><add value=\"Negotiate\" /><add value=\"NTLM\" /></providers>";
    format!(
        "<appcmd>\n{}{}</appcmd>\n",
        section(
            "/Web",
            "windowsAuthentication",
            &format!("{windows}{providers}")
        ),
        section("/Web", "anonymousAuthentication", "enabled=\"false\">")
    )
}

#[test]
fn a_server_known_only_from_what_appcmd_printed() {
    let all = format!(
        "{SITES}{POOLS}{}",
        printed("enabled=\"true\" useAppPoolCredentials=\"true\"")
    );
    let case = case(&[("WEB01/iis.txt", Kind::Console, &all)]);
    let [endpoint] = case.situation.endpoints.as_slice() else {
        panic!("{:?}", case.situation.endpoints);
    };
    assert_eq!(endpoint.url(), "http://web.corp.example/");
    let pool = endpoint.pool.as_ref().expect("the pool is printed");
    assert!(matches!(pool.identity, PoolIdentity::Domain(_)));
    assert_eq!(pool.from[0].artifact, ArtifactId(0));
    let settings = &endpoint.settings;
    assert!(settings.windows.enabled.value && settings.windows.use_app_pool_credentials.value);
    assert!(!settings.anonymous.enabled.value);
    let providers: Vec<&str> = settings
        .windows
        .providers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(providers, ["Negotiate", "NTLM"]);
    assert_eq!(settings.duplicate_entries, []);
    assert_eq!(settings.unseen_files, Vec::<String>::new());
    assert!(
        !format!("{case:?}").contains("hunter2"),
        "a password is a secret"
    );
}

#[test]
fn outputs_of_one_folder_are_one_server_and_of_two_folders_two() {
    let both = [
        ("WEB01/sites.xml", Kind::Console, SITES),
        ("WEB01/pools.xml", Kind::Console, POOLS),
        ("WEB02/sites.xml", Kind::Console, SITES),
    ];
    let (_, readings) = readings(&both);
    let shape: Vec<(usize, usize)> = readings
        .servers
        .iter()
        .map(|(_, s)| (s.sites.len(), s.pools.len()))
        .collect();
    assert_eq!(shape, [(1, 1), (1, 0)]);
    assert_eq!(readings.servers[0].1.pools[0].from.artifact, ArtifactId(1));
}

#[test]
fn what_is_printed_makes_up_for_files_that_are_not_here() {
    let local = server("CORP\\svc_web");
    let with = printed("enabled=\"false\"");
    let alone = case(&[("WEB01/applicationHost.config", HOST, local.as_str())]);
    assert!(alone.situation.endpoints[0].settings.windows.enabled.value);
    assert_eq!(alone.situation.endpoints[0].settings.unseen_files.len(), 1);
    let made_up = case(&[
        ("WEB01/applicationHost.config", HOST, local.as_str()),
        ("WEB01/effective.xml", Kind::Console, &with),
    ]);
    let settings = &made_up.situation.endpoints[0].settings;
    assert!(
        !settings.windows.enabled.value,
        "a web.config that is not here switches it off"
    );
    assert_eq!(settings.unseen_files, Vec::<String>::new());
    assert!(made_up.contradictions.is_empty());
}

#[test]
fn fragments_in_a_file_of_their_own_belong_to_the_path_of_their_name() {
    let local = server("CORP\\svc_web");
    let fragments = r#"<system.webServer><security><authentication><anonymousAuthentication enabled="false" /></authentication></security></system.webServer>
<system.webServer><security><authentication><windowsAuthentication enabled="false"></windowsAuthentication></authentication></security></system.webServer>
"#;
    let case = case(&[
        ("cfg/applicationHost.config", HOST, local.as_str()),
        (
            "cfg/Web___EffectiveConfiguration.config",
            Kind::WebConfig,
            fragments,
        ),
    ]);
    assert!(!case.situation.endpoints[0].settings.windows.enabled.value);
    assert_eq!(case.servers.len(), 1);
}

#[test]
fn files_and_output_that_disagree_are_a_contradiction() {
    let local = server("CORP\\svc_old");
    let web = "<configuration></configuration>";
    let output = format!(
        "{SITES}{POOLS}{}APP \"Web/\" (applicationPool:Other)\n",
        printed("enabled=\"true\" useKernelMode=\"false\"")
    );
    let case = case(&[
        ("WEB01/applicationHost.config", HOST, local.as_str()),
        ("WEB01/D/sites/Web/web.config", Kind::WebConfig, web),
        ("WEB01/iis.txt", Kind::Console, &output),
    ]);
    let says: Vec<&str> = case
        .contradictions
        .iter()
        .map(|one| one.says.as_str())
        .collect();
    assert_eq!(says.len(), 3, "{says:#?}");
    assert!(says[0].contains("the identity of pool Web differs"));
    assert!(says[1].contains("useKernelMode for web is true in the configuration files and false"));
    assert!(says[2].contains("Web/ runs in pool Other"));
    assert!(
        case.situation.endpoints[0]
            .settings
            .windows
            .use_kernel_mode
            .value,
        "the files hold"
    );
}

#[test]
fn a_stopped_site_of_a_list_may_serve_nobody() {
    let local = server("CORP\\svc_web");
    let list = |state: &str| {
        format!("SITE \"Web\" (id:7,bindings:http/*:80:web.corp.example,state:{state})\n")
    };
    let stopped = |output: &str| {
        let files = [
            ("WEB01/applicationHost.config", HOST, local.as_str()),
            ("WEB01/sites.txt", Kind::Console, output),
        ];
        case(&files).stopped_site("Web").is_some()
    };
    assert!(stopped(&list("Stopped")));
    assert!(!stopped(&list("Started")));
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

#[test]
fn a_setting_that_a_cmdlet_showed_makes_up_for_files_and_contradicts_them() {
    let local = server("CORP\\svc_web");
    let ask = "PS C:\\> Get-WebConfigurationProperty -Filter system.webServer/security/authentication/windowsAuthentication -PSPath 'MACHINE/WEBROOT/APPHOST' -Location 'Web'";
    let output = format!(
        "{ask} -Name useKernelMode\n\nValue\n-----\nFalse\n\n{ask} -Name providers.Collection\n\nvalue\n-----\nNTLM\n"
    );
    let mut files = vec![
        ("WEB01/applicationHost.config", HOST, local.as_str()),
        ("WEB01/auth.txt", Kind::Console, output.as_str()),
    ];
    let made_up = case(&files);
    let windows = &made_up.situation.endpoints[0].settings.windows;
    assert!(windows.enabled.value && !windows.use_kernel_mode.value);
    assert_eq!(windows.providers.len(), 1);
    assert_eq!(windows.providers[0].0, "NTLM");
    assert_eq!(windows.providers[0].1.place, Place::Element { line: 11, path: "configuration/location[@path='Web']/system.webServer/security/authentication/windowsAuthentication/providers/add[@value='NTLM']".into() });
    files.push((
        "WEB01/D/sites/Web/web.config",
        Kind::WebConfig,
        "<configuration></configuration>",
    ));
    let both = case(&files);
    assert!(
        both.situation.endpoints[0]
            .settings
            .windows
            .use_kernel_mode
            .value
    );
    assert_eq!(both.contradictions.len(), 1, "{:?}", both.contradictions);
}
