//! A story: what happened at one customer, told in a few lines, and everything a support bundle of it would hold.
//!
//! [`World`] is the story while it is told. It knows the true state (who holds which SPN, who logged on when) and
//! derives every artifact from it, so that setspn, klist, event logs and configuration never contradict each other
//! unless the story wants them to. [`World::finish`] makes the [`Story`]: files, and what must be concluded.

mod changes;
mod collected;
mod disk;
mod expected;
mod failures;
mod packing;
mod refusals;
mod visits;
mod world;

pub use disk::{fixtures_folder, on_disk, write};
pub use expected::{Expected, ExpectedFinding, ExpectedHost, Status, Verdict};
pub use failures::{Fallback, Visit};
pub use packing::Archive;
pub use visits::Way;
pub use world::{Layout, LogForm, World, story};

/// A finished story.
#[derive(Clone, Debug)]
pub struct Story {
    /// Folder name, kebab-case.
    pub name: String,
    /// One line.
    pub title: String,
    /// One paragraph: what happened, what the bundle holds and lacks, and why the conclusion is what it is.
    pub summary: String,
    /// The bundle: path below `bundle/`, with `/`, and bytes. Sorted by path.
    pub files: Vec<(String, Vec<u8>)>,
    /// What an analysis must and must not conclude.
    pub expected: Expected,
}

impl Story {
    /// The bytes of one file of the bundle.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files
            .iter()
            .find(|(name, _)| name == path)
            .map(|(_, bytes)| bytes.as_slice())
    }

    /// The story as Markdown.
    pub fn markdown(&self) -> String {
        format!("# {}\n\n{}\n", self.title, self.summary)
    }
}
