#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::request_trace;

fuzz_target!(|bytes: &[u8]| {
    for trace in request_trace::read(ArtifactId(0), &text::decode_uncut(bytes)).records {
        let _ = (
            trace.token(),
            trace.authenticated(),
            trace.refused(),
            trace.challenges(),
        );
    }
});
