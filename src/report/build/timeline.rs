//! Changes, failures and what clients presented, on one clock. Times of event logs are UTC and exact; those of exports as
//! text are as sure as the zone.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::case::{Case, SeenChange, Symptom, SymptomId, Touched, common_name, split_name};
use crate::evidence::{Certainty, Citation};
use crate::readers::Generation;
use crate::report::model;

use super::book::Book;
use super::{rates, symptoms};

/// Entries by time: each change, when each symptom began and when it was seen last, and what was presented.
pub(super) fn build(case: &Case, book: &mut Book<'_>) -> Vec<model::TimelineEntry> {
    let mut entries = changes(case, book);
    for (number, symptom) in case.numbered_symptoms() {
        failures(case, number, symptom, book, &mut entries);
    }
    entries.extend(requests(case, book));
    entries.sort_by(|a, b| (a.time, &a.says).cmp(&(b.time, &b.says)));
    entries.extend(without_a_time(case, book));
    entries
}

/// Changes of what the symptoms and the sites have to do with, and the starts of machines and worker processes.
fn changes(case: &Case, book: &mut Book<'_>) -> Vec<model::TimelineEntry> {
    let concerned = concerned(case);
    let shown = |change: &SeenChange<'_>| match &change.touches {
        Touched::Account(name) => concerned.contains(name),
        _ => change.event.is_some() || is_near(case, (change.time, change.until)),
    };
    case.changes()
        .filter(shown)
        .map(|change| model::TimelineEntry {
            time: Some(model::Time(change.time)),
            time_certainty: match change.event {
                Some(event) => certainty(event.certainty),
                None => model::TimeCertainty::Day,
            },
            kind: match change.touches {
                Touched::Start | Touched::Recycle(_) => model::TimelineKind::Info,
                _ => model::TimelineKind::Change,
            },
            says: match change.host {
                Some(host) => format!("{}: {}", case.hosts.get(host).name, change.says),
                None => change.says.to_owned(),
            },
            evidence: book.cite_all(change.from),
        })
        .collect()
}

/// Whether days lie near the events: machines list the updates of years.
fn is_near(case: &Case, (from, until): (Timestamp, Timestamp)) -> bool {
    case.span().is_some_and(|(first, last)| {
        from <= last && first.duration_since(until) <= SignedDuration::from_hours(7 * 24)
    })
}

/// When a symptom began, rose and ended, as far as its sources show it.
fn failures(
    case: &Case,
    number: SymptomId,
    symptom: &Symptom,
    book: &mut Book<'_>,
    entries: &mut Vec<model::TimelineEntry>,
) {
    let (Some(first), Some(last)) = (symptom.first, symptom.last) else {
        return;
    };
    let what = symptoms::what(case, symptom);
    let id = symptoms::id(number);
    let over = case.end_after(symptom).map_or_else(String::new, |end| {
        let length = rates::long(end.duration_since(last));
        format!("; none in the {length} that its sources go on")
    });
    let mut told = Vec::new();
    if symptom.count == 1 {
        told.push((first, format!("{id}, the only one: {what}{over}")));
    } else {
        told.push((first, format!("{id}, first of {}: {what}", symptom.count)));
        let rise = symptom.turn.filter(|turn| turn.at > first);
        told.extend(rise.map(|turn| {
            let rates = rates::rates(&turn);
            (turn.at, format!("{id} rises, {rates}: {what}"))
        }));
        let says = format!("{id}, last of {}: {what}{over}", symptom.count);
        told.push((last, says));
    }
    entries.extend(told.into_iter().map(|(time, says)| {
        // A citation has no time where the zone is not known.
        let shows = match symptom.certainty {
            Certainty::Unknown if time == first => symptom.from.first(),
            Certainty::Unknown if time == last => symptom.from.last(),
            _ => symptom.from.iter().find(|c| c.time == Some(time)),
        };
        model::TimelineEntry {
            time: Some(model::Time(time)),
            time_certainty: certainty(symptom.certainty),
            kind: model::TimelineKind::Failure,
            says,
            evidence: book.cite_all(shows),
        }
    }));
}

/// What has no time, in the order that is known: first updates whose day may be either of two.
fn without_a_time(case: &Case, book: &mut Book<'_>) -> Vec<model::TimelineEntry> {
    let unknown = |says, evidence| model::TimelineEntry {
        time: None,
        time_certainty: model::TimeCertainty::Unknown,
        kind: model::TimelineKind::Change,
        says,
        evidence,
    };
    let named = |generation: &Generation| match generation {
        Generation::Kept(number) => format!("generation {number}"),
        Generation::Live => "the live file".to_owned(),
    };
    let undecided = case.listed_updates.iter();
    let undecided = undecided.filter(|u| u.within.is_none() && is_near(case, u.between));
    let mut entries: Vec<model::TimelineEntry> = undecided
        .map(|updates| {
            let name = &case.hosts.get(updates.host).name;
            unknown(
                format!("{name}: {}", updates.says),
                book.cite_all(&updates.from),
            )
        })
        .collect();
    entries.extend(case.config_changes.iter().map(|one| {
        let says = format!(
            "configuration history, between {} and {}: {}",
            named(&one.older),
            named(&one.newer),
            one.change.says()
        );
        unknown(says, book.cite_all(one.change.from.iter()))
    }));
    entries
}

/// What clients presented and how a trace or a recording shows that it ended, each thing once.
fn requests(case: &Case, book: &mut Book<'_>) -> Vec<model::TimelineEntry> {
    let traced = case.traces.iter().filter_map(|trace| {
        let shown = [
            trace.token().map(|(_, from)| from),
            trace.authenticated().map(|(_, _, from)| from),
            trace.refused().map(|(_, from)| from),
        ];
        let steps: Vec<&Citation> = shown.into_iter().flatten().collect();
        let says: Vec<&str> = steps.iter().map(|from| &*from.text).collect();
        let says = format!("{}: {}", trace.from.text, says.join("; "));
        let time = trace.started.map(|time| (time, Certainty::Exact));
        (!steps.is_empty()).then_some((time, says, steps))
    });
    let recorded = case.exchanges.iter().filter_map(|exchange| {
        let (_, from) = exchange.token()?;
        let recorder = case.artifact_hosts.get(&from.artifact).copied();
        let time = exchange
            .when
            .and_then(|when| case.clocks.utc(recorder, when));
        Some((time, exchange.from.text.to_string(), vec![from]))
    });
    let mut seen = BTreeSet::new();
    traced
        .chain(recorded)
        .filter(|(_, says, _)| seen.insert(says.clone()))
        .map(|(time, says, from)| model::TimelineEntry {
            time: time.map(|(time, _)| model::Time(time)),
            time_certainty: certainty(time.map_or(Certainty::Unknown, |(_, sure)| sure)),
            kind: model::TimelineKind::Info,
            says,
            evidence: book.cite_all(from),
        })
        .collect()
}

fn certainty(certainty: Certainty) -> model::TimeCertainty {
    match certainty {
        Certainty::Exact => model::TimeCertainty::Exact,
        Certainty::ZoneAssumed => model::TimeCertainty::ZoneAssumed,
        Certainty::Unknown => model::TimeCertainty::Unknown,
    }
}

/// How sure times are, where they are not exact.
pub(super) fn unless_exact(sure: Certainty) -> Option<model::TimeCertainty> {
    (sure != Certainty::Exact).then(|| certainty(sure))
}

/// Account names, lower case and without a trailing `$`, that the sites or the symptoms have to do with: changes of other
/// accounts are no part of the story.
fn concerned(case: &Case) -> BTreeSet<String> {
    let plain = |name: &str| split_name(name).1.trim_end_matches('$').to_owned();
    let identities = case
        .situation
        .endpoints
        .iter()
        .filter_map(|e| e.pool.as_ref()?.identity.account());
    let holders = case
        .situation
        .directory
        .registrations
        .iter()
        .filter(|r| r.spn.has_class("HTTP"))
        .map(|r| r.holder);
    let mut names: BTreeSet<String> = identities
        .chain(holders)
        .map(|id| case.accounts.get(id))
        .filter_map(|a| a.sam.clone().or_else(|| common_name(a.dn.as_deref()?)))
        .map(|name| plain(&name))
        .collect();
    names.extend(case.hosts.iter().map(|(_, h)| h.name.to_lowercase()));
    names.extend(
        case.symptoms
            .iter()
            .flat_map(|s| &s.principals)
            .map(|p| plain(p)),
    );
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{TimeCertainty, TimelineKind};
    use crate::testkit::{Happening, Kit, security, system};

    const DC: &str = "DC1.corp.example";

    fn told(kit: Kit) -> Vec<model::TimelineEntry> {
        let case = kit.case();
        build(&case, &mut Book::new(&[]))
    }

    /// The updates of the controller, as `Get-HotFix` shows them; its log is of the second of March 2026.
    fn listed(days: &[&str]) -> Kit {
        let mut table = "[DC1]: PS C:\\> Get-HotFix\n\nSource        Description      HotFixID      InstalledBy          InstalledOn\n------        -----------      --------      -----------          -----------\n".to_owned();
        for (number, day) in days.iter().enumerate() {
            table += &format!(
                "DC1           Update           KB501997{number}     NT AUTHORITY\\SYSTEM  {day}\n"
            );
        }
        let uptime = ["", "", "", "", "60", "0 UTC"].map(|value| ("", value));
        Kit::new()
            .console("hotfix.txt", &table)
            .event(DC, system("EventLog", 6013, &uptime))
    }

    #[test]
    fn updates_of_a_list_stand_on_their_day() {
        let entries = told(listed(&["2/14/2026", "3/1/2026", "3/1/2026"]));
        let [entry] = entries.as_slice() else {
            panic!("{entries:?}");
        };
        let day = "2026-03-01T00:00:00Z".parse().ok().map(model::Time);
        assert_eq!(
            (entry.time, entry.time_certainty, entry.kind),
            (day, TimeCertainty::Day, TimelineKind::Change)
        );
        let says = "DC1: KB5019971, KB5019972 installed on 2026-03-01, by the list of updates";
        assert_eq!(entry.says, says);
        assert_eq!(entry.evidence.len(), 2);
    }

    #[test]
    fn a_day_that_may_be_either_has_no_time() {
        let entries = told(listed(&["3/2/2026"]));
        let [entry] = entries.as_slice() else {
            panic!("{entries:?}");
        };
        assert_eq!(
            (entry.time, entry.time_certainty),
            (None, TimeCertainty::Unknown)
        );
        assert!(
            entry.says.contains("on 2026-02-03 or on 2026-03-02"),
            "{}",
            entry.says
        );
    }

    #[test]
    fn each_kind_of_change_stands_at_its_time() {
        let set = Happening {
            channel: "Microsoft-IIS-Configuration/Operational",
            provider: "Microsoft-IIS-Configuration",
            id: 29,
            values: vec![("Configuration", "/system.webServer/x/@y".into())],
        };
        let promoted = [("TargetUserName", "DC2$"), ("PrimaryGroupId", "516")];
        let name = [
            ("ObjectDN", "CN=svc,DC=corp,DC=example"),
            ("AttributeLDAPDisplayName", "servicePrincipalName"),
            ("AttributeValue", "HTTP/a"),
            ("OperationType", "%%14674"),
        ];
        let entries = told(
            Kit::new()
                .event(DC, security(4742, &promoted))
                .event(DC, security(5136, &name))
                .event(DC, security(4716, &[("DomainName", "b.example")]))
                .event("WEB01.corp.example", set)
                .event(
                    "WEB01.corp.example",
                    system("Microsoft-Windows-WAS", 5079, &[("AppPoolID", "P")]),
                ),
        );
        let kinds: Vec<_> = entries
            .iter()
            .map(|entry| (entry.kind, entry.time_certainty, entry.time.is_some()))
            .collect();
        let change = (TimelineKind::Change, TimeCertainty::Exact, true);
        let info = (TimelineKind::Info, TimeCertainty::Exact, true);
        assert_eq!(kinds, [change, change, change, change, info]);
    }
}
