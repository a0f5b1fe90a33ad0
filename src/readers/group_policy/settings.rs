//! The settings of `gpresult /v`: user rights, Kerberos settings, the policy of encryption types.
//!
//! ```text
//!             GPO: Hardening
//!                 Policy:            BatchLogonRight
//!                 Computer Setting:  IIS_IUSRS
//!                                    CORP\svc_web
//!
//!             GPO: Kerberos
//!                 KeyName:     Software\Microsoft\…\Kerberos\Parameters\SupportedEncryptionTypes
//!                 Value:       24, 0, 0, 0
//!                 State:       Enabled
//! ```

use super::{PolicyResult, PolicyRight, PolicySetting, pair};
use crate::evidence::{ArtifactId, Cited};
use crate::readers::console::Line;

/// Kerberos settings of the account policies.
const KERBEROS: [&str; 5] = [
    "MaxClockSkew",
    "MaxTicketAge",
    "MaxServiceAge",
    "MaxRenewAge",
    "TicketValidateClient",
];

/// Adds what the lines set.
pub(super) fn take(artifact: ArtifactId, lines: &[Line<'_>], result: &mut PolicyResult) {
    for (at, line) in lines.iter().enumerate() {
        let (Some((_, name)), Some(below)) = (pair(line), lines.get(at + 1)) else {
            continue;
        };
        let Some((_, value)) = pair(below) else {
            continue;
        };
        let policy = at
            .checked_sub(1)
            .and_then(|before| pair(lines.get(before)?))
            .map(|(_, policy)| policy.to_owned());
        if let Some(right) = right_named(name) {
            result.rights.push(PolicyRight {
                right,
                accounts: accounts(artifact, lines, at + 1),
                policy,
                from: line.cite(artifact),
            });
        } else if KERBEROS.contains(&name) {
            let mut value = Cited::new(value.to_owned(), below.cite(artifact));
            value.from.push(line.cite(artifact));
            result.settings.push(PolicySetting {
                name: name.to_owned(),
                value,
                policy,
            });
        } else if is_etype_policy(name)
            && let Some(bits) = bytes(value)
        {
            result.etypes = Some(Cited {
                value: bits,
                from: vec![below.cite(artifact), line.cite(artifact)],
            });
        }
    }
}

/// gpresult leaves the `Se` of the constants away.
fn right_named(name: &str) -> Option<String> {
    let known = (name.ends_with("Right") || name.ends_with("Privilege"))
        && name.len() > 9
        && name.bytes().all(|b| b.is_ascii_alphabetic());
    known.then(|| {
        match name
            .strip_prefix("Se")
            .filter(|rest| rest.starts_with(char::is_uppercase))
        {
            Some(_) => name.to_owned(),
            None => format!("Se{name}"),
        }
    })
}

fn is_etype_policy(name: &str) -> bool {
    name.to_ascii_lowercase()
        .ends_with("\\kerberos\\parameters\\supportedencryptiontypes")
}

/// The accounts behind a label, and those on the lines below it, up to the next blank one.
fn accounts(artifact: ArtifactId, lines: &[Line<'_>], at: usize) -> Vec<Cited<String>> {
    let rows = lines.iter().skip(at).take_while(|line| !line.is_blank());
    rows.enumerate()
        .map_while(|(index, line)| {
            let text = match (index, pair(line)) {
                (0, Some((_, value))) => value,
                (0, None) | (_, Some(_)) => return None,
                (_, None) => line.text.trim(),
            };
            Some((text, line))
        })
        .filter(|(text, _)| !text.is_empty() && *text != "N/A")
        .map(|(text, line)| Cited::new(text.to_owned(), line.cite(artifact)))
        .collect()
}

/// `24, 0, 0, 0`: the bytes of a number, the lowest first.
fn bytes(value: &str) -> Option<u32> {
    let parts: Option<Vec<u8>> = value
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    Some(u32::from_le_bytes(parts?.try_into().ok()?))
}
