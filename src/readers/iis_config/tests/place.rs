//! Where a web.config of the bundle belongs.

use super::*;
use crate::readers::iis_config::place_web_config;

fn placed(server: &ServerConfig, path: &str) -> Vec<String> {
    let places = place_web_config(server, path).into_iter();
    places
        .map(|place| format!("{}{}", place.site, place.path))
        .collect()
}

#[test]
fn directories_flattened_names_and_site_folders_are_told_apart() {
    let server = server("", &[]);
    for (path, place) in [
        ("SRV01/C/web/intranet/web.config", "Intranet/"),
        (r"SRV01\C$\Web\Intranet\Web.config", "Intranet/"),
        ("bundle.zip/C:/web/intranet/api/web.config", "Intranet/api"),
        ("C/web/intranet/pages/old/web.config", "Intranet/pages/old"),
        ("C/web/intranet/api/v1/web.config", "Intranet/api/v1"),
        ("D/docs/web.config", "Intranet/docs"),
        ("D/docs/2020/web.config", "Intranet/docs/2020"),
        ("LogCatcher.zip/Sites/Intranet/web.config", "Intranet/"),
        (
            "LogCatcher.zip/Sites/Intranet/api/web.config",
            "Intranet/api",
        ),
        ("Sites/Intranet/docs/web.config", "Intranet/docs"),
        (
            "IISConfiguration.zip/Intranet_api__web.config",
            "Intranet/api",
        ),
        ("Intranet___web.config", "Intranet/"),
        ("intranet__docs_web.config", "Intranet/docs"),
    ] {
        assert_eq!(placed(&server, path), [place], "{path}");
    }
}

#[test]
fn what_is_not_clear_is_not_placed() {
    let server = server("", &[]);
    for path in [
        "web.config",
        "some/folder/web.config",
        "Sites/Intranet/unknown/web.config",
        "Sites/Other/web.config",
        "Other_api_web.config",
        "C/docs/web.config",
        "logs/docs/old/web.config",
        "C/web/intranet/web.config.bak",
        "",
    ] {
        assert_eq!(placed(&server, path), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn one_directory_of_several_paths_places_one_file_at_all_of_them() {
    let sites = r#"<sites><site name="A" id="1"><application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot" /></application>
        <application path="/same"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot\" /></application></site>
        <site name="B" id="2"><application path="/"><virtualDirectory path="/" physicalPath="D:\inetpub\wwwroot" /></application></site></sites>"#;
    let server = ServerConfig::build(&file(0, sites), &[]).0;
    assert_eq!(
        placed(&server, "C/inetpub/wwwroot/web.config"),
        ["A/", "A/same"]
    );
    assert_eq!(placed(&server, "D/inetpub/wwwroot/web.config"), ["B/"]);
    assert_eq!(
        placed(&server, "x/inetpub/wwwroot/web.config"),
        Vec::<String>::new()
    );
    assert_eq!(placed(&server, "wwwroot/web.config"), Vec::<String>::new());
}

#[test]
fn a_folder_that_may_be_a_collectors_or_a_directory_needs_its_drive() {
    let sites = r#"<sites><site name="Intranet" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\sites\portal" /></application></site>
        <site name="Portal" id="2"><application path="/"><virtualDirectory path="/" physicalPath="C:\sites\intranet" /></application></site></sites>"#;
    let server = ServerConfig::build(&file(0, sites), &[]).0;
    assert_eq!(
        placed(&server, "Sites/Intranet/web.config"),
        Vec::<String>::new()
    );
    assert_eq!(placed(&server, "C/Sites/Intranet/web.config"), ["Portal/"]);
}

#[test]
fn a_tail_of_one_directory_is_enough() {
    let sites = r#"<sites><site name="A" id="1"><application path="/"><virtualDirectory path="/" physicalPath="E:\apps\portal\web" /></application></site></sites>"#;
    let server = ServerConfig::build(&file(0, sites), &[]).0;
    assert_eq!(placed(&server, "SRV/portal/web/web.config"), ["A/"]);
    assert_eq!(placed(&server, "web/web.config"), ["A/"]);
    assert_eq!(placed(&server, "SRV/web/web.config"), Vec::<String>::new());
}

#[test]
fn files_that_cannot_be_placed_or_come_twice_are_reported() {
    let text = format!("<configuration>{HOSTING}</configuration>");
    let web = file(1, "<configuration />");
    let files = [
        ("else/web.config", &web),
        (API, &web),
        ("Sites/Intranet/api/web.config", &web),
    ];
    let (_, problems) = ServerConfig::build(&file(0, &text), &files);
    let says: Vec<&str> = problems
        .iter()
        .map(|problem| problem.says.as_str())
        .collect();
    assert_eq!(says.len(), 2);
    assert!(says[0].contains("another web.config") && says[1].contains("not clear"));
}
