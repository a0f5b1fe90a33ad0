#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;

fuzz_target!(|bytes: &[u8]| {
    text::decode(bytes);
    text::decode_uncut(bytes);
    text::decode_name(bytes);
});
