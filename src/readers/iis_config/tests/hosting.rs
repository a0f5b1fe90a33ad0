//! Sites, bindings, applications, pools; which web.config files are read; redirection.

use super::*;
use crate::readers::iis_config::{IdentityType, Origin, Redirection};

fn built(text: &str) -> ServerConfig {
    ServerConfig::build(&file(0, text), &[]).0
}

fn hosting(inner: &str) -> ServerConfig {
    built(&format!(
        "<configuration><system.applicationHost>{inner}</system.applicationHost></configuration>"
    ))
}

#[test]
fn a_pool_takes_what_it_does_not_say_from_the_defaults() {
    let server = hosting(
        r#"<applicationPools>
        <add name="Own" autoStart="0" managedPipelineMode="classic"><processModel identityType="3" userName="CONTOSO\svc" password="[enc:IISWASOnlyAesProvider:c2VjcmV0:enc]" logonType="LogonService" /></add>
        <add name="Defaulted" />
        <add name="Managed"><processModel identityType="SpecificUser" userName="CONTOSO\gmsa$" password="" /></add>
        <applicationPoolDefaults><processModel identityType="NetworkService" userName="CONTOSO\old" manualGroupMembership="true" /></applicationPoolDefaults>
        </applicationPools>"#,
    );
    let [own, defaulted, managed] = server.pools.as_slice() else {
        panic!("three pools: {:?}", server.pools)
    };
    assert_eq!(own.identity_type.value, IdentityType::SpecificUser);
    assert_eq!(own.user_name.value, r"CONTOSO\svc");
    assert_eq!(
        own.identity_type.overridden[0].0,
        IdentityType::NetworkService
    );
    assert!(own.password_set && !own.is_managed_account());
    assert_eq!(own.password_fingerprint.as_ref().map(String::len), Some(64));
    assert_eq!(
        (own.logon_type.value.as_str(), own.auto_start.value),
        ("LogonService", false)
    );
    assert_eq!(own.pipeline_mode.value, "Classic");
    assert_eq!(defaulted.identity_type.value, IdentityType::NetworkService);
    assert_eq!(
        defaulted.user_name.value, "",
        "the name is not used by NetworkService"
    );
    assert_eq!(defaulted.user_name.overridden[0].0, r"CONTOSO\old");
    assert!(defaulted.manual_group_membership.value && defaulted.auto_start.value);
    assert!(managed.is_managed_account() && !managed.password_set);
}

#[test]
fn a_pool_with_an_unknown_kind_of_identity_runs_as_nobody_known() {
    let server = hosting(
        r#"<applicationPools>
        <add name="Own"><processModel identityType="SpecificUsr" userName="CONTOSO\svc" /></add>
        <applicationPoolDefaults><processModel identityType="NetworkService" /></applicationPoolDefaults>
        </applicationPools>"#,
    );
    let own = &server.pools[0];
    assert_eq!(own.identity_type.value, IdentityType::SpecificUser);
    assert_eq!(own.user_name.value, "");
}

#[test]
fn a_slip_of_the_kind_of_identity_is_not_its_absence() {
    let server = hosting(
        r#"<applicationPools>
        <add name="Slip"><processModel identityTipe="LocalSystem" userName="CONTOSO\svc" /></add>
        <add name="Set"><processModel identityType="LocalService" idleTimout="0" /></add>
        <applicationPoolDefaults><processModel identityType="NetworkService" /></applicationPoolDefaults>
        </applicationPools>"#,
    );
    let [slip, set] = server.pools.as_slice() else {
        panic!("two pools: {:?}", server.pools)
    };
    assert_eq!(slip.identity_type.value, IdentityType::SpecificUser);
    assert_eq!(slip.user_name.value, "");
    assert_eq!(set.identity_type.value, IdentityType::LocalService);
}

#[test]
fn a_pool_that_is_cut_off_is_left_out_because_its_identity_is_not_known() {
    let text = r#"<applicationPools><add name="Whole" /><add name="Cut" autoStart="true"><processModel userName="CONTOSO"#;
    let (server, problems) = ServerConfig::build(&file(0, text), &[]);
    let names: Vec<&str> = server.pools.iter().map(|pool| pool.name.as_str()).collect();
    assert_eq!(names, ["Whole"]);
    assert!(problems[0].says.contains("cut off"));
}

#[test]
fn without_defaults_a_pool_runs_as_its_virtual_account() {
    let server = hosting(r#"<applicationPools><add name="Plain" /></applicationPools>"#);
    assert_eq!(
        server.pools[0].identity_type.value,
        IdentityType::ApplicationPoolIdentity
    );
    assert_eq!(server.pools[0].identity_type.origin, Origin::SchemaDefault);
}

#[test]
fn the_pool_of_an_application_is_its_own_then_the_sites_then_the_servers() {
    let pools = |site: &str, all: &str| {
        let server = hosting(&format!(
            r#"<sites><site name="S" id="1"><application path="/" applicationPool="Own" /><application path="/a" />{site}</site>{all}</sites>"#
        ));
        let applications = server.sites[0].applications.iter();
        applications
            .map(|one| one.pool.value.clone())
            .collect::<Vec<_>>()
    };
    let of_site = r#"<applicationDefaults applicationPool="OfSite" />"#;
    let of_all = r#"<applicationDefaults applicationPool="OfAll" />"#;
    assert_eq!(pools(of_site, of_all), ["Own", "OfSite"]);
    assert_eq!(pools("", of_all), ["Own", "OfAll"]);
    assert_eq!(pools("", ""), ["Own", "DefaultAppPool"]);
}

#[test]
fn sites_and_bindings_are_read() {
    let server = hosting(
        r#"<sites><site name="S" id="7"><bindings>
        <binding protocol="HTTP" bindingInformation=":80:WWW.contoso.com" /><binding protocol="https" bindingInformation="[::1]:443:" />
        <binding protocol="net.tcp" bindingInformation="808:*" /></bindings></site>
        <siteDefaults serverAutoStart="false" /></sites>"#,
    );
    let site = &server.sites[0];
    assert_eq!((site.id, site.auto_start.value), (Some(7), false));
    let bindings = site.bindings.iter();
    let bindings: Vec<_> = bindings
        .map(|one| {
            (
                one.protocol.as_str(),
                one.ip.as_str(),
                one.port,
                one.host.as_str(),
            )
        })
        .collect();
    assert_eq!(
        bindings,
        [
            ("http", "*", Some(80), "www.contoso.com"),
            ("https", "[::1]", Some(443), ""),
            ("net.tcp", "*", None, "")
        ]
    );
    assert!(
        element_path(&site.bindings[1].from).ends_with("binding[@bindingInformation='[::1]:443:']")
    );
}

#[test]
fn fragments_give_what_they_hold_and_are_not_complete() {
    let sites = built(r#"<sites><site name="S" id="1" /></sites>"#);
    assert_eq!((sites.sites.len(), sites.complete), (1, false));
    let part = built(
        r#"<system.applicationHost><applicationPools><add name="P" /></applicationPools></system.applicationHost>"#,
    );
    assert_eq!((part.pools.len(), part.complete), (1, false));
    assert!(server("", &[]).complete);
}

#[test]
fn a_transform_sets_nothing() {
    let text = r#"<configuration xmlns:xdt="http://schemas.microsoft.com/XML-Document-Transform">
        <system.webServer><security><authentication><windowsAuthentication enabled="true" xdt:Transform="Replace" /></authentication></security></system.webServer></configuration>"#;
    let reading = ConfigFile::read_str(ArtifactId(0), text);
    assert!(reading.records.is_transform() && !reading.records.is_application_host());
    assert!(reading.problems[0].says.contains("transform"));
    assert!(!built(text).effective("S", "/").windows.enabled.value);
}

#[test]
fn iis_express_is_recognised() {
    let module = r#"<add name="WindowsAuthenticationModule" image="%IIS_BIN%\authsspi.dll" />"#;
    let text = format!(
        "<configuration><system.webServer><globalModules>{module}</globalModules></system.webServer></configuration>"
    );
    assert!(built(&text).iis_express);
    assert!(!server("", &[]).iis_express);
}

#[test]
fn missing_web_configs_of_the_applications_on_the_way_are_named() {
    let some = at("", &[(API, String::new())], "/api/v1");
    assert_eq!(some.unseen_files, [r"C:\web\intranet\web.config"]);
    let none = at("", &[], "/docs/x");
    assert_eq!(
        none.unseen_files,
        [r"C:\web\intranet\web.config"],
        "a virtual directory is not listed"
    );
    assert_eq!(at("", &[], "/api").unseen_files.len(), 2);
}

#[test]
fn web_configs_that_iis_does_not_read_are_left_out() {
    let off = r#"<system.webServer><httpProtocol allowKeepAlive="false" /></system.webServer>"#;
    let web = file(1, &format!("<configuration>{off}</configuration>"));
    let build = |from: &str, to: &str, path: &str| {
        let text = format!("<configuration>{HOSTING}</configuration>").replace(from, to);
        ServerConfig::build(&file(0, &text), &[(path, &web)])
    };
    let keep_alive = |server: &ServerConfig, path: &str| {
        server.effective("Intranet", path).allow_keep_alive.value
    };
    let below = "C/web/intranet/pages/web.config";
    let (server, problems) = build("", "", below);
    assert!(!keep_alive(&server, "/pages") && problems.is_empty());
    let (server, problems) = build(
        r#"intranet" />"#,
        r#"intranet" allowSubDirConfig="false" />"#,
        below,
    );
    assert!(keep_alive(&server, "/pages"));
    assert!(problems[0].says.contains("does not read"));
    let refusing = r#"<add name="Api" enableConfigurationOverride="false" />"#;
    let (server, problems) = build(r#"<add name="Api" />"#, refusing, API);
    assert!(keep_alive(&server, "/api") && problems.len() == 1);
    assert_eq!(
        server.effective("Intranet", "/api").unseen_files,
        [r"C:\web\intranet\web.config"]
    );
}

#[test]
fn redirection_says_that_the_local_file_is_not_the_live_one() {
    let text = r#"<configuration><configurationRedirection enabled="true" path="\\fs\iis" userName="CONTOSO\u" password="[enc:A:B:enc]" /></configuration>"#;
    let read = Redirection::of(&file(0, text)).expect("a redirection");
    assert!(read.enabled && read.path == r"\\fs\iis");
    assert!(!read.from.text.contains("[enc:"));
    let unused = file(
        0,
        "<configuration><configurationRedirection /></configuration>",
    );
    assert!(!Redirection::of(&unused).expect("a redirection").enabled);
    assert_eq!(Redirection::of(&file(0, "<configuration />")), None);
}

#[test]
fn sections_kept_elsewhere_and_values_of_no_type_are_problems() {
    let problems = |section: &str| {
        let text = format!("<configuration>\n{}</configuration>", windows(section));
        let reading = ConfigFile::read_str(ArtifactId(0), &text);
        reading
            .problems
            .into_iter()
            .map(|problem| problem.says)
            .collect::<Vec<_>>()
    };
    assert!(
        problems(r#"<windowsAuthentication configSource="x.config" />"#)[0]
            .contains("configSource")
    );
    assert!(
        problems(r#"<windowsAuthentication configProtectionProvider="Rsa" />"#)[0]
            .contains("encrypted")
    );
    assert!(problems(r#"<windowsAuthentication enabled="yes" />"#)[0].contains("enabled"));
    assert!(problems("<windowsAuthentication /><windowsAuthentication />")[0].contains("again"));
    assert_eq!(
        problems(r#"<windowsAuthentication enabled="TRUE" />"#),
        Vec::<String>::new()
    );
}

/// A damaged name hides what it set: the file is not whole, although it is XML.
#[test]
fn a_section_with_a_damaged_name_makes_the_file_incomplete() {
    let whole = format!(
        "<configuration>{DECLARATIONS}{HOSTING}{MODULES}{}</configuration>",
        location(
            "path=\"Intranet\"",
            "<windowsAuthentication enabled=\"true\"><providers><add value=\"Negotiate\" /></providers></windowsAuthentication><oursAuthentication />"
        )
    );
    let complete = |text: &str| ServerConfig::build(&file(0, text), &[]).0.complete;
    assert!(!complete(&whole), "no section of this name is declared");
    let declared = whole.replace(
        "<section name=\"windowsAuthentication\"",
        "<section name=\"oursAuthentication\" /><section name=\"windowsAuthentication\"",
    );
    assert!(complete(&declared));
    assert!(!complete(
        &declared.replace("<windowsAuthentication", "<windgwsAuthentication")
    ));
    assert!(!complete(&declared.replace("<add value", "<,,, value")));
}

/// What was damaged on its way sets no default: a pool and a section of which a tag is broken, or that hold text.
#[test]
fn what_is_garbled_is_not_the_default() {
    let server = hosting(
        r#"<applicationPools>
        <add name="Text">":Y><Y,:Y\bel identityType="SpecificUser" /></add>
        <add name="Tag"><processModel identi;,"9"SpecificUser" userName="CONTOSO\svc" /></add>
        <add name="Told" autoStart;"><processModel identityType="LocalService" /></add>
        </applicationPools>"#,
    );
    let kinds: Vec<_> = (server.pools.iter())
        .map(|pool| (pool.name.as_str(), &pool.identity_type.value))
        .collect();
    let unknown = &IdentityType::SpecificUser;
    assert_eq!(
        kinds,
        [
            ("Text", unknown),
            ("Tag", unknown),
            ("Told", &IdentityType::LocalService)
        ]
    );
    assert!(
        server
            .pools
            .iter()
            .all(|pool| pool.user_name.value.is_empty())
    );
}
