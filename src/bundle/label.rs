//! Paths inside the bundle. They are labels: shown, sorted and cited, never opened.
//!
//! `..\..\Windows\evil\u{202e}.log` in an archive becomes `__/__/Windows/evil�.log`.

use std::path::{Component, Path};

use std::collections::BTreeMap;

/// Characters kept of one component of a path.
const COMPONENT_CHARS: usize = 255;
/// Components kept of one path.
const COMPONENTS: usize = 64;

/// Makes a label of a path that a stranger chose.
pub(super) fn clean(path: &str) -> String {
    let parts = path
        .split(['/', '\\'])
        .filter(|part| !part.is_empty() && *part != ".");
    let parts: Vec<String> = parts.take(COMPONENTS).map(clean_component).collect();
    if parts.is_empty() {
        "unnamed".to_owned()
    } else {
        parts.join("/")
    }
}

fn clean_component(part: &str) -> String {
    if part == ".." {
        return "__".to_owned();
    }
    // Marks that turn the direction of writing make `gpj.exe` of `exe.jpg`.
    let misleading = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    part.chars()
        .take(COMPONENT_CHARS)
        .map(|c| {
            if misleading(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// Joins two labels; either may be empty.
pub(super) fn join(parent: &str, child: &str) -> String {
    match (parent, child) {
        ("", only) | (only, "") => only.to_owned(),
        (parent, child) => format!("{parent}/{child}"),
    }
}

/// What becomes of the path of a packed file: `a/u_ex.log.gz` holds `a/u_ex.log`.
pub(super) fn unpacked(path: &str) -> String {
    let stem = path.rsplit_once('.').filter(|(stem, ending)| {
        !stem.is_empty()
            && !stem.ends_with('/')
            && ["gz", "bz2", "xz", "zst"]
                .iter()
                .any(|known| ending.eq_ignore_ascii_case(known))
    });
    stem.map_or(path, |(stem, _)| stem).to_owned()
}

/// A name for each input: its base name, with as many parent folders as tell it from inputs of the same name. Inputs that are the
/// same path are numbered.
pub(super) fn input_names(inputs: &[&Path]) -> Vec<String> {
    let parts: Vec<Vec<String>> = inputs.iter().map(|input| components(input)).collect();
    let mut names: Vec<String> = parts.iter().map(|parts| tail(parts, 1)).collect();
    for length in 2..=COMPONENTS {
        let counts = count(&names);
        if counts.values().all(|&n| n == 1) {
            break;
        }
        names = names
            .iter()
            .zip(&parts)
            .map(|(name, parts)| {
                if counts.get(name).is_some_and(|&n| n > 1) {
                    tail(parts, length)
                } else {
                    name.clone()
                }
            })
            .collect();
    }
    make_unique(&mut names.iter_mut().collect::<Vec<_>>());
    names
}

fn count(names: &[String]) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.clone()).or_insert(0u32) += 1;
    }
    counts
}

fn components(path: &Path) -> Vec<String> {
    let named = |path: &Path| {
        path.components()
            .any(|part| matches!(part, Component::Normal(_)))
    };
    // `.` and `..` have a name only once they are resolved.
    let resolved = if named(path) && path.file_name().is_some() {
        path.to_owned()
    } else {
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    };
    resolved
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(clean_component(&name.to_string_lossy())),
            _ => None,
        })
        .collect()
}

fn tail(parts: &[String], length: usize) -> String {
    let from = parts.len().saturating_sub(length);
    clean(&parts.get(from..).unwrap_or_default().join("/"))
}

/// Numbers the second and further uses of a label: `a.txt`, `a (2).txt`.
pub(super) fn make_unique(labels: &mut [&mut String]) {
    let mut used: BTreeMap<String, u32> = BTreeMap::new();
    for label in labels.iter() {
        used.entry((*label).clone()).or_insert(0);
    }
    for label in labels.iter_mut() {
        let wanted = (*label).clone();
        let mut uses = used.get(&wanted).copied().unwrap_or(0);
        while uses > 0 && used.contains_key(label.as_str()) {
            uses += 1;
            **label = numbered(&wanted, uses);
        }
        used.insert(wanted, uses.max(1));
        used.entry((*label).clone()).or_insert(1);
    }
}

fn numbered(label: &str, n: u32) -> String {
    let start_of_name = label.rfind('/').map_or(0, |at| at + 1);
    match label
        .rfind('.')
        .filter(|&dot| dot > start_of_name)
        .and_then(|dot| label.split_at_checked(dot))
    {
        Some((stem, extension)) => format!("{stem} ({n}){extension}"),
        None => format!("{label} ({n})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_lead_nowhere() {
        assert_eq!(clean("../../etc/passwd"), "__/__/etc/passwd");
        assert_eq!(clean("/a//./b\\c.txt"), "a/b/c.txt");
        assert_eq!(clean("a\u{1b}[2J\n\0\u{202e}b"), "a�[2J���b");
        assert_eq!(clean("/"), "unnamed");
        assert_eq!(clean(&"x".repeat(9999)).len(), COMPONENT_CHARS);
    }

    #[test]
    fn a_packed_file_loses_the_ending_of_its_packing() {
        for (path, unpacked_to) in [
            ("a/u_ex.log.gz", "a/u_ex.log"),
            ("a.XZ", "a"),
            ("a.zip/.gz", "a.zip/.gz"),
            (".gz", ".gz"),
            ("a.gz/b", "a.gz/b"),
            ("a.tgz", "a.tgz"),
        ] {
            assert_eq!(unpacked(path), unpacked_to);
        }
    }

    #[test]
    fn inputs_of_one_name_are_told_apart_by_their_folders() {
        let names = |paths: &[&str]| input_names(&paths.iter().map(Path::new).collect::<Vec<_>>());
        assert_eq!(names(&["/x/a.zip"]), ["a.zip"]);
        assert_eq!(
            names(&["/x/web01/logs", "/x/dc01/logs/", "/y/k.txt"]),
            ["web01/logs", "dc01/logs", "k.txt"]
        );
        assert_eq!(names(&["a.txt", "a.txt"]), ["a.txt", "a (2).txt"]);
    }

    #[test]
    fn labels_become_unique_without_taking_another() {
        let mut labels = ["a/b.txt", "a/b.txt", "a/b (2).txt", "c", "c"].map(str::to_owned);
        make_unique(&mut labels.each_mut());
        assert_eq!(
            labels,
            ["a/b.txt", "a/b (3).txt", "a/b (2).txt", "c", "c (2)"]
        );
    }
}
