//! The W3C format: what a line's columns are is said by the last `#Fields:` before it.

use fearless_simd::{Level, Simd, dispatch};

use super::fold::Fold;
use super::glance::{Glance, Places};
use super::header::{Header, INSTALLED};
use super::line::{Line, site_number};
use crate::readers::log_lines::{Begins, Blanks, Clock, Misfit, Row, Skipped, Values, directive};

/// Reads line after line.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) heading: Heading,
    blanks: Blanks,
    begins: Begins,
    places: Places,
}

/// What stands above the lines, while a log is read.
#[derive(Debug, Default)]
pub(super) struct Heading {
    pub(super) header: Header,
    clock: Clock,
    told: Told,
}

/// What is said once a file.
#[derive(Debug, Default)]
struct Told {
    guessed: bool,
    no_header: bool,
    no_status: bool,
    not_http: bool,
    number: bool,
}

fn once(told: &mut bool) -> bool {
    !std::mem::replace(told, true)
}

impl Reader {
    /// Takes the lines that a text begins with, as far as they fit the header; `number` is that of the first. Out come how many
    /// they are, and their bytes.
    pub(super) fn pass(
        &mut self,
        number: u32,
        text: &[u8],
        fold: &mut Fold,
        skipped: &mut Skipped,
    ) -> (u32, usize) {
        dispatch!(Level::new(), simd => self.pass_with(simd, number, text, fold, skipped))
    }

    // What is not inlined here is compiled without the instructions of the processor.
    #[inline(always)]
    fn pass_with<S: Simd>(
        &mut self,
        simd: S,
        number: u32,
        text: &[u8],
        fold: &mut Fold,
        skipped: &mut Skipped,
    ) -> (u32, usize) {
        let (mut lines, mut bytes) = (0, 0);
        while let Some(rest) = text.get(bytes..)
            && let Some(row) = self.heading.header.row(simd, &mut self.begins, rest)
        {
            let served = self.places.place(&row);
            let ordinary = if let Some(served) = served
                && let Some(seen) = self.heading.glance(&row, served)
            {
                let path = || seen.path(&row, &self.heading.header);
                fold.take_ordinary(&seen.kind, seen.client(), path)
            } else {
                false
            };
            if !ordinary
                && let number = number.saturating_add(lines)
                && let Some(served) = self.heading.take(number, &row, served, fold, skipped)
            {
                self.places.learn(served);
            }
            lines += 1;
            bytes += row.after;
        }
        (lines, bytes)
    }

    /// The request on a line; `None` for directives and for what cannot be read, which is reported.
    pub(super) fn line<'l>(
        &mut self,
        number: u32,
        line: &'l str,
        skipped: &mut Skipped,
    ) -> Option<Line<'l>> {
        if line.starts_with('#') {
            match directive(line) {
                Some((name, value)) if name.eq_ignore_ascii_case("fields") => {
                    self.begin(Header::of(value));
                    if self.heading.header.is_ftp && once(&mut self.heading.told.not_http) {
                        skipped.whole("is a log of the FTP service, not of HTTP; it is left out");
                    } else if self.heading.header.status.is_none()
                        && !self.heading.header.is_ftp
                        && once(&mut self.heading.told.no_status)
                    {
                        skipped.line(
                            number,
                            "the log has no sc-status here, so that its lines say nothing of authentication; add the field in IIS (Logging, Select Fields)",
                        );
                    }
                }
                Some((name, value)) if name.eq_ignore_ascii_case("date") => {
                    self.heading.clock.set(value)
                }
                _ => {}
            }
            return None;
        }
        if self.heading.header.columns.is_empty() {
            self.guess(number, line, skipped);
        }
        if !self.heading.header.is_read() {
            return None;
        }
        let values = match self.blanks.split(&self.heading.header.columns, line) {
            Ok(values) => values,
            Err(Misfit::Short) => {
                skipped.line(number, "the line was cut and is left out");
                return None;
            }
            Err(Misfit::Long) => {
                skipped.line(
                    number,
                    "the line has more values than the last #Fields names and is left out",
                );
                return None;
            }
        };
        self.heading.request(number, &values, skipped)
    }

    fn begin(&mut self, header: Header) {
        self.places = Places::under(&header);
        self.heading.header = header;
    }

    /// An excerpt without its header: the columns as installed, where the line fits them.
    fn guess(&mut self, number: u32, line: &str, skipped: &mut Skipped) {
        let fitting = INSTALLED
            .iter()
            .map(|names| Header::of(names))
            .find(|header| {
                let values = self.blanks.split(&header.columns, line);
                values.is_ok_and(|values| {
                    let whole = |at: Option<usize>| {
                        values.get(at).is_some_and(|v| v.parse::<u64>().is_ok())
                    };
                    whole(header.status) && whole(header.sub_status) && whole(header.taken)
                })
            });
        match fitting {
            Some(header) => {
                self.begin(header);
                if once(&mut self.heading.told.guessed) {
                    skipped.whole(
                        "has no #Fields line before its first request; it is read with the columns of IIS as installed",
                    );
                }
            }
            None if once(&mut self.heading.told.no_header) => skipped.line(
                number,
                "no #Fields line says what the columns are; lines are left out until there is one",
            ),
            None => {}
        }
    }
}

impl Heading {
    #[inline(always)]
    fn glance(&mut self, row: &Row<'_, '_>, served: usize) -> Option<Glance> {
        Glance::at(row, &self.header, &mut self.clock, served)
    }

    /// Takes all of a line that may be known to be served there; out comes where it was.
    pub(super) fn take(
        &mut self,
        number: u32,
        row: &Row<'_, '_>,
        served: Option<usize>,
        fold: &mut Fold,
        skipped: &mut Skipped,
    ) -> Option<usize> {
        let values = row.text()?;
        let request = self.request(number, &values, skipped)?;
        Some(fold.take(&request, served))
    }

    /// The request that the values of a line make; `None` where that cannot be read, which is reported.
    fn request<'l>(
        &mut self,
        number: u32,
        values: &Values<'l, '_>,
        skipped: &mut Skipped,
    ) -> Option<Line<'l>> {
        let read = request(&self.header, &mut self.clock, number, values);
        match read {
            None => skipped.line(number, "the line has no status and is left out"),
            Some(ref read) => {
                if read.site_name.is_some_and(is_other_service) {
                    if once(&mut self.told.not_http) {
                        skipped
                            .whole("holds lines of another service than HTTP; they are left out");
                    }
                    return None;
                }
                let overlong = read.win32.is_none() && values.filled(self.header.win32).is_some();
                if overlong && once(&mut self.told.number) {
                    skipped.line(
                        number,
                        "sc-win32-status is no 32-bit number here; such lines are read without it",
                    );
                }
            }
        }
        read
    }
}

/// The request that the values of a line make.
fn request<'l>(
    header: &Header,
    clock: &mut Clock,
    number: u32,
    values: &Values<'l, '_>,
) -> Option<Line<'l>> {
    let value = |at: Option<usize>| values.filled(at);
    let status = value(header.status)?.parse().ok()?;
    let site_name = value(header.site_name);
    let time = value(header.time).map(str::as_bytes);
    Some(Line {
        number,
        time: match header.date {
            Some(_) => clock.time(Some(value(header.date)?.as_bytes()), time),
            None => clock.time(None, time),
        },
        taken: value(header.taken).and_then(|v| v.parse().ok()),
        site_name,
        site_id: value(header.site_id)
            .and_then(|v| v.parse().ok())
            .or_else(|| site_name.and_then(site_number)),
        computer: value(header.computer),
        port: value(header.port).and_then(|v| v.parse().ok()),
        host: value(header.host),
        method: value(header.method).unwrap_or_default(),
        path: value(header.path).unwrap_or_default(),
        query: value(header.query),
        user: value(header.user),
        client: value(header.client).unwrap_or_default(),
        client_port: value(header.client_port),
        forwarded: value(header.forwarded),
        agent: value(header.agent),
        status,
        sub_status: value(header.sub_status).and_then(|v| v.parse().ok()),
        win32: value(header.win32).and_then(win32),
        sent: value(header.sent).and_then(|v| v.parse().ok()),
    })
}

/// An unsigned number, or the same number signed, as IIS 5 wrote it.
fn win32(text: &str) -> Option<u32> {
    let signed = || text.parse::<i32>().ok().map(i32::cast_unsigned);
    text.parse().ok().or_else(signed)
}

/// Whether `s-sitename` names another service: `MSFTPSVC1`, `SMTPSVC1`, `NNTPSVC1`, `FTPSVC2`.
fn is_other_service(name: &str) -> bool {
    ["MSFTPSVC", "FTPSVC", "SMTPSVC", "NNTPSVC"]
        .iter()
        .any(|service| {
            let begin = name.get(..service.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(service))
        })
}
