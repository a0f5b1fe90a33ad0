//! The reader against real logs (where the samples are at hand), against the evtx crate's own count, and damaged.

mod differential;
mod strangers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rayon::prelude::*;

use super::*;
use crate::bundle::Content;
use crate::readers::events::{Event, is_wanted};
use crate::readers::evtx::chunk::SIZE;

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/evtx");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: no samples at hand");
        return Vec::new();
    };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn sample(name: &str) -> Option<Vec<u8>> {
    let file = samples().into_iter().find(|file| file.ends_with(name))?;
    std::fs::read(file).ok()
}

fn log(bytes: &[u8]) -> Reading<EventLog> {
    let source = Source::new(&Content::Memory(bytes.into()));
    read(
        ArtifactId(7),
        &source,
        &Selection::default(),
        usize::MAX,
        usize::MAX,
    )
    .expect("memory can be read")
}

/// What the evtx crate's own iterator reads: (records, errors).
fn counted_by_the_crate(bytes: Vec<u8>) -> (u64, u64) {
    let mut parser = evtx::EvtxParser::from_buffer(bytes).unwrap();
    let (mut good, mut bad) = (0, 0);
    for record in parser.records() {
        match record {
            Ok(_) => good += 1,
            Err(_) => bad += 1,
        }
    }
    (good, bad)
}

#[test]
fn every_sample_is_read_as_far_as_the_evtx_crate_reads_it() {
    let (mut files, mut records, mut problems) = (0, 0, 0);
    let mut wanted = BTreeMap::new();
    for file in samples() {
        let bytes = std::fs::read(&file).unwrap();
        let reading = log(&bytes);
        let (good, bad) = counted_by_the_crate(bytes);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        println!(
            "{name}: {} records ({good} + {bad} by the crate), {} wanted, {} problems",
            reading.count,
            reading.records.events.len(),
            reading.problems.len()
        );
        for problem in &reading.problems {
            println!("    {:?}: {}", problem.place, problem.says);
        }
        assert!(reading.count >= good, "{name}");
        assert!(bad == 0 || !reading.problems.is_empty(), "{name}");
        let by_id: u64 = reading
            .records
            .spans
            .iter()
            .flat_map(|span| span.by_id.values())
            .sum();
        assert_eq!(by_id, reading.count, "{name}");
        let due: u64 = reading
            .records
            .spans
            .iter()
            .flat_map(|span| &span.by_id)
            .filter(|((provider, id), _)| is_wanted(provider, *id))
            .map(|(_, count)| count)
            .sum();
        assert_eq!(
            due,
            reading.records.events.len() as u64,
            "{name}: wanted events lost"
        );
        for event in &reading.records.events {
            *wanted
                .entry((event.provider.clone(), event.id))
                .or_insert(0u64) += 1;
            assert!(
                !event.citation.text.contains(['\n', '\0', '\u{1b}']),
                "{name}"
            );
        }
        files += 1;
        records += reading.count;
        problems += reading.problems.len();
    }
    println!("{files} files, {records} records, {problems} problems");
    for ((provider, id), count) in &wanted {
        println!("    {provider} {id}: {count}");
    }
    if files > 0 {
        assert!(wanted.values().sum::<u64>() > 3000);
    }
}

/// The crate renders a record as XML, and the XML reader reads that: two ways to the same events.
#[test]
fn binary_and_rendered_events_are_the_same() {
    let mut compared = 0;
    for file in samples() {
        let bytes = std::fs::read(&file).unwrap();
        let direct = log(&bytes).records.events;
        let mut parser = evtx::EvtxParser::from_buffer(bytes).unwrap();
        let xml: Vec<String> = parser
            .records()
            .flatten()
            .map(|record| record.data)
            .collect();
        let text = crate::bundle::text::Text {
            lines: xml
                .iter()
                .flat_map(|event| event.lines())
                .map(str::to_owned)
                .collect(),
            ..Default::default()
        };
        let rendered = crate::readers::event_xml::read(ArtifactId(7), &text);
        assert_eq!(rendered.problems, [], "{}", file.display());
        // The direct reading may hold more: the records of a chunk that is cut off.
        for (direct, rendered) in direct.iter().zip(&rendered.records.events) {
            let shown = |event: &Event| {
                format!(
                    "{:?}",
                    (
                        &event.body,
                        &event.provider,
                        event.id,
                        event.time,
                        &event.channel,
                        &event.computer,
                        &event.citation.place
                    )
                )
            };
            // The crate writes control characters, which XML cannot hold, as `_`.
            let direct = shown(direct).replace("\\u{3}", "_");
            assert_eq!(direct, shown(rendered), "{}", file.display());
            compared += 1;
        }
        assert!(direct.len() >= rendered.records.events.len());
    }
    println!("{compared} events compared");
}

const CHUNK: usize = 4096;

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Offsets in the file of the records of the first chunk.
fn records_of_first_chunk(bytes: &[u8]) -> Vec<usize> {
    let end = CHUNK + u32_at(bytes, CHUNK + 48) as usize;
    let mut at = CHUNK + 512;
    let mut offsets = Vec::new();
    while at < end {
        offsets.push(at);
        at += u32_at(bytes, at + 4) as usize;
    }
    offsets
}

const SMALL: &str = "ID4768-4771-Kerberos_brutforce_with_non_existing_users.evtx";

#[test]
fn a_cut_off_log_gives_the_records_before_the_cut() {
    let Some(bytes) = sample(SMALL) else { return };
    let offsets = records_of_first_chunk(&bytes);
    let whole = log(&bytes);
    assert_eq!((whole.count, whole.problems.len()), (52, 0));
    for kept in [0, 1, 20, 51] {
        let reading = log(&bytes[..offsets[kept] + 40]);
        assert_eq!(reading.count, kept as u64);
        assert!(
            reading
                .problems
                .iter()
                .any(|p| p.says.contains("cut off after")),
            "{kept}"
        );
    }
    let header_only = log(&bytes[..CHUNK]);
    assert_eq!(header_only.count, 0);
    assert!(
        header_only.problems[0]
            .says
            .contains("header counts 1 chunks, and it holds 0")
    );
    assert_eq!(log(&bytes[..100]).count, 0);
    assert_eq!(log(b"").problems.len(), 1);
}

#[test]
fn a_damaged_record_costs_itself_and_is_cited() {
    let Some(mut bytes) = sample(SMALL) else {
        return;
    };
    let offsets = records_of_first_chunk(&bytes);
    put(&mut bytes, offsets[10], b"XX");
    // A value table that claims more values than the chunk has bytes.
    put(&mut bytes, offsets[20] + 24 + 14, &[0xff; 4]);
    let reading = log(&bytes);
    assert_eq!(reading.count, 50);
    let places: Vec<_> = reading.problems.iter().map(|p| p.place.clone()).collect();
    let id = u64::from(u32_at(&bytes, offsets[20] + 8));
    assert_eq!(places, [Place::Whole, Place::Record(id)]);
    assert!(
        reading.problems[0]
            .says
            .contains("Chunk 0 (file offset 0x1000)")
    );
}

#[test]
fn a_damaged_chunk_costs_itself_and_a_wrapped_log_starts_with_its_oldest_chunk() {
    let Some(bytes) = sample("password-spray.evtx") else {
        return;
    };
    let whole = log(&bytes);
    let ids = |reading: &Reading<EventLog>| -> Vec<_> {
        let events = reading.records.events.iter();
        events.map(|event| event.citation.place.clone()).collect()
    };
    // The first two chunks change places, as after a wrap.
    let mut wrapped = bytes.clone();
    let rest = wrapped.split_off(CHUNK);
    let (first, rest) = rest.split_at(SIZE);
    let used = rest
        .chunks(SIZE)
        .filter(|chunk| chunk.starts_with(b"ElfChnk"))
        .count()
        * SIZE;
    wrapped.extend_from_slice(&rest[..used]);
    wrapped.extend_from_slice(first);
    assert_eq!(ids(&log(&wrapped)), ids(&whole));

    let mut damaged = bytes;
    put(&mut damaged, CHUNK + SIZE, b"garbage");
    let reading = log(&damaged);
    assert!(reading.count > 0 && reading.count < whole.count);
    assert!(
        reading.problems[0]
            .says
            .contains("the first is chunk 1 at file offset 0x11000")
    );
}

#[test]
fn a_chunk_that_the_file_does_not_have_is_not_its_oldest() {
    const FILE: &str =
        "fixtures/pool-password-changed-while-running/bundle/logs/hal-0802-system.evtx";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let mut bytes = std::fs::read(path).unwrap();
    let whole = log(&bytes);
    assert!(whole.count > 0);
    // Times the size of a chunk, the second of these is more than 64 bits hold: it would be the first chunk again.
    for first in [u64::from(u32::MAX), 1 << 48, u64::MAX] {
        put(&mut bytes, 8, &first.to_le_bytes());
        assert_eq!(log(&bytes).count, whole.count);
    }
}

#[test]
fn records_behind_the_mark_are_slack_unless_the_log_was_copied_while_open() {
    let Some(mut bytes) = sample(SMALL) else {
        return;
    };
    let offsets = records_of_first_chunk(&bytes);
    let id = |at: usize| u64::from(u32_at(&bytes, at + 8));
    let (last_kept, mark) = (id(offsets[39]), (offsets[40] - CHUNK) as u32);
    put(&mut bytes, CHUNK + 32, &last_kept.to_le_bytes());
    put(&mut bytes, CHUNK + 48, &mark.to_le_bytes());
    assert_eq!(log(&bytes).count, 40);

    put(&mut bytes, 120, &1u32.to_le_bytes()); // the file's flag: not closed
    let open = log(&bytes);
    assert_eq!((open.count, open.problems.len()), (52, 0));

    // A record number that does not follow is of another pass over the chunk.
    put(&mut bytes, offsets[45] + 8, &9999u64.to_le_bytes());
    assert_eq!(log(&bytes).count, 45);
}

#[test]
fn a_single_chunk_is_a_log_and_a_repeated_one_counts_once() {
    let Some(bytes) = sample(SMALL) else { return };
    let chunk = &bytes[CHUNK..CHUNK + SIZE];
    let bare = log(chunk);
    assert_eq!((bare.count, bare.problems.len()), (52, 0));

    let twice = log(&[chunk, chunk].concat());
    assert_eq!((twice.count, twice.records.events.len()), (52, 52));
    assert!(
        twice.problems[0]
            .says
            .starts_with("52 records stand in the file a second time")
    );
}

#[test]
fn names_that_xml_does_not_allow_are_rejected() {
    let Some(mut bytes) = sample(SMALL) else {
        return;
    };
    let name: Vec<u8> = "Computer"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let at = bytes
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    put(&mut bytes, at, b"\"\0");
    let reading = log(&bytes);
    assert!(reading.count < 52);
    assert_eq!(reading.count + reading.problems.len() as u64, 52);
    assert!(
        reading
            .problems
            .iter()
            .all(|p| matches!(p.place, Place::Record(_)))
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let Some(bytes) = sample("security.evtx") else {
        return;
    };
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| format!("{:?}", log(&bytes)))
    };
    assert!(with(1) == with(4));
}
