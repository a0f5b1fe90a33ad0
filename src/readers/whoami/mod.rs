//! `whoami`: the token of a session.
//!
//! ```text
//! C:\>whoami /all
//!
//! USER INFORMATION
//! ----------------
//!
//! User Name SID
//! ========= =============================================
//! corp\uma  S-1-5-21-1004336348-1177238915-682003330-1104
//! ```
//!
//! gives the user with the SID, the groups, the privileges and the integrity level. The words are those of the machine's
//! language: tables are told by their rulers, rows by SIDs and names of privileges, which are the same everywhere.
//! The forms of `/fo csv` and `/fo list` are read too.

mod row;
#[cfg(test)]
mod tests;

use super::Reading;
use super::console::{Line, Section, Tool};
use crate::evidence::{ArtifactId, Citation, Cited, Problem};
use row::Row;

/// A group in a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenGroup {
    /// Its name, where it is shown.
    pub name: String,
    /// Its SID.
    pub sid: String,
    /// Where it stands.
    pub from: Citation,
}

/// The token of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionToken {
    /// `DOMAIN\name`, as printed.
    pub user: Option<Cited<String>>,
    /// The user's SID.
    pub sid: Option<Cited<String>>,
    /// The user principal name (`/upn`).
    pub upn: Option<Cited<String>>,
    /// Groups, those that only mark the logon included. Empty where they were not asked for.
    pub groups: Vec<TokenGroup>,
    /// Names of privileges.
    pub privileges: Vec<Cited<String>>,
    /// Identifiers of user and device claims.
    pub claims: Vec<Cited<String>>,
    /// The machine, where a prompt names it.
    pub host: Option<String>,
    /// Where the output begins.
    pub from: Citation,
}

/// The part before the last of the SIDs that stand for an integrity level.
const LEVELS: &str = "S-1-16-";

impl SessionToken {
    /// The integrity level: 4096 low, 8192 medium, 12288 high (an elevated prompt), 16384 system.
    pub fn integrity_level(&self) -> Option<Cited<u32>> {
        self.groups.iter().find_map(|group| {
            let level = group.sid.strip_prefix(LEVELS)?.parse().ok()?;
            Some(Cited::new(level, group.from.clone()))
        })
    }

    /// The group Protected Users of the user's domain (MS-SAMR: RID 525), where the token holds it.
    pub fn protected_users(&self) -> Option<&TokenGroup> {
        self.groups
            .iter()
            .find(|group| group.sid.starts_with("S-1-5-21-") && group.sid.ends_with("-525"))
    }

    /// Groups that take room in a ticket: all but integrity levels and marks of the logon (`S-1-5-2`, `S-1-18-1` …).
    pub fn domain_groups(&self) -> impl Iterator<Item = &TokenGroup> {
        self.groups
            .iter()
            .filter(|group| group.sid.starts_with("S-1-5-21-"))
    }
}

/// Reads the sections of a console file that hold output of whoami.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<SessionToken>> {
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for section in sections.iter().filter(|s| s.tool == Some(Tool::Whoami)) {
        let Some(first) = section.lines.iter().find(|line| !line.is_blank()) else {
            continue;
        };
        match token(artifact, section, first) {
            Some(token) => records.push(token),
            None => problems.push(Problem::new(
                artifact,
                first.place(),
                "no user, group or privilege could be read here; the output of whoami was skipped",
            )),
        }
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems,
    }
}

fn token(artifact: ArtifactId, section: &Section<'_>, first: &Line<'_>) -> Option<SessionToken> {
    let mut token = SessionToken {
        user: None,
        sid: None,
        upn: None,
        groups: Vec::new(),
        privileges: Vec::new(),
        claims: Vec::new(),
        host: section.host.clone(),
        from: first.cite(artifact),
    };
    let bare = section.commands_of(Tool::Whoami).next();
    for (row, line) in row::rows(&section.lines) {
        let at = || line.cite(artifact);
        match row {
            Row::User { name, sid } => {
                token.user.get_or_insert_with(|| Cited::new(name, at()));
                token.sid.get_or_insert_with(|| Cited::new(sid, at()));
            }
            Row::Group { name, sid } => token.groups.push(TokenGroup {
                name,
                sid,
                from: at(),
            }),
            Row::Privilege(name) => token.privileges.push(Cited::new(name, at())),
            Row::Claim(id) => token.claims.push(Cited::new(id, at())),
        }
    }
    let text = first.text.trim();
    // `whoami` alone and `whoami /upn` print one line, which only the echo explains.
    if let Some(command) = bare
        && !text.contains(char::is_whitespace)
    {
        let named = Cited::new(text.to_owned(), token.from.clone());
        if text.contains('\\') && command.arguments.is_empty() {
            token.user = Some(named);
        } else if text.contains('@') {
            token.upn = Some(named);
        }
    }
    // Names of accounts may hold blanks: `nt authority\system`.
    if let (Some(command), None) = (bare, &token.user)
        && command.arguments.is_empty()
        && text.contains('\\')
        && section.lines.iter().filter(|line| !line.is_blank()).count() == 1
    {
        token.user = Some(Cited::new(text.to_owned(), token.from.clone()));
    }
    let says = token.user.is_some()
        || token.upn.is_some()
        || !token.groups.is_empty()
        || !token.privileges.is_empty()
        || !token.claims.is_empty();
    says.then_some(token)
}
