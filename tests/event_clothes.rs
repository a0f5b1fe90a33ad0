//! The logs of every fixture as other tools write them: `evtx_dump` as JSON lines and as XML. The verdict is the same, and the
//! same logs in both forms count once.

#[path = "support/bundles.rs"]
#[allow(dead_code, reason = "other tests put bundles together")]
mod bundles;

use std::fs;
use std::path::Path;

use bundles::of_fixtures;
use evtx::EvtxParser;
use why401::report::Report;

fn analyze(path: &Path) -> Report {
    let bundle = why401::open(&[path.to_path_buf()]).expect("the bundle opens");
    why401::analyze(&bundle, &why401::Options::default(), &|_| {})
}

/// What a log is turned into; `None` for a damaged one, which stays as it is.
type Clothes = fn(Vec<u8>) -> Option<String>;

fn json(bytes: Vec<u8>) -> Option<String> {
    let mut parser = EvtxParser::from_buffer(bytes).ok()?;
    let lines: Result<Vec<String>, _> = parser
        .records_json()
        .map(|record| record.map(|r| r.data.replace('\n', "") + "\n"))
        .collect();
    lines.ok().map(|lines| lines.concat())
}

fn xml(bytes: Vec<u8>) -> Option<String> {
    let mut parser = EvtxParser::from_buffer(bytes).ok()?;
    let records: Result<Vec<String>, _> = parser
        .records()
        .map(|record| record.map(|r| format!("Record {}\n{}\n", r.event_record_id, r.data)))
        .collect();
    records.ok().map(|records| records.concat())
}

/// Copies a bundle with its logs in other clothes; `beside` keeps the logs as well.
fn copy(from: &Path, to: &Path, clothes: Clothes, beside: bool) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy(&path, &to.join(name), clothes, beside);
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        let dressed = (path.extension().is_some_and(|e| e == "evtx"))
            .then(|| clothes(bytes.clone()))
            .flatten();
        if let Some(text) = &dressed {
            fs::write(
                to.join(path.with_extension("dump").file_name().unwrap()),
                text,
            )
            .expect("written");
        }
        if dressed.is_none() || beside {
            fs::write(to.join(name), bytes).expect("written");
        }
    }
}

/// What a report concludes, without its places.
fn concludes(report: &Report) -> Vec<String> {
    let mut lines = vec![format!(
        "{:?} {}",
        report.verdict.status, report.verdict.headline
    )];
    let findings = report.findings.iter();
    lines.extend(findings.map(|f| format!("{} {:?} {}", f.cause, f.status, f.explanation)));
    let symptoms = report.symptoms.iter();
    lines.extend(symptoms.map(|s| {
        format!(
            "{} x{} {:?} {:?}",
            s.what, s.count, s.first_time, s.last_time
        )
    }));
    lines
}

fn assert_the_same(clothes: Clothes, beside: bool) {
    for bundle in of_fixtures() {
        let folder = tempfile::tempdir().expect("a folder");
        let copied = folder.path().join("bundle");
        copy(&bundle, &copied, clothes, beside);
        let (own, dressed) = (analyze(&bundle), analyze(&copied));
        assert_eq!(concludes(&dressed), concludes(&own), "{}", bundle.display());
    }
}

#[test]
fn as_json() {
    assert_the_same(json, false);
}

#[test]
fn as_xml() {
    assert_the_same(xml, false);
}

#[test]
fn as_json_beside_the_logs() {
    assert_the_same(json, true);
}

/// What Event Viewer saves: it does not say which machine it was.
const TABLE: &str = "Level,Date and Time,Source,Event ID,Task Category\r\n\
    Error,3/22/2026 8:00:02 AM,Microsoft-Windows-WAS,5059,None,Application pool web has been disabled. Windows Process \
    Activation Service (WAS) encountered a failure when it started a worker process to serve the application pool.\r\n\
    Warning,3/22/2026 8:00:01 AM,Microsoft-Windows-WAS,5021,None,\"The identity of application pool web is invalid.\r\n\
    The user name or password may be incorrect.\"\r\n";
const EVENT: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='EventLog'/>\
    <EventID>6005</EventID><TimeCreated SystemTime='2026-03-22T07:00:00Z'/><EventRecordID>5</EventRecordID><Channel>System</Channel>\
    <Computer>WEB01.corp.example</Computer></System></Event>";

#[test]
fn a_table_that_names_no_machine_belongs_to_that_of_its_folder_and_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("WEB01")).expect("a folder");
    fs::write(folder.path().join("WEB01/System.csv"), TABLE).expect("written");
    fs::write(folder.path().join("boot.xml"), EVENT).expect("written");
    let bundle = why401::open(&[folder.path().to_path_buf()]).expect("the bundle opens");
    let report = why401::analyze(&bundle, &why401::Options::default(), &|_| {});
    let table = report
        .bundle
        .artifacts
        .iter()
        .find(|a| a.path.ends_with("System.csv"))
        .expect("the table");
    assert_eq!((table.kind.as_str(), table.records), ("event-export", 2));
    assert_eq!(table.host.as_deref(), Some("WEB01"));
    let cited: Vec<String> = report
        .evidence
        .iter()
        .filter(|e| e.artifact.ends_with("System.csv"))
        .map(|e| e.id.clone())
        .collect();
    assert!(!cited.is_empty(), "{:#?}", report.symptoms);
    let shown = why401::report::show(&bundle, &report, &cited).concat();
    assert!(
        shown.contains("AppPoolID") && shown.contains("on a machine that the file does not name"),
        "{shown}"
    );
    assert!(
        shown.contains("beside it: Microsoft-Windows-WAS 5021")
            || shown.contains("beside it: Microsoft-Windows-WAS 5059"),
        "{shown}"
    );
}

#[test]
fn a_table_without_any_machine_is_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("System.csv"), TABLE).expect("written");
    fs::write(folder.path().join("boot.xml"), EVENT).expect("written");
    let report = analyze(folder.path());
    let table = &report.bundle.artifacts[0];
    assert_eq!(table.host, None);
    assert!(
        table
            .remarks
            .iter()
            .any(|r| r.contains("which machine wrote its events")),
        "{:#?}",
        table.remarks
    );
}
