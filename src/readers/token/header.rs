//! The value of an authentication header: its scheme, and the token behind it.
//!
//! ```text
//! Authorization: Negotiate YIIG7gYGKwYBBQUC…
//! Authorization: Basic dW1hOi4uLg==                 the user name is kept, the password is not decoded
//! WWW-Authenticate: Negotiate, NTLM                 several challenges, in one value or in several
//! ```

use super::{Token, name};
use crate::readers::base64;

/// An `Authorization`, `WWW-Authenticate`, `Proxy-…` or `Authentication-Info` header, as far as it may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthHeader {
    /// The scheme.
    pub scheme: Scheme,
    /// The token behind it; `None` for a bare scheme, and for schemes whose credentials are not read.
    pub token: Option<Token>,
    /// The user name of Basic credentials.
    pub user: Option<String>,
    /// Length of the value in characters: over about 1,000 it is usually Kerberos.
    pub chars: usize,
}

/// An authentication scheme of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// `Negotiate`: SPNEGO, or bare Kerberos or NTLM.
    Negotiate,
    /// `NTLM`.
    Ntlm,
    /// `Kerberos`, which WinRM uses.
    Kerberos,
    /// `Basic`.
    Basic,
    /// `Digest`.
    Digest,
    /// `Bearer`.
    Bearer,
    /// Another one. Its name is not kept: where somebody left the scheme out, it is the secret itself.
    Other,
}

impl Scheme {
    fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "negotiate" => Self::Negotiate,
            "ntlm" => Self::Ntlm,
            "kerberos" => Self::Kerberos,
            "basic" => Self::Basic,
            "digest" => Self::Digest,
            "bearer" => Self::Bearer,
            _ => Self::Other,
        }
    }

    /// As headers spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Negotiate => "Negotiate",
            Self::Ntlm => "NTLM",
            Self::Kerberos => "Kerberos",
            Self::Basic => "Basic",
            Self::Digest => "Digest",
            Self::Bearer => "Bearer",
            Self::Other => "another scheme",
        }
    }

    /// Whether Windows authentication uses it.
    pub fn is_windows(self) -> bool {
        matches!(self, Self::Negotiate | Self::Ntlm | Self::Kerberos)
    }
}

impl AuthHeader {
    /// Reads the value of a header. `None` where nothing stands.
    pub fn read(value: &str) -> Option<Self> {
        let value = value.trim();
        let (scheme, rest) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
        if scheme.is_empty() {
            return None;
        }
        let scheme = Scheme::of(scheme);
        Some(Self {
            scheme,
            token: scheme
                .is_windows()
                .then(|| Token::of_base64(rest.trim_start()))
                .flatten(),
            user: (scheme == Scheme::Basic)
                .then(|| basic_user(rest.trim_start()))
                .flatten(),
            chars: value.chars().count(),
        })
    }

    /// Reads a header line, where it is one that carries authentication from client to server.
    pub fn of_request(header: &str, value: &str) -> Option<Self> {
        let mine = ["authorization", "proxy-authorization"];
        is_one_of(header, &mine)
            .then(|| Self::read(value))
            .flatten()
    }
}

/// The challenges of a header, where it is one that asks for authentication.
pub fn challenges(header: &str, value: &str) -> Vec<AuthHeader> {
    if !is_one_of(
        header,
        &[
            "www-authenticate",
            "proxy-authenticate",
            "authentication-info",
        ],
    ) {
        return Vec::new();
    }
    let mut found: Vec<AuthHeader> = Vec::new();
    for part in value.split(['\n', ',']) {
        let Some(challenge) = AuthHeader::read(part) else {
            continue;
        };
        // `Basic realm="x", charset="UTF-8"`: what follows a comma may belong to the scheme before it.
        let parameter = challenge.scheme == Scheme::Other && part.contains('=');
        if !parameter && found.len() < CHALLENGES {
            found.push(challenge);
        }
    }
    found
}

/// Challenges kept of one header.
const CHALLENGES: usize = 16;

fn is_one_of(header: &str, names: &[&str]) -> bool {
    names
        .iter()
        .any(|name| header.trim().eq_ignore_ascii_case(name))
}

/// The user name before the colon. What follows is left encoded, but for the few letters that share its group.
fn basic_user(credentials: &str) -> Option<String> {
    let letters: Vec<u8> = credentials.bytes().take(1024).collect();
    let mut user = Vec::new();
    for group in letters.chunks(4) {
        let bytes = base64::decode_leading(std::str::from_utf8(group).ok()?);
        let colon = bytes.iter().position(|byte| *byte == b':');
        user.extend_from_slice(bytes.get(..colon.unwrap_or(bytes.len()))?);
        if colon.is_some() {
            return Some(name(&String::from_utf8_lossy(&user)));
        }
    }
    None
}
