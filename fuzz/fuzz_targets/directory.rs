#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::console::sections;
use why401::readers::directory;

fuzz_target!(|bytes: &[u8]| {
    let text = text::decode(bytes);
    directory::read(ArtifactId(0), &sections(&text));
    // The same below a command, where no shape is needed.
    let echoed = [b"PS C:\\> Get-ADUser svc -Properties *\n", bytes].concat();
    directory::read(ArtifactId(0), &sections(&text::decode(&echoed)));
});
