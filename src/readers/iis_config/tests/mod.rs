//! Tests of the room: the rules of effective settings on a small server, placing, real files, hostile files.

mod effective;
mod hostile;
mod hosting;
mod locks;
mod place;
mod samples;

use crate::evidence::{ArtifactId, Citation, Place};

use super::{ConfigFile, EffectiveSettings, ServerConfig};

/// The declarations of a shipped server: authentication is locked, authorization is not.
pub(super) const DECLARATIONS: &str = r#"<configSections>
<sectionGroup name="system.webServer">
<section name="globalModules" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
<section name="modules" allowDefinition="MachineToApplication" overrideModeDefault="Deny" />
<section name="httpProtocol" overrideModeDefault="Allow" />
<sectionGroup name="security">
<section name="authorization" overrideModeDefault="Allow" />
<sectionGroup name="authentication">
<section name="anonymousAuthentication" overrideModeDefault="Deny" />
<section name="windowsAuthentication" overrideModeDefault="Deny" />
</sectionGroup></sectionGroup></sectionGroup>
</configSections>"#;

/// Site `Intranet` with `/`, `/api` and a virtual directory `/docs`.
pub(super) const HOSTING: &str = r#"<system.applicationHost>
<applicationPools><add name="Web" /><add name="Api" /></applicationPools>
<sites><site name="Intranet" id="2">
<application path="/" applicationPool="Web">
<virtualDirectory path="/" physicalPath="C:\web\intranet" />
<virtualDirectory path="/docs" physicalPath="D:\docs" />
</application>
<application path="/api" applicationPool="Api"><virtualDirectory path="/" physicalPath="C:\web\intranet\api" /></application>
<bindings><binding protocol="http" bindingInformation="*:80:" /></bindings>
</site></sites>
</system.applicationHost>"#;

/// The modules of a server without any: a whole file has the sections.
const MODULES: &str = "<system.webServer><globalModules /><modules /></system.webServer>";

/// Wraps a `windowsAuthentication` element into its section groups.
pub(super) fn windows(element: &str) -> String {
    format!(
        "<system.webServer><security><authentication>{element}</authentication></security></system.webServer>"
    )
}

/// A `location` with a `windowsAuthentication` element.
pub(super) fn location(attributes: &str, element: &str) -> String {
    format!("<location {attributes}>{}</location>", windows(element))
}

/// A file from its text.
pub(super) fn file(id: u32, text: &str) -> ConfigFile {
    ConfigFile::read_str(ArtifactId(id), text).records
}

/// A server with the usual declarations and hosting, what is given of its settings, and web.config files by path.
pub(super) fn server(settings: &str, web_configs: &[(&str, String)]) -> ServerConfig {
    let settings = if settings.contains("<system.webServer") {
        settings.to_owned()
    } else {
        format!("{MODULES}{settings}")
    };
    let text = format!("<configuration>\n{DECLARATIONS}\n{HOSTING}\n{settings}\n</configuration>");
    let files: Vec<(&str, ConfigFile)> = web_configs
        .iter()
        .zip(1..)
        .map(|((path, text), id)| {
            (
                *path,
                file(id, &format!("<configuration>{text}</configuration>")),
            )
        })
        .collect();
    let files: Vec<(&str, &ConfigFile)> = files.iter().map(|(path, file)| (*path, file)).collect();
    let (server, problems) = ServerConfig::build(&file(0, &text), &files);
    assert_eq!(problems, []);
    server
}

/// The settings of a path of the small server.
pub(super) fn at(settings: &str, web_configs: &[(&str, String)], path: &str) -> EffectiveSettings {
    server(settings, web_configs).effective("Intranet", path)
}

/// The names of the providers in force.
pub(super) fn providers(settings: &EffectiveSettings) -> Vec<&str> {
    let providers = settings.windows.providers.iter();
    providers.map(|(name, _)| name.as_str()).collect()
}

/// The path of a citation of an element.
pub(super) fn element_path(citation: &Citation) -> &str {
    match &citation.place {
        Place::Element { path, .. } => path,
        other => panic!("no element is cited: {other:?}"),
    }
}

pub(super) const ROOT: &str = "C/web/intranet/web.config";
pub(super) const API: &str = "C/web/intranet/api/web.config";
