//! Writes real `.evtx` files, so that fixtures are readable text and not heaps of bytes.
//!
//! ```ignore
//! let mut log = Log::new();
//! log.record(EventSpec::named(SECURITY, 4776, at("2026-03-02T08:00:00Z"), "DC1.corp.example", vec![
//!     ("PackageName", "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0".into()),
//!     ("TargetUserName", "uma".into()),
//!     ("Workstation", "PC0142".into()),
//!     ("Status", hex(0xc000_006a)),
//! ]));
//! std::fs::write("Security.evtx", log.to_bytes())?;
//! ```
//!
//! The layout is that of `evtx.md` section 4: file header, 64 KiB chunks with name and template tables and three
//! checksums, records with a template definition at its first use in a chunk. Records come in two shapes ([`Shape`]).
//! What Windows leaves behind on bad days can be asked for: a dirty header, a cut tail, a damaged chunk.

mod binxml;
mod definition;
mod event_xml;
mod spec;
mod value;

pub use event_xml::XmlStyle;
pub use spec::{EventSpec, Payload, Provider, Shape};
pub use value::{Value, guid_text, hex, hex64, sid, system_time};

use std::io::{self, Cursor, Seek, SeekFrom, Write};

use binxml::Page;
use value::filetime;

const CHUNK: usize = 65_536;
/// No record is larger.
const ROOM: usize = 40_000;

/// Events on their way into one file.
#[derive(Clone, Debug, Default)]
pub struct Log {
    events: Vec<EventSpec>,
    first_record_id: u64,
    per_chunk: Option<usize>,
    renumbered: bool,
    dirty: bool,
}

impl Log {
    /// An empty log whose records are numbered from 1.
    pub fn new() -> Self {
        Self {
            first_record_id: 1,
            ..Self::default()
        }
    }

    /// Adds an event at the end of the file.
    pub fn record(&mut self, event: EventSpec) -> &mut Self {
        self.events.push(event);
        self
    }

    /// Adds events at the end of the file.
    pub fn records(&mut self, events: impl IntoIterator<Item = EventSpec>) -> &mut Self {
        self.events.extend(events);
        self
    }

    /// The `EventRecordID` of the first event; a log that has wrapped starts high.
    pub fn numbered_from(mut self, first_record_id: u64) -> Self {
        self.first_record_id = first_record_id;
        self
    }

    /// An exported log: record headers count from 1, `EventRecordID` keeps the number of the original.
    pub fn renumbered(mut self) -> Self {
        self.renumbered = true;
        self
    }

    /// At most this many records to a chunk (otherwise chunks are filled).
    pub fn per_chunk(mut self, records: usize) -> Self {
        self.per_chunk = Some(records);
        self
    }

    /// Copied while the service held it open: the file header is stale (flag 1, one chunk).
    pub fn dirty(mut self) -> Self {
        self.dirty = true;
        self
    }

    /// The events with their record ids, in file order.
    pub fn numbered(&self) -> impl Iterator<Item = (u64, &EventSpec)> {
        self.events
            .iter()
            .zip(self.first_record_id..)
            .map(|(event, next)| {
                (
                    if event.record_id == 0 {
                        next
                    } else {
                        event.record_id
                    },
                    event,
                )
            })
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut file = Writer::new(Cursor::new(Vec::new())).expect("memory takes it");
        for (header_id, (record_id, event)) in (1..).zip(self.numbered()) {
            if self.per_chunk.is_some_and(|most| file.open.records >= most) {
                file.end_chunk().expect("memory takes it");
            }
            let header_id = if self.renumbered {
                header_id
            } else {
                record_id
            };
            file.write(event, record_id, header_id)
                .expect("memory takes it");
        }
        file.finish(self.dirty)
            .expect("memory takes it")
            .into_inner()
    }

    /// The file without its last `bytes` bytes, as a broken copy leaves it.
    pub fn to_truncated_bytes(&self, bytes: usize) -> Vec<u8> {
        let mut file = self.to_bytes();
        file.truncate(file.len().saturating_sub(bytes));
        file
    }

    /// The file with noise written over the middle of one chunk (from 0); its checksums no longer fit.
    pub fn to_damaged_bytes(&self, chunk: usize) -> Vec<u8> {
        let mut file = self.to_bytes();
        let middle = 4_096 + chunk * CHUNK + 4_096;
        for (index, byte) in file.iter_mut().skip(middle).take(512).enumerate() {
            *byte = u8::try_from(index * 37 % 251).expect("below 251");
        }
        file
    }
}

/// A file under way, written chunk by chunk: of a log of any size, one chunk is in memory.
pub struct Writer<W> {
    out: W,
    open: Chunk,
    chunks: usize,
    records: u64,
}

impl<W: Write + Seek> Writer<W> {
    /// A file without records.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&file_header(1, 1, true))?;
        Ok(Self {
            out,
            open: Chunk::new(1),
            chunks: 0,
            records: 0,
        })
    }

    /// Adds a record: the number of its event, and the one of its header.
    pub fn write(&mut self, event: &EventSpec, record_id: u64, header_id: u64) -> io::Result<()> {
        self.records += 1;
        if !self.open.push(event, record_id, header_id, self.records) {
            self.records -= 1;
            self.end_chunk()?;
            self.records += 1;
            let fits = self.open.push(event, record_id, header_id, self.records);
            assert!(fits, "event {} is larger than a chunk", event.id);
        }
        Ok(())
    }

    /// Bytes written so far, without the open chunk.
    pub fn bytes(&self) -> u64 {
        4_096 + (self.chunks * CHUNK) as u64
    }

    /// Starts a new chunk.
    fn end_chunk(&mut self) -> io::Result<()> {
        let next = Chunk::new(self.records + 1);
        let chunk = std::mem::replace(&mut self.open, next).close();
        self.chunks += 1;
        self.out.write_all(&chunk)
    }

    /// Closes the file; a dirty one as the service leaves it while it writes.
    pub fn finish(mut self, dirty: bool) -> io::Result<W> {
        self.end_chunk()?;
        self.out.seek(SeekFrom::Start(0))?;
        let header = file_header(self.chunks, self.records + 1, dirty);
        self.out.write_all(&header)?;
        Ok(self.out)
    }
}

/// A chunk that takes records until it is full.
struct Chunk {
    page: Page,
    records: usize,
    first_number: u64,
    ids: Option<(u64, u64)>,
    last_record_at: u32,
}

impl Chunk {
    fn new(first_number: u64) -> Self {
        Self {
            page: Page::new(),
            records: 0,
            first_number,
            ids: None,
            last_record_at: 512,
        }
    }

    /// Writes a record; false, and nothing written, when it does not fit any more.
    fn push(&mut self, event: &EventSpec, record_id: u64, header_id: u64, number: u64) -> bool {
        // What may not fit is tried on a copy.
        let before = (self.page.bytes.len() > CHUNK - ROOM).then(|| self.page.clone());
        let page = &mut self.page;
        let start = page.bytes.len();
        page.bytes.extend([0x2a, 0x2a, 0, 0, 0, 0, 0, 0]);
        page.bytes.extend(header_id.to_le_bytes());
        page.bytes.extend(filetime(event.time).to_le_bytes());
        let (element, values) = definition::payload(event);
        page.fragment(
            &definition::root(event),
            &definition::root_values(event, record_id),
            Some((&element, &values)),
        );
        // The size, with its copy at the end, is a multiple of eight.
        let size = (page.bytes.len() - start + 4).next_multiple_of(8);
        page.bytes.resize(start + size - 4, 0);
        let size = u32::try_from(size)
            .expect("a record is small")
            .to_le_bytes();
        page.bytes.extend(size);
        page.bytes[start + 4..start + 8].copy_from_slice(&size);
        if page.bytes.len() > CHUNK {
            self.page = before.expect("records are smaller than the room left for them");
            return false;
        }
        self.last_record_at = u32::try_from(start).expect("a chunk is small");
        if self.records == 0 {
            self.first_number = number;
        }
        self.records += 1;
        let (first, last) = self.ids.unwrap_or((header_id, header_id));
        self.ids = Some((first.min(header_id), last.max(header_id)));
        true
    }

    fn close(self) -> Vec<u8> {
        let free = self.page.position();
        let mut bytes = self.page.bytes;
        let (first_id, last_id) = self.ids.unwrap_or((u64::MAX, u64::MAX));
        let (first, last) = match self.records {
            0 => (u64::MAX, u64::MAX),
            n => (self.first_number, self.first_number + n as u64 - 1),
        };
        let records_crc = crc32fast::hash(&bytes[512..]);
        put(&mut bytes, 0, b"ElfChnk\0");
        put(&mut bytes, 8, &first.to_le_bytes());
        put(&mut bytes, 16, &last.to_le_bytes());
        put(&mut bytes, 24, &first_id.to_le_bytes());
        put(&mut bytes, 32, &last_id.to_le_bytes());
        put(&mut bytes, 40, &128_u32.to_le_bytes());
        put(&mut bytes, 44, &self.last_record_at.to_le_bytes());
        put(&mut bytes, 48, &free.to_le_bytes());
        put(&mut bytes, 52, &records_crc.to_le_bytes());
        put(&mut bytes, 120, &1_u32.to_le_bytes());
        for (index, head) in self.page.name_buckets.iter().enumerate() {
            put(&mut bytes, 128 + 4 * index, &head.to_le_bytes());
        }
        for (index, head) in self.page.definition_buckets.iter().enumerate() {
            put(&mut bytes, 384 + 4 * index, &head.to_le_bytes());
        }
        let mut header = crc32fast::Hasher::new();
        header.update(&bytes[..120]);
        header.update(&bytes[128..512]);
        put(&mut bytes, 124, &header.finalize().to_le_bytes());
        bytes.resize(CHUNK, 0);
        bytes
    }
}

fn file_header(chunks: usize, next_record: u64, dirty: bool) -> Vec<u8> {
    let count = if dirty { 1 } else { chunks };
    let mut bytes = vec![0; 4_096];
    put(&mut bytes, 0, b"ElfFile\0");
    put(&mut bytes, 16, &(count as u64 - 1).to_le_bytes());
    put(&mut bytes, 24, &next_record.to_le_bytes());
    put(&mut bytes, 32, &128_u32.to_le_bytes());
    put(&mut bytes, 36, &1_u16.to_le_bytes());
    put(&mut bytes, 38, &3_u16.to_le_bytes());
    put(&mut bytes, 40, &4_096_u16.to_le_bytes());
    put(
        &mut bytes,
        42,
        &u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes(),
    );
    put(&mut bytes, 120, &u32::from(dirty).to_le_bytes());
    let crc = crc32fast::hash(&bytes[..120]);
    put(&mut bytes, 124, &crc.to_le_bytes());
    bytes
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes[at..at + what.len()].copy_from_slice(what);
}
