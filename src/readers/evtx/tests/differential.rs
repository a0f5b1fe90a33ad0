//! Picking against decoding everything: what is read of a sound chunk is what the evtx crate walks to, and a line written
//! straight from the values is the line of the decoded event.

use super::*;
use crate::readers::evtx::chunk::{Chunk, Place as RecordPlace, Visitor};
use crate::readers::evtx::cursor::Broken;
use crate::readers::evtx::record::{Record, RecordReader};
use crate::readers::evtx::share::Part;

/// Every log at hand: the fixtures, and the samples where they are.
fn logs() -> Vec<PathBuf> {
    fn collect(folder: &Path, logs: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, logs);
            } else if path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("evtx"))
            {
                logs.push(path);
            }
        }
    }
    let mut logs = samples();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"),
        &mut logs,
    );
    logs.sort();
    logs
}

/// Takes no record at a glance.
struct InFull<'f>(&'f mut Found);

impl Visitor for InFull<'_> {
    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        place: &RecordPlace,
    ) -> Result<(), Broken> {
        self.0.record(reader, record, place)
    }

    fn problem(&mut self, place: Place, says: String) {
        self.0.problem(place, says);
    }
}

/// What a log holds, share by share, picked or with every record decoded by the crate.
fn parts(bytes: &[u8], thorough: bool) -> Vec<Part> {
    let source = Source::new(&Content::Memory(bytes.into()));
    let file = LogFile::open(&source).unwrap();
    let selection = Selection::default();
    let mut parts = Vec::new();
    let look = |share: &mut Share<'_, Found>, chunk: &Chunk<'_>| {
        share.look_with(chunk, |chunk, known, found| {
            if !thorough {
                chunk.visit(known, found);
            } else if let Err(why) = chunk.visit_with_crate(known, &mut InFull(found)) {
                found.problem(Place::Whole, why);
            }
        });
    };
    file.read(
        || Share::new(&selection, Found::new(ArtifactId(7))),
        look,
        Share::found,
        |part| {
            parts.push(part);
            ControlFlow::Continue(())
        },
    )
    .unwrap();
    parts
}

/// Events, counts and problems.
fn told(bytes: &[u8], thorough: bool) -> Vec<String> {
    let parts = parts(bytes, thorough);
    let part = |part: &Part| format!("{:?}", (&part.events, &part.counted, &part.problems));
    parts.iter().map(part).collect()
}

#[test]
fn picking_finds_what_decoding_everything_finds() {
    let logs = logs();
    let bytes: Vec<_> = logs
        .iter()
        .map(|log| (log, std::fs::read(log).unwrap()))
        .collect();
    let different = bytes
        .par_iter()
        .filter(|(_, bytes)| told(bytes, false) != told(bytes, true));
    let different: Vec<_> = different.map(|(log, _)| log).collect();
    println!("{} logs compared", logs.len());
    assert_eq!(different, Vec::<&&PathBuf>::new());
    assert!(logs.len() > 300);
}

#[test]
fn picking_finds_the_same_in_damaged_logs() {
    let logs = logs();
    let small = logs.iter();
    let small = small.filter(|log| std::fs::metadata(log).unwrap().len() < 200_000);
    let mut records = 0;
    for (number, log) in small.enumerate() {
        let mut bytes = std::fs::read(log).unwrap();
        let mut seed = number as u64;
        for _ in 0..8 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] = (seed >> 20) as u8;
        }
        assert_eq!(told(&bytes, false), told(&bytes, true), "{}", log.display());
        let spans = parts(&bytes, false)
            .into_iter()
            .flat_map(|part| part.counted);
        records += spans.map(|(span, _)| span.records).sum::<u64>();
    }
    println!("{records} records of damaged logs");
    assert!(records > 1_000);
}

/// Writes every record both ways.
struct Both {
    records: u64,
    different: Vec<(String, String)>,
}

impl Visitor for Both {
    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        place: &RecordPlace,
    ) -> Result<(), Broken> {
        let head = reader.head(record, place.id, place.time);
        let (mut straight, mut decoded) = (Vec::new(), Vec::new());
        let opening = Opening::new("a");
        reader.line(record, &head, &opening, &mut straight)?;
        let raw = reader.event(record, &head)?;
        crate::readers::events::write_json_line(&raw, &opening, &Place::Record(0), &mut decoded);
        self.records += 1;
        if straight != decoded {
            let text = |line: Vec<u8>| String::from_utf8(line).unwrap();
            self.different.push((text(straight), text(decoded)));
        }
        Ok(())
    }

    fn problem(&mut self, _: Place, _: String) {}
}

#[test]
fn a_line_written_straight_from_the_values_is_that_of_the_decoded_event() {
    let selection = Selection::default();
    let mut records = 0;
    for log in logs() {
        let source = Source::new(&Content::File(log.clone()));
        let file = LogFile::open(&source).unwrap();
        let mut known = Known::new(&selection);
        let mut both = Both {
            records: 0,
            different: Vec::new(),
        };
        file.read_share(0..file.chunks, &mut file.room(), |chunk| {
            if chunk.is_chunk() {
                chunk.visit(&mut known, &mut both);
            }
        })
        .unwrap();
        assert_eq!(both.different.first(), None, "{}", log.display());
        records += both.records;
    }
    println!("{records} records written both ways");
    assert!(records > 10_000);
}

/// With hardly any room everything is counted all the same, and what is left out is not said to be covered.
#[test]
fn a_log_with_no_room_covers_what_it_keeps() {
    let short: u64 = logs()
        .par_iter()
        .map(|path| {
            let bytes = std::fs::read(path).unwrap();
            let source = Source::new(&Content::Memory(bytes.as_slice().into()));
            let (whole, selection) = (log(&bytes), Selection::default());
            let small = read(ArtifactId(7), &source, &selection, 8, 1).unwrap();
            assert_eq!(small.count, whole.count, "{}", path.display());
            let told = small.problems.iter().any(|p| p.says.contains("room"));
            for (small, whole) in small.records.spans.iter().zip(&whole.records.spans) {
                assert_eq!(small.by_id, whole.by_id);
                assert_eq!(small.last_time, whole.last_time);
                assert!(small.first_time <= small.last_time);
                assert!(small.first_time == whole.first_time || told);
            }
            let covered = |reading: &Reading<EventLog>| {
                reading
                    .records
                    .spans
                    .iter()
                    .map(|span| span.first_time)
                    .min()
            };
            u64::from(covered(&small) > covered(&whole))
        })
        .sum();
    assert!(short > 20, "{short}");
}

#[test]
fn keywords_say_what_failed() {
    let (mut failed, mut sound) = (0, 0);
    for path in logs() {
        let bytes = std::fs::read(&path).unwrap();
        let source = Source::new(&Content::Memory(bytes.as_slice().into()));
        let events = log(&bytes).records.events.into_iter();
        let logons = events
            .filter(|event| matches!(event.id, 4624 | 4625))
            .take(5);
        for event in logons {
            let Some(raw) = find(&source, event.record_id).unwrap() else {
                continue;
            };
            assert_eq!(raw.failed, event.id == 4625, "{} {event:?}", path.display());
            *(if raw.failed { &mut failed } else { &mut sound }) += 1;
        }
    }
    println!("{failed} failures, {sound} others");
    assert!(failed > 0 && sound > 0);
}
