//! One request as a line of any format shows it.

use std::net::SocketAddr;

use super::records::Leg;
use crate::readers::call::peer;
use crate::readers::log_lines::{Told, kept, kept_path, timestamp};

/// Bytes that most citations are not longer than.
const LENGTH: usize = 128;

/// A request. Borrowed from the line; what is empty there is `None`.
#[derive(Clone, Debug, Default)]
pub(super) struct Line<'l> {
    /// Counted from 1.
    pub(super) number: u32,
    /// Seconds of the log's clock.
    pub(super) time: Option<i64>,
    /// `time-taken`, in milliseconds.
    pub(super) taken: Option<i64>,
    pub(super) site_name: Option<&'l str>,
    pub(super) site_id: Option<u32>,
    pub(super) computer: Option<&'l str>,
    pub(super) port: Option<u16>,
    pub(super) host: Option<&'l str>,
    pub(super) method: &'l str,
    pub(super) path: &'l str,
    pub(super) query: Option<&'l str>,
    pub(super) user: Option<&'l str>,
    pub(super) client: &'l str,
    pub(super) client_port: Option<&'l str>,
    pub(super) forwarded: Option<&'l str>,
    pub(super) agent: Option<&'l str>,
    pub(super) status: u16,
    pub(super) sub_status: Option<u16>,
    pub(super) win32: Option<u32>,
    /// `cs-bytes`.
    pub(super) sent: Option<i64>,
}

impl Line<'_> {
    /// The client's end of the connection, where the log has its port.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        peer(self.client, self.client_port?.parse().ok()?)
    }

    /// Its answer.
    pub(super) fn leg(&self) -> Leg {
        Leg {
            status: self.status,
            sub_status: self.sub_status,
            win32: self.win32,
        }
    }

    /// The line as it is cited; whether its time is UTC.
    pub(super) fn told(&self, utc: bool) -> Told {
        let mut text = String::with_capacity(LENGTH);
        self.write(&mut text);
        Told {
            number: self.number,
            time: self.time.filter(|_| utc),
            text,
        }
    }

    /// What it says, composed anew: a query, a cookie or a referrer may hold secrets.
    fn write(&self, text: &mut String) {
        let mut digits = itoa::Buffer::new();
        text.push_str(&kept(self.method));
        text.push(' ');
        text.push_str(&kept_path(self.path));
        text.push(' ');
        text.push_str(digits.format(self.status));
        if let Some(sub_status) = self.sub_status {
            text.push('.');
            text.push_str(digits.format(sub_status));
        }
        text.push_str(" for ");
        text.push_str(&kept(self.client));
        if let Some(win32) = self.win32.filter(|win32| *win32 != 0) {
            text.push_str(", Win32 status ");
            text.push_str(digits.format(win32));
        }
        if let Some(user) = self.user {
            text.push_str(", user ");
            text.push_str(&kept(user));
        }
    }

    /// The same behind the time of the log's clock.
    pub(super) fn told_with_time(&self) -> String {
        let mut text = match self.time.and_then(timestamp) {
            Some(time) => time.strftime("%Y-%m-%d %H:%M:%S ").to_string(),
            None => String::new(),
        };
        self.write(&mut text);
        text
    }
}

/// The first two folders of a path.
pub(super) fn folders(path: &str) -> &str {
    let mut slashes = memchr::memchr_iter(b'/', path.as_bytes());
    let Some(begin) = slashes.next() else {
        return "/";
    };
    let end = slashes.take(2).last();
    end.and_then(|end| path.get(begin..end)).unwrap_or("/")
}

/// A host name as it is compared: lower case, without its port.
pub(super) fn host_name(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let end = host.rfind(':').filter(|at| {
        let port = host.get(at + 1..).unwrap_or_default();
        !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
    });
    // An IPv6 address without brackets has no port.
    match end {
        Some(at)
            if host.ends_with(']') || host.matches(':').count() == 1 || host.contains("]:") =>
        {
            kept(host.get(..at).unwrap_or(&host)).into_owned()
        }
        _ => kept(&host).into_owned(),
    }
}

/// Whether a query says where to go on after a login page.
pub(super) fn returns(query: &[u8]) -> bool {
    const NAME: &[u8] = b"returnurl";
    memchr::memchr_iter(b'=', query).any(|end| {
        let name = end
            .checked_sub(NAME.len())
            .and_then(|begin| query.get(begin..end));
        name.is_some_and(|name| name.eq_ignore_ascii_case(NAME))
    })
}

/// The number in `W3SVC20`.
pub(super) fn site_number(name: &str) -> Option<u32> {
    let (service, number) = name.split_at_checked(5)?;
    (service.eq_ignore_ascii_case("w3svc"))
        .then(|| number.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_names() {
        assert_eq!(folders("/app/v1/a/b.aspx"), "/app/v1");
        assert_eq!(folders("/app/b.aspx"), "/app");
        assert_eq!(folders("/b.aspx"), "/");
        assert_eq!(folders("b.aspx"), "/");
        assert_eq!(folders("x/app/b.aspx"), "/app");
        assert_eq!(folders("//x/"), "//x");
        assert_eq!(host_name("Web.corp.example:8080"), "web.corp.example");
        assert_eq!(host_name("[fe80::1]:80"), "[fe80::1]");
        assert_eq!(host_name("fe80::1"), "fe80::1");
        assert_eq!(site_number("W3SVC20"), Some(20));
        assert_eq!(site_number("MSFTPSVC1"), None);
        assert_eq!(site_number("W3SV"), None);
    }
}
