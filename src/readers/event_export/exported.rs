//! An event as an export shows it, and what becomes of all events of a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::dates::{Order, Shown};
use super::message::{self, Unread};
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::Reading;
use crate::readers::events::{
    self, Datum, Event, EventLog, Head, RawEvent, Spans, family, provider_named,
};

/// An event as an export shows it.
#[derive(Clone)]
pub(super) struct Exported {
    /// The line it begins on, counted from 1.
    pub(super) line: u32,
    pub(super) provider: String,
    pub(super) id: u32,
    pub(super) version: u8,
    /// Whether it says that what was audited failed.
    pub(super) failed: bool,
    /// Empty where the form does not name it.
    pub(super) channel: String,
    /// Empty where the form does not name it.
    pub(super) computer: String,
    pub(super) time: Shown,
    /// 0 where the form does not number it.
    pub(super) record_id: u64,
    pub(super) user_sid: Option<String>,
    pub(super) content: Content,
}

/// What an export holds of the values of an event.
#[derive(Clone)]
pub(super) enum Content {
    /// The values, and the binary part in hexadecimal.
    Values(Vec<Datum>, Option<String>),
    /// The message that the viewer made of them.
    Message(String),
    /// A message without its end.
    CutMessage,
}

/// What a walk through a file meets.
pub(super) enum Met {
    /// An event.
    Event(Exported),
    /// Something at a line that is no event, and why.
    Skipped(u32, &'static str),
}

/// An event with its values and where it stands.
pub(super) struct Readable {
    pub(super) raw: RawEvent,
    pub(super) line: u32,
}

/// What a file says about its own times.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    order: Order,
    local: bool,
    exact: bool,
    example: Option<(u32, Shown)>,
}

impl Clock {
    pub(super) fn see(&mut self, event: &Exported) {
        self.order.see(&event.time);
        if event.time.is_local() {
            self.local = true;
            self.example.get_or_insert((event.line, event.time));
        } else {
            self.exact = true;
        }
    }

    fn utc(&self, shown: &Shown) -> Option<jiff::Timestamp> {
        shown.as_utc(self.order.decide().0)
    }
}

/// Takes the events of a file, one after another.
pub(super) struct Collector {
    artifact: ArtifactId,
    clock: Clock,
    spans: Spans,
    events: Vec<Event>,
    /// What was left out: how often, and where first.
    left_out: BTreeMap<String, (u64, u32)>,
}

impl Exported {
    /// The event with its values, where they can be had, and with the names that its provider has in logs.
    fn readable(self, clock: &Clock) -> Result<(Head, Result<Readable, Unread>), &'static str> {
        let time = clock.utc(&self.time).ok_or("its time cannot be read")?;
        let provider: Arc<str> = provider_named(&self.provider, self.id).into();
        let channel: Arc<str> = match self.channel.as_str() {
            "" => events::usual_channel(&provider, self.id).into(),
            named => named.into(),
        };
        let head = Head {
            provider: provider.clone(),
            id: self.id,
            channel: channel.clone(),
            computer: self.computer.as_str().into(),
            record_id: self.record_id,
            time,
        };
        let values = match self.content {
            Content::Values(data, binary) => Ok((data, binary)),
            Content::Message(text) => {
                message::read(&provider, self.id, &text).map(|data| (data, None))
            }
            Content::CutMessage => Err(Unread::Language),
        };
        let readable = values.map(|(data, binary)| Readable {
            line: self.line,
            raw: RawEvent {
                provider,
                id: self.id,
                version: self.version,
                failed: self.failed,
                channel,
                computer: head.computer.clone(),
                time,
                record_id: self.record_id,
                user_sid: self.user_sid,
                data,
                binary,
            },
        });
        Ok((head, readable))
    }

    /// The event, where its values can be read.
    pub(super) fn raw(self, clock: &Clock) -> Option<Readable> {
        self.readable(clock).ok()?.1.ok()
    }
}

impl Collector {
    pub(super) fn new(artifact: ArtifactId, clock: Clock) -> Self {
        Self {
            artifact,
            clock,
            spans: Spans::default(),
            events: Vec::new(),
            left_out: BTreeMap::new(),
        }
    }

    pub(super) fn take(&mut self, met: Met) {
        match met {
            Met::Event(event) => self.event(event),
            Met::Skipped(line, why) => self.leave_out(line, format!("skipped because {why}")),
        }
    }

    fn event(&mut self, event: Exported) {
        let line = event.line;
        if self.clock.exact && event.time.is_local() {
            let why = "skipped because their times are local, and those of other events of the file exact";
            return self.leave_out(line, why.to_owned());
        }
        let (head, readable) = match event.readable(&self.clock) {
            Ok(read) => read,
            Err(why) => return self.leave_out(line, format!("skipped because {why}")),
        };
        if !self.spans.count(&head) {
            return;
        }
        match readable {
            Ok(Readable { raw, line }) => {
                self.events
                    .extend(events::understand_at(raw, self.artifact, Place::Line(line)));
            }
            Err(why) if events::is_wanted(&head.provider, head.id) => {
                self.leave_out(line, unread(why, &head));
            }
            Err(_) => {}
        }
    }

    fn leave_out(&mut self, line: u32, why: String) {
        // Reasons name an id at most; a hostile file cannot make many.
        let entry = self.left_out.entry(why).or_insert((0, line));
        entry.0 += 1;
    }

    pub(super) fn finish(self) -> Reading<EventLog> {
        let mut problems: Vec<Problem> = self
            .left_out
            .into_iter()
            .map(|(why, (count, line))| {
                let says = match count {
                    1 => format!("An event was {why}."),
                    _ => format!("{count} events were {why}; the first stands here."),
                };
                Problem::new(self.artifact, Place::Line(line), says)
            })
            .collect();
        let (day_first, known) = self.clock.order.decide();
        if let (false, Some((line, _))) = (known, self.clock.example) {
            let first = if day_first { "day" } else { "month" };
            let says = format!(
                "Nothing in the file tells whether its dates begin with the day or the month; the {first} was assumed. \
                 Export the log as .evtx or XML to be sure."
            );
            problems.push(Problem::remark(self.artifact, Place::Line(line), says));
        }
        problems.extend(self.spans.repetition(self.artifact, "events"));
        let spans = self.spans.finish();
        Reading {
            artifact: self.artifact,
            count: spans.iter().map(|span| span.records).sum(),
            records: EventLog {
                events: self.events,
                spans,
                local_clock: self.clock.local && !self.clock.exact,
            },
            problems,
        }
    }
}

/// Why the values of a wanted event were not read.
fn unread(why: Unread, head: &Head) -> String {
    let known = family(&head.provider, head.id).is_some_and(|f| message::is_known(f, head.id));
    let because = match why {
        Unread::Language if known => "its message is cut, or in a language that is not read",
        Unread::Ambiguous => "a label stands twice in its message",
        Unread::Language | Unread::NoLayout => "the message of this kind of event is not read",
    };
    format!(
        "counted, but its values were not read, because {because} ({} {}). Export the log as .evtx (wevtutil epl) or XML",
        head.provider, head.id
    )
}
