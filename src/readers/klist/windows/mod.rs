//! Windows klist, read by position: the ten lines of a ticket stand in one order in every language.
//!
//! ```text
//! LogonId est 0:0x12b14cd
//!
//! Tickets mis en cache : (1)
//!
//! #0>     Client : uma @ CORP.EXAMPLE
//!         Serveur : HTTP/web.corp.example @ CORP.EXAMPLE
//!         Type de chiffrement KerbTicket : AES-256-CTS-HMAC-SHA1-96
//!         Indicateurs de tickets 0x40a10000 -> forwardable renewable pre_authent name_canonicalize
//!         …
//! ```
//!
//! A [`Block`] gathers what belongs to one run: from one line with a logon session to the next.

mod shown;

use super::asked::Verb;
use super::lines::{Call, announcement, entry, is_dump, logon_line, session, status, sub_status};
use super::names::principal;
use super::ticket::{self, loose_field, loose_server};
use super::{Failure, Session, Tgt, Ticket};
use crate::evidence::{ArtifactId, Citation, Cited};
use crate::readers::console::Line;

/// The run that a block belongs to.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    /// What was asked for, where a command stands above the output.
    pub verb: Option<Verb>,
    /// The echoed command.
    pub echo: Option<Citation>,
    /// Lines were dropped on the way to the file.
    pub filtered: bool,
    /// Host named by a remoting prompt.
    pub host: Option<String>,
}

/// What the current lines belong to.
#[derive(Debug, Default)]
enum Within<'a> {
    #[default]
    Nothing,
    Ticket(Vec<Line<'a>>),
    Binding(Vec<Line<'a>>),
    /// A ticket of the Resource Kit, or what a filter left of one.
    Loose,
    /// `klist tgt`: the number of the line counts, keys and ticket bytes are passed over.
    Tgt(usize),
}

/// One run while its lines come in.
#[derive(Debug)]
pub(super) struct Block<'a> {
    artifact: ArtifactId,
    origin: Origin,
    first: Option<Citation>,
    logon: Option<String>,
    targeted: Option<String>,
    after_logon: bool,
    announced: Option<(u64, Citation)>,
    tickets: Vec<Ticket>,
    broken: Vec<Line<'a>>,
    bindings: Option<Vec<Cited<(String, String)>>>,
    sessions: Vec<Session>,
    got: Option<(Option<String>, bool, Citation)>,
    tgt: Option<Tgt>,
    failure: Option<(Failure, Option<Call>, Citation)>,
    changed: bool,
    within: Within<'a>,
}

impl<'a> Block<'a> {
    /// A run that has shown nothing yet.
    pub(super) fn new(artifact: ArtifactId, origin: Origin) -> Self {
        Self {
            artifact,
            origin,
            first: None,
            logon: None,
            targeted: None,
            after_logon: false,
            announced: None,
            tickets: Vec::new(),
            broken: Vec::new(),
            bindings: None,
            sessions: Vec::new(),
            got: None,
            tgt: None,
            failure: None,
            changed: false,
            within: Within::Nothing,
        }
    }

    /// True while no line has meant anything.
    pub(super) fn is_fresh(&self) -> bool {
        self.first.is_none()
    }

    /// The run it belongs to.
    pub(super) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// True when this line opens the next run.
    pub(super) fn closes_before(&self, line: Line<'_>) -> bool {
        if is_dump(line.text) {
            return false;
        }
        if logon_line(line.text).is_some() {
            let second = self.after_logon && self.targeted.is_none();
            return self.first.is_some() && !second;
        }
        announcement(line.text).is_some() && (self.announced.is_some() || self.bindings.is_some())
    }

    /// Takes a line that is not blank. False when it means nothing here.
    pub(super) fn take(&mut self, line: Line<'a>) -> bool {
        if is_dump(line.text) {
            return true;
        }
        let after_logon = std::mem::take(&mut self.after_logon);
        let understood =
            self.structure(line, after_logon) || self.continuation(line) || self.sentence(line);
        if understood && self.first.is_none() {
            // Lines of a TGT may hold its key: the command is cited for them.
            let secret = matches!(self.within, Within::Tgt(_))
                && self
                    .tgt
                    .as_ref()
                    .is_none_or(|tgt| tgt.from.place != line.place());
            self.first = Some(if secret {
                Citation::line(self.artifact, line.number, "klist tgt")
            } else {
                line.cite(self.artifact)
            });
        }
        understood
    }

    fn structure(&mut self, line: Line<'a>, after_logon: bool) -> bool {
        let text = line.text;
        if let Some(id) = logon_line(text) {
            self.leave();
            if after_logon {
                self.targeted = Some(id);
            } else {
                self.logon = Some(id);
                self.after_logon = true;
            }
            return true;
        }
        if let Some(rest) = entry(text) {
            self.leave();
            let ticket = self.bindings.is_none() || rest.contains('@');
            self.within = if ticket {
                Within::Ticket(vec![line])
            } else {
                Within::Binding(vec![line])
            };
            return true;
        }
        if let Some(count) = announcement(text) {
            self.leave();
            if self.origin.verb == Some(Verb::Bindings) || text.contains("KDC") {
                self.bindings = Some(Vec::new());
            } else {
                self.announced = Some((count, line.cite(self.artifact)));
            }
            return true;
        }
        if let Some(session) = session(self.artifact, line) {
            self.leave();
            self.sessions.push(session);
            return true;
        }
        if let Some((call, code)) = sub_status(text) {
            self.leave();
            let failure = Failure {
                status: None,
                sub_status: code,
            };
            self.failure = Some((failure, Some(call), line.cite(self.artifact)));
            return true;
        }
        if let Some(code) = status(text) {
            self.leave();
            let from = line.cite(self.artifact);
            let (failure, _, at) = self.failure.get_or_insert((
                Failure {
                    status: None,
                    sub_status: None,
                },
                None,
                from.clone(),
            ));
            failure.status = Some(code);
            // Both lines belong to it; the second says more.
            *at = from;
            return true;
        }
        if text.trim_start().starts_with("Cached TGT") {
            self.begin_tgt(line.cite(self.artifact));
            return true;
        }
        if let Some(value) = loose_server(text)
            && !matches!(self.within, Within::Ticket(_))
        {
            self.leave();
            let (server, server_realm) = principal(value);
            self.tickets
                .push(ticket::bare(server, server_realm, line.cite(self.artifact)));
            self.within = Within::Loose;
            return true;
        }
        false
    }

    fn begin_tgt(&mut self, from: Citation) {
        self.leave();
        self.tgt = Some(Tgt {
            client: None,
            domain: None,
            time_skew_seconds: None,
            failure: None,
            from,
        });
        self.within = Within::Tgt(0);
    }

    fn continuation(&mut self, line: Line<'a>) -> bool {
        match &mut self.within {
            Within::Nothing => {
                let keyed = self.origin.verb == Some(Verb::Tgt)
                    && self.tgt.is_none()
                    && line.text.contains(':');
                if keyed {
                    let from = self.origin.echo.clone();
                    self.begin_tgt(from.unwrap_or_else(|| {
                        Citation::line(self.artifact, line.number, "klist tgt")
                    }));
                    return self.continuation(line);
                }
                false
            }
            Within::Ticket(lines) => {
                let open = !ticket::is_whole(lines);
                if open {
                    lines.push(line);
                }
                open
            }
            Within::Binding(lines) => {
                let open = lines.len() < 7 && line.text.contains([':', '：']);
                if open {
                    lines.push(line);
                }
                open
            }
            Within::Loose => self
                .tickets
                .last_mut()
                .is_some_and(|ticket| loose_field(ticket, line.text)),
            Within::Tgt(index) => {
                let at = *index;
                *index = index.saturating_add(1);
                if let Some(tgt) = &mut self.tgt {
                    ticket::tgt_field(tgt, at, self.artifact, line);
                }
                true
            }
        }
    }

    fn sentence(&mut self, line: Line<'a>) -> bool {
        let text = line.text.trim();
        let english = text.starts_with("A ticket to ");
        if self.announced.is_none()
            && self.got.is_none()
            && (english || matches!(self.origin.verb, None | Some(Verb::Get(_))))
        {
            let spn = text
                .split_ascii_whitespace()
                .map(|word| word.trim_matches(['"', '\'', '«', '»', '“', '”', '„']))
                .find(|word| word.contains('/'));
            let plain = spn.is_some() && (self.logon.is_some() || self.origin.echo.is_some());
            if english || plain {
                self.got = Some((spn.map(str::to_owned), english, line.cite(self.artifact)));
                return true;
            }
        }
        const CHANGES: &[&str] = &[
            "(s) purged",
            "supprimé(s)",
            "has been purged",
            "is now bound to KDC",
            "Deleting all tickets",
        ];
        if self.origin.verb == Some(Verb::Change)
            || CHANGES.iter().any(|words| text.contains(words))
        {
            self.changed = true;
            return true;
        }
        text.starts_with("The kerberos KDC binding cache has been queried")
    }

    /// Ends the ticket or binding that was being read.
    fn leave(&mut self) {
        match std::mem::take(&mut self.within) {
            Within::Ticket(lines) => match ticket::positional(self.artifact, &lines) {
                Some(ticket) => self.tickets.push(ticket),
                None => self.broken.extend(lines.first()),
            },
            Within::Binding(lines) => {
                let value = |line: Option<&Line<'_>>| {
                    line.and_then(|line| ticket::value(line.text))
                        .unwrap_or_default()
                        .to_owned()
                };
                let realm = lines
                    .first()
                    .and_then(|line| entry(line.text))
                    .and_then(ticket::value);
                let name = value(lines.get(2));
                let kdc = if name.is_empty() {
                    value(lines.get(1))
                } else {
                    name
                };
                if let (Some(line), Some(realm), Some(bindings)) =
                    (lines.first(), realm, &mut self.bindings)
                {
                    let pair = (realm.to_owned(), kdc.trim_start_matches('\\').to_owned());
                    bindings.push(Cited::new(pair, line.cite(self.artifact)));
                }
            }
            Within::Nothing | Within::Loose | Within::Tgt(_) => {}
        }
    }
}
