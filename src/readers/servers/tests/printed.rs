//! Servers known from what tools of IIS printed.

use super::*;

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
    // No web.config may set a section that is locked: what IIS printed was another time's.
    assert_eq!(made_up.contradictions.len(), 1);
    assert_eq!(made_up.contradictions[0].from.len(), 2);
    let unlocked = local.replace(
        "overrideModeDefault=\"Deny\"",
        "overrideModeDefault=\"Allow\"",
    );
    let made_up = case(&[
        ("WEB01/applicationHost.config", HOST, unlocked.as_str()),
        ("WEB01/effective.xml", Kind::Console, &with),
    ]);
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
    // Kernel mode, and the providers; the file leaves the first at its default.
    assert_eq!(both.contradictions.len(), 2, "{:?}", both.contradictions);
    assert!(both.contradictions.iter().all(|one| one.from.len() == 2));
}

#[test]
fn what_iis_printed_in_an_earlier_collection_does_not_count() {
    let local = server("CORP\\svc_web");
    let web = "<configuration></configuration>";
    let output = printed("enabled=\"true\" useKernelMode=\"false\"");
    let told = |file: &str, tool: &str| {
        let [file, site] = ["applicationHost.config", "D/sites/Web/web.config"]
            .map(|name| format!("case/TSS_WEB01_26030{file}-080000_x/{name}"));
        let tool = format!("case/TSS_WEB01_26030{tool}-080000_x/iis.txt");
        let case = case(&[
            (&file, HOST, local.as_str()),
            (&site, Kind::WebConfig, web),
            (&tool, Kind::Console, &output),
        ]);
        let remarks = case
            .problems
            .iter()
            .filter(|p| p.says.contains("earlier collection"));
        (case.contradictions.len(), remarks.count())
    };
    assert_eq!(told("1", "1"), (1, 0));
    assert_eq!(told("2", "1"), (0, 1));
    assert_eq!(
        told("1", "2"),
        (1, 0),
        "a setting may have been changed in between"
    );
}
