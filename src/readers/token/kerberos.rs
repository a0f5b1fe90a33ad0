//! Kerberos messages: what of them is not encrypted (RFC 4120, sections 5.2, 5.3, 5.5 and 5.9).

use super::der::{at, elements, number};
use super::spnego::Mechanism;
use super::{Message, name};

/// The ticket that an AP-REQ presents. Who it was issued to, its times and its keys are encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KerberosTicket {
    /// The realm of the service.
    pub realm: Option<String>,
    /// The service it was issued for, like `HTTP/web.corp.example`: the SPN that the client asked for.
    pub service: Option<String>,
    /// The encryption type that the KDC sealed it with.
    pub etype: Option<u32>,
    /// Number of the key that it was sealed with; many KDCs write it, not all.
    pub kvno: Option<u32>,
    /// Size of the sealed part, in bytes, as the ticket itself says.
    pub sealed_bytes: usize,
    /// The encryption type of the session key that the client used.
    pub authenticator_etype: Option<u32>,
    /// The client wants the server to prove itself.
    pub mutual: bool,
    /// The ticket is sealed with a session key of the acceptor: user-to-user.
    pub user_to_user: bool,
}

/// An error that a Kerberos acceptor sends back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KerberosError {
    /// The code.
    pub code: Option<u32>,
    /// The realm of the service.
    pub realm: Option<String>,
    /// The service.
    pub service: Option<String>,
}

/// The question for a ticket-granting ticket with which user-to-user Kerberos begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketRequest {
    /// The realm of the service.
    pub realm: Option<String>,
    /// The service, often a user's name.
    pub service: Option<String>,
}

/// A Kerberos message, with or without its GSS-API wrapping.
pub(super) fn read(bytes: &[u8]) -> Option<Message> {
    let outer = elements(bytes).next()?;
    let mut message = bytes;
    if outer.tag == 0x60 {
        let identifier = elements(outer.content).next().filter(|e| e.tag == 0x06)?;
        if !Mechanism::of(identifier.content).is_kerberos() {
            return None;
        }
        // Tag and length of the identifier take two bytes: it is a short one.
        let (kind, rest) = outer
            .content
            .get(identifier.content.len() + 2..)?
            .split_at_checked(2)?;
        message = match kind {
            [1..=3, 0] => rest,
            [4, 0] => return Some(Message::TicketRequest(ticket_request(rest))),
            [4, 1] => return Some(Message::TicketReply),
            _ => return None,
        };
    }
    let outer = elements(message).next()?;
    let fields = at(outer.content, &[0x30]).unwrap_or_default();
    match outer.tag {
        0x6E => Some(Message::Ticket(ticket(fields))),
        0x6F => Some(Message::TicketAccepted),
        0x7E => Some(Message::KerberosError(KerberosError {
            code: number(fields, &[0xA6, 0x02]),
            realm: at(fields, &[0xA9, 0x1B]).map(text),
            service: at(fields, &[0xAA]).and_then(principal),
        })),
        _ => None,
    }
}

fn ticket(request: &[u8]) -> KerberosTicket {
    // A bit string: the first byte counts unused bits, the first bit is the highest.
    let options = at(request, &[0xA2, 0x03])
        .and_then(|bits| bits.get(1))
        .copied()
        .unwrap_or(0);
    let ticket = at(request, &[0xA3, 0x61, 0x30]).unwrap_or_default();
    let sealed = at(ticket, &[0xA3, 0x30]).unwrap_or_default();
    KerberosTicket {
        realm: at(ticket, &[0xA1, 0x1B]).map(text),
        service: at(ticket, &[0xA2]).and_then(principal),
        etype: number(sealed, &[0xA0, 0x02]),
        kvno: number(sealed, &[0xA1, 0x02]),
        sealed_bytes: at(sealed, &[0xA2, 0x04]).map_or(0, <[u8]>::len),
        authenticator_etype: number(request, &[0xA4, 0x30, 0xA0, 0x02]),
        mutual: options & 0x20 != 0,
        user_to_user: options & 0x40 != 0,
    }
}

fn ticket_request(bytes: &[u8]) -> TicketRequest {
    let fields = at(bytes, &[0x30]).unwrap_or_default();
    TicketRequest {
        realm: at(fields, &[0xA3, 0x1B]).map(text),
        service: at(fields, &[0xA2]).and_then(principal),
    }
}

/// The parts of a principal's name, joined by `/`; no service has more than a few.
fn principal(bytes: &[u8]) -> Option<String> {
    let parts = elements(at(bytes, &[0x30, 0xA1, 0x30])?)
        .filter(|part| part.tag == 0x1B)
        .take(4);
    let parts: Vec<String> = parts.map(|part| text(part.content)).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Windows writes UTF-8 where the standard has ASCII.
fn text(bytes: &[u8]) -> String {
    name(&String::from_utf8_lossy(bytes))
}
