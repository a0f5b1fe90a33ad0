//! The logs of IIS and of http.sys (`formats.md` 4.1 to 4.4, `causes.md` 1.5).

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::support::directory::Host;
use crate::support::story::{Visit, Way};

/// ERROR_ACCESS_DENIED: a request without credentials.
const NO_CREDENTIALS: u32 = 5;
/// SEC_E_NO_CREDENTIALS: the first leg of NTLM.
const FIRST_LEG: u32 = 0x8009_030e;
const EDGE: &str = "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/130.0.0.0+Safari/537.36+Edg/130.0.0.0";

/// One request as IIS logs it.
#[derive(Clone, Debug)]
pub struct Request {
    /// When it ended, UTC.
    pub time: Timestamp,
    /// Where it came from.
    pub client: String,
    /// The name it came for.
    pub host: String,
    /// Who was logged on.
    pub user: Option<String>,
    /// The path.
    pub path: &'static str,
    /// Status, substatus.
    pub status: (u16, u16),
    /// Win32 code or HRESULT.
    pub win32: u32,
    /// Bytes received: a ticket makes the request large.
    pub received: u32,
    /// Milliseconds.
    pub taken: u32,
    /// The client program.
    pub agent: &'static str,
}

/// The requests of one visit.
pub fn legs(time: Timestamp, visit: &Visit, way: Way) -> Vec<Request> {
    let host = visit.spn.split('/').nth(1).unwrap_or_default().to_owned();
    let request = |after: i64, status, win32, user: bool, received| Request {
        time: time + SignedDuration::from_millis(after),
        client: visit.client.ip.clone(),
        host: host.clone(),
        user: user.then(|| visit.user.down_level()),
        path: "/default.aspx",
        status,
        win32,
        received,
        taken: received / 40,
        agent: EDGE,
    };
    let challenge = request(0, (401, 2), NO_CREDENTIALS, false, 612);
    match way {
        Way::Kerberos => vec![challenge, request(40, (200, 0), 0, true, 3_480)],
        Way::Ntlm => vec![
            challenge,
            request(30, (401, 1), FIRST_LEG, false, 701),
            request(70, (200, 0), 0, true, 1_190),
        ],
        Way::Refused(code) => vec![
            challenge,
            request(40, (401, 1), code, false, 3_480),
            request(1_900, (401, 1), code, false, 3_480),
        ],
    }
}

/// A load balancer that asks without credentials and never answers the challenge: noise.
pub fn probe(time: Timestamp, server: &Host) -> Request {
    let (network, _) = server.ip.rsplit_once('.').unwrap_or_default();
    Request {
        time,
        client: format!("{network}.250"),
        host: server.ip.clone(),
        user: None,
        path: "/health.htm",
        status: (401, 2),
        win32: NO_CREDENTIALS,
        received: 97,
        taken: 1,
        agent: "BigIP-Monitor/1.0",
    }
}

/// Which columns a site logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// As installed since IIS 7.5.
    Default,
    /// All of them, and `X-Forwarded-For` at the end.
    Everything,
    /// As installed at first; from noon on, all of them: somebody changed the site, and the header says so.
    ChangedAtNoon,
}

const DEFAULT: &str = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";
const EVERYTHING: &str = "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken X-Forwarded-For";

fn directives(time: Timestamp, fields: &str) -> String {
    format!(
        "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: {}\r\n#Fields: {fields}\r\n",
        time.strftime("%Y-%m-%d %H:%M:%S")
    )
}

/// A W3C log. The header stands again after each idle hour, as http.sys closes the file in between.
pub fn w3c(columns: Columns, server: &Host, site: u32, requests: &[Request]) -> String {
    let mut text = String::new();
    let mut last: Option<(Timestamp, &str)> = None;
    for request in requests {
        let noon = request.time.strftime("%H").to_string().as_str() >= "12";
        let fields = match columns {
            Columns::Everything => EVERYTHING,
            Columns::ChangedAtNoon if noon => EVERYTHING,
            _ => DEFAULT,
        };
        let idle = |(before, shown): (Timestamp, &str)| {
            shown != fields || request.time.duration_since(before) > SignedDuration::from_mins(20)
        };
        if last.is_none_or(idle) {
            text += &directives(request.time, fields);
        }
        last = Some((request.time, fields));
        let values = fields
            .split(' ')
            .map(|field| value(field, request, server, site));
        let _ = write!(text, "{}\r\n", values.collect::<Vec<_>>().join(" "));
    }
    text
}

fn value(field: &str, request: &Request, server: &Host, site: u32) -> String {
    match field {
        "date" => request.time.strftime("%Y-%m-%d").to_string(),
        "time" => request.time.strftime("%H:%M:%S").to_string(),
        "s-sitename" => format!("W3SVC{site}"),
        "s-computername" => server.name.clone(),
        "s-ip" => server.ip.clone(),
        "cs-method" => "GET".into(),
        "cs-uri-stem" => request.path.into(),
        "s-port" => "80".into(),
        "cs-username" => request.user.clone().unwrap_or_else(|| "-".into()),
        "c-ip" => request.client.clone(),
        "cs-version" => "HTTP/1.1".into(),
        "cs(User-Agent)" => request.agent.into(),
        "cs-host" => request.host.clone(),
        "sc-status" => request.status.0.to_string(),
        "sc-substatus" => request.status.1.to_string(),
        "sc-win32-status" => request.win32.to_string(),
        "sc-bytes" => if request.status.0 == 200 {
            "18233"
        } else {
            "6391"
        }
        .into(),
        "cs-bytes" => request.received.to_string(),
        "time-taken" => request.taken.to_string(),
        _ => "-".into(),
    }
}

/// One line of `httperr1.log`: when, the client, the URL, the status, the site, the reason, the queue.
pub type HttpError<'a> = (
    Timestamp,
    &'a str,
    &'a str,
    &'a str,
    &'a str,
    &'a str,
    &'a str,
);

/// The log of http.sys, with the column `streamid` of newer builds.
pub fn http_err(server: &Host, errors: &[HttpError<'_>]) -> String {
    let fields = "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename";
    let mut text = String::new();
    for (number, (time, client, url, status, site, reason, queue)) in errors.iter().enumerate() {
        if number == 0 {
            let _ = write!(
                text,
                "#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: {}\r\n#Fields: {fields}\r\n",
                time.strftime("%Y-%m-%d %H:%M:%S")
            );
        }
        let request = if *url == "-" {
            "- - -".into()
        } else {
            format!("HTTP/1.1 GET {url}")
        };
        let _ = write!(
            text,
            "{} {client} {} {} 80 {request} - {status} {site} {reason} {queue}\r\n",
            time.strftime("%Y-%m-%d %H:%M:%S"),
            50_000 + number * 7,
            server.ip,
        );
    }
    text
}
