//! `Build.txt` of the auth scripts and of TSS: the first line names the machine and its build, and none of it is
//! translated.
//!
//! ```text
//! WEB01 Windows Server 2019 Standard Server Version:6.3 1809 Build:17763.5329
//! -------------------------------------------------------------------
//! BuildLabEx: 17763.1.amd64fre.rs5_release.180914-1434
//! ```

use super::{Fact, Found};
use crate::bundle::build_line;
use crate::readers::console::Line;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    for line in lines {
        let Some(build) = build_line(line.text) else {
            continue;
        };
        found.named(build.machine, line);
        found.add(Fact::System(build.system.to_owned()), line);
        // Every system that has a `Build.txt` is 10.0; its first line says 6.3 for the sake of old programs.
        found.add(Fact::Version(format!("10.0.{}", build.number)), line);
    }
}
