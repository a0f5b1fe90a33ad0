//! Real captures, where they are at hand: how many facts of which kind, and never a problem.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::Fact;
use super::facts;

fn kind(fact: &Fact) -> &'static str {
    match fact {
        Fact::Name(_) => "name",
        Fact::DnsSuffix(_) => "suffix",
        Fact::Address(_) => "address",
        Fact::DnsServer(_) => "server",
        Fact::Controller { .. } => "controller",
        _ => "other",
    }
}

#[test]
fn every_sample_is_read() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/misc");
    if !samples.is_dir() {
        println!("skipped: no samples");
        return;
    }
    for (file, expected) in [
        (
            "fr_ipconfig_all_head.txt",
            &[("address", 1), ("name", 1), ("server", 2), ("suffix", 1)][..],
        ),
        ("fr_nltest_dsgetdc.txt", &[("controller", 1)][..]),
    ] {
        let output = std::fs::read_to_string(samples.join(file)).unwrap();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for fact in facts(&output) {
            *counts.entry(kind(&fact)).or_default() += 1;
        }
        assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected, "{file}");
    }
}
