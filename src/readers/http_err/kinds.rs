//! The kinds of refusals of one log, counted: a line of a kind that is known is counted without allocating anything.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::{Refusal, RefusalKind, utc};
use crate::evidence::{ArtifactId, Citation};
use crate::readers::call::{Call, keep};
use crate::readers::log_lines::{Told, kept, kept_path};

/// Kinds of refusals kept.
const KINDS: usize = 2000;
/// Clients kept of one kind.
const CLIENTS: usize = 32;
/// Lines cited of one kind.
const CITED: usize = 3;

/// A line, as far as it is read.
pub(super) struct Line<'l> {
    pub(super) number: u32,
    /// Seconds of the log's clock.
    pub(super) time: Option<i64>,
    pub(super) kind: Kind<'l>,
    pub(super) method: Option<&'l str>,
    pub(super) url: Option<&'l str>,
    pub(super) client: Option<&'l str>,
    pub(super) peer: Option<SocketAddr>,
}

/// A [`RefusalKind`] that may be borrowed from its line.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Kind<'l> {
    pub(super) status: Option<u16>,
    pub(super) reason: Cow<'l, str>,
    pub(super) site_id: Option<u32>,
    pub(super) queue: Option<Cow<'l, str>>,
    pub(super) port: Option<u16>,
}

/// All of them.
pub(super) struct Kinds {
    artifact: ArtifactId,
    numbers: HashMap<Kind<'static>, usize, RandomState>,
    list: Vec<Counted>,
    /// What a line says, under construction.
    text: String,
    /// Lines of kinds for which there was no room.
    pub(super) left_out: u64,
}

struct Counted {
    refusal: Refusal,
    /// The last line, and the last with a connection, once enough are cited.
    last: Option<Told>,
    last_call: Option<(SocketAddr, Told)>,
}

impl Kinds {
    pub(super) fn new(artifact: ArtifactId) -> Self {
        Self {
            artifact,
            numbers: HashMap::default(),
            list: Vec::new(),
            text: String::new(),
            left_out: 0,
        }
    }

    /// Counts a line.
    pub(super) fn count(&mut self, line: &Line<'_>) {
        let number = match self.numbers.get(&line.kind) {
            Some(number) => *number,
            None if self.list.len() >= KINDS => {
                self.left_out += 1;
                return;
            }
            None => {
                self.numbers.insert(line.kind.kept(), self.list.len());
                self.list.push(Counted::of(&line.kind));
                self.list.len() - 1
            }
        };
        line.tell(&mut self.text);
        if let Some(counted) = self.list.get_mut(number) {
            counted.count(line, self.artifact, &self.text);
        }
    }

    /// The kinds in their order.
    pub(super) fn finish(self) -> Vec<Refusal> {
        let artifact = self.artifact;
        let list = self.list.into_iter();
        let mut refusals: Vec<Refusal> = list.map(|counted| counted.finish(artifact)).collect();
        refusals.sort_by(|a, b| a.kind.cmp(&b.kind));
        refusals
    }
}

impl Kind<'_> {
    fn kept(&self) -> Kind<'static> {
        let own = |text: &Cow<'_, str>| Cow::Owned(text.to_string());
        Kind {
            status: self.status,
            reason: own(&self.reason),
            site_id: self.site_id,
            queue: self.queue.as_ref().map(own),
            port: self.port,
        }
    }
}

impl Line<'_> {
    /// Writes what it says. URLs are not kept beyond their path.
    fn tell(&self, text: &mut String) {
        text.clear();
        if let Some(status) = self.kind.status {
            text.push_str(itoa::Buffer::new().format(status));
            text.push(' ');
        }
        text.push_str(&self.kind.reason);
        let mut add = |before: &str, value: &str| {
            text.push_str(before);
            text.push_str(value);
        };
        if let (Some(method), Some(url)) = (self.method, self.url) {
            add(" for ", &kept(method));
            let path = url.split(['?', '#']).next();
            add(" ", &kept_path(path.unwrap_or_default()));
        }
        if let Some(client) = self.client {
            add(" from ", &kept(client));
        }
        if let Some(queue) = &self.kind.queue {
            add(", queue ", &kept(queue));
        }
    }
}

impl Counted {
    fn of(kind: &Kind<'_>) -> Self {
        Self {
            refusal: Refusal {
                kind: RefusalKind {
                    status: kind.status,
                    reason: Arc::from(&*kind.reason),
                    site_id: kind.site_id,
                    queue: kind.queue.as_deref().map(Arc::from),
                    port: kind.port,
                },
                count: 0,
                first: None,
                last: None,
                clients: BTreeSet::new(),
                from: Vec::new(),
                calls: Vec::new(),
            },
            last: None,
            last_call: None,
        }
    }

    fn count(&mut self, line: &Line<'_>, artifact: ArtifactId, text: &str) {
        let refusal = &mut self.refusal;
        let time = line.time.and_then(utc);
        refusal.count += 1;
        refusal.first = match (refusal.first, time) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        refusal.last = refusal.last.max(time);
        if let Some(client) = line.client
            && refusal.clients.len() < CLIENTS
        {
            let client = kept(client);
            if !refusal.clients.contains(&*client) {
                refusal.clients.insert(Arc::from(&*client));
            }
        }
        let cite = || {
            let mut told = Told::default();
            told.set(line.number, line.time, text);
            told.cited(artifact)
        };
        if let Some(peer) = line.peer {
            if refusal.calls.len() < CITED {
                refusal.calls.push(call(peer, cite()));
            } else {
                let (at, last) = self
                    .last_call
                    .get_or_insert_with(|| (peer, Told::default()));
                *at = peer;
                last.set(line.number, line.time, text);
            }
        }
        if refusal.from.len() < CITED {
            refusal.from.push(cite());
        } else {
            let last = self.last.get_or_insert_default();
            last.set(line.number, line.time, text);
        }
    }

    fn finish(mut self, artifact: ArtifactId) -> Refusal {
        if let Some((peer, last)) = self.last_call {
            let call = call(peer, last.cited(artifact));
            keep(&mut self.refusal.calls, CITED, call);
        }
        if let Some(last) = self.last {
            keep(&mut self.refusal.from, CITED, last.cited(artifact));
        }
        self.refusal
    }
}

fn call(peer: SocketAddr, from: Citation) -> Call {
    Call {
        peer,
        took: None,
        user: None,
        from,
    }
}
