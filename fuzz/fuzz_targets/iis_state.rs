#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::iis_config::ConfigFile;
use why401::readers::iis_state::IisState;
use why401::readers::{clixml, console, iis_state};

fuzz_target!(|bytes: &[u8]| {
    let text = text::decode(bytes);
    clixml::read(ArtifactId(0), &text);
    for fact in iis_state::read(ArtifactId(0), &console::sections(&text)).records {
        if let IisState::Configuration(output) = &fact.state {
            ConfigFile::recompose(ArtifactId(0), &[output.as_ref()]);
        }
    }
});
