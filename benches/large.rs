//! Writes a large log, for measurements by hand:
//!
//! ```text
//! cargo bench --bench large -- sparse 1024 /tmp/sparse.evtx
//! ```
//!
//! What (`sparse`, `dense`: event logs; `web`, `httperr`, `netlogon`: text), how many MiB, where to, and a seed where another
//! log of the same kind is wanted.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::fs::File;

use support::large::{self, Mix};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    // What cargo adds.
    words.retain(|word| word != "--bench");
    let (what, mebibytes, path, seed) = match words.as_slice() {
        [] => return Ok(()),
        [what, mebibytes, path] => (what, mebibytes, path, 1),
        [what, mebibytes, path, seed] => (what, mebibytes, path, seed.parse()?),
        _ => return Err("usage: sparse|dense|web|httperr|netlogon MEBIBYTES FILE [SEED]".into()),
    };
    let bytes = mebibytes.parse::<u64>()? << 20;
    let file = File::create(path)?;
    let count = match what.as_str() {
        "sparse" => large::event_log(file, Mix::Sparse, seed, bytes)?,
        "dense" => large::event_log(file, Mix::Dense, seed, bytes)?,
        "web" => large::web_log(file, seed, bytes)?,
        "httperr" => large::http_err(file, seed, bytes)?,
        "netlogon" => large::netlogon_log(file, seed, bytes)?,
        other => return Err(format!("{other} is no kind of log").into()),
    };
    println!("{path}: {count} records");
    Ok(())
}
