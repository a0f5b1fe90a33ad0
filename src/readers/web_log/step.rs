//! What one answer is in an exchange: the challenge, a leg under way, or a refusal (`formats.md` 4.2, 4.3).

use super::records::Leg;

/// What a 401 is in an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The server names the schemes that it takes.
    Challenge,
    /// The server took a token and waits for the next.
    Token,
    /// The server refused.
    Refusal,
}

/// `SEC_E_NO_CREDENTIALS`, which IIS writes where it waits for the next token.
const NO_CREDENTIALS: u32 = 0x8009_030E;
/// `ERROR_ACCESS_DENIED`.
const ACCESS_DENIED: u32 = 5;

impl Leg {
    pub(super) fn step(self) -> Step {
        match (self.status, self.sub_status, self.win32) {
            // Neither the IIS nor the NCSA format has a sub-status: a plain 401 may be any leg.
            (401, None, None | Some(0 | ACCESS_DENIED)) => Step::Challenge,
            (401, Some(2), None | Some(0 | ACCESS_DENIED | NO_CREDENTIALS)) => Step::Challenge,
            (401, Some(1) | None, Some(NO_CREDENTIALS)) => Step::Token,
            // IIS 6 writes the middle leg of NTLM so.
            (401, Some(1), Some(0)) => Step::Token,
            _ => Step::Refusal,
        }
    }

    /// Whether it only names the schemes that the server takes (401.2 with Win32 status 5, 0 or 0x8009030E).
    pub fn is_challenge(self) -> bool {
        self.step() == Step::Challenge
    }

    /// Whether the server took a token and waits for the next (401.1 with 0x8009030E).
    pub fn is_token(self) -> bool {
        self.step() == Step::Token
    }
}
