//! Users who were signed in and refused, as logs of requests and traces show them, with what is in force where it happened.

use super::Rules;
use crate::case::{HostId, LoggedSite, Symptom, SymptomId, SymptomKind, WebServer};
use crate::causes::part::Part;
use crate::causes::{Finding, Input, Scene, Subject, View};
use crate::evidence::Citation;
use crate::readers::iis_config::{Application, EffectiveSettings, Site, VirtualDirectory};
use crate::readers::request_trace::Denied;
use crate::readers::url;

/// Paths that are looked at.
const PATHS: usize = 24;

/// Requests of one site that were refused with one sub-status, though their users were signed in.
pub(in crate::causes) struct Refused<'a> {
    /// The symptom.
    pub id: SymptomId,
    /// The symptom.
    pub symptom: &'a Symptom,
    /// Sub-status of the 401.
    pub sub_status: u16,
    /// The machine.
    pub host: Option<HostId>,
    /// The server and site, where the configuration has them.
    pub at: Option<(&'a WebServer, &'a Site)>,
    /// The paths that were refused and how often, most often refused first.
    pub paths: Vec<(String, u64)>,
    /// Traces of such requests.
    pub traced: Vec<Denied<'a>>,
}

/// Everything that was refused so, with one of these sub-statuses of 401.
pub(in crate::causes) fn refused<'a>(scene: &Scene<'a>, sub_statuses: &[u16]) -> Vec<Refused<'a>> {
    let mut all = Vec::new();
    for (id, symptom) in scene.case.numbered_symptoms() {
        let one = match &symptom.kind {
            SymptomKind::AccessRefused(site, sub) => scene
                .case
                .logged_site(*site)
                .map(|logged| by_log(scene, id, symptom, *sub, logged)),
            SymptomKind::TracedRefusal(host, sub) => {
                Some(by_trace(scene, id, symptom, *sub, *host))
            }
            _ => None,
        };
        all.extend(one.filter(|one| sub_statuses.contains(&one.sub_status)));
    }
    all
}

fn by_log<'a>(
    scene: &Scene<'a>,
    id: SymptomId,
    symptom: &'a Symptom,
    sub_status: u16,
    logged: &'a LoggedSite,
) -> Refused<'a> {
    let server = logged
        .server
        .and_then(|server| scene.case.servers.get(server.0 as usize));
    let at = server.and_then(|server| {
        let mut sites = server.config.sites.iter();
        let site = sites.find(|s| Some(&s.name) == logged.site.as_ref())?;
        Some((server, site))
    });
    let paths = symptom.spread.paths.iter().take(PATHS);
    Refused {
        id,
        symptom,
        sub_status,
        host: logged.host,
        at,
        paths: paths.cloned().collect(),
        traced: traced(
            scene,
            logged.host,
            at.and_then(|(_, s)| s.id).or(logged.site_id),
            sub_status,
        )
        .into_iter()
        .map(|(_, denied)| denied)
        .collect(),
    }
}

fn by_trace<'a>(
    scene: &Scene<'a>,
    id: SymptomId,
    symptom: &'a Symptom,
    sub_status: u16,
    host: HostId,
) -> Refused<'a> {
    let found = traced(scene, Some(host), None, sub_status);
    let number = found.first().and_then(|(trace, _)| trace.site_id);
    let server = scene.case.servers.iter().find(|s| s.host == Some(host));
    let at = server.and_then(|server| {
        let mut sites = server.config.sites.iter();
        Some((server, sites.find(|s| s.id.is_some() && s.id == number)?))
    });
    let path = |address: &str| {
        let rest = address.split_once("//").map_or(address, |(_, rest)| rest);
        rest.find('/')
            .and_then(|at| rest.get(at..))
            .unwrap_or("/")
            .to_owned()
    };
    let here = || found.iter().filter(|(trace, _)| trace.site_id == number);
    Refused {
        id,
        symptom,
        sub_status,
        host: Some(host),
        at,
        paths: here()
            .take(PATHS)
            .map(|(trace, _)| (path(&trace.url), 1))
            .collect(),
        traced: here().map(|(_, denied)| *denied).collect(),
    }
}

type Traced<'a> = (&'a crate::readers::request_trace::RequestTrace, Denied<'a>);

fn traced<'a>(
    scene: &Scene<'a>,
    host: Option<HostId>,
    site: Option<u32>,
    sub_status: u16,
) -> Vec<Traced<'a>> {
    let of = |trace: &crate::readers::request_trace::RequestTrace| {
        let computer = trace.computer.as_deref();
        host.is_some()
            && computer.and_then(|name| scene.case.hosts.find(name)) == host
            && (site.is_none() || trace.site_id == site)
            && url::host(&trace.url).is_some()
    };
    let traces = scene.case.traces.iter().filter(|trace| of(trace));
    traces
        .filter_map(|trace| Some((trace, trace.denied()?)))
        .filter(|(_, denied)| denied.sub_status == sub_status)
        .collect()
}

/// What is in force at one path that was refused.
pub(in crate::causes) struct Spot<'a> {
    /// The path.
    pub path: String,
    /// How often it was refused.
    pub count: u64,
    /// The settings.
    pub settings: EffectiveSettings,
    /// Whether ASP.NET of the .NET Framework serves it, which alone asks the rules of `system.web`.
    pub runs_asp_net: bool,
    /// The application that serves it.
    pub application: &'a Application,
    /// The directory that it is served from.
    pub directory: &'a VirtualDirectory,
}

impl Spot<'_> {
    /// The authorization rules that are asked there.
    pub(in crate::causes) fn rules(&self) -> Rules<'_> {
        Rules {
            iis: &self.settings.authorization,
            asp_net: match self.runs_asp_net {
                true => &self.settings.access.asp_net_rules,
                false => &[],
            },
        }
    }

    /// Whether IIS opens its files as the worker process.
    pub(in crate::causes) fn runs_as_worker(&self) -> bool {
        self.settings
            .authenticated_user_override
            .value
            .eq_ignore_ascii_case("UseWorkerProcessUser")
    }
}

impl<'a> Refused<'a> {
    /// What is in force at each path, where the configuration is in the bundle.
    pub(in crate::causes) fn spots(&self) -> Vec<Spot<'a>> {
        let Some((server, site)) = self.at else {
            return Vec::new();
        };
        let spot = |(path, count): &(String, u64)| {
            let application = site.application_of(path)?;
            let settings = server.config.effective(&site.name, path);
            let framework = server.config.runs_framework(&application.pool.value);
            Some(Spot {
                path: path.clone(),
                count: *count,
                runs_asp_net: framework && settings.access.asp_net_core.is_none(),
                settings,
                application,
                directory: application.directory_of(path)?,
            })
        };
        self.paths.iter().filter_map(spot).collect()
    }

    /// Whether the configuration that says what is in force is whole.
    pub(in crate::causes) fn is_whole(&self) -> bool {
        self.at.is_some_and(|(server, _)| server.config.complete)
    }

    /// What is in force at each path that one of these applications serves.
    pub(in crate::causes) fn spots_below(
        &self,
        scene: &Scene<'_>,
        views: &[&View<'_>],
    ) -> Vec<Spot<'a>> {
        let Some((server, site)) = self.at else {
            return Vec::new();
        };
        let is_it = |view: &&&View<'_>| {
            std::ptr::eq(scene.case.server(view.endpoint), server)
                && view.endpoint.site == site.name
        };
        let mut spots = self.spots();
        spots.retain(|spot| {
            let mut own = views.iter().filter(is_it);
            own.any(|view| view.endpoint.application == spot.application.path)
        });
        spots
    }

    /// What would show the settings where no place of a configuration is known for it, and why they are not known: nobody
    /// sent the file, or nothing says which server the one is of that is there.
    pub(in crate::causes) fn lacked(scene: &Scene<'_>) -> (Input, &'static str) {
        match scene
            .case
            .servers
            .iter()
            .any(|server| server.host.is_none())
        {
            true => (
                Input::ServerName,
                "and the bundle does not say which server its applicationHost.config is of",
            ),
            false => (
                Input::ApplicationHostConfig,
                "which the bundle does not hold",
            ),
        }
    }

    /// The first few of the paths that were refused, as text.
    pub(in crate::causes) fn places(&self, spots: &[Spot<'_>]) -> String {
        const SHOWN: usize = 3;
        let paths: Vec<&str> = match spots {
            [] => self.paths.iter().map(|(path, _)| path.as_str()).collect(),
            _ => spots.iter().map(|spot| spot.path.as_str()).collect(),
        };
        paths.get(..SHOWN).unwrap_or(&paths).join(", ")
    }

    /// What a finding about it is about. The application where all its paths lie in one.
    pub(in crate::causes) fn subject(&self, scene: &Scene<'_>, spots: &[Spot<'_>]) -> Subject {
        let label = self.at.map(|(server, _)| server.label.clone());
        let named = self
            .host
            .map(|host| scene.case.hosts.get(host).name.clone());
        let mut applications = spots.iter().map(|s| s.application.path.clone());
        let first = applications.next();
        let one = applications.all(|other| Some(&other) == first.as_ref());
        Subject {
            site: self.at.map(|(_, site)| site.name.clone()),
            application: first.filter(|_| one),
            host: label.or(named),
            ..Subject::default()
        }
    }

    /// The location of its first spot, as appcmd spells it: `Site/folder`.
    pub(in crate::causes) fn location(&self, spot: &Spot<'_>) -> String {
        let site = self.at.map_or("", |(_, site)| site.name.as_str());
        format!("{site}{}", spot.application.path.trim_end_matches('/'))
    }

    /// Who was refused, as text.
    pub(in crate::causes) fn who(&self) -> String {
        let users: Vec<&str> = self.symptom.principals.iter().map(String::as_str).collect();
        listed(&users)
    }

    /// Adds the refusals at these paths (at all of them, where none is given) as what was observed, and explains them.
    pub(in crate::causes) fn observe(&self, finding: Finding, spots: &[Spot<'_>]) -> Finding {
        let all = self.symptom.count;
        let dropped = !spots.is_empty() && spots.len() < self.paths.len();
        let part = match dropped {
            true => Part {
                here: spots.iter().map(|spot| spot.count).sum(),
                all,
            },
            false => Part { here: all, all },
        };
        let named = if self.symptom.principals.is_empty() {
            "without a user"
        } else {
            "with the user named"
        };
        let status = match self.sub_status {
            0 => "401.0".to_owned(),
            sub => format!("401.{sub}"),
        };
        let says = format!(
            "requests were refused with {status}, {named}, {}",
            part.times()
        );
        part.explained(finding.observed(says, &self.symptom.from), self.id)
    }

    /// Places of traces that a module of one of these names set the status in.
    pub(in crate::causes) fn set_by(&self, pick: impl Fn(&Denied<'_>) -> bool) -> Vec<Citation> {
        let by = self.traced.iter().filter(|denied| pick(denied));
        by.map(|denied| denied.from.clone()).collect()
    }
}

/// Users as text: the first two, and how many more.
pub(super) fn listed(users: &[&str]) -> String {
    match users {
        [] => "callers".to_owned(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}
