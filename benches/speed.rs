//! How fast logs are read, beside reading their bytes alone and beside the evtx crate's own way: `cargo bench --bench speed`.
//!
//! The figures that `docs/performance.md` keeps were taken from larger logs (`benches/large.rs`) with whole processes.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use evtx::EvtxParser;
use support::large::{self, Mix};
use tempfile::TempDir;
use why401::Options;
use why401::readers::{self, events::Selection};

const MEBIBYTES: u64 = 64;
/// Of each half of the bundle, which is the size that the targets are about.
const HALF_MEBIBYTES: u64 = 512;

/// Logs of a kind each.
struct Logs {
    folder: TempDir,
}

impl Logs {
    fn new() -> io::Result<Self> {
        let logs = Self {
            folder: TempDir::new()?,
        };
        let bytes = MEBIBYTES << 20;
        large::event_log(
            File::create(logs.path("sparse.evtx"))?,
            Mix::Sparse,
            1,
            bytes,
        )?;
        large::event_log(File::create(logs.path("dense.evtx"))?, Mix::Dense, 1, bytes)?;
        large::web_log(File::create(logs.path("web.log"))?, 1, bytes)?;
        large::http_err(File::create(logs.path("httperr.log"))?, 1, bytes)?;
        large::netlogon_log(File::create(logs.path("netlogon.log"))?, 1, bytes)?;
        Ok(logs)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Reads the bytes, and no more.
fn bytes_alone(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 256 << 10];
    let mut sum = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(sum),
            read => sum += u64::from(buffer[read / 2]) + read as u64,
        }
    }
}

fn chosen_events(path: &Path) -> u64 {
    let bundle = why401::open(&[path.to_owned()]).expect("the log is there");
    let selected = readers::write_events(&bundle, &Selection::default(), &mut io::sink());
    selected.expect("a sink takes everything").events
}

fn whole_analysis(path: &Path) -> usize {
    let bundle = why401::open(&[path.to_owned()]).expect("the log is there");
    let report = why401::analyze(&bundle, &Options::default(), &|_| {});
    report.symptoms.len()
}

/// Wanted records and lines of a whole bundle are picked, and nothing is made of them.
fn selection_alone(path: &Path) -> usize {
    let bundle = why401::open(&[path.to_owned()]).expect("the bundle is there");
    let read = readers::read(&bundle, &Selection::default(), &|_| {});
    read.logs.len() + read.web_logs.len()
}

/// Every record as JSON, as the evtx crate offers it.
fn by_the_crate(path: &Path) -> usize {
    let mut parser = EvtxParser::from_path(path).expect("a log");
    parser
        .records_json()
        .flatten()
        .map(|record| record.data.len())
        .sum()
}

fn speed(criterion: &mut Criterion) {
    let logs = Logs::new().expect("room for the logs");
    for name in [
        "sparse.evtx",
        "dense.evtx",
        "web.log",
        "httperr.log",
        "netlogon.log",
    ] {
        let path = logs.path(name);
        let mut group = criterion.benchmark_group(name);
        group
            .throughput(Throughput::Bytes(MEBIBYTES << 20))
            .sample_size(10);
        group.bench_function("bytes alone", |b| {
            b.iter(|| bytes_alone(&path).expect("the log is there"))
        });
        if name.ends_with(".evtx") {
            group.bench_function("chosen events", |b| {
                b.iter(|| black_box(chosen_events(&path)))
            });
            group.bench_function("evtx crate", |b| b.iter(|| black_box(by_the_crate(&path))));
        }
        group.bench_function("whole analysis", |b| {
            b.iter(|| black_box(whole_analysis(&path)))
        });
        group.finish();
    }
}

/// What is made of a bundle, beside what picking its records and lines takes.
fn bundle(criterion: &mut Criterion) {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let file = |name: &str| File::create(path(name)).expect("room for the logs");
    let bytes = HALF_MEBIBYTES << 20;
    large::event_log(file("Security.evtx"), Mix::Sparse, 1, bytes).expect("room for the logs");
    large::web_log(file("u_ex260302.log"), 1, bytes).expect("room for the logs");
    let mut group = criterion.benchmark_group("half event logs, half logs of IIS");
    group
        .throughput(Throughput::Bytes(2 * bytes))
        .sample_size(10);
    let path = folder.path();
    group.bench_function("bytes alone", |b| {
        let logs = ["Security.evtx", "u_ex260302.log"].map(|name| path.join(name));
        let read = |log: &PathBuf| bytes_alone(log).expect("the log is there");
        b.iter(|| logs.iter().map(read).sum::<u64>())
    });
    group.bench_function("selection alone", |b| {
        b.iter(|| black_box(selection_alone(path)))
    });
    group.bench_function("whole analysis", |b| {
        b.iter(|| black_box(whole_analysis(path)))
    });
    group.finish();
}

criterion_group!(benches, speed, bundle);
criterion_main!(benches);
