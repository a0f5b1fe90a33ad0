#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::iis_config::{ConfigFile, Redirection, ServerConfig};

fuzz_target!(|bytes: &[u8]| {
    let file = ConfigFile::read(ArtifactId(0), &text::decode_uncut(bytes)).records;
    Redirection::of(&file);
    let web = ("inetpub/wwwroot/web.config", &file);
    let (server, _) = ServerConfig::build(&file, &[web]);
    for site in server.sites.iter().take(4) {
        server.effective(&site.name, "/");
    }
});
