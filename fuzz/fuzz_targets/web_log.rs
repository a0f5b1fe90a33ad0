#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::web_log;

fuzz_target!(|bytes: &[u8]| {
    web_log::read(ArtifactId(0), &text::decode(bytes));
});
