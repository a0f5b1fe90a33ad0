#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::console::sections;
use why401::readers::registry;

fuzz_target!(|bytes: &[u8]| {
    let text = text::decode(bytes);
    registry::read(ArtifactId(0), &sections(&text));
});
