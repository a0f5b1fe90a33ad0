//! `show urlacl`: which account may listen on which address.
//!
//! ```text
//!     Reserved URL            : http://*:80/app/
//!         User: CORP\svc_web
//!             Listen: Yes
//!             Delegate: No
//!             SDDL: D:(A;;GX;;;S-1-5-21-1-2-3-1105)
//! ```

use super::super::console::Line;
use super::HttpSysState;
use crate::evidence::{ArtifactId, Citation};

/// The reservations, each with the line of its address.
pub(super) fn read(artifact: ArtifactId, lines: &[Line<'_>]) -> Vec<(HttpSysState, Citation)> {
    let mut found: Vec<(String, Vec<String>, Line<'_>)> = Vec::new();
    // The indentation of accounts: that of the first line below an address.
    let mut inside: Option<usize> = None;
    for line in lines {
        let shown = line.text.trim();
        let address = line
            .text
            .split_once(" : ")
            .map(|(_, address)| address.trim());
        if let Some(url) = address.filter(|url| is_url(url)) {
            found.push((url.to_owned(), Vec::new(), *line));
            inside = None;
            continue;
        }
        if line.is_blank() {
            inside = None;
            continue;
        }
        let Some((_, value)) = shown.split_once(": ") else {
            continue;
        };
        let indent = line.text.len().saturating_sub(line.text.trim_start().len());
        if *inside.get_or_insert(indent) == indent
            && indent > 0
            && let Some((_, users, _)) = found.last_mut()
        {
            users.push(value.trim().to_owned());
        }
    }
    found
        .into_iter()
        .map(|(url, users, line)| {
            (
                HttpSysState::Reservation { url, users },
                line.cite(artifact),
            )
        })
        .collect()
}

fn is_url(value: &str) -> bool {
    value.starts_with("http://") || value.starts_with("https://")
}
