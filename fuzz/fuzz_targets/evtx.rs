#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::evidence::ArtifactId;
use why401::readers::evtx;

fuzz_target!(|bytes: &[u8]| {
    evtx::read(ArtifactId(0), bytes);
    evtx::find(bytes, 1);
});
