//! The files under what the user named. Links are not followed, and devices, pipes and sockets are not read: either could lead out of
//! the bundle or never end.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use super::label;

/// A file on disk, or why something is not one.
pub(super) struct Found {
    /// Path below the input; empty for the input itself.
    pub label: String,
    pub file: Result<PathBuf, String>,
}

/// Lists the files of one input, at most `most` of them, in no particular order.
///
/// # Errors
/// The input itself is not there, may not be read, or is neither file nor folder.
pub(super) fn walk(input: &Path, most: usize) -> io::Result<Vec<Found>> {
    let kind = fs::metadata(input)?.file_type();
    if kind.is_file() {
        fs::File::open(input)?;
        return Ok(vec![Found {
            label: String::new(),
            file: Ok(input.to_owned()),
        }]);
    }
    if !kind.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is neither a file nor a folder",
        ));
    }
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), input.to_owned(), names(input)?)];
    while let Some((label, folder, names)) = folders.pop() {
        for name in names {
            if found.len() >= most {
                let says = format!(
                    "the folder holds more than {most} files; the rest was left out; name the folders that matter one by one"
                );
                found.push(Found {
                    label: label::join(&label, "(files left out)"),
                    file: Err(says),
                });
                return Ok(found);
            }
            let path = folder.join(&name);
            let label = label::join(&label, &label::clean(&name.to_string_lossy()));
            match enter(&path) {
                Ok(Entry::File) => found.push(Found {
                    label,
                    file: Ok(path),
                }),
                Ok(Entry::Folder(names)) => folders.push((label, path, names)),
                Ok(Entry::Other(what)) => {
                    let says = format!(
                        "it is a {what}, which is not followed; copy what it stands for into the bundle"
                    );
                    found.push(Found {
                        label,
                        file: Err(says),
                    });
                }
                Err(reason) => found.push(Found {
                    label,
                    file: Err(unreadable(&reason)),
                }),
            }
        }
    }
    Ok(found)
}

enum Entry {
    File,
    Folder(Vec<std::ffi::OsString>),
    Other(&'static str),
}

fn enter(path: &Path) -> io::Result<Entry> {
    let kind: FileType = fs::symlink_metadata(path)?.file_type();
    Ok(if kind.is_file() {
        Entry::File
    } else if kind.is_dir() {
        Entry::Folder(names(path)?)
    } else if kind.is_symlink() {
        Entry::Other("link")
    } else {
        Entry::Other("device, pipe or socket")
    })
}

/// The names in a folder, sorted, so that a limit cuts the same files off everywhere.
fn names(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// What to say of a file that could not be read.
pub(super) fn unreadable(reason: &io::Error) -> String {
    format!("could not be read because {reason}; copy it again, with rights to read it")
}
