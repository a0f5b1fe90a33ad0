//! Output about the client side of a machine, told by shape.
//!
//! ```text
//!     Target: Domain:target=web.corp.example                             cmdkey /list
//! Current WinHTTP proxy settings:                                        netsh winhttp show proxy
//! default realm = corp.example (NT Domain)                               ksetup
//! WEB01 Windows Server 2019 Standard Server Version:6.3 1809 Build:17763.5329      Build.txt of collectors
//! ```

use super::lines::labelled;

/// `Target: Domain:target=web.corp.example`: the kind of the credential, its use and its target.
pub(crate) fn credential_target(line: &str) -> Option<(&str, &str, &str)> {
    let (_, value) = labelled(line)?;
    let (kind, rest) = value.split_once(':')?;
    let (use_, target) = rest.split_once('=')?;
    let kinds = ["Domain", "LegacyGeneric", "WindowsLive", "MicrosoftAccount"];
    let uses = ["target", "interactive", "batch", "name"];
    let is_one = kinds.contains(&kind) && uses.contains(&use_) && line.starts_with([' ', 'T']);
    (is_one && !target.trim().is_empty()).then(|| (kind, use_, target.trim()))
}

/// `* NONE *`: no credentials are stored, in any language.
pub(crate) fn none_stored(line: &str) -> bool {
    let inner = line
        .trim()
        .strip_prefix("* ")
        .and_then(|l| l.strip_suffix(" *"));
    inner.is_some_and(|word| !word.is_empty() && !word.contains(['*', ' ']))
}

/// Whether a list of credentials begins here: its heading, or the first credential.
pub(super) fn opens_credentials(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    let below = |line: &&&str| !line.trim().is_empty();
    let next = || lines.iter().skip(1).take(3).find(below);
    credential_target(first).is_some()
        || (is_heading(first)
            && next().is_some_and(|line| credential_target(line).is_some() || none_stored(line)))
}

fn is_heading(line: &str) -> bool {
    !line.starts_with([' ', '\t']) && line.trim_end().ends_with([':', '：'])
}

/// `Current WinHTTP proxy settings:` in any language.
pub(crate) fn is_proxy_heading(line: &str) -> bool {
    is_heading(line) && line.contains("WinHTTP") && line.len() <= 120
}

/// `default realm = corp.example (NT Domain)`
pub(super) fn opens_realms(line: &str) -> bool {
    line.starts_with("default realm = ")
}

/// What the first line of a `Build.txt` says.
pub(crate) struct BuildLine<'a> {
    /// The machine.
    pub(crate) machine: &'a str,
    /// Its system, by name.
    pub(crate) system: &'a str,
    /// Its build, `17763`.
    pub(crate) number: u32,
}

/// `WEB01 Windows Server 2019 Standard Server Version:6.3 1809 Build:17763.5329`
pub(crate) fn build_line(line: &str) -> Option<BuildLine<'_>> {
    let (named, rest) = line.split_once(" Version:")?;
    let (_, build) = rest.rsplit_once(" Build:")?;
    let (machine, system) = named.split_once(' ')?;
    let (number, revision) = build.trim().split_once('.')?;
    let number = number.parse().ok()?;
    revision.parse::<u32>().ok()?;
    (!machine.is_empty() && system.starts_with("Windows")).then(|| BuildLine {
        machine,
        system: system.trim(),
        number,
    })
}
