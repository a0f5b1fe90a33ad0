//! Every real log of the shared samples, as a bundle of one file: no log alone may make a cause certain, because none of
//! them shows that its machine is a web server.

use std::path::Path;

use super::{Status, noise};
use crate::bundle::{Bundle, Limits};
use crate::case::assemble;
use crate::readers;
use crate::readers::events::Selection;
use crate::testkit::judge;

#[test]
fn no_sample_log_alone_confirms_anything() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/evtx");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not here", folder.display());
        return;
    };
    let mut paths: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "evtx"));
    paths.sort();
    let mut findings = 0;
    for path in &paths {
        let bundle = Bundle::open(std::slice::from_ref(path), &Limits::default()).unwrap();
        let case = assemble(
            &bundle.artifacts,
            readers::read(&bundle, &Selection::default(), &|_| {}),
            None,
        );
        let judgement = judge(&case);
        let found: Vec<String> = judgement
            .findings
            .iter()
            .map(|f| format!("{} {:?}", f.cause.id, f.status))
            .collect();
        let met: Vec<String> = noise::count(&case)
            .iter()
            .map(|m| format!("{} {}", m.pattern.id, m.count))
            .collect();
        println!(
            "{}: {} events, {} symptoms, findings {found:?}, noise {met:?}",
            path.file_name().unwrap_or_default().display(),
            case.events.len(),
            case.symptoms.len(),
        );
        findings += found.len();
        for one in &judgement.findings {
            assert_ne!(
                one.status,
                Status::Confirmed,
                "{}: {}",
                path.display(),
                one.cause.id
            );
        }
    }
    println!("{} logs, {findings} findings", paths.len());
}
