//! Stories on disk: `fixtures/<name>/bundle/…`, `expected.json`, `story.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::Story;

/// The folder of all fixtures.
pub fn fixtures_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Every file of a story, by its path below the story's own folder.
fn files(story: &Story) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<_, _> = story
        .files
        .iter()
        .map(|(path, bytes)| (format!("bundle/{path}"), bytes.clone()))
        .collect();
    files.insert("expected.json".into(), story.expected.json().into_bytes());
    files.insert("story.md".into(), story.markdown().into_bytes());
    files
}

/// Writes a story, in place of whatever its folder held.
///
/// # Errors
/// The folder could not be emptied or written.
pub fn write(story: &Story) -> io::Result<()> {
    let folder = fixtures_folder().join(&story.name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for (path, bytes) in files(story) {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// What on disk differs from the story: missing, different and superfluous files, one line each.
///
/// # Errors
/// A folder could not be listed.
pub fn on_disk(story: &Story) -> io::Result<Vec<String>> {
    let folder = fixtures_folder().join(&story.name);
    let told = files(story);
    let mut differences = Vec::new();
    for (path, bytes) in &told {
        match fs::read(folder.join(path)) {
            Ok(found) if &found == bytes => {}
            Ok(_) => differences.push(format!("{}/{path} differs", story.name)),
            Err(_) => differences.push(format!("{}/{path} is missing", story.name)),
        }
    }
    let mut found = Vec::new();
    if folder.exists() {
        list(&folder, "", &mut found)?;
    }
    found.sort();
    for path in found {
        if !told.contains_key(&path) {
            differences.push(format!("{}/{path} belongs to no story", story.name));
        }
    }
    Ok(differences)
}

fn list(folder: &Path, prefix: &str, into: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{path}/"), into)?;
        } else {
            into.push(path);
        }
    }
    Ok(())
}
