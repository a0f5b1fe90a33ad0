//! SPNEGO: what wraps the token of another mechanism (RFC 4178).

use super::der::{at, elements};

/// The wrapping of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spnego {
    /// The first message (`NegTokenInit`).
    Init {
        /// What the sender offers, most wanted first. NTLM first says that a client had no ticket to offer.
        mechanisms: Vec<Mechanism>,
    },
    /// A later message (`NegTokenResp`).
    Reply {
        /// How the negotiation stands, where the message says so.
        state: Option<NegotiationState>,
        /// The mechanism chosen, where the message names one.
        mechanism: Option<Mechanism>,
    },
}

/// How a negotiation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NegotiationState {
    /// The logon is complete.
    Accepted,
    /// More messages are needed.
    Incomplete,
    /// Refused.
    Rejected,
    /// A check of the mechanism list is asked for.
    CheckAsked,
}

/// A security mechanism, by its object identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Kerberos under the number that Windows 2000 got wrong: 1.2.840.48018.1.2.2.
    MsKerberos,
    /// Kerberos: 1.2.840.113554.1.2.2.
    Kerberos,
    /// User-to-user Kerberos: 1.2.840.113554.1.2.2.3.
    UserToUser,
    /// NTLM: 1.3.6.1.4.1.311.2.2.10.
    Ntlm,
    /// Extended negotiation: 1.3.6.1.4.1.311.2.2.30.
    NegoEx,
    /// Another one, by its number.
    Other(String),
}

/// Offers kept of one list.
const MECHANISMS: usize = 16;

pub(super) const SPNEGO: &[u8] = &[0x2B, 6, 1, 5, 5, 2];
const MS_KERBEROS: &[u8] = &[0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 1, 2, 2];
const KERBEROS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2];
const USER_TO_USER: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2, 3];
const NTLM: &[u8] = &[0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x0A];
const NEGOEX: &[u8] = &[0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x1E];

impl Mechanism {
    /// The mechanism of an encoded object identifier.
    pub(super) fn of(identifier: &[u8]) -> Self {
        match identifier {
            MS_KERBEROS => Self::MsKerberos,
            KERBEROS => Self::Kerberos,
            USER_TO_USER => Self::UserToUser,
            NTLM => Self::Ntlm,
            NEGOEX => Self::NegoEx,
            other => Self::Other(dotted(other)),
        }
    }

    /// Whether it is a form of Kerberos.
    pub fn is_kerberos(&self) -> bool {
        matches!(self, Self::MsKerberos | Self::Kerberos | Self::UserToUser)
    }
}

/// The numbers of an object identifier; those beyond the twentieth are left out.
fn dotted(identifier: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0u64;
    for byte in identifier {
        number = (number.wrapping_shl(7)) | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            match numbers.is_empty() {
                true => {
                    let first = (number / 40).min(2);
                    numbers.extend([first, number.saturating_sub(first * 40)]);
                }
                false => numbers.push(number),
            }
            number = 0;
        }
        if numbers.len() >= 20 {
            break;
        }
    }
    let shown: Vec<String> = numbers.iter().map(u64::to_string).collect();
    shown.join(".")
}

/// Takes the wrapping off: what it says, and the token inside, empty where there is none. `None` for other tokens.
pub(super) fn unwrap(bytes: &[u8]) -> Option<(Spnego, &[u8])> {
    let outer = elements(bytes).next()?;
    match outer.tag {
        // The GSS-API puts the number of the mechanism before the first message.
        0x60 => {
            let mut inside = elements(outer.content);
            let identifier = inside
                .next()
                .filter(|e| e.tag == 0x06 && e.content == SPNEGO)?;
            let _ = identifier;
            let init = inside.next().filter(|e| e.tag == 0xA0)?.content;
            Some(self::init(at(init, &[0x30]).unwrap_or_default()))
        }
        0xA0 => Some(self::init(at(outer.content, &[0x30])?)),
        0xA1 => Some(reply(at(outer.content, &[0x30])?)),
        _ => None,
    }
}

fn init(fields: &[u8]) -> (Spnego, &[u8]) {
    let offered = at(fields, &[0xA0, 0x30]).unwrap_or_default();
    let mechanisms = elements(offered)
        .filter(|element| element.tag == 0x06 && !element.cut)
        .take(MECHANISMS)
        .map(|element| Mechanism::of(element.content))
        .collect();
    let token = at(fields, &[0xA2, 0x04]).unwrap_or_default();
    (Spnego::Init { mechanisms }, token)
}

fn reply(fields: &[u8]) -> (Spnego, &[u8]) {
    let state = match at(fields, &[0xA0, 0x0A]) {
        Some([0]) => Some(NegotiationState::Accepted),
        Some([1]) => Some(NegotiationState::Incomplete),
        Some([2]) => Some(NegotiationState::Rejected),
        Some([3]) => Some(NegotiationState::CheckAsked),
        _ => None,
    };
    let mechanism = at(fields, &[0xA1, 0x06]).map(Mechanism::of);
    let token = at(fields, &[0xA2, 0x04]).unwrap_or_default();
    (Spnego::Reply { state, mechanism }, token)
}
