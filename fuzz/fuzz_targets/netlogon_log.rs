#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::netlogon_log;

fuzz_target!(|bytes: &[u8]| {
    let text = text::decode(bytes);
    netlogon_log::read(ArtifactId(0), &text);
});
