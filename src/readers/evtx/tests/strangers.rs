//! Any bytes, and real logs with bytes that flipped.

use super::*;

/// Bytes that look like a log as far as the crate needs to start walking: headers, one record, and noise in it.
fn almost_a_log(noise: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; CHUNK + SIZE];
    put(&mut bytes, 0, b"ElfFile\0");
    put(&mut bytes, CHUNK, b"ElfChnk\0");
    put(&mut bytes, CHUNK + 24, &1u64.to_le_bytes());
    put(&mut bytes, CHUNK + 32, &2u64.to_le_bytes());
    put(&mut bytes, CHUNK + 48, &(SIZE as u32).to_le_bytes());
    let size = (28 + noise.len()) as u32;
    let record = CHUNK + 512;
    put(&mut bytes, record, b"**\0\0");
    put(&mut bytes, record + 4, &size.to_le_bytes());
    put(&mut bytes, record + 8, &1u64.to_le_bytes());
    put(&mut bytes, record + 24, noise);
    put(&mut bytes, record + 24 + noise.len(), &size.to_le_bytes());
    bytes
}

/// A record whose binary XML stands there.
fn place(at: usize) -> super::chunk::Place {
    super::chunk::Place {
        chunk: 0,
        id: 1,
        time: jiff::Timestamp::UNIX_EPOCH,
        at,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_in_no_panic(noise in proptest::collection::vec(any::<u8>(), 0..2000)) {
        log(&noise);
        log(&almost_a_log(&noise));
        // The same noise as binary XML of our own decoder, which the crate would have refused before.
        let selection = Selection::default();
        let mut known = Known::new(&selection);
        let mut reader = super::record::RecordReader::new(&noise, &mut known);
        for at in 0..noise.len().min(64) {
            if let Ok(Some(record)) = reader.record(&place(at), &mut Heads(Vec::new())) {
                let head = reader.head(&record, 1, jiff::Timestamp::UNIX_EPOCH);
                let _ = reader.event(&record, &head);
                let _ = reader.line(&record, &head, &Opening::new("a"), &mut Vec::new());
            }
        }
    }

    #[test]
    fn tokens_in_any_order_no_panic(
        tokens in proptest::collection::vec(
            proptest::sample::select(&[0u8, 1, 2, 3, 4, 5, 6, 0x0c, 0x0d, 0x0f, 0x21, 0x41, 0x81][..]), 0..300,
        )
    ) {
        log(&almost_a_log(&tokens));
        let selection = Selection::default();
        let mut known = Known::new(&selection);
        let mut reader = super::record::RecordReader::new(&tokens, &mut known);
        for at in 0..tokens.len() {
            let _ = reader.record(&place(at), &mut Heads(Vec::new()));
        }
    }

    #[test]
    fn a_real_log_with_flipped_and_missing_bytes_never_panics(
        flips in proptest::collection::vec((0usize..65_000, any::<u8>()), 1..60), cut in 0usize..70_000,
    ) {
        if let Some(mut bytes) = sample(SMALL) {
            for (at, value) in flips {
                bytes[CHUNK + at] = value;
            }
            let reading = log(&bytes);
            prop_assert!(reading.count <= 60);
            bytes.truncate(cut);
            log(&bytes);
        }
    }
}
