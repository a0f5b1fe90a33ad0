//! Which column is what, and the values of a line under them.

use std::borrow::Cow;

use crate::readers::log_lines::{Blanks, Columns, Misfit, Values};

/// Columns of Windows Server 2003 and later; `streamid` came with Windows Server 2016.
pub(super) const INSTALLED: [&str; 2] = [
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename",
];
/// What newer builds write behind the queue, without a name in the header.
const TRANSPORTS: [&str; 3] = ["TCP", "UDP", "QUIC"];

/// Where the columns stand that are read.
#[derive(Clone, Default)]
pub(super) struct Header {
    pub(super) columns: Columns,
    pub(super) date: Option<usize>,
    pub(super) time: Option<usize>,
    pub(super) client: Option<usize>,
    pub(super) client_port: Option<usize>,
    pub(super) port: Option<usize>,
    pub(super) method: Option<usize>,
    pub(super) url: Option<usize>,
    pub(super) status: Option<usize>,
    pub(super) site_id: Option<usize>,
    pub(super) reason: Option<usize>,
    pub(super) queue: Option<usize>,
}

impl Header {
    pub(super) fn of(names: &str) -> Self {
        let columns = Columns::of(names);
        Self {
            date: columns.at("date"),
            time: columns.at("time"),
            client: columns.at("c-ip"),
            client_port: columns.at("c-port"),
            port: columns.at("s-port"),
            method: columns.at("cs-method"),
            url: columns.at("cs-uri"),
            status: columns.at("sc-status"),
            site_id: columns.at("s-siteid"),
            reason: columns.at("s-reason"),
            queue: columns.at("s-queuename"),
            columns,
        }
    }

    /// The columns that a line fits which stands below no header.
    pub(super) fn guess(line: &str) -> Option<Self> {
        let mut blanks = Blanks::default();
        let mut headers = INSTALLED.iter().map(|names| Self::of(names));
        headers.find(|header| blanks.split(&header.columns, line).is_ok())
    }
}

/// The values of a line, and the queue: it stands last and may hold blanks.
pub(super) fn values<'l, 'b>(
    header: &Header,
    blanks: &'b mut Blanks,
    line: &'l str,
) -> Option<(Values<'l, 'b>, Option<Cow<'l, str>>)> {
    let columns = &header.columns;
    match blanks.split(columns, line) {
        Ok(values) => {
            let queue = values.get(header.queue).map(Cow::Borrowed);
            Some((values, queue))
        }
        Err(Misfit::Short) => None,
        Err(Misfit::Long) => {
            let last = header.queue.filter(|at| at + 1 == columns.len());
            let mut values: Vec<&str> = line.split(' ').filter(|v| !v.is_empty()).collect();
            values.pop_if(|v| TRANSPORTS.contains(v));
            let queue = last.map(|at| values.get(at..).unwrap_or_default().join(" "));
            let fits = last.is_some() || values.len() == columns.len();
            fits.then_some((Values::List(values), queue.map(Cow::Owned)))
        }
    }
}
