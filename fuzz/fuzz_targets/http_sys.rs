#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::{console, http_sys};

fuzz_target!(|bytes: &[u8]| {
    http_sys::read(ArtifactId(0), &console::sections(&text::decode(bytes)));
});
