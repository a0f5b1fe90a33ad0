#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::{Content, Source};
use why401::evidence::ArtifactId;
use why401::readers::events::Selection;
use why401::readers::evtx;

fuzz_target!(|bytes: &[u8]| {
    let source = Source::new(&Content::Memory(bytes.into()));
    evtx::read(ArtifactId(0), &source, &Selection::default(), 64, 1).expect("memory can be read");
    evtx::find(&source, 1).expect("memory can be read");
});
