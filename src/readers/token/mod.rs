//! Tokens of an `Authorization` or `WWW-Authenticate` header: NTLM, SPNEGO, Kerberos and NEGOEX told apart, and what
//! stands in them in clear.
//!
//! ```text
//! Negotiate YIIG7gYGKwYBBQUCoIIG4jCC…     SPNEGO, its mechanisms in order, a Kerberos ticket inside:
//!                                         realm, service name, encryption type and kvno of the ticket
//! Negotiate oYG2MIGzoAMKAQCh…             SPNEGO, the answer: how the negotiation stands
//! NTLM TlRMTVNTUAADAAAA…                  NTLM: names, NTLMv1 or NTLMv2, the SPN the client meant
//! ```
//!
//! Headers are what a stranger sent, and logs cut them: everything here reads as far as it goes, in one pass, with a
//! bounded walk. Bytes of tickets, responses and challenges are skipped over and enter no record. Formats: RFC 4120
//! (Kerberos), RFC 4178 (SPNEGO), \[MS-NLMP\] (NTLM), draft-swift-win2k-krb-user2user (user-to-user).

mod der;
mod header;
mod kerberos;
mod ntlm;
mod shown;
mod spnego;
#[cfg(test)]
pub(crate) mod tests;

pub use header::{AuthHeader, Scheme, challenges};
pub use kerberos::{KerberosError, KerberosTicket, TicketRequest};
pub use ntlm::{
    ChannelBinding, NtlmAuthenticate, NtlmChallenge, NtlmMessage, NtlmNames, NtlmNegotiate,
    NtlmResponse, WindowsVersion,
};
pub use spnego::{Mechanism, NegotiationState, Spnego};

/// A token, as far as it can be read without a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its size in bytes, as far as the header holds it.
    pub bytes: usize,
    /// True when its own lengths say that more bytes belong to it: a log cut it off.
    pub cut: bool,
    /// How SPNEGO wraps it; `None` for a bare token.
    pub spnego: Option<Spnego>,
    /// What it says.
    pub message: Message,
}

/// What a token says, its SPNEGO wrapping taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// One of the three messages of NTLM.
    Ntlm(NtlmMessage),
    /// A Kerberos AP-REQ: the ticket that a client presents.
    Ticket(KerberosTicket),
    /// A Kerberos AP-REP: the acceptor opened the ticket.
    TicketAccepted,
    /// A Kerberos error.
    KerberosError(KerberosError),
    /// User-to-user Kerberos: the client asks for the acceptor's own ticket-granting ticket.
    TicketRequest(TicketRequest),
    /// The acceptor's ticket-granting ticket, for user-to-user Kerberos.
    TicketReply,
    /// Extended negotiation (NEGOEX).
    NegoEx,
    /// SPNEGO without a token inside.
    Nothing,
    /// Bytes of none of these kinds, or cut off before they tell.
    Unknown,
}

impl Token {
    /// Reads the base64 text of a token. `None` where no base64 stands.
    pub fn of_base64(text: &str) -> Option<Self> {
        let bytes = super::base64::decode_leading(text);
        (!bytes.is_empty()).then(|| Self::of_bytes(&bytes))
    }

    /// Reads a token.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let (spnego, message) = match spnego::unwrap(bytes) {
            Some((spnego, [])) => (Some(spnego), Message::Nothing),
            Some((spnego, inner)) => (Some(spnego), message(inner)),
            None => (None, message(bytes)),
        };
        Self {
            bytes: bytes.len(),
            cut: der::is_cut(bytes),
            spnego,
            message,
        }
    }

    /// The ticket that it presents.
    pub fn ticket(&self) -> Option<&KerberosTicket> {
        match &self.message {
            Message::Ticket(ticket) => Some(ticket),
            _ => None,
        }
    }

    /// The SPN that the client asked for: that of its ticket, or the one that its NTLM answer is meant for.
    pub fn asked(&self) -> Option<&str> {
        match &self.message {
            Message::Ticket(ticket) => ticket.service.as_deref(),
            Message::Ntlm(NtlmMessage::Authenticate(message)) => {
                message.names.target_spn.as_deref()
            }
            _ => None,
        }
    }

    /// The NTLM message that it is.
    pub fn ntlm(&self) -> Option<&NtlmMessage> {
        match &self.message {
            Message::Ntlm(message) => Some(message),
            _ => None,
        }
    }
}

fn message(bytes: &[u8]) -> Message {
    if let Some(message) = ntlm::read(bytes) {
        return Message::Ntlm(message);
    }
    if bytes.starts_with(b"NEGOEXTS") {
        return Message::NegoEx;
    }
    kerberos::read(bytes).unwrap_or(Message::Unknown)
}

/// Characters kept of one name.
const NAME_CHARS: usize = 256;

/// A name that a stranger chose, on one line.
fn name(text: &str) -> String {
    let kept = text.trim_end_matches('\0').chars().take(NAME_CHARS);
    kept.map(|c| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    })
    .collect()
}
