//! The line that ends an exchange, as far as a row may need it: copied, and told only where it is asked for.

use std::net::SocketAddr;

use super::line::Line;
use super::records::Leg;
use crate::readers::log_lines::{kept, kept_path};

/// Such a line. One is filled again and again: to make room takes time.
#[derive(Debug, Default)]
pub(super) struct LastLine {
    /// The numbers of where it was served and of who asked.
    pub(super) served: usize,
    pub(super) caller: usize,
    /// The client's end of the connection.
    pub(super) peer: Option<SocketAddr>,
    number: u32,
    pub(super) time: Option<i64>,
    pub(super) taken: Option<i64>,
    leg: Option<Leg>,
    /// The method, the path, the client and the user, who may be nobody, and where the first three end.
    text: String,
    ends: [usize; 3],
}

impl LastLine {
    /// Becomes that of another line.
    pub(super) fn set(&mut self, line: &Line<'_>, (served, caller): (usize, usize)) {
        (self.served, self.caller) = (served, caller);
        self.peer = line.peer();
        (self.number, self.time, self.taken) = (line.number, line.time, line.taken);
        self.leg = Some(line.leg());
        self.text.clear();
        let values = [kept(line.method), kept_path(line.path), kept(line.client)];
        for (end, value) in self.ends.iter_mut().zip(values) {
            self.text.push_str(&value);
            *end = self.text.len();
        }
        self.text.push_str(&kept(line.user.unwrap_or_default()));
    }

    /// Its place among other lines.
    pub(super) fn place(&self) -> (u32, Option<i64>, &str) {
        (self.number, self.time, &self.text)
    }

    pub(super) fn method(&self) -> &str {
        self.text(0, self.ends[0])
    }

    pub(super) fn path(&self) -> &str {
        self.text(self.ends[0], self.ends[1])
    }

    pub(super) fn user(&self) -> Option<&str> {
        Some(self.text(self.ends[2], self.text.len())).filter(|user| !user.is_empty())
    }

    fn text(&self, begin: usize, end: usize) -> &str {
        self.text.get(begin..end).unwrap_or_default()
    }

    /// The line, with what is known of it.
    pub(super) fn line(&self) -> Line<'_> {
        Line {
            number: self.number,
            time: self.time,
            taken: self.taken,
            method: self.method(),
            path: self.path(),
            client: self.text(self.ends[1], self.ends[2]),
            user: self.user(),
            status: self.leg.map_or(0, |leg| leg.status),
            sub_status: self.leg.and_then(|leg| leg.sub_status),
            win32: self.leg.and_then(|leg| leg.win32),
            ..Line::default()
        }
    }
}
