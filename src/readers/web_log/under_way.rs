//! Exchanges under way: which leg belongs to which.
//!
//! A log does not name connections, so an exchange is told by its URL: a browser answers the challenge by asking for the
//! same URL again. Where several are under way for one URL and stand at different legs, what follows is marked crossed.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::last_line::LastLine;
use super::line::Line;
use super::records::Ended;
use super::step::Step;
use super::table::{Done, Legs};
use super::watch::{self, Slot, Watch};

/// A leg begins at most this many milliseconds after the one before was written; a second of them is the log's own rounding.
const WINDOW: i64 = 3000;
/// Exchanges under way for one URL of one caller.
const EACH: usize = 16;
/// Exchanges under way in all.
const ALL: usize = 20_000;
/// Legs kept of one exchange.
const LEGS: usize = 6;

/// An exchange under way.
#[derive(Debug)]
struct Open {
    legs: Legs,
    /// When the last leg was written.
    written: Option<i64>,
    /// `cs-bytes` of the first.
    sent: Option<i64>,
    last: Box<LastLine>,
}

/// Exchanges under way, by the number of their caller and URL.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    open: HashMap<u64, Vec<Open>, RandomState>,
    count: usize,
    clients: Watch,
    paths: Watch,
    /// Lines and lists that are not needed any more.
    #[expect(clippy::vec_box, reason = "they go from hand to hand, and are large")]
    spare: Vec<Box<LastLine>>,
    spare_lists: Vec<Vec<Open>>,
}

impl UnderWay {
    /// Room for a line.
    pub(super) fn room(&mut self) -> Box<LastLine> {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes back the room of a line that is not needed any more.
    pub(super) fn reuse(&mut self, last: Box<LastLine>) {
        self.spare.push(last);
    }

    /// Takes a 401; out come the exchanges that end with it or before it.
    pub(super) fn refuse(
        &mut self,
        url: u64,
        line: &Line<'_>,
        fill: impl FnOnce(&mut LastLine),
        done: &mut Vec<Done>,
    ) {
        let list = self
            .open
            .entry(url)
            .or_insert_with(|| self.spare_lists.pop().unwrap_or_default());
        let before = list.len();
        end_late(list, line, done);
        let step = step(line);
        let wanted = |open: &Open| match step {
            Step::Challenge => false,
            Step::Token => open.legs.last().is_some_and(|l| l.is_challenge()),
            Step::Refusal => true,
        };
        let crossed = is_crossed(list);
        let found = furthest(list, wanted);
        let (mut legs, sent, mut last) = match found {
            Some(at) => {
                let open = list.remove(at);
                (open.legs, open.sent, open.last)
            }
            None => (Legs::new(), line.sent, self.spare.pop().unwrap_or_default()),
        };
        fill(&mut last);
        if legs.len() < LEGS {
            legs.push(line.leg());
        }
        let open = Open {
            legs,
            written: line.time,
            sent,
            last,
        };
        if step == Step::Refusal {
            done.push(Done {
                legs: open.legs,
                ended: Ended::Refused(line.user.is_some()),
                crossed: crossed && found.is_some(),
                longer: None,
                last: open.last,
            });
        } else {
            list.push(open);
            if list.len() > EACH {
                done.push(list.remove(0).alone());
            }
        }
        let after = list.len();
        self.changed(url, line, before, after);
        if self.count > ALL {
            done.extend(self.drain());
        }
    }

    /// Takes an answer other than 401: it ends the exchange for its URL that is furthest.
    pub(super) fn answer(
        &mut self,
        url: u64,
        line: &Line<'_>,
        fill: impl FnOnce(&mut LastLine),
        done: &mut Vec<Done>,
    ) {
        let Some(list) = self.open.get_mut(&url) else {
            return;
        };
        let before = list.len();
        end_late(list, line, done);
        let crossed = is_crossed(list);
        if let Some(at) = furthest(list, |_| true) {
            let mut open = list.remove(at);
            fill(&mut open.last);
            done.push(Done {
                legs: open.legs,
                ended: match line.user {
                    Some(_) => Ended::SignedIn,
                    None => Ended::Unnamed,
                },
                crossed,
                longer: line
                    .sent
                    .zip(open.sent)
                    .map(|(last, first)| last.saturating_sub(first)),
                last: open.last,
            });
        }
        let after = list.len();
        self.changed(url, line, before, after);
    }

    /// So many exchanges for the URL of this line were under way before it, and so many are after it.
    fn changed(&mut self, url: u64, line: &Line<'_>, before: usize, after: usize) {
        self.count = (self.count + after).saturating_sub(before);
        if after == 0 {
            self.spare_lists.extend(self.open.remove(&url));
        }
        if (before == 0) != (after == 0) {
            let client = watch::client(line.client.as_bytes());
            let path = watch::path(client, line.path.as_bytes());
            let client = watch::slot(client);
            for (watch, slot) in [(&mut self.clients, client), (&mut self.paths, path)] {
                match after {
                    0 => watch.drop(slot),
                    _ => watch.add(slot),
                }
            }
        }
    }

    /// Whether something may be under way for the client that is counted there, and for a URL of that path.
    #[inline(always)]
    pub(super) fn is_watched(&self, client: Slot, path: impl FnOnce() -> Slot) -> bool {
        self.count > 0 && self.clients.holds(client) && self.paths.holds(path())
    }

    /// Whether something is under way for this URL.
    pub(super) fn has(&self, url: u64) -> bool {
        self.open.contains_key(&url)
    }

    /// Ends all of them, in the order of their lines.
    pub(super) fn drain(&mut self) -> Vec<Done> {
        self.count = 0;
        self.clients.clear();
        self.paths.clear();
        let all = std::mem::take(&mut self.open).into_values().flatten();
        let mut all: Vec<Done> = all.map(Open::alone).collect();
        all.sort_by(|a, b| a.last.place().cmp(&b.last.place()));
        all
    }
}

/// Ends the exchanges that a line comes too late for.
fn end_late(list: &mut Vec<Open>, line: &Line<'_>, done: &mut Vec<Done>) {
    let milliseconds = |seconds: i64| seconds.saturating_mul(1000);
    let began = line
        .time
        .map(|time| milliseconds(time).saturating_sub(line.taken.unwrap_or(0).max(0)));
    let late = |open: &mut Open| match (began, open.written) {
        (Some(began), Some(written)) => began > milliseconds(written).saturating_add(WINDOW),
        _ => false,
    };
    done.extend(list.extract_if(.., late).map(Open::alone));
}

impl Open {
    /// Nothing follows it.
    fn alone(self) -> Done {
        Done {
            legs: self.legs,
            ended: Ended::Open,
            crossed: false,
            longer: None,
            last: self.last,
        }
    }
}

/// What a 401 is. Who is named there is signed in already: the server asks for nobody, it refuses.
pub(super) fn step(line: &Line<'_>) -> Step {
    match line.leg().step() {
        Step::Challenge if line.user.is_some() => Step::Refusal,
        step => step,
    }
}

/// The exchange that is furthest among those wanted, the oldest of them.
fn furthest(list: &[Open], wanted: impl Fn(&Open) -> bool) -> Option<usize> {
    let step = |open: &Open| open.legs.last().map(|leg| leg.step());
    let mut best: Option<(usize, Option<Step>)> = None;
    for (at, open) in list.iter().enumerate().filter(|(_, open)| wanted(open)) {
        if best.is_none_or(|(_, before)| step(open) > before) {
            best = Some((at, step(open)));
        }
    }
    best.map(|(at, _)| at)
}

/// Whether the exchanges under way stand at different legs.
fn is_crossed(list: &[Open]) -> bool {
    list.split_first()
        .is_some_and(|(first, rest)| rest.iter().any(|open| open.legs != first.legs))
}
