//! Zip archives, unpacked in memory.
//!
//! First the entries are planned in order, from the sizes that the archive declares, against the limits; then they are unpacked in
//! parallel, each into room of exactly its declared size. So the same bundle meets its limits at the same entry whatever the number of
//! threads, and an entry that is larger than it says is cut there.
//!
//! The directory of a zip stands at its end: of an upload that was cut off, the entries are found one behind the other from the start.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use zip::read::{ZipFile, read_zipfile_from_stream};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::source::Source;
use super::{Content, Limits, label, text};

/// An entry may unpack to this much whatever its ratio.
const HARMLESS: u64 = 16 << 20;

/// What is left of the limits.
pub(super) struct Budget {
    limits: Limits,
    entries: usize,
    bytes: u64,
}

impl Budget {
    pub(super) fn new(limits: &Limits, entries_used: usize) -> Self {
        Self {
            limits: *limits,
            entries: limits.entries.saturating_sub(entries_used),
            bytes: limits.total_bytes,
        }
    }
}

/// An entry to unpack, or why it is not.
pub(super) struct Planned {
    pub label: String,
    pub entry: Result<Entry, String>,
}

/// An entry that the limits allow.
pub(super) struct Entry {
    place: Where,
    size: u64,
}

/// Where an entry is found again.
enum Where {
    Listed(Box<ZipArchive<Source>>, usize),
    /// At this offset of an archive that has no directory.
    Offset(Source, u64),
}

/// What the limits are checked against.
struct Declared {
    label: String,
    size: u64,
    packed: u64,
    encrypted: bool,
    link: bool,
    method: CompressionMethod,
    place: Where,
}

/// The entries of one archive, and what is wrong with it as a whole.
#[derive(Default)]
pub(super) struct Plan {
    pub entries: Vec<Planned>,
    pub problems: Vec<String>,
}

/// Lists the entries of an archive and charges them to the budget.
pub(super) fn plan(content: &Content, label: &str, budget: &mut Budget) -> Plan {
    let mut plan = Plan::default();
    let mut declared = match ZipArchive::new(Source::new(content)) {
        Ok(archive) => {
            if archive.has_duplicate_names() {
                let says = "the archive names an entry twice; the last of each was read; unpack it and look for what is missing";
                plan.problems.push(says.to_owned());
            }
            if archive.is_empty() {
                plan.problems
                    .push("is an archive without entries; pack and send it again".to_owned());
            }
            listed(&archive)
        }
        Err(error) => {
            let found = found_in_line(content, budget.entries.saturating_add(1));
            plan.problems.push(match found.len() {
                0 => damaged(&error),
                rescued => format!(
                    "{}; {rescued} entries at its start were still found",
                    damaged(&error)
                ),
            });
            found
        }
    };
    declared.sort_by(|a, b| a.label.cmp(&b.label));
    let all = declared.len();
    let taken = all.min(budget.entries);
    if taken < all {
        let left_out = all - taken;
        let most = budget.limits.entries;
        plan.problems.push(format!(
            "{left_out} of the {all} entries were left out because a bundle may hold {most} artifacts; unpack the archive and name the parts that matter"
        ));
    }
    budget.entries -= taken;
    declared.truncate(taken);
    // Where memory does not suffice for all, one dump must not take it from a hundred logs.
    declared.sort_by_key(|entry| entry.size);
    plan.entries = declared
        .into_iter()
        .map(|entry| Planned {
            label: label::join(label, &entry.label),
            entry: budget.allow(entry),
        })
        .collect();
    plan
}

/// The entries that the directory of the archive lists.
fn listed(archive: &ZipArchive<Source>) -> Vec<Declared> {
    (0..archive.len())
        .filter_map(|index| {
            let entry = archive.by_index_data(index).ok()?;
            (!is_folder(entry.is_dir(), entry.name_raw())).then(|| Declared {
                label: label::clean(&text::decode_name(entry.name_raw())),
                size: entry.size(),
                packed: entry.compressed_size(),
                encrypted: entry.encrypted(),
                link: entry.is_symlink(),
                method: entry.compression(),
                place: Where::Listed(Box::new(archive.clone()), index),
            })
        })
        .collect()
}

/// The entries that stand one behind the other at the start of an archive without a directory.
fn found_in_line(content: &Content, most: usize) -> Vec<Declared> {
    let mut source = Source::new(content);
    let mut found = Vec::new();
    while found.len() < most {
        let Ok(at) = source.stream_position() else {
            break;
        };
        let Ok(Some(entry)) = read_zipfile_from_stream(&mut source) else {
            break;
        };
        let declared = (!is_folder(entry.is_dir(), entry.name_raw())).then(|| Declared {
            label: label::clean(&text::decode_name(entry.name_raw())),
            size: entry.size(),
            packed: entry.compressed_size(),
            encrypted: entry.encrypted(),
            link: entry.is_symlink(),
            method: entry.compression(),
            place: Where::Offset(Source::new(content), at),
        });
        // Dropping the entry reads on to its end.
        drop(entry);
        found.extend(declared);
    }
    found
}

/// Explorer writes folders with a slash at the end, some tools with a backslash.
fn is_folder(declared: bool, name: &[u8]) -> bool {
    declared || name.ends_with(b"\\")
}

impl Budget {
    /// Whether a directory of so many entries may be held in memory. Entries of archives that are stored inside count as well, hence
    /// the generous bound.
    ///
    /// # Errors
    /// What to say of the archive that is left closed.
    pub(super) fn allow_directory(&self, entries: u64) -> Result<(), String> {
        let most = self.limits.entries.saturating_mul(4);
        if usize::try_from(entries).is_ok_and(|entries| entries <= most) {
            return Ok(());
        }
        Err(format!(
            "was not opened because it lists some {entries} entries and a bundle may hold {} artifacts; unpack it and name the parts that matter",
            self.limits.entries
        ))
    }

    fn allow(&mut self, entry: Declared) -> Result<Entry, String> {
        let Declared { size, packed, .. } = entry;
        let Limits {
            entry_bytes,
            total_bytes,
            ratio,
            ..
        } = self.limits;
        if entry.encrypted {
            return Err(
                "is encrypted; unpack the archive with its password and name the folder instead"
                    .to_owned(),
            );
        }
        if entry.link {
            return Err("is a link, which is not followed; pack what it stands for".to_owned());
        }
        if !matches!(
            entry.method,
            CompressionMethod::Stored | CompressionMethod::Deflated
        ) {
            return Err(format!(
                "is packed with {}, which is not read here; pack it again as an ordinary zip, or unpack it and name the folder",
                entry.method
            ));
        }
        if size > HARMLESS && size > packed.saturating_mul(ratio) {
            return Err(format!(
                "was not unpacked because {packed} bytes would become {size}, more than {ratio} times as much, as in a zip bomb; if you trust it, unpack it and name the file"
            ));
        }
        if size > entry_bytes {
            return Err(format!(
                "was not unpacked because its {size} bytes are more than {entry_bytes}; unpack it and name the file"
            ));
        }
        let Some(left) = self.bytes.checked_sub(size) else {
            return Err(format!(
                "was not unpacked because the archives together would take more than {total_bytes} bytes of memory; unpack them and name the folder"
            ));
        };
        self.bytes = left;
        Ok(Entry {
            place: entry.place,
            size,
        })
    }
}

impl Entry {
    /// Unpacks; what could be read of a damaged entry is kept, and the problem returned beside it.
    pub(super) fn unpack(self) -> (Arc<[u8]>, Option<String>) {
        let size = self.size;
        let unpacked = match self.place {
            Where::Listed(mut archive, index) => {
                archive.by_index(index).map(|entry| unpack(entry, size))
            }
            Where::Offset(mut source, at) => source
                .seek(SeekFrom::Start(at))
                .map_err(ZipError::from)
                .and_then(|_| {
                    read_zipfile_from_stream(&mut source)?
                        .ok_or(ZipError::FileNotFound)
                        .map(|entry| unpack(entry, size))
                }),
        };
        unpacked.unwrap_or_else(|error| (Arc::default(), Some(damaged(&error))))
    }
}

fn unpack(mut entry: ZipFile<'_, Source>, size: u64) -> (Arc<[u8]>, Option<String>) {
    let Ok(size) = usize::try_from(size) else {
        return (
            Arc::default(),
            Some("is larger than this machine can address; unpack it and name the file".to_owned()),
        );
    };
    // Filled in place: growing a buffer and copying it at the end would take three times the memory.
    let mut bytes: Arc<[u8]> = std::iter::repeat_n(0, size).collect();
    let read = match Arc::get_mut(&mut bytes) {
        Some(room) => fill(&mut entry, room),
        None => Ok(0),
    };
    match read {
        Ok(read) if read == size => (bytes, None),
        Ok(read) => {
            let says = format!(
                "is damaged: it ends after {read} of {size} bytes; what there is was read; pack and send it again"
            );
            (bytes.get(..read).unwrap_or_default().into(), Some(says))
        }
        Err((read, reason)) => {
            let says = format!(
                "is damaged ({reason}): only its first {read} bytes were read; pack and send it again"
            );
            (bytes.get(..read).unwrap_or_default().into(), Some(says))
        }
    }
}

/// Fills the room and asks for one byte more, which makes the reader check the checksum and shows an entry that lied about its size.
fn fill(entry: &mut impl Read, room: &mut [u8]) -> Result<usize, (usize, String)> {
    let mut filled = 0;
    loop {
        let mut beyond = [0];
        let rest = match room.get_mut(filled..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => &mut beyond,
        };
        match entry.read(rest) {
            Ok(0) => return Ok(filled),
            Ok(_) if filled == room.len() => {
                return Err((filled, "it holds more than it declares".to_owned()));
            }
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((filled, error.to_string())),
        }
    }
}

fn damaged(error: &ZipError) -> String {
    match error {
        ZipError::CompressionMethodNotSupported(method) => {
            format!(
                "is packed with method {method}, which is not read here; pack it again as an ordinary zip (deflate)"
            )
        }
        ZipError::UnsupportedArchive(reason) => {
            format!("could not be unpacked because {reason}; unpack it and name the folder instead")
        }
        other => format!(
            "is damaged or was cut off ({other}); copy it again, or unpack what can be rescued and name the folder"
        ),
    }
}
