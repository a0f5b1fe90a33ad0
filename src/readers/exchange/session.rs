//! The files of one Fiddler session, brought together.
//!
//! ```text
//! raw/12_c.txt   what the client sent          raw/12_m.xml   <Session SID="12"><SessionTimers ClientBeginRequest="…"/>
//! raw/12_s.txt   what the server answered                     <PipeInfo CltReuse="true" Reused="true"/>…
//! ```

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event as Token;

use super::{Exchange, Found, nothing, when, word};
use crate::bundle::Artifact;
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Known};
use crate::readers::request_trace::attribute;

/// Elements looked at in one file.
const ELEMENTS: usize = 4096;

/// The notes on a session: when it began, and on which connection.
pub(super) fn read(artifact: ArtifactId, text: &Text) -> Found {
    let whole = text.lines.join("\n");
    let mut reader = Reader::from_str(&whole);
    let mut exchange = Exchange::at(Citation::line(artifact, 1, ""));
    let mut told = false;
    for _ in 0..ELEMENTS {
        let tag = match reader.read_event() {
            Ok(Token::Start(tag) | Token::Empty(tag)) => tag,
            Ok(Token::Eof) | Err(_) => break,
            Ok(_) => continue,
        };
        let is_true =
            |name: &str| attribute(&tag, name).map(|value| value.eq_ignore_ascii_case("true"));
        match tag.local_name().into_inner() {
            "SessionTimers" => {
                told = true;
                let begun = ["ClientBeginRequest", "ClientDoneRequest", "ClientConnected"];
                exchange.when = begun.iter().find_map(|name| when(&attribute(&tag, name)?));
            }
            "PipeInfo" => exchange.reused = is_true("Reused"),
            "SessionFlag"
                if attribute(&tag, "N")
                    .is_some_and(|name| name.eq_ignore_ascii_case("x-clientport")) =>
            {
                let port = attribute(&tag, "V").map(|port| word(&port));
                exchange.connection =
                    port.filter(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
            }
            _ => {}
        }
    }
    match told {
        true => (vec![exchange.finish()], Vec::new()),
        false => nothing(artifact, "The session holds no times."),
    }
}

/// Joins the files of each session into one exchange, and leaves out what is in the bundle twice. Two requests of one
/// session of Fiddler may be the same to the byte and still be two: a copy is a session all of whose files are copies.
pub(crate) fn pair(
    artifacts: &[Artifact],
    recordings: Vec<(ArtifactId, Vec<Exchange>)>,
) -> Vec<(ArtifactId, Vec<Exchange>)> {
    let artifact = |id: ArtifactId| usize::try_from(id.0).ok().and_then(|at| artifacts.get(at));
    let mut sessions: BTreeMap<String, Vec<(ArtifactId, Vec<Exchange>)>> = BTreeMap::new();
    for (id, exchanges) in recordings {
        let path = artifact(id).map_or_else(|| format!("{id:?}"), |a| a.path.clone());
        let session = session_of(&path).unwrap_or(&path).to_owned();
        sessions.entry(session).or_default().push((id, exchanges));
    }
    let copy = |id: ArtifactId| artifact(id).is_some_and(|a| a.duplicate_of.is_some());
    let mut paired: Vec<_> = sessions
        .into_values()
        .filter(|parts| !parts.iter().all(|(id, _)| copy(*id)))
        .map(join)
        .collect();
    paired.sort_by_key(|(id, _)| *id);
    paired
}

/// `…/raw/12` of `…/raw/12_c.txt`.
fn session_of(path: &str) -> Option<&str> {
    let session = ["_c.txt", "_s.txt", "_m.xml"]
        .iter()
        .find_map(|end| path.strip_suffix(end))?;
    let number = session.rsplit('/').next()?;
    (!number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())).then_some(session)
}

fn join(parts: Vec<(ArtifactId, Vec<Exchange>)>) -> (ArtifactId, Vec<Exchange>) {
    let mut parts = parts.into_iter();
    let Some((id, first)) = parts.next() else {
        return (ArtifactId(0), Vec::new());
    };
    let rest: Vec<Exchange> = parts.flat_map(|(_, exchanges)| exchanges).collect();
    if rest.is_empty() {
        return (id, first);
    }
    let mut halves: Vec<Exchange> = first.into_iter().chain(rest).collect();
    // The request first: it says where the exchange stands.
    halves.sort_by_key(|half| (half.method.is_none(), half.status.is_none()));
    let mut halves = halves.into_iter();
    let Some(mut whole) = halves.next() else {
        return (id, Vec::new());
    };
    for half in halves {
        whole.take(half);
    }
    (id, vec![whole.finish()])
}

impl Exchange {
    /// Fills in what the other half knows.
    fn take(&mut self, half: Self) {
        if half.status.is_some() {
            self.answer_from = Some(half.from.clone());
        }
        // The notes tell the time of the request, the answer only its own.
        let notes = half.status.is_none() && half.method.is_none();
        self.when = if notes {
            half.when.or(self.when)
        } else {
            self.when.or(half.when)
        };
        self.status = self.status.or(half.status);
        self.server = self.server.take().or(half.server);
        self.connection = self.connection.take().or(half.connection);
        self.reused = self.reused.or(half.reused);
        if self.challenges.is_empty() {
            self.challenges = half.challenges;
        }
        if matches!(self.presented, Known::Unknown) {
            self.presented = half.presented;
        }
    }
}
