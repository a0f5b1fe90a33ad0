//! A log of IIS that a story writes line by line, in the columns that IIS writes as installed, or with all of them.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::support::directory::{Account, Host};

/// The win32 status of the challenge.
pub const CHALLENGE: u32 = 5;
/// The win32 status of a first token.
pub const FIRST_LEG: u32 = 0x8009_030e;
/// What Edge says of itself.
pub const EDGE: &str = "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/131.0.0.0+Safari/537.36+Edg/131.0.0.0";

/// Who asks: an address, an agent, and what a proxy says it forwards for.
#[derive(Clone, Debug)]
pub struct From<'a> {
    /// `c-ip`.
    pub ip: &'a str,
    /// `cs(User-Agent)`.
    pub agent: &'a str,
    /// `X-Forwarded-For`.
    pub forwarded: &'a str,
}

impl<'a> From<'a> {
    /// A browser on a machine.
    pub fn browser(client: &'a Host) -> Self {
        Self {
            ip: &client.ip,
            agent: EDGE,
            forwarded: "-",
        }
    }
}

/// A log in the making.
#[derive(Clone, Debug)]
pub struct Requests {
    server: Host,
    site: u32,
    wide: bool,
    lines: Vec<(Timestamp, String)>,
}

impl Requests {
    /// A log with the columns as installed.
    pub fn new(server: &Host, site: u32) -> Self {
        Self {
            server: server.clone(),
            site,
            wide: false,
            lines: Vec::new(),
        }
    }

    /// The same with the names of site and machine, and the address that a proxy forwards for.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// One line: the method with the path, the user, the status with its sub-status, the Win32 status.
    pub fn line(
        &mut self,
        time: Timestamp,
        from: &From<'_>,
        request: &str,
        user: Option<&str>,
        (status, sub_status): (u16, u16),
        win32: u32,
    ) {
        let (method, rest) = request.split_once(' ').unwrap_or(("GET", request));
        let (path, query) = rest.split_once('?').unwrap_or((rest, "-"));
        let user = user.unwrap_or("-");
        let clock = time.strftime("%Y-%m-%d %H:%M:%S");
        let (ip, agent, server) = (from.ip, from.agent, &self.server);
        let line = if self.wide {
            format!(
                "{clock} W3SVC{} {} {} {method} {path} {query} 443 {user} {ip} HTTP/1.1 {agent} - {status} {sub_status} {win32} 31 {}",
                self.site, server.name, server.ip, from.forwarded
            )
        } else {
            format!(
                "{clock} {} {method} {path} {query} 80 {user} {ip} {agent} - {status} {sub_status} {win32} 31",
                server.ip
            )
        };
        self.lines.push((time, line));
    }

    /// The challenge, and the answer to a user who comes by Kerberos.
    pub fn kerberos(&mut self, time: Timestamp, from: &From<'_>, path: &str, user: &Account) {
        self.line(time, from, path, None, (401, 2), CHALLENGE);
        self.line(time, from, path, Some(&user.down_level()), (200, 0), 0);
    }

    /// The same by NTLM.
    pub fn ntlm(&mut self, time: Timestamp, from: &From<'_>, path: &str, user: &Account) {
        self.line(time, from, path, None, (401, 2), CHALLENGE);
        self.line(time, from, path, None, (401, 1), FIRST_LEG);
        self.line(time, from, path, Some(&user.down_level()), (200, 0), 0);
    }

    /// A user who is signed in, and then refused.
    pub fn refused(
        &mut self,
        time: Timestamp,
        from: &From<'_>,
        path: &str,
        user: &Account,
        status: (u16, u16),
        win32: u32,
    ) {
        self.line(time, from, path, None, (401, 2), CHALLENGE);
        self.line(time, from, path, Some(&user.down_level()), status, win32);
    }

    /// The log: UTF-8, CRLF, in the order of time.
    pub fn text(mut self) -> Vec<u8> {
        self.lines.sort_by_key(|(time, _)| *time);
        let fields = if self.wide {
            "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken X-Forwarded-For"
        } else {
            "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"
        };
        let mut text = String::new();
        let mut last: Option<Timestamp> = None;
        for (time, line) in &self.lines {
            if last.is_none_or(|before| time.duration_since(before) > SignedDuration::from_mins(20))
            {
                let _ = write!(
                    text,
                    "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: {}\r\n#Fields: {fields}\r\n",
                    time.strftime("%Y-%m-%d %H:%M:%S")
                );
            }
            last = Some(*time);
            let _ = write!(text, "{line}\r\n");
        }
        text.into_bytes()
    }

    /// Where it lies below the server's folder.
    pub fn path(&self) -> String {
        format!("{}/LogFiles/W3SVC{}/u_ex.log", self.server.name, self.site)
    }
}
