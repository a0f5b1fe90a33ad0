//! What several causes of this group ask: programs that leave the challenge of a site unanswered, policies of browsers on
//! the clients, and what happened at a name for one client.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{
    Browser, Case, Endpoint, HeldTicket, HostId, LoggedSite, LoggedSiteId, Meaning, Spn, SymptomId,
    SymptomKind,
};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Finding, Input, Scene, Status, Subject, View};
use crate::evidence::{Citation, Cited, Known};
use crate::negotiate::Outcome;
use crate::readers::registry::Setting;
use crate::remedy::Remedy;

/// Kinds of programs, as their user agent tells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Program {
    /// Edge, Chrome and their kin on Windows.
    Chromium,
    /// Firefox on Windows.
    Firefox,
    /// Internet Explorer.
    Explorer,
    /// A browser on another system.
    NotWindows,
    /// A program that uses WinHTTP and says so.
    WinHttp,
    /// A program of somebody's own: a library, a script, or nothing said at all.
    Library,
}

/// The kind of program behind a user agent.
pub(super) fn program(agent: Option<&str>) -> Program {
    let Some(agent) = agent else {
        return Program::Library;
    };
    let any = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    if agent.to_lowercase().contains("winhttp") {
        Program::WinHttp
    } else if !any(&["Mozilla/"]) || any(&["PowerShell", "bot", "Bot"]) {
        Program::Library
    } else if any(&["Macintosh", "iPhone", "iPad", "Android", "X11;", "Linux"]) {
        Program::NotWindows
    } else if any(&["Firefox/"]) {
        Program::Firefox
    } else if any(&["Chrome/", "Edg/"]) {
        Program::Chromium
    } else if any(&["Trident/", "MSIE"]) {
        Program::Explorer
    } else {
        Program::Library
    }
}

/// Requests of one kind of program at one site that were answered with the challenge, and that nobody followed up.
#[derive(Debug)]
pub(super) struct Unanswered {
    /// The site.
    pub(super) site: LoggedSiteId,
    /// The kind of program.
    pub(super) program: Program,
    /// A user agent, as the log has it.
    pub(super) agent: Option<String>,
    /// Addresses.
    pub(super) clients: BTreeSet<String>,
    /// Paths, the first few.
    pub(super) paths: BTreeSet<String>,
    /// The host name of the requests, where the log has it.
    pub(super) host_name: Option<String>,
    /// How many.
    pub(super) count: u64,
    /// Whether others sign in at the site.
    pub(super) others_sign_in: bool,
    /// Places.
    pub(super) from: Vec<Citation>,
}

/// Requests from which on they are no passing by.
const ENOUGH: u64 = 3;
/// Paths that are named.
const PATHS: usize = 8;

/// All of them, by site and kind of program. Sites that ask nobody for Windows authentication are left out.
pub(super) fn unanswered(scene: &Scene<'_>) -> Vec<Unanswered> {
    let mut found: BTreeMap<(LoggedSiteId, Program), Unanswered> = BTreeMap::new();
    for (at, site) in scene.case.logged_sites.iter().enumerate() {
        let id = LoggedSiteId(at);
        if !asks_for_windows(scene, site) {
            continue;
        }
        for (served, exchange, meaning) in site.read() {
            if meaning != Meaning::NoCredentials || exchange.caller.signed_in {
                continue;
            }
            let kind = program(exchange.caller.agent.as_deref());
            let entry = found.entry((id, kind)).or_insert_with(|| Unanswered {
                site: id,
                program: kind,
                agent: exchange.caller.agent.as_deref().map(str::to_owned),
                clients: BTreeSet::new(),
                paths: BTreeSet::new(),
                host_name: served.host.as_deref().map(str::to_owned),
                count: 0,
                others_sign_in: site.signed_in > 0,
                from: Vec::new(),
            });
            entry.count = entry.count.saturating_add(exchange.count);
            entry.clients.insert(exchange.caller.client.to_string());
            if entry.paths.len() < PATHS {
                entry.paths.insert(exchange.path.to_string());
            }
            entry.from.extend(exchange.from.first().cloned());
        }
    }
    found.into_values().filter(|u| u.count >= ENOUGH).collect()
}

fn endpoints<'a>(
    scene: &'a Scene<'_>,
    site: &'a LoggedSite,
) -> impl Iterator<Item = (&'a Endpoint, Outcome)> {
    let of_site =
        move |e: &Endpoint| Some(e.server) == site.server && Some(&e.site) == site.site.as_ref();
    let views = scene.views.iter().map(|v| (v.endpoint, v.path.outcome));
    views.filter(move |(endpoint, _)| of_site(endpoint))
}

/// Whether a site asks for Windows authentication in a way that a client can answer, as far as its configuration is here.
fn asks_for_windows(scene: &Scene<'_>, site: &LoggedSite) -> bool {
    let silent = |o| {
        matches!(
            o,
            Outcome::Denied | Outcome::NotWindowsAuth | Outcome::Unavailable
        )
    };
    let mut all = endpoints(scene, site).peekable();
    all.peek().is_none() || all.any(|(_, outcome)| !silent(outcome))
}

impl Unanswered {
    /// The subject of a finding about them.
    pub(super) fn subject(&self, scene: &Scene<'_>) -> Subject {
        let Some(site) = scene.case.logged_site(self.site) else {
            return Subject::default();
        };
        let named = endpoints(scene, site)
            .map(|(e, _)| e.name.clone())
            .find(|n| !n.is_empty());
        Subject {
            site: site.site.clone(),
            host_name: self.host_name.clone().or(named),
            host: site
                .host
                .map(|host| scene.case.hosts.get(host).name.clone()),
            ..Subject::default()
        }
    }

    /// What the log shows, as one sentence.
    pub(super) fn says(&self, scene: &Scene<'_>) -> String {
        let agent = match &self.agent {
            Some(agent) => format!("\"{}\"", agent.replace('+', " ")),
            None => "a program that does not name itself".to_owned(),
        };
        let who = match self.clients.len() {
            1 => "one client".to_owned(),
            n => format!("{n} clients"),
        };
        format!(
            "{} answered the challenge of {} with nothing, {} ({who})",
            agent,
            scene.case.logged_site_shown(self.site),
            times(self.count)
        )
    }

    /// A finding that rests on the log alone: it fits, and no more.
    pub(super) fn finding(
        &self,
        scene: &Scene<'_>,
        explanation: impl Into<String>,
        wanted: Input,
    ) -> Finding {
        let nobody = scene.symptoms(|kind| *kind == SymptomKind::NobodySignsIn(self.site));
        Finding::about(self.subject(scene), explanation)
            .supporting(self.says(scene), &few(self.from.clone(), 3))
            .explains(nobody.into_iter().map(|(id, _)| id))
            .lacks(wanted)
    }
}

/// What a cause says of sites whose challenge programs leave unanswered: `explain` tells what it makes of one, if anything. What
/// would decide is on the client, and always wanted.
pub(super) fn assess_unanswered(
    scene: &Scene<'_>,
    wanted: Input,
    remedy: fn() -> Remedy,
    explain: impl Fn(&Unanswered) -> Option<String>,
) -> Assessment {
    let mut out = Assessment::default();
    for unanswered in unanswered(scene) {
        if let Some(explanation) = explain(&unanswered) {
            let finding = unanswered.finding(scene, explanation, wanted.clone());
            out.find(finding.fix(remedy(), Vec::new()));
        }
    }
    out.lack(wanted);
    out
}

/// A policy of a browser on a machine of the bundle, with the machine where it is known.
pub(super) fn policies(case: &Case, name: &str) -> Vec<(Option<HostId>, Browser, Cited<Setting>)> {
    let machines = case
        .machines
        .iter()
        .map(|(host, machine)| (Some(*host), machine));
    let all = machines.chain([(None, &case.unplaced)]);
    let mut found = Vec::new();
    for (host, machine) in all {
        for browser in [Browser::Edge, Browser::Chrome] {
            if let Known::Present(set) = machine.browser_policy(browser, name) {
                found.push((host, browser, set));
            }
        }
    }
    found
}

/// How a browser is called.
pub(super) fn browser_name(browser: Browser) -> &'static str {
    match browser {
        Browser::Edge => "Edge",
        Browser::Chrome => "Chrome",
    }
}

/// The machine's name, or that it is not known.
pub(super) fn machine_name(case: &Case, host: Option<HostId>) -> String {
    host.map_or_else(
        || "a client".to_owned(),
        |host| case.hosts.get(host).name.clone(),
    )
}

/// NTLM used towards a web name for one of these reasons (`NtlmUsageId`), by SPN.
pub(super) fn ntlm_because<'a>(
    scene: &Scene<'a>,
    reason: u32,
) -> Vec<(Spn, SymptomId, &'a crate::case::Symptom)> {
    let all = scene
        .symptoms(|kind| matches!(kind, SymptomKind::NtlmForName(_, Some(id)) if *id == reason));
    all.into_iter()
        .filter_map(|(id, symptom)| Some((Spn::of_key(symptom.spn()?), id, symptom)))
        .collect()
}

/// A finding about a name that is none of the sites of the bundle is no more than possible: it may be another story.
pub(in crate::causes) fn of_this_case(scene: &Scene<'_>, spn: &Spn, finding: Finding) -> Finding {
    let known =
        scene.views.is_empty() || scene.views.iter().any(|v| v.endpoint.is_named(&spn.host()));
    if known {
        finding
    } else {
        finding.at_most(Status::Possible)
    }
}

/// The endpoints that a name leads to.
pub(super) fn views<'s, 'a>(scene: &'s Scene<'a>, spn: &Spn) -> Vec<&'s View<'a>> {
    scene
        .views
        .iter()
        .filter(|v| v.spn() == Some(spn))
        .collect()
}

/// The subject of a finding about a name.
pub(super) fn named(scene: &Scene<'_>, spn: &Spn) -> Subject {
    let view = scene.views.iter().find(|v| v.spn() == Some(spn));
    Subject {
        spn: Some(spn.to_string()),
        host_name: Some(spn.host()),
        ..view.map(|v| v.subject(scene.case)).unwrap_or_default()
    }
}

/// The machine whose tickets were shown: the one that the prompt names, else the one that the file is from.
pub(super) fn shown_on(case: &Case, ticket: &HeldTicket) -> Option<HostId> {
    let named = ticket.shown_on.as_deref();
    named
        .and_then(|name| case.hosts.find(name))
        .or_else(|| machine_of(case, &ticket.ticket.from))
}

/// The machine that the file of a citation is from, where that is more than presumed.
pub(super) fn machine_of(case: &Case, at: &Citation) -> Option<HostId> {
    let host = case.artifact_hosts.get(&at.artifact).copied();
    host.filter(|_| !case.presumed.contains(&at.artifact))
}
