//! `why401 events` over whole bundles: what is chosen, in which order, and from whatever it was exported as.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn bundle(fixture: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures").join(fixture).join("bundle")
}

fn events(fixture: &str, options: &[&str]) -> Vec<Value> {
    let run = Command::new(env!("CARGO_BIN_EXE_why401"))
        .arg("events")
        .arg(bundle(fixture))
        .args(options)
        .output()
        .expect("why401 runs");
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let lines = String::from_utf8(run.stdout).expect("text");
    let parse = |line: &str| serde_json::from_str(line).expect("a line is JSON");
    lines.lines().map(parse).collect()
}

const EVTX: &str = "spn-on-pool-account-kernel-mode";

#[test]
fn ids_providers_machines_and_times_choose() {
    let all = events(EVTX, &[]);
    let ids: BTreeSet<u64> = all
        .iter()
        .filter_map(|event| event["id"].as_u64())
        .collect();
    assert!(ids.contains(&4769) && !ids.contains(&4688), "{ids:?}");

    let tickets = events(EVTX, &["--id", "4769"]);
    let of_all: Vec<_> = all.iter().filter(|e| e["id"] == 4769).collect();
    assert_eq!(tickets.iter().collect::<Vec<_>>(), of_all);

    // What the analysis does not use can be asked for all the same.
    let started = events(EVTX, &["--id", "4688,4769", "--host", "web03"]);
    assert!(started.iter().any(|event| event["id"] == 4688));
    assert!(
        started
            .iter()
            .all(|event| event["computer"] == "WEB03.corp.example")
    );
    assert!(events(EVTX, &["--id", "4688", "--provider", "Other"]).is_empty());

    let middle = all[all.len() / 2]["time"].as_str().expect("a time");
    let (before, after) = (
        events(EVTX, &["--until", middle]),
        events(EVTX, &["--since", middle]),
    );
    let at = all.iter().filter(|event| event["time"] == *middle).count();
    assert_eq!(before.len() + after.len(), all.len() + at);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    assert_eq!(
        events(EVTX, &["--threads", "1"]),
        events(EVTX, &["--threads", "4"])
    );
}

#[test]
fn exports_as_xml_give_events_of_the_same_form() {
    let exported = events("trust-without-aes", &["--id", "4769"]);
    assert!(!exported.is_empty());
    for event in exported {
        let from = event["artifact"].as_str().expect("a path");
        assert!(from.ends_with(".xml"), "{from}");
        assert!(event["record"].as_u64().is_some_and(|record| record > 0));
        assert!(event["data"]["TicketOptions"].is_string(), "{event}");
    }
}
