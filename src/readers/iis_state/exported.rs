//! Objects of the cmdlets of IIS that were exported (`Get-WebBinding | Export-Clixml`).
//!
//! ```text
//! Microsoft.IIs.PowerShell.Framework.ConfigurationElement#bindings#binding
//!   ElementTagName  binding
//!   ItemXPath       /system.applicationHost/sites/site[@name='Intranet' and @id='2']
//!   Attributes      { Name protocol, Value http }, { Name bindingInformation, Value *:80: }, …
//! ```
//!
//! Every configuration element has its attributes as names and values; what it is, its tag tells.

use super::super::clixml::{Object, Value};
use super::table::is_secret;
use super::{IisFact, IisState, Pool, ShownSetting, Site};
use crate::evidence::{ArtifactId, Citation};

/// What an exported object says about IIS; nothing for objects of other kinds.
pub(in super::super) fn of_object(artifact: ArtifactId, object: &Object) -> Vec<IisFact> {
    let fact = |state: IisState, line: u32, text: &str| IisFact {
        state,
        host: None,
        from: Citation::line(artifact, line, text),
    };
    if object.is("ConfigurationAttribute") {
        let path = object.text("ItemXPath").unwrap_or_default();
        return setting(object, path)
            .map(|(state, text)| fact(state, object.line, &text))
            .into_iter()
            .collect();
    }
    if let Some(tag) = object.text("ElementTagName") {
        return element(object, tag)
            .into_iter()
            .map(|(state, text)| fact(state, object.line, &text))
            .collect();
    }
    let modules = object.get("ModuleList").map_or(&[][..], Value::items);
    let modules = modules.iter().filter_map(Value::object);
    modules
        .filter_map(|module| {
            let name = module.text("Name")?;
            Some(fact(
                IisState::Module(name.to_owned()),
                module.line,
                &format!("module {name}"),
            ))
        })
        .collect()
}

/// The attributes of an element, secrets left out.
fn attributes(object: &Object) -> impl Iterator<Item = (&Object, &str)> {
    let all = object.get("Attributes").map_or(&[][..], Value::items);
    let all = all.iter().filter_map(Value::object);
    all.filter_map(|attribute| Some((attribute, attribute.text("Name")?)))
        .filter(|(_, name)| !is_secret(name))
}

fn element(object: &Object, tag: &str) -> Vec<(IisState, String)> {
    let of = |name: &str| {
        let mut all = attributes(object);
        let value = all.find_map(|(attribute, own)| {
            own.eq_ignore_ascii_case(name)
                .then(|| attribute.text("Value"))
                .flatten()
        });
        value.or_else(|| object.text(name)).map(str::to_owned)
    };
    let path = object.text("ItemXPath").unwrap_or_default();
    match tag {
        "binding" => {
            let (Some(protocol), Some(information)) = (of("protocol"), of("bindingInformation"))
            else {
                return Vec::new();
            };
            let text = format!("binding {protocol} {information}");
            let site = Site {
                name: named_in(path, "site").unwrap_or_default(),
                bindings: vec![(protocol, information)],
                ..Site::default()
            };
            vec![(IisState::Site(site), text)]
        }
        "site" => of("name")
            .map(|name| {
                let text = format!("site {name}");
                let site = Site {
                    name,
                    id: of("id").and_then(|id| id.parse().ok()),
                    state: of("state"),
                    bindings: Vec::new(),
                };
                (IisState::Site(site), text)
            })
            .into_iter()
            .collect(),
        "application" => {
            let path_of = of("path").filter(|path| path.starts_with('/'));
            let state = path_of.zip(of("applicationPool")).map(|(own, pool)| {
                let text = format!("application {own} in pool {pool}");
                let site = named_in(path, "site");
                (
                    IisState::Application {
                        site,
                        path: own,
                        pool,
                    },
                    text,
                )
            });
            state.into_iter().collect()
        }
        "add"
            if object
                .types
                .iter()
                .any(|name| name.contains("#applicationPools#")) =>
        {
            of("name")
                .map(|name| {
                    let text = format!("application pool {name}");
                    let pool = Pool {
                        name,
                        state: of("state"),
                        runtime: of("managedRuntimeVersion"),
                        pipeline: of("managedPipelineMode"),
                        identity: None,
                    };
                    (IisState::Pool(pool), text)
                })
                .into_iter()
                .collect()
        }
        "windowsAuthentication"
        | "anonymousAuthentication"
        | "basicAuthentication"
        | "digestAuthentication" => {
            let path = object.text("SectionPath").unwrap_or(path);
            attributes(object)
                .filter_map(|(attribute, _)| setting(attribute, path))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// An attribute of a section, with the path of its element.
fn setting(attribute: &Object, path: &str) -> Option<(IisState, String)> {
    let (name, value) = (attribute.text("Name")?, attribute.text("Value")?);
    if is_secret(name) {
        return None;
    }
    let section = path
        .split("/@")
        .next()
        .unwrap_or(path)
        .trim_start_matches('/');
    let inherited = attribute.text("IsInheritedFromDefaultValue");
    let setting = ShownSetting {
        section: section.to_owned(),
        name: name.to_owned(),
        values: vec![value.to_owned()],
        place: attribute
            .text("Location")
            .map(super::arguments::below_server),
        inherited: inherited.map(|word| word.eq_ignore_ascii_case("true")),
    };
    let text = format!("{section}/@{name}: {value}");
    Some((IisState::Setting(setting), text))
}

/// The name in `…/site[@name='Intranet' and @id='2']`.
fn named_in(path: &str, step: &str) -> Option<String> {
    let (_, rest) = path.split_once(&format!("{step}[@name='"))?;
    rest.split_once('\'').map(|(name, _)| name.to_owned())
}
