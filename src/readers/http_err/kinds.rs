//! The kinds of refusals, counted: those seen of a stretch of lines, and those of the log.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::header::{Header, values};
use super::line::{Kind, Line};
use super::seen::{Place, Span};
use super::{Refusal, RefusalKind};
use crate::evidence::ArtifactId;
use crate::readers::call::{Call, keep};
use crate::readers::log_lines::{Blanks, Told, kept};

/// Kinds of refusals kept.
const KINDS: usize = 2000;
/// Clients kept of one kind.
const CLIENTS: usize = 32;
/// Lines cited of one kind.
const CITED: usize = 3;

/// Kinds in the order in which they came first, with lines that are cited as `T`.
pub(super) struct Counts<T> {
    numbers: HashMap<Kind<'static>, usize, RandomState>,
    list: Vec<(Kind<'static>, Counted<T>)>,
}

/// Those of a stretch of lines, of which it is known where they stand.
pub(super) type SeenKinds = Counts<Place>;

/// Those of a log.
#[derive(Default)]
pub(super) struct Kinds {
    counts: Counts<Told>,
    /// Lines of kinds for which there was no room.
    pub(super) left_out: u64,
}

/// What is counted of one kind.
#[derive(Default)]
pub(super) struct Counted<T> {
    count: u64,
    span: Span,
    clients: Clients,
    from: Few<T>,
    calls: Few<(Option<SocketAddr>, T)>,
}

impl<T> Default for Counts<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::default(),
            list: Vec::new(),
        }
    }
}

impl<T: Default> Counts<T> {
    /// What is counted of a kind; `None` where there is no room for another.
    pub(super) fn counted(&mut self, kind: &Kind<'_>) -> Option<&mut Counted<T>> {
        let number = match self.numbers.get(kind) {
            Some(number) => *number,
            None if self.list.len() >= KINDS => return None,
            None => {
                let number = self.list.len();
                self.numbers.insert(kind.kept(), number);
                self.list.push((kind.kept(), Counted::default()));
                number
            }
        };
        self.list.get_mut(number).map(|(_, counted)| counted)
    }

    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.list.clear();
    }
}

impl Counted<Place> {
    pub(super) fn count(&mut self, line: &Line<'_>, place: Place) {
        self.count += 1;
        self.span.extend(&Span::of(place.time));
        if let Some(client) = line.client
            && !self.clients.are_full()
        {
            self.clients.take(&kept(client));
        }
        if let Some(peer) = line.peer() {
            *self.calls.next() = (Some(peer), place);
        }
        *self.from.next() = place;
    }
}

impl Kinds {
    /// Takes those of a stretch of lines, the first of which has this number.
    pub(super) fn take(&mut self, seen: &mut SeenKinds, text: &[u8], number: u32, header: &Header) {
        let (mut blanks, mut says) = (Blanks::default(), String::new());
        let mut tell = |told: &mut Told, place: Place| {
            says.clear();
            let line = text.get(place.begin as usize..place.end as usize);
            let line = line.and_then(|line| std::str::from_utf8(line).ok());
            if let Some((values, queue)) = line.and_then(|line| values(header, &mut blanks, line))
                && let Some(line) = Line::of(header, &values, queue.as_deref())
            {
                line.tell(&mut says);
            }
            told.set(number.saturating_add(place.number), place.time, &says);
        };
        seen.numbers.clear();
        for (kind, seen) in seen.list.drain(..) {
            match self.counts.counted(&kind) {
                Some(counted) => counted.take(seen, &mut tell),
                None => self.left_out += seen.count,
            }
        }
    }

    /// The kinds in their order.
    pub(super) fn finish(self, artifact: ArtifactId) -> Vec<Refusal> {
        let list = self.counts.list.into_iter();
        let mut refusals: Vec<Refusal> = list
            .map(|(kind, counted)| counted.finish(&kind, artifact))
            .collect();
        refusals.sort_by(|a, b| a.kind.cmp(&b.kind));
        refusals
    }
}

impl Counted<Told> {
    /// Takes what was counted of lines that come later.
    fn take(&mut self, seen: Counted<Place>, tell: &mut impl FnMut(&mut Told, Place)) {
        self.count += seen.count;
        self.span.extend(&seen.span);
        for client in seen.clients.iter() {
            self.clients.take(client);
        }
        self.from.take(seen.from, &mut *tell);
        self.calls.take(seen.calls, |(peer, told), (at, place)| {
            *peer = at;
            tell(told, place);
        });
    }

    fn finish(self, kind: &Kind<'_>, artifact: ArtifactId) -> Refusal {
        let cite = |told: Told| told.cited(artifact);
        let call = |(peer, told): (Option<SocketAddr>, Told)| {
            Some(Call {
                peer: peer?,
                took: None,
                user: None,
                from: cite(told),
            })
        };
        Refusal {
            kind: RefusalKind {
                status: kind.status,
                reason: Arc::from(&*kind.reason),
                site_id: kind.site_id,
                queue: kind.queue.as_deref().map(Arc::from),
                port: kind.port,
            },
            count: self.count,
            first: self.span.first(),
            last: self.span.last(),
            clients: self.clients.iter().map(Arc::from).collect(),
            from: self.from.finish().into_iter().map(cite).collect(),
            calls: self.calls.finish().into_iter().filter_map(call).collect(),
        }
    }
}

/// The first few clients, in the order in which they came first.
#[derive(Default)]
struct Clients {
    text: String,
    ends: Vec<usize>,
}

impl Clients {
    fn are_full(&self) -> bool {
        self.ends.len() >= CLIENTS
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let begins = std::iter::once(&0).chain(&self.ends);
        let client = |(begin, end): (&usize, &usize)| self.text.get(*begin..*end);
        begins.zip(&self.ends).filter_map(client)
    }

    fn take(&mut self, client: &str) {
        // Addresses differ at their ends.
        let is = |known: &str| known.bytes().rev().eq(client.bytes().rev());
        if !self.are_full() && !self.iter().any(is) {
            self.text.push_str(client);
            self.ends.push(self.text.len());
        }
    }
}

/// The first few of many, and the last.
#[derive(Default)]
struct Few<T> {
    first: Vec<T>,
    last: Option<T>,
}

impl<T: Default> Few<T> {
    /// The room of the next.
    fn next(&mut self) -> &mut T {
        if self.first.len() < CITED {
            self.first.push(T::default());
            // There is one now.
            if let Some(next) = self.first.last_mut() {
                return next;
            }
        }
        self.last.get_or_insert_default()
    }

    /// Takes those that come later: `set` makes one of them into what is kept.
    fn take<U>(&mut self, later: Few<U>, mut set: impl FnMut(&mut T, U)) {
        let room = CITED.saturating_sub(self.first.len());
        let mut later = later.first.into_iter().chain(later.last);
        for one in later.by_ref().take(room) {
            set(self.next(), one);
        }
        if let Some(last) = later.last() {
            set(self.next(), last);
        }
    }

    /// The first and the last, as many as are cited.
    fn finish(self) -> Vec<T> {
        let mut list = self.first;
        if let Some(last) = self.last {
            keep(&mut list, CITED, last);
        }
        list
    }
}
