#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::event_export;

fuzz_target!(|bytes: &[u8]| {
    let text = text::decode_uncut(bytes);
    let reading = event_export::read(ArtifactId(0), &text);
    assert!(reading.records.events.len() as u64 <= reading.count);
    event_export::find(&text, 2);
});
