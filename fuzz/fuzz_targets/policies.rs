#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::console::sections;
use why401::readers::{audit_policy, user_rights};

fuzz_target!(|bytes: &[u8]| {
    let text = text::decode(bytes);
    let sections = sections(&text);
    audit_policy::read(ArtifactId(0), &sections);
    user_rights::read(ArtifactId(0), &sections);
});
