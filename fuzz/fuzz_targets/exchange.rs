#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::{console, exchange};

fuzz_target!(|bytes: &[u8]| {
    exchange::read(ArtifactId(0), &text::decode_uncut(bytes));
    // What `curl -v` shows stands in console text.
    console::read(ArtifactId(0), &text::decode(bytes));
});
