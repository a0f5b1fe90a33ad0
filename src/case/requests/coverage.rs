//! Which span of the logs of which site the bundle holds. Silence counts only where it does.

use jiff::{SignedDuration, Timestamp};

use super::Meaning;
use crate::case::Case;
use crate::case::host::HostId;
use crate::case::server::ServerId;
use crate::evidence::When;

/// What the bundle holds of the logs of one site, or of one http.sys.
#[derive(Clone, Debug)]
pub struct LogCoverage {
    /// The machine, where known.
    pub host: Option<HostId>,
    /// The log.
    pub source: String,
    /// First time, UTC, where known.
    pub first: Option<Timestamp>,
    /// Last time, UTC, where known.
    pub last: Option<Timestamp>,
    /// What is missing.
    pub gaps: Vec<String>,
    /// What is in it, or where it is.
    pub says: String,
}

/// A pause between two files from which on it is told: IIS begins a file a day where there are requests.
const PAUSE: SignedDuration = SignedDuration::from_hours(24);

impl Case {
    /// What the bundle holds of each site's logs; where it holds logs of a server at all, also which sites it lacks.
    pub fn log_coverage(&self) -> Vec<LogCoverage> {
        let mut all: Vec<LogCoverage> = (0..self.logged_sites.len())
            .filter_map(|at| self.of_site(at))
            .collect();
        all.extend(self.not_collected());
        all.extend(
            self.http_logs
                .iter()
                .map(|(host, artifact, lines, first, last)| {
                    let utc = |when: Option<When>| Some(self.clocks.utc(*host, when?)?.0);
                    LogCoverage {
                        host: *host,
                        source: "HTTPERR log".to_owned(),
                        first: utc(*first),
                        last: utc(*last),
                        gaps: self.cut(&[*artifact]),
                        says: format!(
                            "requests and connections that http.sys refused or dropped: {lines}"
                        ),
                    }
                }),
        );
        all
    }

    fn of_site(&self, at: usize) -> Option<LogCoverage> {
        let site = self.logged_sites.get(at)?;
        let source = match (&site.site, site.site_id) {
            (Some(name), Some(id)) => format!("IIS log of site {id} ({name})"),
            (Some(name), None) => format!("IIS log of site {name}"),
            (None, Some(id)) => format!("IIS log of site {id}"),
            (None, None) => format!("IIS log{}", site.in_folder()),
        };
        let mut spans: Vec<(Timestamp, Timestamp)> = site
            .logs
            .iter()
            .filter_map(|(_, first, last)| {
                let utc = |when: Option<When>| Some(self.clocks.utc(site.host, when?)?.0);
                Some((utc(*first)?, utc(*last)?))
            })
            .collect();
        spans.sort();
        let mut gaps = Vec::new();
        let mut end: Option<Timestamp> = None;
        for (first, last) in &spans {
            if let Some(before) = end.filter(|end| first.duration_since(*end) >= PAUSE) {
                gaps.push(format!(
                    "nothing between {} and {}: not collected, or nobody called",
                    to_the_second(before),
                    to_the_second(*first)
                ));
            }
            end = end.max(Some(*last));
        }
        let artifacts: Vec<_> = site.logs.iter().map(|(artifact, ..)| *artifact).collect();
        gaps.extend(self.cut(&artifacts));
        let refused = site.by_status.get(&401).copied().unwrap_or(0);
        let mut says = format!(
            "{} requests, {refused} answered with 401, {} as a named user",
            site.requests, site.signed_in
        );
        let count = |wanted: Meaning| -> u64 {
            let fitting = site.read().filter(|(_, _, meaning)| *meaning == wanted);
            fitting.map(|(_, exchange, _)| exchange.count).sum()
        };
        let (one, two) = (count(Meaning::OneLeg), count(Meaning::TwoLegs));
        if one + two > 0 {
            says += &format!(
                "; after the challenge {one} signed in in one leg, as with Kerberos or Basic, and {two} in two, as with NTLM"
            );
        }
        let login_pages: u64 = site.login_pages.values().map(|(count, _)| count).sum();
        if login_pages > 0 {
            says += &format!(
                "; {} requests came from a login page (ReturnUrl), as forms authentication makes them instead of 401",
                login_pages
            );
        }
        let shared = site.shared_addresses();
        if let Some(first) = shared.first() {
            says += &format!(
                "; several users call from {first}{}, as behind a proxy, so that their connections cannot be told apart for certain",
                if shared.len() > 1 {
                    " and other addresses"
                } else {
                    ""
                }
            );
        }
        let local = |(_, first, _): &(_, Option<When>, _)| matches!(first, Some(When::Local(_)));
        if site.logs.iter().any(local) {
            says += match spans.is_empty() {
                true => "; its times are local and of no known zone (say it with --tz)",
                false => "; its times are local",
            };
        }
        Some(LogCoverage {
            host: site.host,
            source,
            first: spans.first().map(|(first, _)| *first),
            last: end,
            gaps,
            says,
        })
    }

    /// Sites of a server some of whose logs are here, that have none here: their silence proves nothing.
    fn not_collected(&self) -> Vec<LogCoverage> {
        let mut missing = Vec::new();
        for (id, server) in (0u32..).map(ServerId).zip(&self.servers) {
            let here = || self.logged_sites.iter().filter(|s| s.server == Some(id));
            if here().next().is_none() {
                continue;
            }
            for site in &server.config.sites {
                if here().any(|s| s.site.as_deref() == Some(&site.name)) {
                    continue;
                }
                let number = site.id.map_or(String::new(), |id| format!("{id} "));
                missing.push(LogCoverage {
                    host: server.host,
                    source: format!("IIS log of site {number}({})", site.name),
                    first: None,
                    last: None,
                    gaps: Vec::new(),
                    says: if site.logs.value {
                        format!(
                            "not in the bundle: the site writes below {}; that it is silent here proves nothing",
                            site.log_directory.value
                        )
                    } else {
                        "the configuration turns its log off; that it is silent proves nothing".to_owned()
                    },
                });
            }
        }
        missing
    }

    fn cut(&self, artifacts: &[crate::evidence::ArtifactId]) -> Vec<String> {
        let of = |p: &&crate::evidence::Problem| p.lost && artifacts.contains(&p.artifact);
        match self.problems.iter().filter(of).count() {
            0 => Vec::new(),
            1 => vec!["one line, or more of one kind, could not be read".to_owned()],
            n => vec![format!("{n} places could not be read: see the artifacts")],
        }
    }
}

fn to_the_second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}
