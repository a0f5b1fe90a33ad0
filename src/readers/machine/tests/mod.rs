//! Grammar tests, one output at a time, and properties over any text.

mod client;
mod domain;
mod outputs;
mod properties;
mod samples;
mod updates;

use super::{Fact, MachineFact, read};
use crate::bundle::text;
use crate::evidence::{ArtifactId, Problem};
use crate::readers::console::sections;

fn read_all(output: &str) -> (Vec<MachineFact>, Vec<Problem>) {
    let text = text::decode(output.as_bytes());
    let reading = read(ArtifactId(0), &sections(&text));
    (reading.records, reading.problems)
}

/// The facts, where nothing is wrong with the output.
fn facts(output: &str) -> Vec<Fact> {
    let (facts, problems) = read_all(output);
    assert_eq!(problems, [], "{output}");
    facts.into_iter().map(|fact| fact.fact).collect()
}

/// The host that every fact is about.
fn host(output: &str) -> Option<String> {
    let (facts, _) = read_all(output);
    let mut hosts: Vec<_> = facts.into_iter().map(|fact| fact.host).collect();
    hosts.dedup();
    assert_eq!(hosts.len(), 1, "{output}");
    hosts.pop().unwrap()
}
