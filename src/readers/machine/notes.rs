//! `script-info.txt` of the auth scripts: when they were started and stopped, on the machine's clock with its zone.
//!
//! ```text
//! Script started: 2026/03/02 09:00:00 <UTC+01:00>
//! ```

use jiff::civil::DateTime;

use super::{Fact, Found, summary};
use crate::bundle::local_and_offset;
use crate::evidence::When;
use crate::readers::console::Line;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    for line in lines {
        let Some((local, offset)) = local_and_offset(line.text) else {
            continue;
        };
        let shown = DateTime::strptime("%Y/%m/%d %H:%M:%S", local).ok();
        if let Some((local, offset)) = shown.zip(summary::offset_of(offset)) {
            let local = When::Local(local);
            found.add(Fact::OffsetAt { offset, local }, line);
        }
    }
}
