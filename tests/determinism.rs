//! Same bundle, same bytes: whatever the number of threads, and in whatever order files were written or packed.

#[path = "support/archives.rs"]
mod archives;
#[path = "support/bundles.rs"]
#[allow(dead_code, reason = "other tests put bundles together")]
mod bundles;

use std::fs;
use std::io::Write;
use std::path::Path;

use bundles::{files, of_fixtures};
use why401::bundle::{Bundle, Content, Limits};
use why401::report::{self, Report};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

fn analyze(path: &Path) -> Report {
    let bundle = why401::open(&[path.to_path_buf()]).expect("the bundle opens");
    why401::analyze(&bundle, &why401::Options::default(), &|_| {})
}

/// The report of an archive whose logs are unpacked anew each time they are read, however small they are, and how many those are.
fn analyze_streamed(path: &Path) -> (Report, usize) {
    let limits = Limits {
        streamed_from: 1,
        ..Limits::default()
    };
    let bundle = Bundle::open(&[path.to_path_buf()], &limits).expect("the bundle opens");
    let artifacts = bundle.artifacts.iter();
    let streamed = artifacts.filter(|artifact| matches!(artifact.content, Content::Packed(_)));
    let count = streamed.count();
    let report = why401::analyze(&bundle, &why401::Options::default(), &|_| {});
    (report, count)
}

fn with_threads(threads: usize, path: &Path) -> String {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("a pool of threads")
        .install(|| report::json(&analyze(path)))
}

#[test]
fn the_number_of_threads_does_not_matter() {
    for bundle in of_fixtures() {
        let one = with_threads(1, &bundle);
        assert_eq!(one, with_threads(2, &bundle), "{}", bundle.display());
        assert_eq!(one, with_threads(8, &bundle), "{}", bundle.display());
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    for bundle in of_fixtures() {
        let mut content = files(&bundle);
        let sorted = packed(&content);
        content.reverse();
        let reversed = packed(&content);
        let middle = content.len() / 2;
        content.rotate_left(middle);
        assert_eq!(sorted, reversed, "{}", bundle.display());
        assert_eq!(sorted, packed(&content), "{}", bundle.display());
        assert_eq!(
            sorted,
            unpacked(&content, "bundle.zip"),
            "{}",
            bundle.display()
        );
    }
}

#[test]
fn the_form_of_the_archive_does_not_matter() {
    type Pack = fn(&[(String, Vec<u8>)]) -> Vec<u8>;
    let forms: [(&str, Pack); 4] = [
        ("bundle.tar", archives::tar),
        ("bundle.tar.gz", |files| {
            archives::gzip(&archives::tar(files))
        }),
        ("bundle.7z", archives::seven_zip),
        ("bundle.cab", archives::cabinet),
    ];
    for (number, bundle) in of_fixtures().iter().enumerate() {
        // A layout in every form, of the others each in one.
        let layout = bundle
            .components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with("layout-"));
        let content = files(bundle);
        for (at, (name, pack)) in forms.iter().enumerate() {
            if !layout && at != number % forms.len() {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            fs::write(&path, pack(&content)).unwrap();
            let found = without_paths(analyze(&path), name);
            assert_eq!(
                found,
                unpacked(&content, name),
                "{} as {name}",
                bundle.display()
            );
        }
    }
}

#[test]
fn logs_that_are_streamed_out_of_archives_tell_the_same() {
    let mut streamed = [0; 3];
    for (number, bundle) in of_fixtures().iter().enumerate() {
        let content = files(bundle);
        let form = number % streamed.len();
        let name = ["stored.zip", "deflated.zip", "bundle.tar"][form];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        match form {
            0 => zip(&path, CompressionMethod::Stored, &content),
            1 => zip(&path, CompressionMethod::Deflated, &content),
            _ => fs::write(&path, archives::tar(&content)).unwrap(),
        }
        let (report, count) = analyze_streamed(&path);
        streamed[form] += count;
        let found = without_paths(report, name);
        assert_eq!(
            found,
            unpacked(&content, name),
            "{} as {name}",
            bundle.display()
        );
    }
    assert!(streamed.iter().all(|count| *count > 10), "{streamed:?}");
}

#[test]
fn one_log_that_is_streamed_out_of_a_gz_tells_the_same() {
    let logs = of_fixtures().into_iter().flat_map(|bundle| files(&bundle));
    let mut kinds = [".evtx", ".log"].map(|end| (end, 0));
    for (path, bytes) in logs {
        let name = path.rsplit('/').next().unwrap();
        let Some((_, seen)) = kinds.iter_mut().find(|(end, _)| name.ends_with(end)) else {
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        let [plain, packed] =
            [name.to_owned(), format!("{name}.gz")].map(|n| folder.path().join(n));
        fs::write(&packed, archives::gzip(&bytes)).unwrap();
        let (report, count) = analyze_streamed(&packed);
        *seen += count;
        if count > 0 && *seen <= 12 {
            fs::write(&plain, &bytes).unwrap();
            let [found, expected] = [report, analyze(&plain)].map(|r| without_paths(r, name));
            assert_eq!(found, expected, "{path}");
        }
        if kinds.iter().all(|(_, seen)| *seen >= 12) {
            return;
        }
    }
    panic!("there are too few logs: {kinds:?}");
}

/// The report of the files packed into a zip in this order.
fn packed(content: &[(String, Vec<u8>)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    zip(&path, CompressionMethod::Deflated, content);
    without_paths(analyze(&path), "bundle.zip")
}

fn zip(path: &Path, method: CompressionMethod, content: &[(String, Vec<u8>)]) {
    let options = SimpleFileOptions::default().compression_method(method);
    let mut zip = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in content {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

/// The report of the files written to a folder in this order.
fn unpacked(content: &[(String, Vec<u8>)], name_of_all: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in content {
        let path = folder.path().join(name_of_all).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    without_paths(analyze(&folder.path().join(name_of_all)), name_of_all)
}

/// A report without what says where the bundle itself lies: that differs between a folder and an archive.
fn without_paths(mut report: Report, name: &str) -> String {
    report.bundle.inputs.clear();
    let before = format!("{name}/");
    let strip = |path: &mut String| {
        if let Some(rest) = path.strip_prefix(&before) {
            *path = rest.to_owned();
        }
    };
    report
        .bundle
        .artifacts
        .iter_mut()
        .for_each(|a| strip(&mut a.path));
    report
        .evidence
        .iter_mut()
        .for_each(|e| strip(&mut e.artifact));
    report::json(&report).replace(&before, "")
}
