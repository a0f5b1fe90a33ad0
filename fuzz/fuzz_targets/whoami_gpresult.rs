#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::console::sections;
use why401::readers::{group_policy, whoami};

fuzz_target!(|bytes: &[u8]| {
    for command in [&b""[..], b"C:\\>whoami /all\n", b"C:\\>gpresult /z\n"] {
        let text = text::decode(&[command, bytes].concat());
        let sections = sections(&text);
        whoami::read(ArtifactId(0), &sections);
        group_policy::read(ArtifactId(0), &sections);
    }
});
