#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::console::sections;
use why401::readers::{domain, machine, nslookup};

fuzz_target!(|bytes: &[u8]| {
    let text = text::decode(bytes);
    let sections = sections(&text);
    machine::read(ArtifactId(0), &sections);
    domain::read(ArtifactId(0), &sections);
    nslookup::read(ArtifactId(0), &sections);
});
