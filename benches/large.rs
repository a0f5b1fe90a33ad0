//! Writes a large log, for measurements by hand:
//!
//! ```text
//! cargo bench --bench large -- sparse 1024 /tmp/sparse.evtx
//! ```
//!
//! What (`sparse`, `dense`: event logs; `web`, `httperr`, `netlogon`: text), how many MiB, where to, and a seed where the log of
//! another server is wanted. `bundle` writes a folder: half of it sparse event logs, half logs of IIS, a GiB of each a server.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;

use support::large::{self, Mix};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    // What cargo adds.
    words.retain(|word| word != "--bench");
    let (what, mebibytes, path, seed) = match words.as_slice() {
        [] => return Ok(()),
        [what, mebibytes, path] => (what, mebibytes, path, 1),
        [what, mebibytes, path, seed] => (what, mebibytes, path, seed.parse()?),
        _ => {
            return Err(
                "usage: sparse|dense|web|httperr|netlogon|bundle MEBIBYTES FILE [SEED]".into(),
            );
        }
    };
    let bytes = mebibytes.parse::<u64>()? << 20;
    if what == "bundle" {
        return bundle(Path::new(path), bytes / 2);
    }
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

/// Writes so many bytes of event logs and as many of logs of IIS.
fn bundle(folder: &Path, bytes: u64) -> Result<(), Box<dyn Error>> {
    const MOST: u64 = 1 << 30;
    for server in 1..=bytes.div_ceil(MOST) {
        let bytes = MOST.min(bytes - (server - 1) * MOST);
        let folder = folder.join(large::server_name(server));
        fs::create_dir_all(&folder)?;
        let events = File::create(folder.join("Security.evtx"))?;
        large::event_log(events, Mix::Sparse, server, bytes)?;
        let requests = File::create(folder.join("u_ex260302.log"))?;
        large::web_log(requests, server, bytes)?;
    }
    Ok(())
}
