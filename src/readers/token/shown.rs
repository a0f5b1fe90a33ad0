//! Tokens in words.

use std::fmt::{Display, Formatter, Result};

use super::{
    AuthHeader, ChannelBinding, KerberosTicket, Mechanism, Message, NegotiationState, NtlmMessage,
    NtlmNames, NtlmResponse, Spnego, Token,
};
use crate::codes;

/// `Negotiate: a Kerberos ticket for HTTP/web.corp.example in CORP.EXAMPLE, …`
impl Display for AuthHeader {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.scheme.name())?;
        match (&self.token, &self.user) {
            (Some(token), _) => write!(f, ": {token}"),
            (None, Some(user)) => write!(f, " of {user}"),
            (None, None) => Ok(()),
        }
    }
}

impl Display for Token {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.message {
            Message::Ntlm(message) => message.fmt(f),
            Message::Ticket(ticket) => ticket.fmt(f),
            Message::TicketAccepted => f.write_str("Kerberos, ticket accepted"),
            Message::KerberosError(error) => {
                f.write_str("Kerberos error")?;
                let code = error.code.map(|code| codes::KERBEROS.in_words(code));
                optional(f, " ", code.as_ref())?;
                optional(f, " for ", error.service.as_ref())
            }
            Message::TicketRequest(request) => {
                f.write_str("user-to-user Kerberos, request")?;
                optional(f, " for ", request.service.as_ref())?;
                optional(f, " in ", request.realm.as_ref())
            }
            Message::TicketReply => f.write_str("user-to-user Kerberos, reply"),
            Message::NegoEx => f.write_str("extended negotiation (NEGOEX)"),
            Message::Nothing => f.write_str("no token inside"),
            Message::Unknown => f.write_str("a token of an unknown kind"),
        }?;
        match &self.spnego {
            Some(Spnego::Init { mechanisms }) if !mechanisms.is_empty() => {
                let names: Vec<String> = mechanisms.iter().map(Mechanism::to_string).collect();
                write!(f, ", in SPNEGO that offers {}", names.join(", "))?;
            }
            Some(Spnego::Init { .. }) => f.write_str(", in SPNEGO")?,
            Some(Spnego::Reply { state, .. }) => {
                f.write_str(", in a reply of SPNEGO")?;
                optional(
                    f,
                    " that says ",
                    state.map(NegotiationState::in_words).as_ref(),
                )?;
            }
            None => {}
        }
        write!(f, ", {} bytes", self.bytes)?;
        if self.cut {
            f.write_str(", cut off")
        } else {
            Ok(())
        }
    }
}

impl Display for KerberosTicket {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("a Kerberos ticket")?;
        optional(f, " for ", self.service.as_ref())?;
        optional(f, " in ", self.realm.as_ref())?;
        let etype = self.etype.map(|etype| codes::TICKET_ETYPES.in_words(etype));
        optional(f, ", encryption type ", etype.as_ref())?;
        optional(f, ", kvno ", self.kvno.as_ref())?;
        if self.user_to_user {
            f.write_str(", user-to-user")
        } else {
            Ok(())
        }
    }
}

impl Display for NtlmMessage {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Negotiate(message) => {
                f.write_str("NTLM type 1")?;
                optional(f, " from ", message.workstation.as_ref())
            }
            Self::Challenge(message) => {
                f.write_str("NTLM type 2")?;
                let server = message.names.dns_computer.as_ref();
                optional(f, " of ", server.or(message.target.as_ref()))
            }
            Self::Authenticate(message) => {
                let version = match message.response {
                    NtlmResponse::Anonymous => "anonymous",
                    NtlmResponse::V1 => "NTLMv1",
                    NtlmResponse::V2 => "NTLMv2",
                    NtlmResponse::Odd => "a response of an odd length",
                };
                write!(f, "NTLM type 3, {version}")?;
                optional(f, ", user ", message.user.as_ref())?;
                optional(f, " of ", message.domain.as_ref())?;
                optional(f, " from ", message.workstation.as_ref())?;
                message.names.fmt(f)
            }
        }
    }
}

/// What a type 3 says of the target.
impl Display for NtlmNames {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, ", meant for ", self.target_spn.as_ref())?;
        f.write_str(match self.channel_binding {
            Some(ChannelBinding::Present) => ", bound to a TLS channel",
            Some(ChannelBinding::Zero) => ", bound to no TLS channel",
            None => "",
        })
    }
}

impl Display for Mechanism {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Self::MsKerberos => "MS-Kerberos",
            Self::Kerberos => "Kerberos",
            Self::UserToUser => "user-to-user Kerberos",
            Self::Ntlm => "NTLM",
            Self::NegoEx => "NEGOEX",
            Self::Other(number) => number,
        })
    }
}

impl NegotiationState {
    fn in_words(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Incomplete => "go on",
            Self::Rejected => "rejected",
            Self::CheckAsked => "check the list of mechanisms",
        }
    }
}

fn optional<T: Display>(f: &mut Formatter<'_>, lead: &str, value: Option<&T>) -> Result {
    value.map_or(Ok(()), |value| write!(f, "{lead}{value}"))
}
