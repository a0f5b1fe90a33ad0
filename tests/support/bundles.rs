//! The fixtures as they lie on disk, and bundles that are put together from their files in memory.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use why401::bundle::{Bundle, Limits};
use why401::report::Report;
use zip::write::SimpleFileOptions;

/// The files of a bundle: path with `/`, and bytes.
pub type Files = Vec<(String, Vec<u8>)>;

/// The folders below `fixtures/` that hold a bundle and what it must conclude, sorted.
pub fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found: Vec<PathBuf> = fs::read_dir(root)
        .expect("fixtures/ is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("expected.json").is_file())
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no fixture");
    found
}

/// The bundles of all fixtures, sorted.
pub fn of_fixtures() -> Vec<PathBuf> {
    let fixtures = fixtures().into_iter();
    fixtures.map(|fixture| fixture.join("bundle")).collect()
}

/// The name of a fixture.
pub fn name(fixture: &Path) -> String {
    let name = fixture.file_name().expect("a name");
    name.to_string_lossy().into_owned()
}

/// All files of a folder, sorted by path.
pub fn files(folder: &Path) -> Files {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let below = path.strip_prefix(folder).expect("below the folder");
            let name = below.to_str().expect("a name").replace('\\', "/");
            found.push((name, fs::read(&path).expect("a file")));
        }
    }
    found.sort();
    found
}

/// Analyses files without writing them: as an archive that is packed in memory.
pub fn analyze(files: &Files) -> Report {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (path, bytes) in files {
        zip.start_file(path, stored).expect("an entry");
        zip.write_all(bytes).expect("its bytes");
    }
    let packed = zip.finish().expect("an archive").into_inner();
    let bundle = Bundle::of_memory("bundle.zip", &packed, &Limits::default());
    why401::analyze(&bundle, &why401::Options::default(), &|_| {})
}
