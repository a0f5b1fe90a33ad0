//! `netsh winhttp show proxy`, by its layout: a heading, then one sentence or two lines with labels.
//!
//! ```text
//! Current WinHTTP proxy settings:
//!
//!     Proxy Server(s) :  127.0.0.1:8888
//!     Bypass List     :  <local>;*.corp.example
//! ```
//!
//! Where there is no proxy, one sentence without a label says so; an empty list is a word in brackets.

use super::{Fact, Found, WinHttpProxy};
use crate::bundle::is_proxy_heading;
use crate::readers::console::Line;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    let Some(heading) = lines.iter().position(|line| is_proxy_heading(line.text)) else {
        return;
    };
    let below = lines.iter().skip(heading + 1).filter(|l| !l.is_blank());
    let indented: Vec<&Line<'_>> = below.take_while(|l| l.text.starts_with("  ")).collect();
    let value = |line: &Line<'_>| {
        let (_, value) = line.text.split_once(" :")?;
        Some(value.trim().to_owned())
    };
    let Some(first) = indented.first() else {
        return;
    };
    let proxy = match value(first) {
        None => WinHttpProxy::Direct,
        Some(servers) => {
            let list = indented.get(1).and_then(|line| value(line));
            let list = list.unwrap_or_default();
            let entries = list.split([';', ' ']).filter(|entry| !entry.is_empty());
            WinHttpProxy::Servers {
                servers,
                bypass: match list.starts_with('(') {
                    true => Vec::new(),
                    false => entries.map(str::to_owned).collect(),
                },
            }
        }
    };
    found.add(Fact::WinHttpProxy(proxy), first);
}
