#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::{Bundle, Limits};

/// Small, so that an input which gets past them shows in the memory that it takes.
const LIMITS: Limits = Limits {
    depth: 4,
    entries: 200,
    entry_bytes: 8 << 20,
    total_bytes: 32 << 20,
    streamed_from: 1 << 20,
    streamed_bytes: 32 << 20,
    ratio: 400,
};

fuzz_target!(|bytes: &[u8]| {
    let bundle = Bundle::of_memory("sent", bytes, &LIMITS);
    let held: u64 = bundle.artifacts.iter().skip(1).map(|a| a.bytes).sum();
    assert!(held <= LIMITS.total_bytes + bytes.len() as u64);
    for artifact in &bundle.artifacts {
        assert!(
            !artifact
                .path
                .split('/')
                .any(|part| matches!(part, "" | "." | ".."))
        );
    }
});
