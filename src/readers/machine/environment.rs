//! `set`: the machine, the domain of the user and the domain controller. Nothing else of an environment is kept, because
//! it may hold passwords.
//!
//! ```text
//! COMPUTERNAME=WEB01
//! LOGONSERVER=\\DC1
//! USERDNSDOMAIN=CORP.EXAMPLE
//! USERDOMAIN=CORP
//! ```

use super::{Fact, Found};
use crate::readers::console::Line;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    for line in lines {
        found.understood = true;
        let Some((name, value)) = line.text.split_once('=') else {
            continue;
        };
        let value = value.trim();
        if value.is_empty() || value.contains(char::is_whitespace) {
            continue;
        }
        match name {
            "COMPUTERNAME" => found.named(value, line),
            "LOGONSERVER" => {
                let server = value.trim_start_matches('\\').to_owned();
                found.add(Fact::LogonServer(server), line);
            }
            "USERDOMAIN" => found.add(Fact::UserDomain(value.to_owned()), line),
            _ => {}
        }
    }
}
