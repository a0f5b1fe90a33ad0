#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::console;

fuzz_target!(|bytes: &[u8]| {
    console::read(ArtifactId(0), &text::decode(bytes));
});
