//! A folder of a cabinet: the blocks of one compressed stream.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::{Decompress, FlushDecompress};
use lzxd::{Lzxd, WindowSize};

use crate::bundle::archive::packed_strangely;
use crate::bundle::source::Source;

/// What a block unpacks to at most.
const BLOCK: usize = 32 << 10;

/// How the blocks of a folder are packed (`typeCompress`).
#[derive(Clone, Copy)]
pub(super) enum Method {
    Stored,
    MsZip,
    Lzx(WindowSize),
    Other(&'static str),
}

impl Method {
    pub(super) fn of(field: u16) -> Self {
        let window = || {
            Some(match (field >> 8) & 0x1F {
                15 => WindowSize::KB32,
                16 => WindowSize::KB64,
                17 => WindowSize::KB128,
                18 => WindowSize::KB256,
                19 => WindowSize::KB512,
                20 => WindowSize::MB1,
                21 => WindowSize::MB2,
                _ => return None,
            })
        };
        match field & 0xF {
            0 => Self::Stored,
            1 => Self::MsZip,
            2 => Self::Other("Quantum"),
            3 => window().map_or(Self::Other("LZX of an unknown window"), Self::Lzx),
            _ => Self::Other("an unknown method"),
        }
    }

    /// Why entries that are packed so stay closed.
    pub(super) fn refusal(self) -> Option<String> {
        match self {
            Self::Other(name) => Some(packed_strangely(name)),
            _ => None,
        }
    }
}

/// Where a folder is.
pub(in crate::bundle::archive) struct Folder {
    /// Its first block.
    pub(super) start: u64,
    /// Where its blocks end at the latest.
    pub(super) end: u64,
    pub(super) blocks: u16,
    pub(super) method: Method,
    /// Bytes that the writer reserved in each block.
    pub(super) reserved: u8,
}

impl Folder {
    pub(in crate::bundle::archive) fn unpack(&self, source: Source) -> impl Read + use<> {
        Blocks {
            source: BufReader::new(source),
            at: None,
            start: self.start,
            end: self.end,
            left: self.blocks,
            reserved: self.reserved,
            decoder: match self.method {
                Method::MsZip => Decoder::MsZip(Decompress::new(false)),
                Method::Lzx(window) => Decoder::Lzx(Box::new(Lzxd::new(window))),
                Method::Stored | Method::Other(_) => Decoder::Stored,
            },
            block: Vec::new(),
            given: 0,
        }
    }
}

enum Decoder {
    Stored,
    MsZip(Decompress),
    Lzx(Box<Lzxd>),
}

/// The unpacked bytes of a folder.
struct Blocks {
    source: BufReader<Source>,
    /// Where the next block is; none before the first.
    at: Option<u64>,
    start: u64,
    end: u64,
    left: u16,
    reserved: u8,
    decoder: Decoder,
    /// The current block, unpacked, and how much of it was given out. MSZIP looks back into it.
    block: Vec<u8>,
    given: usize,
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.block.len() && self.left > 0 {
            self.next()?;
        }
        let mut rest = self.block.get(self.given..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

impl Blocks {
    fn next(&mut self) -> io::Result<()> {
        let at = match self.at {
            Some(at) => at,
            None => self.source.seek(SeekFrom::Start(self.start))?,
        };
        let mut header = vec![0; 8 + usize::from(self.reserved)];
        self.source.read_exact(&mut header)?;
        let field = |at: usize| {
            let bytes = header.get(at..at + 2).and_then(|bytes| bytes.first_chunk());
            bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
        };
        let (packed, size) = (field(4), usize::from(field(6)));
        let checksum = u32::from(field(0)) | u32::from(field(2)) << 16;
        let end = at + header.len() as u64 + u64::from(packed);
        if end > self.end {
            return Err(io::Error::other("a block runs into the next folder"));
        }
        if size == 0 {
            return Err(io::Error::other("it goes on in another cabinet"));
        }
        if size > BLOCK {
            return Err(io::Error::other(
                "a block is larger than cabinets have them",
            ));
        }
        let mut bytes = vec![0; usize::from(packed)];
        self.source.read_exact(&mut bytes)?;
        let sum = sum(header.get(4..).unwrap_or_default(), sum(&bytes, 0));
        if checksum != 0 && checksum != sum {
            return Err(io::Error::other("the checksum of a block does not match"));
        }
        self.block = self.decoder.unpack(&bytes, size, &self.block)?;
        (self.at, self.given) = (Some(end), 0);
        self.left -= 1;
        Ok(())
    }
}

impl Decoder {
    fn unpack(&mut self, packed: &[u8], size: usize, before: &[u8]) -> io::Result<Vec<u8>> {
        let unpacked = match self {
            Self::Stored => packed.to_vec(),
            Self::MsZip(inflate) => {
                let packed = packed
                    .strip_prefix(b"CK")
                    .ok_or_else(|| io::Error::other("a block is not MSZIP"))?;
                // Each block is a stream of its own, except that it looks back at the one before.
                inflate.reset(false);
                if !before.is_empty() {
                    inflate.set_dictionary(before)?;
                }
                let mut unpacked = Vec::with_capacity(size);
                inflate.decompress_vec(packed, &mut unpacked, FlushDecompress::Finish)?;
                unpacked
            }
            Self::Lzx(lzx) => lzx
                .decompress_next(packed, size)
                .map_err(io::Error::other)?
                .to_vec(),
        };
        if unpacked.len() == size {
            Ok(unpacked)
        } else {
            Err(io::Error::other("a block does not unpack to its size"))
        }
    }
}

/// The checksum of a block: all of it as little-endian numbers of 32 bits, combined by exclusive or; of a rest, the first byte counts
/// most ([MS-CAB] 3.1).
fn sum(bytes: &[u8], seed: u32) -> u32 {
    let (numbers, rest) = bytes.as_chunks::<4>();
    let whole = numbers
        .iter()
        .fold(seed, |sum, number| sum ^ u32::from_le_bytes(*number));
    whole
        ^ rest
            .iter()
            .fold(0, |number, byte| number << 8 | u32::from(*byte))
}
