#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text::Lines;
use why401::evidence::ArtifactId;
use why401::readers::http_err;

fuzz_target!(|bytes: &[u8]| {
    let read = Lines::of(bytes).and_then(|mut lines| http_err::read(ArtifactId(0), &mut lines, 1));
    assert!(read.is_ok(), "what is in memory can be read");
});
