use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use proptest::prelude::*;
use tempfile::NamedTempFile;

use super::*;
use crate::bundle::{Content, Source};

const BEFORE: usize = 7;

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// In two members.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let halves = bytes.split_at(bytes.len() / 2);
    let member = |bytes| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    [member(halves.0), member(halves.1)].concat()
}

fn packed_by(method: Method, bytes: &[u8]) -> Vec<u8> {
    match method {
        Method::Stored => bytes.to_vec(),
        Method::Deflated => deflated(bytes),
        Method::Gzip => gzip(bytes),
    }
}

/// An archive with something before and behind the packed bytes, and the entry in it.
fn entry(packed: &[u8], method: Method, bytes: u64) -> (NamedTempFile, Content) {
    let mut archive = NamedTempFile::new().unwrap();
    archive.write_all(&[b'x'; BEFORE]).unwrap();
    archive.write_all(packed).unwrap();
    archive.write_all(b"what comes behind").unwrap();
    let length = packed.len() as u64;
    let packed = Packed::new(archive.path(), BEFORE as u64, length, method, bytes);
    (archive, Content::Packed(packed.into()))
}

const METHODS: [Method; 3] = [Method::Stored, Method::Deflated, Method::Gzip];

fn words(seeds: &[u8]) -> Vec<u8> {
    let word = |seed: &u8| vec![*seed; 1 + usize::from(*seed) * 7];
    seeds.iter().flat_map(word).collect()
}

#[test]
fn what_is_not_small_is_not_held_whole() {
    let (_archive, content) = entry(&deflated(&[1; 100]), Method::Deflated, 1 << 40);
    let mut source = Source::new(&content);
    assert_eq!(source.seek(SeekFrom::End(0)).unwrap(), 1 << 40);
    source.seek(SeekFrom::Start(0)).unwrap();
    let refused = source.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(refused.to_string().contains("too large to be held whole"));
    let mut head = Vec::new();
    source.take(60).read_to_end(&mut head).unwrap();
    assert_eq!(head, [1; 60]);
}

#[test]
fn an_archive_that_ends_early_or_is_gone_is_an_error() {
    let whole = deflated(&words(&[9; 200]));
    let (archive, content) = entry(&whole[..whole.len() / 2], Method::Deflated, 12_800);
    let mut rest = Vec::new();
    assert!(Source::new(&content).read_to_end(&mut rest).is_err());
    let mut behind = Source::new(&content);
    behind.seek(SeekFrom::Start(12_799)).unwrap();
    assert!(behind.read(&mut [0]).is_err());
    archive.close().unwrap();
    assert!(Source::new(&content).read(&mut [0]).is_err());
}

/// What is read before the fault, in pieces of this size.
fn before_fault(content: &Content, piece: usize) -> Vec<u8> {
    let (mut source, mut read) = (Source::new(content), Vec::new());
    let mut buffer = vec![0; piece];
    while let Ok(count @ 1..) = source.read(&mut buffer) {
        read.extend_from_slice(&buffer[..count]);
    }
    read
}

proptest! {
    #[test]
    fn any_seeks_and_reads_are_those_of_the_bytes(
        seeds in prop::collection::vec(any::<u8>(), 1..200),
        steps in prop::collection::vec((0u8..4, any::<prop::sample::Index>(), 0usize..9000), 1..30),
    ) {
        let bytes = words(&seeds);
        for method in METHODS {
            let (_archive, content) = entry(&packed_by(method, &bytes), method, bytes.len() as u64);
            let mut packed = Source::new(&content);
            let mut memory = Source::new(&Content::Memory(bytes.as_slice().into()));
            for (kind, place, length) in &steps {
                let place = place.index(bytes.len() + 10) as i64;
                let to = match kind {
                    0 => SeekFrom::Start(place as u64),
                    1 => SeekFrom::End(-place),
                    2 => SeekFrom::Current(place - bytes.len() as i64 / 2),
                    _ => SeekFrom::Current(0),
                };
                match (packed.seek(to), memory.seek(to)) {
                    (Ok(one), Ok(other)) => prop_assert_eq!(one, other),
                    (one, other) => prop_assert!(one.is_err() && other.is_err()),
                }
                if *kind == 3 {
                    packed = packed.clone();
                }
                let (mut here, mut there) = (Vec::new(), Vec::new());
                Read::by_ref(&mut packed).take(*length as u64).read_to_end(&mut here).unwrap();
                Read::by_ref(&mut memory).take(*length as u64).read_to_end(&mut there).unwrap();
                prop_assert!(here == there, "{method:?}: {to:?}, {length} bytes");
            }
        }
    }

    #[test]
    fn a_fault_does_not_take_what_stands_before_it(
        seeds in prop::collection::vec(any::<u8>(), 1..200),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
        gzip in any::<bool>(),
    ) {
        let bytes = words(&seeds);
        let method = METHODS[1 + usize::from(gzip)];
        let mut packed = packed_by(method, &bytes);
        let at = at.index(packed.len());
        packed[at] ^= flip;
        let (_archive, content) = entry(&packed, method, bytes.len() as u64);
        let read = before_fault(&content, 1);
        for piece in [3, 1000, 1 << 20] {
            prop_assert!(read == before_fault(&content, piece), "in pieces of {piece}");
        }
    }
}
