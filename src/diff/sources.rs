//! What shows failures over time: the channels of machines, the logs of sites and of http.sys, each with the span that a
//! bundle covers of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::case::{Auditing, Case, HostId, LoggedSite, Symptom, SymptomKind};
use crate::evidence::{ArtifactId, Citation, When};
use crate::report::model::Rate;

/// A source: its machine and its name.
pub(super) type Source = (String, String);

/// The events of the Security log that show that it is audited.
const AUDITED: &[u32] = &[4624, 4625, 4768, 4769, 4771, 4776];
/// A span that is shorter says nothing of how often something happens.
pub(super) const SHORTEST: SignedDuration = SignedDuration::from_mins(10);

/// The sources of one bundle with their spans.
#[derive(Default)]
pub(super) struct Sources {
    spans: BTreeMap<Source, (Timestamp, Timestamp)>,
}

impl Sources {
    /// The sources of a case, from a moment on where one is given. A Security log that is not audited is none.
    pub(super) fn of(case: &Case, since: Option<Timestamp>) -> Self {
        let mut sources = Self::default();
        for covered in &case.coverage {
            let is_security = covered.channel.eq_ignore_ascii_case("Security");
            if !is_security || covered.auditing(AUDITED) == Auditing::Seen {
                let source = (
                    machine(case, Some(covered.host)),
                    covered.channel.to_string(),
                );
                sources.add(source, covered.first, covered.last, since);
            }
        }
        for site in &case.logged_sites {
            let logs = site.logs.iter();
            let spans = logs.filter_map(|(_, first, last)| utc(case, site.host, *first, *last));
            for (first, last) in spans {
                sources.add(of_site(case, site), first, last, since);
            }
        }
        for (host, _, _, first, last) in &case.http_logs {
            if let Some((first, last)) = utc(case, *host, *first, *last) {
                sources.add(of_http_sys(case, *host), first, last, since);
            }
        }
        sources
    }

    fn add(&mut self, source: Source, first: Timestamp, last: Timestamp, since: Option<Timestamp>) {
        let first = since.map_or(first, |since| first.max(since));
        if last < first {
            return;
        }
        let span = self.spans.entry(source).or_insert((first, last));
        *span = (span.0.min(first), span.1.max(last));
    }

    /// The longest span of some sources; `None` where none is covered.
    pub(super) fn span<'s>(
        &self,
        of: impl IntoIterator<Item = &'s Source>,
    ) -> Option<(Timestamp, Timestamp)> {
        let spans = of.into_iter().filter_map(|source| self.spans.get(source));
        spans
            .copied()
            .max_by_key(|(first, last)| last.duration_since(*first))
    }

    /// How long the best of some sources is covered; `None` where none is.
    pub(super) fn longest<'s>(
        &self,
        of: impl IntoIterator<Item = &'s Source>,
    ) -> Option<SignedDuration> {
        self.span(of)
            .map(|(first, last)| last.duration_since(first))
    }

    /// Whether a source is covered at all.
    pub(super) fn has(&self, source: &Source) -> bool {
        self.spans.contains_key(source)
    }
}

/// How often something happened over a span.
pub(super) fn rate(count: u64, span: Option<SignedDuration>) -> Rate {
    let long = span.filter(|span| *span >= SHORTEST);
    Rate {
        count,
        hours: span.map(|span| round(span.as_secs_f64() / 3600.0)),
        per_hour: long.map(|span| round(count as f64 * 3600.0 / span.as_secs_f64())),
    }
}

/// To the hundredth: more would be noise.
pub(super) fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn utc(
    case: &Case,
    host: Option<HostId>,
    first: Option<When>,
    last: Option<When>,
) -> Option<(Timestamp, Timestamp)> {
    Some((
        case.clocks.utc(host, first?)?.0,
        case.clocks.utc(host, last?)?.0,
    ))
}

fn machine(case: &Case, host: Option<HostId>) -> String {
    host.map_or_else(String::new, |host| case.hosts.get(host).name.clone())
}

/// The log of a site.
pub(super) fn of_site(case: &Case, site: &LoggedSite) -> Source {
    let name = match (&site.site, site.site_id) {
        (Some(name), _) => format!("IIS log of site {name}"),
        (None, Some(id)) => format!("IIS log of site {id}"),
        (None, None) => format!("IIS log in {}", site.folder),
    };
    (machine(case, site.host), name)
}

fn of_http_sys(case: &Case, host: Option<HostId>) -> Source {
    (machine(case, host), "HTTPERR log".to_owned())
}

/// The sources that show each symptom of a case, in the order of the symptoms.
pub(super) fn of_symptoms(case: &Case) -> Vec<BTreeSet<Source>> {
    let cited: BTreeSet<(ArtifactId, &Citation)> = case
        .symptoms
        .iter()
        .flat_map(|symptom| symptom.from.iter().map(|at| (at.artifact, at)))
        .collect();
    let events: BTreeMap<&Citation, Source> = case
        .events
        .iter()
        .filter(|event| cited.contains(&(event.citation.artifact, &event.citation)))
        .map(|event| {
            let host = machine(case, case.hosts.find(&event.computer));
            (&event.citation, (host, event.channel.to_string()))
        })
        .collect();
    let of = |symptom: &Symptom| -> BTreeSet<Source> {
        if let Some(site) = symptom.logged_site().and_then(|id| case.logged_site(id)) {
            return [of_site(case, site)].into();
        }
        match &symptom.kind {
            SymptomKind::HeaderTooLong(host, _) | SymptomKind::PoolRefuses(host, ..) => {
                [of_http_sys(case, *host)].into()
            }
            _ => {
                let places = symptom.from.iter();
                places.filter_map(|at| events.get(at).cloned()).collect()
            }
        }
    };
    case.symptoms.iter().map(of).collect()
}
