//! The short lists of appcmd: one object a line.
//!
//! ```text
//! SITE "Default Web Site" (id:1,bindings:http/*:80:,net.tcp/808:*,state:Started)
//! APP "Default Web Site/api" (applicationPool:Api)
//! APPPOOL "Api" (MgdVersion:v4.0,MgdMode:Integrated,state:Started)
//! WP "3577" (applicationPool:Api)
//! REQUEST "fa00000080000079" (url:GET /x, time:2840 msec, client:10.0.0.1, stage:AuthenticateRequest, module:WindowsAuthenticationModule)
//! MODULE "WindowsAuthenticationModule" ( native, preCondition: )
//! ERROR ( message:Configuration error … )
//! ```
//!
//! Names may hold any sign, so values are cut from the right: at the last `,state:`.

use super::super::console::Line;
use super::super::iis_config::split_bindings;
use super::{Found, IisState, Pool, Request, Site};

/// Whether a line is one object of a short list.
fn is_object(line: &str) -> bool {
    parts(line.trim()).is_some_and(|(object, _, values)| match object {
        "SITE" => values.starts_with("id:"),
        "APP" => values.starts_with("applicationPool:"),
        "APPPOOL" => values.starts_with("MgdVersion:"),
        "VDIR" => values.starts_with("physicalPath:"),
        "WP" => values.starts_with("applicationPool:") || values.starts_with("apppool:"),
        "REQUEST" => values.starts_with("url:"),
        "MODULE" => {
            values.trim_start().starts_with("native") || values.trim_start().starts_with("type:")
        }
        _ => false,
    })
}

/// `OBJECT "name" (values)`.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (object, rest) = line.split_once(" \"")?;
    let values = rest.strip_suffix(')')?;
    let (name, values) = values.rsplit_once("\" (")?;
    object
        .bytes()
        .all(|letter| letter.is_ascii_uppercase())
        .then_some((object, name, values))
}

/// Reads one line. Lines that are no object of a list are left alone.
pub(super) fn read(found: &mut Found, line: Line<'_>) {
    let shown = line.text.trim();
    if shown.starts_with("ERROR (") {
        let says = "appcmd reported an error instead of an answer; what was asked for is not known";
        found.problem(line, says);
        return;
    }
    if !is_object(shown) {
        return;
    }
    let Some((object, name, values)) = parts(shown) else {
        return;
    };
    match object {
        "SITE" => found.fact(IisState::Site(site(name, values)), line),
        "APP" => {
            let pool = values.strip_prefix("applicationPool:").unwrap_or_default();
            let (site, path) = site_and_path(name);
            let state = IisState::Application {
                site: Some(site),
                path,
                pool: pool.to_owned(),
            };
            found.fact(state, line);
        }
        "APPPOOL" => found.fact(IisState::Pool(pool(name, values)), line),
        "WP" => match (name.parse(), values.split_once(':')) {
            (Ok(pid), Some((_, pool))) => {
                let pool = pool.to_owned();
                found.fact(IisState::WorkerProcess { pid, pool }, line);
            }
            _ => found.problem(
                line,
                "the number of the worker process is not readable; it is skipped",
            ),
        },
        "REQUEST" => {
            // The address of a request may carry a password in its query: only the path is kept.
            let request = request(values);
            let text = format!("REQUEST \"{name}\" (url:{}, …)", request.url);
            let from = crate::evidence::Citation::line(found.artifact, line.number, &text);
            found.cited(IisState::Request(request), from);
        }
        "MODULE" => found.fact(IisState::Module(name.to_owned()), line),
        _ => {}
    }
}

/// `Site/app/dir` as the site and a rooted path.
pub(super) fn site_and_path(name: &str) -> (String, String) {
    let (site, path) = name.split_once('/').unwrap_or((name, ""));
    (site.to_owned(), format!("/{}", path.trim_end_matches('/')))
}

fn site(name: &str, values: &str) -> Site {
    // Greedy: a host name may hold `,state:` as little as a state holds a comma.
    let (rest, state) = match values.rsplit_once(",state:") {
        Some((rest, state)) => (rest, Some(state)),
        None => (values, None),
    };
    let (id, bindings) = rest.split_once(",bindings:").unwrap_or((rest, ""));
    Site {
        name: name.to_owned(),
        id: id.strip_prefix("id:").and_then(|id| id.trim().parse().ok()),
        state: state.map(str::to_owned).filter(|state| !state.is_empty()),
        bindings: split_bindings(bindings)
            .map(|(protocol, information)| (protocol.to_owned(), information.to_owned()))
            .collect(),
    }
}

fn pool(name: &str, values: &str) -> Pool {
    let (rest, state) = match values.rsplit_once(",state:") {
        Some((rest, state)) => (rest, Some(state.to_owned())),
        None => (values, None),
    };
    let (version, mode) = rest.split_once(",MgdMode:").unwrap_or((rest, ""));
    Pool {
        name: name.to_owned(),
        state: state.filter(|state| !state.is_empty()),
        runtime: version.strip_prefix("MgdVersion:").map(str::to_owned),
        pipeline: Some(mode.to_owned()).filter(|mode| !mode.is_empty()),
        identity: None,
    }
}

fn request(values: &str) -> Request {
    let after = |label: &str| {
        let (_, rest) = values.rsplit_once(label)?;
        let value = rest.split(',').next().unwrap_or(rest).trim();
        Some(value.to_owned()).filter(|value| !value.is_empty())
    };
    let url = values.strip_prefix("url:").unwrap_or(values);
    let url = url.rsplit_once(", time:").map_or(url, |(url, _)| url);
    Request {
        url: url.split('?').next().unwrap_or_default().trim().to_owned(),
        stage: after(", stage:"),
        module: after(", module:"),
        milliseconds: after(", time:")
            .and_then(|time| time.split_whitespace().next()?.parse().ok()),
    }
}
