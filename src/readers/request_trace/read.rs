//! Cuts a file into its traces, and a trace into its events.

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as Token};

use super::RequestTrace;
use super::event::{self, attribute};
use super::step::{Step, StepKind, shown_status};
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Cited, Place, Problem};
use crate::readers::event_xml::event_starts;
use crate::readers::offsets::LineNumbers;
use crate::readers::{Reading, url};

/// Characters kept of one value.
const VALUE_CHARS: usize = 256;
const ROOT: &str = "<failedRequest";

/// Reads the traces of a file. Never fails: a trace or an event that cannot be read is a problem, cited by the line it
/// begins on. `count` is the number of events read, of whatever kind.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<Vec<RequestTrace>> {
    let whole = text.lines.join("\n");
    let mut reading = Reading {
        artifact,
        records: Vec::new(),
        count: 0,
        problems: Vec::new(),
    };
    let mut line = LineNumbers::new(&whole);
    let traces: Vec<usize> = whole.match_indices(ROOT).map(|(at, _)| at).collect();
    let events = event_starts(&whole);
    let mut events = events.iter().copied().peekable();
    let ends = traces.iter().skip(1).copied().chain([whole.len()]);
    for (start, end) in traces.iter().copied().zip(ends) {
        while events.next_if(|event| *event < start).is_some() {}
        let first = events.peek().copied().unwrap_or(end).min(end);
        let at = line.of(start);
        let header = whole.get(start..first).unwrap_or_default();
        let mut trace = root(header).map(|tag| begin(artifact, at, &tag));
        if trace.is_none() {
            let says = "The trace was skipped because its first element is cut off or malformed.";
            reading
                .problems
                .push(Problem::new(artifact, Place::Line(at), says));
        }
        let mut number = 0u32;
        while let Some(event) = events.next_if(|event| *event < end) {
            let next = events.peek().copied().unwrap_or(end).min(end);
            number = number.saturating_add(1);
            let xml = whole.get(event..next).unwrap_or_default();
            take(&mut trace, xml, line.of(event), number, &mut reading);
        }
        if let Some(mut trace) = trace {
            let all = whole.get(start..end).unwrap_or_default();
            trace.complete = all.contains("</failedRequest>");
            if !trace.complete {
                let says = "The trace has no end: IIS cuts traces at maxLogFileSizeKB; raise it and trace again where what follows matters.";
                reading
                    .problems
                    .push(Problem::new(artifact, Place::Line(at), says));
            }
            trace.from.time = trace.started;
            reading.records.push(trace);
        }
    }
    if traces.is_empty() {
        let says = "The file holds no failed request.";
        reading
            .problems
            .push(Problem::new(artifact, Place::Whole, says));
    }
    reading
}

/// The start tag at the beginning of `xml`.
fn root(xml: &str) -> Option<BytesStart<'_>> {
    match Reader::from_str(xml).read_event() {
        Ok(Token::Start(tag) | Token::Empty(tag)) => Some(tag),
        _ => None,
    }
}

fn begin(artifact: ArtifactId, at: u32, tag: &BytesStart<'_>) -> RequestTrace {
    let value = |name: &str| {
        attribute(tag, name)
            .map(|text| line(&text))
            .filter(|text| !text.is_empty())
    };
    let number = |name: &str| value(name).and_then(|text| text.parse().ok());
    let url = url::bare(&attribute(tag, "url").unwrap_or_default());
    let verb = value("verb");
    let status = value("statusCode").and_then(|text| status(&text));
    let mut says = format!(
        "trace of {} {url}",
        verb.as_deref().unwrap_or("a request for")
    );
    if let Some(status) = status {
        says.push_str(", answered ");
        says.push_str(&shown_status(status));
    }
    RequestTrace {
        url,
        site_id: number("siteId"),
        pool: value("appPoolId"),
        process_id: number("processId"),
        verb,
        remote_user: value("remoteUserName"),
        user: value("userName"),
        token_user: value("tokenUserName"),
        authentication: value("authenticationType").filter(|text| text != "NOT_AVAILABLE"),
        failure_reason: value("failureReason"),
        status,
        trigger: value("triggerStatusCode").and_then(|text| self::status(&text)),
        time_taken: value("timeTaken").and_then(|text| text.parse().ok()),
        activity: value("activityId"),
        computer: None,
        started: None,
        complete: false,
        steps: Vec::new(),
        from: Citation::element(artifact, at, "failedRequest", &says),
    }
}

/// Reads one event into its trace.
fn take(
    trace: &mut Option<RequestTrace>,
    xml: &str,
    at: u32,
    number: u32,
    reading: &mut Reading<Vec<RequestTrace>>,
) {
    let event = match event::read(xml) {
        Ok(event) => event,
        Err(why) => {
            let says = format!("The event was skipped because {why}.");
            reading
                .problems
                .push(Problem::new(reading.artifact, Place::Line(at), says));
            return;
        }
    };
    reading.count = reading.count.saturating_add(1);
    let Some(trace) = trace else {
        return;
    };
    trace.started = trace.started.or(event.time);
    if trace.computer.is_none() {
        trace.computer = event
            .computer
            .as_deref()
            .map(line)
            .filter(|name| !name.is_empty());
    }
    if let Some(kind) = StepKind::of(&event) {
        let path: Arc<str> = format!("failedRequest/Event[{number}]").into();
        let from = Citation {
            artifact: reading.artifact,
            place: Place::Element { line: at, path },
            time: event.time,
            text: kind.to_string().into(),
        };
        trace.steps.push(Cited::new(
            Step {
                time: event.time,
                kind,
            },
            from,
        ));
    }
}

/// `401.2`, `500`.
fn status(text: &str) -> Option<(u16, Option<u16>)> {
    let (status, substatus) = text.split_once('.').unwrap_or((text, ""));
    Some((status.trim().parse().ok()?, substatus.trim().parse().ok()))
}

/// A value on one line.
pub(super) fn line(text: &str) -> String {
    let kept = text.trim().chars().take(VALUE_CHARS);
    kept.map(|c| if c.is_control() { ' ' } else { c }).collect()
}
