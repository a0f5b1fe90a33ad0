//! Grammar of every form, and strangers' text.

mod cmdlets;

use proptest::prelude::*;

use super::*;
use crate::bundle::text;
use crate::evidence::Place;
use crate::readers::console::sections;

fn reading(output: &str) -> Reading<Vec<IisFact>> {
    let text = text::decode(output.as_bytes());
    read(ArtifactId(0), &sections(&text))
}

fn states(output: &str) -> Vec<IisState> {
    reading(output)
        .records
        .into_iter()
        .map(|fact| fact.state)
        .collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(one, other)| ((*one).to_owned(), (*other).to_owned()))
        .collect()
}

fn site(name: &str, id: u32, state: Option<&str>, bindings: &[(&str, &str)]) -> IisState {
    IisState::Site(Site {
        name: name.into(),
        id: Some(id),
        state: state.map(str::to_owned),
        bindings: pairs(bindings),
    })
}

fn setting(name: &str, values: &[&str], place: Option<&str>, inherited: Option<bool>) -> IisState {
    IisState::Setting(ShownSetting {
        section: "system.webServer/security/authentication/windowsAuthentication".into(),
        name: name.into(),
        values: values.iter().map(|one| (*one).to_owned()).collect(),
        place: place.map(str::to_owned),
        inherited,
    })
}

fn application(site: Option<&str>, path: &str, pool: &str) -> IisState {
    IisState::Application {
        site: site.map(str::to_owned),
        path: path.into(),
        pool: pool.into(),
    }
}

#[test]
fn short_lists_of_appcmd_without_any_heading() {
    let found = states(concat!(
        "SITE \"Default Web Site\" (id:1,bindings:http/*:80:,net.tcp/808:*,state:Started)\r\n",
        "SITE \"Odd (id:9,state:x) site\" (id:12,bindings:https/[::1]:443:a.corp.example,state:Stopped)\r\n",
        "SITE \"Files\" (id:3,bindings:ftp/*:21:,state:)\r\n",
        "APP \"Default Web Site/\" (applicationPool:DefaultAppPool)\r\n",
        "APP \"Default Web Site/hr/api\" (applicationPool:Api)\r\n",
        "APPPOOL \"Api\" (MgdVersion:v4.0,MgdMode:Integrated,state:Stopped)\r\n",
        "APPPOOL \"Native\" (MgdVersion:,MgdMode:Classic,state:Started)\r\n",
        "VDIR \"Default Web Site/\" (physicalPath:C:\\inetpub\\wwwroot)\r\n",
        "WP \"3577\" (applicationPool:Api)\r\n",
        "WP \"912\" (apppool:Native)\r\n",
        "REQUEST \"fa00000080000079\" (url:GET /x?token=abc, time:2840 msec, client:10.0.0.1, stage:AuthenticateRequest, module:WindowsAuthenticationModule)\r\n",
        "MODULE \"WindowsAuthenticationModule\" ( native, preCondition: )\r\n",
    ));
    let pool = |name: &str, runtime: &str, mode: &str, state: &str| {
        IisState::Pool(Pool {
            name: name.into(),
            state: Some(state.into()),
            runtime: Some(runtime.into()),
            pipeline: Some(mode.into()),
            identity: None,
        })
    };
    assert_eq!(
        found,
        [
            site(
                "Default Web Site",
                1,
                Some("Started"),
                &[("http", "*:80:"), ("net.tcp", "808:*")]
            ),
            site(
                "Odd (id:9,state:x) site",
                12,
                Some("Stopped"),
                &[("https", "[::1]:443:a.corp.example")]
            ),
            site("Files", 3, None, &[("ftp", "*:21:")]),
            application(Some("Default Web Site"), "/", "DefaultAppPool"),
            application(Some("Default Web Site"), "/hr/api", "Api"),
            pool("Api", "v4.0", "Integrated", "Stopped"),
            pool("Native", "", "Classic", "Started"),
            IisState::WorkerProcess {
                pid: 3577,
                pool: "Api".into()
            },
            IisState::WorkerProcess {
                pid: 912,
                pool: "Native".into()
            },
            IisState::Request(Request {
                url: "GET /x".into(),
                stage: Some("AuthenticateRequest".into()),
                module: Some("WindowsAuthenticationModule".into()),
                milliseconds: Some(2840),
            }),
            IisState::Module("WindowsAuthenticationModule".into()),
        ]
    );
}

#[test]
fn the_query_of_a_request_reaches_no_citation() {
    let facts = reading(
        "REQUEST \"fa01\" (url:GET /x?password=hunter2, time:1 msec, client:::1, stage:BeginRequest, module:m)\n",
    );
    assert!(!format!("{facts:?}").contains("hunter2"));
}

#[test]
fn an_error_of_appcmd_is_reported() {
    let reading = reading(
        "C:\\>appcmd list app\nERROR ( message:Cannot read configuration file due to insufficient permissions. )\n",
    );
    assert_eq!(reading.records, []);
    assert_eq!(reading.problems[0].place, Place::Line(2));
}

const LONG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<appcmd>
    <APPPOOL APPPOOL.NAME="Intranet" PipelineMode="Integrated" RuntimeVersion="v4.0" state="Stopped">
        <add name="Intranet"><processModel identityType="SpecificUser" userName="CORP\svc_web" password="hunter2" /></add>
    </APPPOOL>
</appcmd>
"#;

#[test]
fn xml_and_text_form_say_the_same() {
    let text = "APPPOOL\n  APPPOOL.NAME:\"Intranet\"\n  PipelineMode:\"Integrated\"\n  RuntimeVersion:\"v4.0\"\n  state:\"Stopped\"\n  [add]\n    name:\"Intranet\"\n    [processModel]\n      identityType:\"SpecificUser\"\n      userName:\"CORP\\svc_web\"\n      password:\"hunter2\"\n";
    for output in [LONG, text] {
        let reading = reading(output);
        let [pool, configuration] = reading.records.as_slice() else {
            panic!("{:?}", reading.records);
        };
        let expected = Pool {
            name: "Intranet".into(),
            state: Some("Stopped".into()),
            runtime: Some("v4.0".into()),
            pipeline: Some("Integrated".into()),
            identity: Some("CORP\\svc_web".into()),
        };
        assert_eq!(pool.state, IisState::Pool(expected));
        assert!(matches!(configuration.state, IisState::Configuration(_)));
        assert!(
            !format!("{reading:?}").contains("hunter2"),
            "a password is a secret"
        );
        let line = if output == LONG { 3 } else { 1 };
        assert!(matches!(&pool.from.place, Place::Element { line: own, .. } if *own == line));
    }
}

#[test]
fn long_forms_among_short_ones_keep_their_lines() {
    let output =
        format!("WP \"3577\" (applicationPool:Intranet)\n{LONG}WP \"12\" (applicationPool:Web)\n");
    let reading = reading(&output);
    let places: Vec<&Place> = reading
        .records
        .iter()
        .map(|fact| &fact.from.place)
        .collect();
    assert_eq!(places.len(), 4);
    assert_eq!(places[0], &Place::Line(1));
    assert!(matches!(places[1], Place::Element { line: 4, .. }));
    assert_eq!(places[3], &Place::Line(8));
}

#[test]
fn the_inventories_of_a_collector() {
    let reading = reading(concat!(
        "\"ComputerName\",\"LogName\",\"Product\",\"Location\",\"TypeInfo\",\"Level\",\"SiteID\",\"ParentSite\",\"PoolName\"\n",
        "\"WEB01\",\"Intranet\",\"SitePath\",\"D:\\web\",\"Folder\",\"Site\",\"2\",\"Intranet\",\"Web\"\n",
        "\"WEB01\",\"hr\",\"SitePath\",\"D:\\hr\",\"Folder\",\"App\",\"2\",\"Intranet\",\"Hr\"\n",
        "\"WEB01\",\"System\",\"OS\",\"C:\\Windows\\System32\\Winevt\\Logs\\System.evtx\",\"evtx\",\"Server\",\"\",\"\",\n",
    ));
    assert!(
        reading
            .records
            .iter()
            .all(|fact| fact.host.as_deref() == Some("WEB01"))
    );
    let states: Vec<IisState> = reading.records.into_iter().map(|fact| fact.state).collect();
    assert_eq!(
        states,
        [
            site("Intranet", 2, None, &[]),
            application(Some("Intranet"), "/", "Web"),
            application(Some("Intranet"), "/hr", "Hr"),
        ]
    );
    let overview = self::states(concat!(
        "\"SiteName\",\"applicationPool\",\"Path\",\"CLR\",\"Pipeline\",\"AppAccount\",\"AccountType\"\n",
        "\"Intranet\",\"Web\",\"/\",\"v4.0\",\"Integrated\",\"CORP\\svc_web\",\"SpecificUser\"\n",
    ));
    assert_eq!(overview[0], application(Some("Intranet"), "/", "Web"));
    assert!(
        matches!(&overview[1], IisState::Pool(pool) if pool.identity.as_deref() == Some("CORP\\svc_web"))
    );
    assert_eq!(
        self::states("LogCatcherV3.5\n    ├─── LogsInfo.CSV\n"),
        [IisState::Collector("LogCatcher 3.5".into())]
    );
}

#[test]
fn output_that_is_not_understood_is_reported() {
    let reading = reading("PS C:\\> Get-Website\nGet-Website : The term is not recognized\n");
    assert_eq!(reading.records, []);
    assert_eq!(reading.problems.len(), 1);
}

#[test]
fn exported_objects() {
    let attribute = |name: &str, value: &str| {
        format!(
            "<Obj><TN><T>Microsoft.IIs.PowerShell.Framework.ConfigurationAttribute</T></TN><Props><S N=\"Name\">{name}</S><S N=\"Value\">{value}</S></Props></Obj>"
        )
    };
    let element = |tag: &str, path: &str, attributes: String| {
        format!(
            "  <Obj><TN><T>Microsoft.IIs.PowerShell.Framework.ConfigurationElement#x#{tag}</T></TN><Props><Obj N=\"Attributes\"><IE>{attributes}</IE></Obj><S N=\"ElementTagName\">{tag}</S></Props><MS><S N=\"ItemXPath\">{path}</S></MS></Obj>\n"
        )
    };
    let binding = element(
        "binding",
        "/system.applicationHost/sites/site[@name='Intranet' and @id='2']",
        attribute("protocol", "http") + &attribute("bindingInformation", "*:80:"),
    );
    let section = element(
        "windowsAuthentication",
        "/system.webServer/security/authentication/windowsAuthentication",
        attribute("enabled", "true") + &attribute("password", "hunter2"),
    );
    let xml = format!(
        "<Objs xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\n{binding}{section}</Objs>"
    );
    let records = crate::readers::clixml::read(ArtifactId(0), &text::decode(xml.as_bytes()))
        .records
        .iis;
    assert!(!format!("{records:?}").contains("hunter2"));
    let states: Vec<IisState> = records.into_iter().map(|fact| fact.state).collect();
    assert_eq!(
        states,
        [
            IisState::Site(Site {
                name: "Intranet".into(),
                bindings: pairs(&[("http", "*:80:")]),
                ..Site::default()
            }),
            setting("enabled", &["true"], None, None),
        ]
    );
}

/// Files of others, by name and how many facts of IIS and of http.sys each holds. They are no part of the project.
#[test]
fn every_sample_is_read() {
    use crate::readers::{clixml, console};
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if !root.is_dir() {
        println!("no samples beside this checkout: nothing was read");
        return;
    }
    let mut counts = Vec::new();
    for (folder, file) in [
        ("misc", "LogCatcher_FolderContents.txt"),
        ("misc", "LogCatcher_LogsInfo.CSV"),
        ("misc", "netsh_http_servicestate_requestq.txt"),
        ("powershell_clixml", "CSS-Exchange_E19_GetIISModules.xml"),
        ("powershell_clixml", "CSS-Exchange_E19_GetWebBinding.xml"),
    ] {
        let Ok(bytes) = std::fs::read(root.join(folder).join(file)) else {
            println!("no sample {file}");
            return;
        };
        let text = text::decode(&bytes);
        let reading = match folder {
            "misc" => console::read(ArtifactId(0), &text),
            _ => clixml::read(ArtifactId(0), &text),
        };
        assert_eq!(reading.problems, [], "{file}");
        counts.push((reading.records.iis.len(), reading.records.http_sys.len()));
    }
    assert_eq!(counts, [(1, 0), (2, 0), (0, 1), (33, 0), (6, 0)]);
}

proptest! {
    #[test]
    fn any_text_is_read_and_places_stay_inside(
        lines in prop::collection::vec(
            prop_oneof![
                Just("<appcmd>".to_owned()), Just("<SITE SITE.NAME=\"x\"><site name=\"x\">".to_owned()),
                Just("</appcmd>".to_owned()), Just("APPPOOL".to_owned()), Just("  APPPOOL.NAME:\"x\"".to_owned()),
                Just("  [add]".to_owned()), Just("<system.webServer>".to_owned()),
                Just("Name  ID  State  Physical Path  Bindings".to_owned()), Just("----  --  -----  -------------  --------".to_owned()),
                Just("PS C:\\> Get-WebConfigurationProperty -Name enabled".to_owned()), Just("Value".to_owned()), Just("-----".to_owned()),
                Just("sitename,applicationpool".to_owned()), Just("SITE \"a\" (id:1,bindings:,state:".to_owned()),
                "\\PC{0,60}", "[ A-Za-z\":,()\\[\\]-]{0,40}"
            ],
            0..25,
        )
    ) {
        let reading = reading(&lines.join("\n"));
        let last = u32::try_from(lines.len()).unwrap();
        let inside = |place: &Place| match place {
            Place::Line(line) | Place::Element { line, .. } => (1..=last).contains(line),
            Place::Whole => true,
            Place::Record(_) => false,
        };
        for fact in &reading.records {
            prop_assert!(inside(&fact.from.place), "{:?}", fact);
        }
        for problem in &reading.problems {
            prop_assert!(inside(&problem.place), "{:?}", problem);
        }
    }
}
