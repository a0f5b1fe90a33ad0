#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::readers::token::{AuthHeader, Token, challenges};

fuzz_target!(|bytes: &[u8]| {
    let _ = Token::of_bytes(bytes).to_string();
    let value = String::from_utf8_lossy(bytes);
    let _ = AuthHeader::read(&value).map(|header| header.to_string());
    challenges("WWW-Authenticate", &value);
});
