#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::clixml;

fuzz_target!(|bytes: &[u8]| {
    clixml::read(ArtifactId(0), &text::decode_uncut(bytes));
});
