//! klist of MIT Kerberos and of Heimdal (macOS).
//!
//! ```text
//! Ticket cache: FILE:/tmp/krb5cc_1000
//! Default principal: uma@CORP.EXAMPLE
//!
//! Valid starting       Expires              Service principal
//! 02/27/2026 08:01:10  02/27/2026 18:00:58  HTTP/web.corp.example@CORP.EXAMPLE
//!         renew until 03/06/2026 08:00:58, Flags: FRA
//!         Etype (skey, tkt): aes256-cts-hmac-sha1-96, aes256-cts-hmac-sha1-96
//! ```
//!
//! MIT prints dates in the order of the locale: they are resolved only where one date of the cache proves the order.

use super::names::{
    DateOrder, Printed, etype_id, flags_of_letters, flags_of_names, heimdal_time, principal,
};
use super::ticket::bare;
use super::windows::Origin;
use super::{Cache, Flavour, KlistRun, Shown, Ticket};
use crate::evidence::{ArtifactId, Citation};
use crate::readers::console::Line;

/// Which klist begins at this line, if one of these does.
pub(super) fn flavour(text: &str) -> Option<Flavour> {
    let text = text.trim_start();
    if text.starts_with("Ticket cache: ")
        || text.starts_with("klist: No credentials cache")
        || text.starts_with("klist: Credentials cache")
    {
        Some(Flavour::Mit)
    } else if text.starts_with("Credentials cache: ") || text.starts_with("klist: No ticket file") {
        Some(Flavour::Heimdal)
    } else {
        None
    }
}

/// A row of MIT, its dates unresolved until all of the cache is known.
#[derive(Debug)]
struct Dated {
    ticket: Ticket,
    start: Option<Printed>,
    end: Option<Printed>,
    renew: Option<Printed>,
}

/// One cache while its lines come in.
#[derive(Debug)]
pub(super) struct Listing<'a> {
    artifact: ArtifactId,
    origin: Origin,
    flavour: Flavour,
    from: Citation,
    principal: Option<String>,
    headed: bool,
    empty: bool,
    /// Heimdal `-v`: tickets are blocks of labels.
    block: bool,
    rows: Vec<Dated>,
    broken: Vec<Line<'a>>,
}

impl<'a> Listing<'a> {
    /// The cache that begins at this line.
    pub(super) fn new(
        artifact: ArtifactId,
        origin: Origin,
        flavour: Flavour,
        line: Line<'a>,
    ) -> Self {
        Self {
            artifact,
            origin,
            flavour,
            from: line.cite(artifact),
            principal: None,
            headed: false,
            empty: line.text.trim_start().starts_with("klist: "),
            block: false,
            rows: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Takes a line that is not blank. False when it means nothing here.
    pub(super) fn take(&mut self, line: Line<'a>) -> bool {
        let text = line.text.trim();
        for lead in ["Default principal:", "Principal:"] {
            if let Some(name) = text.strip_prefix(lead) {
                self.principal = Some(name.trim().to_owned());
                return true;
            }
        }
        if ["Valid starting", "Issued "]
            .iter()
            .any(|lead| text.starts_with(lead))
        {
            self.headed = true;
            return true;
        }
        if [
            "Cache version:",
            "config: ",
            "Ticket cache:",
            "Credentials cache:",
        ]
        .iter()
        .any(|lead| text.starts_with(lead))
        {
            return true;
        }
        if self.continuation(text) || self.labelled(line) {
            return true;
        }
        let row = match self.flavour {
            Flavour::Heimdal => heimdal_row(self.artifact, line),
            Flavour::Mit | Flavour::Windows => mit_row(self.artifact, line),
        };
        match row {
            Some(row) => self.rows.push(row),
            None if self.headed => self.broken.push(line),
            None => return false,
        }
        true
    }

    /// `renew until …, Flags: FRIA, Etype (skey, tkt): a, b , AD types: `, on one line or several.
    fn continuation(&mut self, text: &str) -> bool {
        let known = [
            "renew until ",
            "Flags: ",
            "Etype (",
            "Etype(",
            "Addresses: ",
            "AD types:",
            "Ticket server: ",
            "for client ",
        ];
        if !known.iter().any(|lead| text.starts_with(lead)) || self.block {
            return false;
        }
        let Some(row) = self.rows.last_mut() else {
            return false;
        };
        if let Some(rest) = text.strip_prefix("renew until ") {
            let mut words = rest.split([' ', ',']).filter(|word| !word.is_empty());
            row.renew = words
                .next()
                .zip(words.next())
                .and_then(|(date, time)| Printed::new(date, time));
        }
        if let Some((_, rest)) = text.split_once("Flags: ") {
            let letters = rest.split([',', ' ']).next().unwrap_or_default();
            row.ticket.flags = flags_of_letters(letters);
        }
        if let Some((_, rest)) = text.split_once("(skey, tkt):") {
            let mut names = rest
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty());
            row.ticket.session_etype = names.next().map(str::to_owned);
            row.ticket.etype = names.next().map(str::to_owned);
            row.ticket.etype_id = row.ticket.etype.as_deref().and_then(etype_id);
        }
        if let Some(server) = text.strip_prefix("Ticket server: ") {
            (row.ticket.server, row.ticket.server_realm) = principal(server);
        }
        true
    }

    /// A line of `klist -v` of Heimdal.
    fn labelled(&mut self, line: Line<'a>) -> bool {
        if self.flavour != Flavour::Heimdal {
            return false;
        }
        let Some((label, value)) = line.text.split_once(':') else {
            return false;
        };
        let (label, value) = (label.trim(), value.trim());
        if label == "Server" {
            let (server, server_realm) = principal(value);
            self.block = true;
            self.headed = true;
            self.rows.push(Dated {
                ticket: bare(server, server_realm, line.cite(self.artifact)),
                start: None,
                end: None,
                renew: None,
            });
            return true;
        }
        let Some(row) = self.rows.last_mut().filter(|_| self.block) else {
            return false;
        };
        let ticket = &mut row.ticket;
        let time = || {
            let mut words = value.split_ascii_whitespace();
            heimdal_time(words.next()?, words.next()?, words.next()?, words.next()?)
        };
        match label {
            "Client" => (ticket.client, ticket.client_realm) = principal(value),
            "Ticket etype" => {
                let (name, kvno) = value
                    .split_once(", kvno ")
                    .map_or((value, None), |(name, kvno)| (name, kvno.parse().ok()));
                ticket.etype_id = etype_id(name);
                ticket.etype = Some(name.to_owned());
                ticket.kvno = kvno;
            }
            "Session key" => ticket.session_etype = Some(value.to_owned()),
            "Auth time" => {
                let start = ticket.start.or_else(time);
                ticket.start = start;
            }
            "Start time" => ticket.start = time(),
            "End time" => ticket.end = time(),
            "Renew till" => ticket.renew = time(),
            "Ticket flags" => ticket.flags = flags_of_names(value),
            "Ticket length" | "Addresses" => {}
            _ => return false,
        }
        true
    }

    /// Ends the cache. The lines are rows that could not be read.
    pub(super) fn finish(self) -> (KlistRun, Vec<Line<'a>>) {
        let order = self.order();
        let (client, client_realm) = principal(self.principal.as_deref().unwrap_or_default());
        let tickets: Vec<Ticket> = self
            .rows
            .into_iter()
            .map(|row| {
                let mut ticket = row.ticket;
                if ticket.client.is_empty() {
                    ticket.client.clone_from(&client);
                    ticket.client_realm.clone_from(&client_realm);
                }
                ticket.start = ticket.start.or_else(|| row.start?.resolve(order));
                ticket.end = ticket.end.or_else(|| row.end?.resolve(order));
                ticket.renew = ticket.renew.or_else(|| row.renew?.resolve(order));
                ticket
            })
            .collect();
        let cache = Cache {
            logon_id: None,
            targeted_logon_id: None,
            principal: self.principal,
            announced: None,
            complete: !self.origin.filtered
                && self.broken.is_empty()
                && (self.headed || self.empty),
            from: self.from.clone(),
            tickets,
        };
        let run = KlistRun {
            flavour: self.flavour,
            shown: Shown::Cache(cache),
            from: self.origin.echo.unwrap_or(self.from),
            host: self.origin.host,
        };
        (run, self.broken)
    }

    /// The order that the dates of this cache prove; `None` where none does, or where they contradict each other.
    fn order(&self) -> Option<DateOrder> {
        let mut proven = self
            .rows
            .iter()
            .flat_map(|row| [row.start, row.end, row.renew])
            .flatten()
            .filter_map(|printed| printed.order());
        let first = proven.next()?;
        proven.all(|other| other == first).then_some(first)
    }
}

/// `05/10/17 08:38:01  05/11/17 08:38:01  krbtgt/CORP.EXAMPLE@CORP.EXAMPLE`
fn mit_row(artifact: ArtifactId, line: Line<'_>) -> Option<Dated> {
    let words: Vec<&str> = line.text.split_ascii_whitespace().collect();
    let server = words.last().filter(|word| word.contains('@'))?;
    let pair = |at: usize| words.get(at).zip(words.get(at.saturating_add(1)));
    let printed = |at: usize| pair(at).and_then(|(date, time)| Printed::new(date, time));
    let start = printed(0)?;
    let (server, server_realm) = principal(server);
    Some(Dated {
        ticket: bare(server, server_realm, line.cite(artifact)),
        start: Some(start),
        end: printed(2),
        renew: None,
    })
}

/// `Sep 26 13:55:46 2025  Sep 26 23:55:42 2025  krbtgt/CORP.EXAMPLE@CORP.EXAMPLE`; the end may read `>>>Expired<<<`, and
/// old versions leave the year out.
fn heimdal_row(artifact: ArtifactId, line: Line<'_>) -> Option<Dated> {
    let words: Vec<&str> = line.text.split_ascii_whitespace().collect();
    let server = words.last().filter(|word| word.contains('@'))?;
    let time = |at: usize| {
        let part = |step: usize| words.get(at.saturating_add(step)).copied();
        heimdal_time(part(0)?, part(1)?, part(2)?, part(3)?)
    };
    words.get(2).filter(|word| word.contains(':'))?;
    let (server, server_realm) = principal(server);
    let mut ticket = bare(server, server_realm, line.cite(artifact));
    ticket.start = time(0);
    ticket.end = time(4);
    Some(Dated {
        ticket,
        start: None,
        end: None,
        renew: None,
    })
}
