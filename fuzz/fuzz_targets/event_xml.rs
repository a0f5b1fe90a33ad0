#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::event_xml;

fuzz_target!(|bytes: &[u8]| {
    event_xml::read(ArtifactId(0), &text::decode_uncut(bytes));
});
