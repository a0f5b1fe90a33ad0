//! One entry of a bundle.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use super::Source;
use super::packed::Packed;
use super::text::{self, Text};
use crate::evidence::ArtifactId;

/// What an artifact is, judged by its content; the name is only a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An event log (`ElfFile` header), or chunks of one.
    Evtx,
    /// Events exported as XML (`wevtutil qe /f:xml`, Event Viewer "save as XML").
    EventXml,
    /// `applicationHost.config`, whole or a fragment of one.
    ApplicationHostConfig,
    /// A `web.config`.
    WebConfig,
    /// Another IIS or .NET configuration file (administration.config, redirection.config, machine.config, schema).
    OtherConfig,
    /// Text that holds the output of commands: setspn, klist and what else the console showed or a tool wrote to a file.
    Console,
    /// Events in other clothes: CSV, text, JSON, the tables of other tools.
    EventExport,
    /// A log of IIS, in W3C, IIS or NCSA format.
    WebLog,
    /// A log of http.sys (`httperr*.log`).
    HttpErrLog,
    /// A failed-request trace of IIS (`fr*.xml`).
    RequestTrace,
    /// A recording of HTTP exchanges: HAR, or one message of a Fiddler session.
    HttpRecording,
    /// Objects that PowerShell exported (`Export-Clixml`).
    Clixml,
    /// `netlogon.log`.
    NetlogonLog,
    /// A kind of file that is known and not read: its name; a problem says what to send instead.
    Unsupported(&'static str),
    /// Text that no reader knows.
    Text,
    /// Bytes that no reader knows, or an entry that could not be opened (a problem says why; it has no bytes then).
    Binary,
    /// No bytes at all.
    Empty,
}

impl Kind {
    /// Whether it is a log of lines, which may be of any size and is read line by line.
    pub fn is_log_of_lines(self) -> bool {
        matches!(self, Kind::WebLog | Kind::HttpErrLog | Kind::NetlogonLog)
    }

    /// Whether every record of it says which machine it is of, so that the same bytes say the same wherever they lie.
    /// What other files say depends on whose they are.
    pub fn names_its_machine(self) -> bool {
        matches!(self, Kind::Evtx | Kind::EventXml | Kind::RequestTrace)
    }
}

/// Where an artifact's bytes are.
#[derive(Clone)]
pub enum Content {
    /// A file on disk, read when needed.
    File(PathBuf),
    /// An entry of an archive, already unpacked in memory.
    Memory(Arc<[u8]>),
    /// A large log in an archive on disk, unpacked anew each time it is read.
    Packed(Arc<Packed>),
}

impl Content {
    /// How many bytes there are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn bytes(&self) -> io::Result<u64> {
        match self {
            Content::File(path) => std::fs::metadata(path).map(|file| file.len()),
            Content::Memory(bytes) => Ok(bytes.len() as u64),
            Content::Packed(packed) => Ok(packed.bytes()),
        }
    }
}

/// Says where, and never prints the bytes: they hold passwords and tickets.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::File(path) => f.debug_tuple("File").field(path).finish(),
            Content::Memory(bytes) => write!(f, "Memory({} bytes)", bytes.len()),
            Content::Packed(packed) => packed.fmt(f),
        }
    }
}

/// One entry of a bundle: a path inside it, where its bytes are, and what kind it was sniffed to be.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Its number in the bundle.
    pub id: ArtifactId,
    /// Path inside the bundle, `/` between components; the path of an archive entry continues that of its archive.
    pub path: String,
    /// Where the bytes are.
    pub content: Content,
    /// Size in bytes.
    pub bytes: u64,
    /// What it is.
    pub kind: Kind,
    /// The artifact with the lowest id that has the same bytes. Customers send the same log twice; it is counted once.
    pub duplicate_of: Option<ArtifactId>,
    /// The log that all of this one stands at the start of: it was copied twice, and written to in between.
    pub start_of: Option<ArtifactId>,
}

/// The folder that holds all artifacts, empty where no folder does: what was packed, or sent in one more folder, is the same
/// bundle.
pub fn common_folder(artifacts: &[Artifact]) -> &str {
    let folder = |path: &str| path.rsplit_once('/').map_or(0, |(folder, _)| folder.len());
    let Some(first) = artifacts.first().map(|a| a.path.as_str()) else {
        return "";
    };
    let mut end = folder(first);
    for artifact in artifacts {
        let holds = |end: usize| {
            let all = artifact
                .path
                .strip_prefix(first.get(..end).unwrap_or_default());
            end == 0 || all.is_some_and(|rest| rest.starts_with('/'))
        };
        while !holds(end) {
            end = folder(first.get(..end).unwrap_or_default());
        }
    }
    first.get(..end).unwrap_or_default()
}

impl Artifact {
    /// The bytes.
    ///
    /// # Errors
    /// The file could not be read any more (it was moved, or the share went away), or it is a log that is too large to be held
    /// whole.
    pub fn read(&self) -> io::Result<Cow<'_, [u8]>> {
        match &self.content {
            Content::File(path) => std::fs::read(path).map(Cow::Owned),
            Content::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
            Content::Packed(_) => {
                let mut bytes = Vec::new();
                self.source().read_to_end(&mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// The first artifact with these bytes: itself, where it is no duplicate.
    pub fn original(&self) -> ArtifactId {
        self.duplicate_of.unwrap_or(self.id)
    }

    /// The bytes, to be read by position.
    pub fn source(&self) -> Source {
        Source::new(&self.content)
    }

    /// The bytes as text, decoded and cut into lines. Lines of XML and of exported events are kept whole, because a whole export may stand in one;
    /// of other text, what is longer than [`LINE_CHARS`](text::LINE_CHARS) is cut.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn text(&self) -> io::Result<Text> {
        let bytes = self.read()?;
        Ok(match self.kind {
            Kind::EventXml
            | Kind::EventExport
            | Kind::Clixml
            | Kind::ApplicationHostConfig
            | Kind::WebConfig
            | Kind::OtherConfig
            | Kind::RequestTrace
            | Kind::HttpRecording => text::decode_uncut(&bytes),
            _ => text::decode(&bytes),
        })
    }
}
