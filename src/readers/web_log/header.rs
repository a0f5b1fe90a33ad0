//! Which column of the W3C format is what.

use fearless_simd::Simd;

use crate::readers::log_lines::{Begins, Columns, Row};

/// Columns of an excerpt that lost its header: those of IIS 7.5 and later as installed, and without the referrer.
pub(super) const INSTALLED: [&str; 2] = [
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken",
];
/// Names that a custom column for the client behind a proxy has.
const FORWARDED: [&str; 10] = [
    "x-forwarded-for",
    "cs(x-forwarded-for)",
    "originalip",
    "original-ip",
    "x-original-ip",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "forwarded",
];

/// Where the columns stand that are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    pub(super) columns: Columns,
    /// Whether they are those of an FTP log.
    pub(super) is_ftp: bool,
    /// Whether the first two are date and time.
    pub(super) begins_with_time: bool,
    pub(super) date: Option<usize>,
    pub(super) time: Option<usize>,
    pub(super) taken: Option<usize>,
    pub(super) site_name: Option<usize>,
    pub(super) site_id: Option<usize>,
    pub(super) computer: Option<usize>,
    pub(super) port: Option<usize>,
    pub(super) host: Option<usize>,
    pub(super) method: Option<usize>,
    pub(super) path: Option<usize>,
    pub(super) query: Option<usize>,
    pub(super) user: Option<usize>,
    pub(super) client: Option<usize>,
    pub(super) client_port: Option<usize>,
    pub(super) forwarded: Option<usize>,
    pub(super) agent: Option<usize>,
    pub(super) status: Option<usize>,
    pub(super) sub_status: Option<usize>,
    pub(super) win32: Option<usize>,
    pub(super) sent: Option<usize>,
}

impl Header {
    pub(super) fn of(names: &str) -> Self {
        let columns = Columns::of(names);
        Self {
            begins_with_time: columns.at("date") == Some(0) && columns.at("time") == Some(1),
            date: columns.at("date"),
            time: columns.at("time"),
            taken: columns.at("time-taken"),
            site_name: columns.at("s-sitename"),
            site_id: columns.at("s-siteid"),
            computer: columns.at("s-computername"),
            port: columns.at("s-port"),
            host: columns.any(&["cs-host", "cs(host)", "host"]),
            method: columns.at("cs-method"),
            path: columns.at("cs-uri-stem"),
            query: columns.at("cs-uri-query"),
            user: columns.at("cs-username"),
            client: columns.at("c-ip"),
            client_port: columns.any(&["c-port", "clientport", "remote-port"]),
            forwarded: columns.any(&FORWARDED),
            agent: columns.at("cs(user-agent)"),
            status: columns.at("sc-status"),
            sub_status: columns.at("sc-substatus"),
            win32: columns.at("sc-win32-status"),
            sent: columns.at("cs-bytes"),
            is_ftp: columns.any(&["x-session", "x-fullpath"]).is_some(),
            columns,
        }
    }

    /// The line that a text begins with, where it is read as it stands there and has the values that the header names.
    #[inline(always)]
    pub(super) fn row<'t, 'b, S: Simd>(
        &self,
        simd: S,
        begins: &'b mut Begins,
        text: &'t [u8],
    ) -> Option<Row<'t, 'b>> {
        let row = begins.find(simd, text)?;
        let fits = self.is_read() && row.values == self.columns.len();
        (fits && !row.line().starts_with(b"#")).then_some(row)
    }

    /// Whether its lines say what is asked of them: how requests were answered.
    pub(super) fn is_read(&self) -> bool {
        !self.is_ftp && self.status.is_some()
    }
}
