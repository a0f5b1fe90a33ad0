#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::bundle::text;
use why401::evidence::ArtifactId;
use why401::readers::iis_config::{AppcmdOutput, ConfigFile, ServerConfig, SettingChange};

// Two files and an output of appcmd, cut apart by NUL bytes.
fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |byte| *byte == 0);
    let mut part = || text::decode_uncut(parts.next().unwrap_or_default());
    let (host, web, printed) = (part(), part(), part());
    let host = ConfigFile::read(ArtifactId(0), &host).records;
    let web = ConfigFile::read(ArtifactId(1), &web).records;
    let lines: Vec<(u32, &str)> = (1..).zip(printed.lines.iter().map(String::as_str)).collect();
    let (output, _) = AppcmdOutput::read(ArtifactId(2), &lines, Some(String::new()));
    let (mut server, _) = ServerConfig::build(&host, &[("Site/web.config", &web)]);
    server.lay_beside(ConfigFile::recompose(ArtifactId(2), &[&output]));
    server.disagreements();
    for site in server.sites.iter().take(4) {
        server.effective(&site.name, "/");
    }
    SettingChange::between(&host, &web);
});
