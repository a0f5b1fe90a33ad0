//! Folders of a bundle that the customer packed: zip with deflate, and the rest stored as it is, so that the bytes depend
//! on nothing but the files.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

use super::World;
use crate::support::archives;

/// What a folder was packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// `.zip`, with the folders separated by `/`.
    Zip,
    /// `.zip` as .NET Framework wrote it, with backslashes.
    ZipOfDotNet,
    /// `.7z`.
    SevenZip,
    /// `.cab`.
    Cabinet,
    /// `.tar.gz`.
    TarGz,
}

impl World {
    /// Packs everything below a folder (`WEB01/`) into an archive, at the end of the story. Say inner ones first.
    pub fn pack(&mut self, folder: &str, archive: &str, form: Archive) {
        self.archives
            .push((folder.to_owned(), archive.to_owned(), form));
    }

    pub(super) fn pack_all(&mut self) {
        for (folder, archive, form) in std::mem::take(&mut self.archives) {
            let inside: Vec<String> = self
                .files
                .keys()
                .filter(|path| path.starts_with(&folder))
                .cloned()
                .collect();
            assert!(!inside.is_empty(), "nothing is below {folder}");
            let entries: Vec<(String, Vec<u8>)> = inside
                .into_iter()
                .filter_map(|path| {
                    let bytes = self.files.remove(&path)?;
                    Some((path[folder.len()..].to_owned(), bytes))
                })
                .collect();
            self.file(&archive, packed(&entries, form));
        }
    }
}

/// The bytes of an archive.
pub fn packed(entries: &[(String, Vec<u8>)], form: Archive) -> Vec<u8> {
    match form {
        Archive::Zip => zip(entries),
        Archive::ZipOfDotNet => {
            let renamed: Vec<_> = entries
                .iter()
                .map(|(path, bytes)| (path.replace('/', "\\"), bytes.clone()))
                .collect();
            zip(&renamed)
        }
        Archive::SevenZip => archives::seven_zip(entries),
        Archive::Cabinet => archives::cabinet(entries),
        Archive::TarGz => archives::gzip(&archives::tar(entries)),
    }
}

fn zip(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in entries {
        zip.start_file(path, SimpleFileOptions::default())
            .and_then(|()| Ok(zip.write_all(bytes)?))
            .expect("an entry");
    }
    zip.finish().expect("an archive").into_inner()
}
