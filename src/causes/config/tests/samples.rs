//! Real configurations of whole servers, most of which work. They are not part of the project: without them the test
//! says so and passes.

use std::path::Path;

use crate::causes::Status;
use crate::testkit::Kit;

/// Nobody reported a failure on these servers, so nothing may be sure there.
#[test]
fn working_servers_give_nothing_sure() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/applicationhost");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("no samples in {}", folder.display());
        return;
    };
    let mut files: Vec<_> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    files.sort();
    let mut possible = 0;
    for file in &files {
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        let judgement = Kit::new()
            .config("WEB01/applicationHost.config", &text)
            .judge();
        for found in &judgement.findings {
            let own = ["CFG-", "EPA-"]
                .iter()
                .any(|g| found.cause.id.starts_with(g));
            if own {
                println!(
                    "{:?} {} {:?}\n    {}\n    {}",
                    file.file_name().unwrap_or_default(),
                    found.cause.id,
                    found.status,
                    found.finding.explanation,
                    found
                        .finding
                        .structure
                        .iter()
                        .map(|g| format!("{} [{}]", g.says, g.from.len()))
                        .collect::<Vec<_>>()
                        .join("; "),
                );
                assert_eq!(found.status, Status::Possible, "{}", file.display());
                possible += 1;
            }
        }
    }
    println!(
        "{} configurations, {possible} possible findings",
        files.len()
    );
}
