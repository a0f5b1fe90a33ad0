//! Opening a bundle: folders, files and archives, several at once.
//!
//! Files are listed, looked at in parallel, and archives among them opened level by level. What cannot be opened stays in the list, with
//! a problem that says why: an artifact that vanished would look like one that was never collected. Order and numbers come from the
//! sorted paths at the end, so that neither the file system nor the threads show in the result.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::archive::{self, Budget, Closed, Job, Unpacked};
use super::digest::{self, Seen};
use super::sniff::{self, Nature};
use super::walk::{self, Found};
use super::{Artifact, Content, Kind, Limits, label, starts};
use crate::evidence::{ArtifactId, Place, Problem};

/// One path that the user named.
#[derive(Clone, Debug)]
pub struct Input {
    /// The path as given.
    pub path: String,
    of: Named,
}

/// What a path names.
#[derive(Clone, Debug)]
enum Named {
    File(Content),
    Folder(Vec<(String, Content)>),
}

impl Input {
    /// SHA-256: of the bytes of a file, of the sorted (path, hash) list of a folder. Reads them all; `None` where that is not
    /// possible any more.
    pub fn sha256(&self) -> Option<String> {
        match &self.of {
            Named::File(content) => digest::sha256(content),
            Named::Folder(files) => digest::sha256_of_list(files),
        }
    }
}

/// Everything the user named, opened.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// What the user named, in the order given.
    pub inputs: Vec<Input>,
    /// The artifacts, in the order of their paths; `artifacts[i].id` is `i`.
    pub artifacts: Vec<Artifact>,
    /// Entries that could not be opened.
    pub problems: Vec<Problem>,
}

/// Why a bundle could not be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path is not there or may not be read.
    #[error("could not open {path} because {reason}; check the path and your rights to it")]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
}

/// An artifact before it has its number.
struct Draft {
    label: String,
    content: Content,
    bytes: u64,
    nature: Nature,
    zip_entries: u64,
    problems: Vec<String>,
}

impl Bundle {
    /// Opens what the user named. Archives are recognised by their content, and nothing is unpacked to disk.
    ///
    /// # Errors
    /// A path that the user named is not there or may not be read. Whatever goes wrong deeper is a [`Problem`].
    pub fn open(inputs: &[PathBuf], limits: &Limits) -> Result<Self, OpenError> {
        let prefixes = match inputs {
            [only] if only.is_dir() => vec![String::new()],
            _ => label::input_names(&inputs.iter().map(PathBuf::as_path).collect::<Vec<_>>()),
        };
        let mut drafts = Vec::new();
        let mut opened = Vec::new();
        for (path, prefix) in inputs.iter().zip(&prefixes) {
            let (input, found) = open_input(path, prefix, limits)?;
            opened.push(input);
            drafts.extend(found);
        }
        sort(&mut drafts);
        Ok(number(opened, unpack_archives(drafts, limits)))
    }

    /// Opens the bytes of one file that is in memory already, under a name of the caller's.
    pub fn of_memory(name: &str, bytes: &[u8], limits: &Limits) -> Self {
        let draft = Draft::of_content(label::clean(name), Content::Memory(bytes.into()));
        let input = Input {
            path: name.to_owned(),
            of: Named::File(draft.content.clone()),
        };
        number(vec![input], unpack_archives(vec![draft], limits))
    }
}

fn open_input(
    path: &Path,
    prefix: &str,
    limits: &Limits,
) -> Result<(Input, Vec<Draft>), OpenError> {
    let unreadable = |reason| OpenError::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let found = walk::walk(path, limits.entries).map_err(unreadable)?;
    let mut drafts: Vec<Draft> = found.into_par_iter().map(Draft::of_file).collect();
    sort(&mut drafts);
    let of = match drafts.as_slice() {
        [only] if only.label.is_empty() => Named::File(only.content.clone()),
        several => {
            let each = |draft: &Draft| (draft.label.clone(), draft.content.clone());
            Named::Folder(several.iter().map(each).collect())
        }
    };
    for draft in &mut drafts {
        draft.label = label::join(prefix, &draft.label);
    }
    Ok((
        Input {
            path: path.to_string_lossy().into_owned(),
            of,
        },
        drafts,
    ))
}

impl Draft {
    fn of_file(found: Found) -> Self {
        let content = found.file.map(Content::File);
        let seen = content.and_then(|content| {
            let seen = digest::see(&content).map_err(|reason| walk::unreadable(&reason))?;
            Ok((content, seen))
        });
        match seen {
            Ok((content, seen)) => Self::new(found.label, content, seen),
            Err(says) => Self::refused(found.label, says),
        }
    }

    fn of_entry(entry: Unpacked) -> Self {
        let Unpacked {
            label,
            content,
            bytes,
            problem,
        } = entry;
        if bytes == 0
            && let Some(says) = problem
        {
            return Self::refused(label, says);
        }
        let mut draft = Self::of_content(label, content);
        draft.problems.extend(problem);
        draft
    }

    fn of_content(label: String, content: Content) -> Self {
        match digest::see(&content) {
            Ok(seen) => Self::new(label, content, seen),
            Err(reason) => Self::refused(label, walk::unreadable(&reason)),
        }
    }

    /// Something that stays in the list without its bytes.
    fn refused(label: String, says: String) -> Self {
        Self {
            label,
            content: Content::Memory(Arc::default()),
            bytes: 0,
            nature: Nature::Plain(Kind::Binary),
            zip_entries: 0,
            problems: vec![says],
        }
    }

    fn is_archive(&self) -> bool {
        matches!(self.nature, Nature::Archive(_))
    }

    fn closed(&self) -> Option<Closed<'_>> {
        let Nature::Archive(format) = self.nature else {
            return None;
        };
        Some(Closed {
            format,
            content: &self.content,
            bytes: self.bytes,
        })
    }

    fn new(label: String, content: Content, seen: Seen) -> Self {
        let problems = match seen.nature {
            Nature::Plain(Kind::Unsupported(name)) => vec![sniff::instead(name).to_owned()],
            _ => Vec::new(),
        };
        Self {
            label,
            content,
            bytes: seen.bytes,
            nature: seen.nature,
            zip_entries: seen.zip_entries,
            problems,
        }
    }
}

/// Archives that are listed at a time. A number of its own, because what one list may cost depends on those before it.
const LISTED_AT_ONCE: usize = 8;

/// Replaces archives by their entries, level by level.
fn unpack_archives(files: Vec<Draft>, limits: &Limits) -> Vec<Draft> {
    let (mut archives, mut done): (Vec<_>, Vec<_>) = files.into_iter().partition(Draft::is_archive);
    let mut budget = Budget::new(limits, done.len());
    let mut depth = 1;
    while !archives.is_empty() {
        let mut jobs = Vec::new();
        let (mut open, closed) = close(std::mem::take(&mut archives), depth, limits, &budget);
        done.extend(closed);
        for batch in open.chunks_mut(LISTED_AT_ONCE) {
            let left = budget.left();
            let list = |archive: Closed<'_>| archive::list(&archive, &left);
            let stream = |draft: &Draft| draft.closed().filter(Closed::is_stream).map(list);
            let listings: Vec<_> = batch.par_iter().map(stream).collect();
            for (archive, listing) in batch.iter_mut().zip(listings) {
                // A directory takes memory and no time: they are held one after the other.
                let listing = listing.or_else(|| archive.closed().map(list));
                let plan = budget.plan(listing.unwrap_or_default(), &archive.label);
                jobs.extend(plan.jobs);
                done.extend(
                    plan.refused
                        .into_iter()
                        .map(|(label, says)| Draft::refused(label, says)),
                );
                archive.problems.extend(plan.problems);
            }
        }
        // An archive that was opened is no artifact, unless there is something to say of it.
        done.extend(
            open.into_iter()
                .filter(|archive| !archive.problems.is_empty()),
        );
        let drafts: Vec<Draft> = jobs
            .into_par_iter()
            .flat_map_iter(Job::run)
            .map(Draft::of_entry)
            .collect();
        let (deeper, plain): (Vec<_>, Vec<_>) = drafts.into_iter().partition(Draft::is_archive);
        done.extend(plain);
        archives = deeper;
        // What lies at the same depth is opened in the order of its path, whatever archive it came from.
        sort(&mut archives);
        depth += 1;
    }
    done
}

/// Tells the archives that may be opened from those that stay closed.
fn close(
    archives: Vec<Draft>,
    depth: u32,
    limits: &Limits,
    budget: &Budget,
) -> (Vec<Draft>, Vec<Draft>) {
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for mut archive in archives {
        let allowed = if depth > limits.depth {
            Err(format!(
                "was not opened because it lies {depth} archives deep, more than {}; unpack it and name the folder",
                limits.depth
            ))
        } else {
            budget.allow_directory(archive.zip_entries)
        };
        match allowed {
            Ok(()) => open.push(archive),
            Err(says) => {
                archive.problems.push(says);
                closed.push(archive);
            }
        }
    }
    (open, closed)
}

/// Sorts by path; entries of the same path by content, so that not even those depend on the order of inputs.
fn sort(drafts: &mut [Draft]) {
    drafts.sort_by(|a, b| a.label.cmp(&b.label));
    for alike in drafts.chunk_by_mut(|a, b| a.label == b.label) {
        if alike.len() > 1 {
            alike.sort_by_cached_key(|draft| {
                (digest::sha256(&draft.content), draft.problems.clone())
            });
        }
    }
}

/// Gives artifacts their final paths and numbers.
fn number(inputs: Vec<Input>, mut drafts: Vec<Draft>) -> Bundle {
    sort(&mut drafts);
    label::make_unique(
        &mut drafts
            .iter_mut()
            .map(|draft| &mut draft.label)
            .collect::<Vec<_>>(),
    );
    sort(&mut drafts);
    let mut bundle = Bundle {
        inputs,
        ..Bundle::default()
    };
    let mut originals = duplicates(&drafts);
    for (draft, number) in drafts.into_iter().zip(0u32..) {
        let id = ArtifactId(number);
        bundle.problems.extend(
            draft
                .problems
                .into_iter()
                .map(|says| Problem::new(id, Place::Whole, says)),
        );
        bundle.artifacts.push(Artifact {
            id,
            path: draft.label,
            content: draft.content,
            bytes: draft.bytes,
            kind: match draft.nature {
                Nature::Plain(kind) => kind,
                Nature::Archive(_) => Kind::Binary,
            },
            duplicate_of: originals.remove(&number).map(ArtifactId),
            start_of: None,
        });
    }
    starts::mark(&mut bundle.artifacts);
    bundle
}

/// Which drafts have the bytes of another one, by their places: the first that has them. Only what is of one size, and has
/// one head, is read to find out.
fn duplicates(drafts: &[Draft]) -> BTreeMap<u32, u32> {
    let mut groups: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for (draft, place) in drafts.iter().zip(0u32..) {
        if draft.bytes > 0 {
            groups.entry(draft.bytes).or_default().push(place);
        }
    }
    let groups = groups.into_values().collect();
    let alike = split(drafts, groups, digest::sha256_of_head);
    let same = split(drafts, alike, digest::sha256);
    let pairs = same.iter().filter_map(|group| group.split_first());
    pairs
        .flat_map(|(first, others)| others.iter().map(|other| (*other, *first)))
        .collect()
}

/// Splits groups of drafts by what `hash` says of each; groups of one need no hash, and are gone.
fn split(
    drafts: &[Draft],
    groups: Vec<Vec<u32>>,
    hash: impl Fn(&Content) -> Option<String> + Sync,
) -> Vec<Vec<u32>> {
    let groups = groups.into_par_iter().filter(|group| group.len() > 1);
    let parts = groups.flat_map(|group| {
        let hashed: Vec<(String, u32)> = group
            .into_par_iter()
            .filter_map(|place| Some((hash(&drafts.get(place as usize)?.content)?, place)))
            .collect();
        let mut parts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (hash, place) in hashed {
            parts.entry(hash).or_default().push(place);
        }
        parts.into_values().collect::<Vec<_>>()
    });
    parts.collect()
}
