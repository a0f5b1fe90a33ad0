//! The inventories of LogCatcher: `LogsInfo.CSV`, `SitesOverview.csv`, and the list of what it collects.
//!
//! ```text
//! "ComputerName","LogName","Product","Location","TypeInfo","Level","SiteID","ParentSite","PoolName"
//! "WEB01","Intranet","SitePath","D:\web","Folder","Site","2","Intranet","IntranetPool"
//! ```

use super::super::console::Line;
use super::{Found, IisState, Pool, Site};

/// `LogCatcherV3.5`: the collector and its version.
fn collector(line: &str) -> Option<&str> {
    let version = line.trim().strip_prefix("LogCatcherV")?;
    let numbers = version.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    (!version.is_empty() && numbers).then_some(version)
}

/// The columns of an inventory, in lower case.
fn inventory(line: &str) -> Option<Vec<String>> {
    if !line.contains(',') || line.len() > 2000 {
        return None;
    }
    let columns: Vec<String> = cells(line).iter().map(|name| name.to_lowercase()).collect();
    let has = |name: &str| columns.iter().any(|column| column == name);
    let logs = has("computername") && has("parentsite") && has("poolname");
    let sites = has("sitename") && has("applicationpool");
    (logs || sites).then_some(columns)
}

/// The cells of a line, quotes resolved.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let (mut cell, mut quoted) = (String::new(), false);
    let mut signs = line.trim().chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(sign),
        }
    }
    cells.push(cell);
    cells
}

/// Reads an inventory that begins with the first line; how many lines it has.
pub(super) fn take(found: &mut Found, lines: &[Line<'_>]) -> Option<usize> {
    let heading = lines.first()?;
    if let Some(version) = collector(heading.text) {
        found.fact(
            IisState::Collector(format!("LogCatcher {version}")),
            *heading,
        );
        return Some(lines.len());
    }
    let columns = inventory(heading.text)?;
    let mut taken = 1;
    for line in lines.iter().skip(1) {
        if line.is_blank() || !line.text.contains(',') {
            break;
        }
        taken += 1;
        let cells = cells(line.text);
        let of = |name: &str| {
            let at = columns.iter().position(|column| column == name)?;
            cells
                .get(at)
                .map(|cell| cell.trim())
                .filter(|cell| !cell.is_empty())
        };
        if cells.len() < 2 {
            found.problem(*line, "the line has too few columns; it is skipped");
            continue;
        }
        let before = found.host.clone();
        found.host = of("computername").map(str::to_owned).or(found.host.take());
        if of("sitename").is_some() {
            site_of_overview(found, *line, &of);
        } else if of("product") == Some("SitePath") {
            place_of_log(found, *line, &of);
        } else if found.host.is_some() && found.host != before {
            // A row about logs says at least which machine it is.
            found.fact(IisState::Collector("LogCatcher".into()), *line);
        }
    }
    Some(taken)
}

/// A row of `SitesOverview.csv`.
fn site_of_overview<'a>(found: &mut Found, line: Line<'_>, of: &dyn Fn(&str) -> Option<&'a str>) {
    let (Some(site), Some(pool)) = (of("sitename"), of("applicationpool")) else {
        return;
    };
    let path = of("path")
        .filter(|path| path.starts_with('/'))
        .unwrap_or("/");
    found.fact(
        IisState::Application {
            site: Some(site.to_owned()),
            path: path.to_owned(),
            pool: pool.to_owned(),
        },
        line,
    );
    let identity = of("appaccount").or(of("accounttype"));
    found.fact(
        IisState::Pool(Pool {
            name: pool.to_owned(),
            state: None,
            runtime: of("clr").map(str::to_owned),
            pipeline: of("pipeline").map(str::to_owned),
            identity: identity.map(str::to_owned),
        }),
        line,
    );
}

/// A row of `LogsInfo.CSV` about the content of a site or an application.
fn place_of_log<'a>(found: &mut Found, line: Line<'_>, of: &dyn Fn(&str) -> Option<&'a str>) {
    let (Some(name), Some(site)) = (of("logname"), of("parentsite")) else {
        return;
    };
    let of_site = of("level") == Some("Site");
    if of_site {
        let state = Site {
            name: site.to_owned(),
            id: of("siteid").and_then(|id| id.parse().ok()),
            ..Site::default()
        };
        found.fact(IisState::Site(state), line);
    }
    if let Some(pool) = of("poolname") {
        let path = match of_site {
            true => "/".to_owned(),
            false => format!("/{}", name.trim_start_matches('/')),
        };
        let state = IisState::Application {
            site: Some(site.to_owned()),
            path,
            pool: pool.to_owned(),
        };
        found.fact(state, line);
    }
}
