//! Steps in words.

use std::fmt::{Display, Formatter, Result};

use super::step::{AuthMethod, StepKind, shown_status};
use crate::codes;
use crate::readers::token::AuthHeader;

impl Display for StepKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let or =
            |text: &Option<String>, other: &str| text.clone().unwrap_or_else(|| other.to_owned());
        match self {
            Self::RequestStart {
                connection: Some(id),
            } => write!(f, "the request begins, on connection {id}"),
            Self::RequestStart { connection: None } => f.write_str("the request begins"),
            Self::Endpoint { remote, local, .. } => {
                write!(
                    f,
                    "from {} to {}",
                    or(remote, "an unknown address"),
                    or(local, "an unknown address")
                )
            }
            Self::RequestHeaders {
                presented: Some(header),
            } => write!(f, "the client presented {header}"),
            Self::RequestHeaders { presented: None } => {
                f.write_str("the client presented no Authorization header")
            }
            Self::Try { method } => write!(f, "{method} authentication is tried"),
            Self::Asked { method } => write!(f, "the request is to be authenticated by {method}"),
            Self::Succeeded {
                method,
                ntlm_used,
                user,
            } => {
                write!(
                    f,
                    "{method} authentication succeeded, user {}",
                    or(user, "none")
                )?;
                match ntlm_used {
                    Some(ntlm) => write!(f, ", NTLM used: {}", if *ntlm { "yes" } else { "no" }),
                    None => Ok(()),
                }
            }
            Self::SspiContinue { package } => {
                write!(f, "{} asked for another leg", or(package, "the package"))
            }
            Self::SspiFailed { code } => {
                write!(f, "the logon failed: {}", codes::status_in_words(*code))
            }
            Self::KerberosFailed {
                spn,
                pool_user,
                registered_right,
                ..
            } => {
                write!(
                    f,
                    "Kerberos failed for {}, pool account {}",
                    or(spn, "an unknown SPN"),
                    or(pool_user, "unknown")
                )?;
                match registered_right {
                    Some(false) => f.write_str(", and IIS found the SPN on another account"),
                    _ => Ok(()),
                }
            }
            Self::UserSet { scheme, user } => {
                write!(
                    f,
                    "the user is {}, by {}",
                    or(user, "none"),
                    or(scheme, "no scheme")
                )
            }
            Self::StatusSet {
                module,
                status,
                error,
                config_exception,
                ..
            } => {
                write!(
                    f,
                    "{} set status {}",
                    or(module, "a module"),
                    shown_status(*status)
                )?;
                if let Some(code) = error {
                    write!(f, ", {}", codes::status_in_words(*code))?;
                }
                config_exception
                    .as_ref()
                    .map_or(Ok(()), |text| write!(f, ": {text}"))
            }
            Self::ChallengeSet { challenges } => {
                write!(f, "a challenge is set: {}", shown(challenges))
            }
            Self::ResponseHeaders { challenges, .. } if challenges.is_empty() => {
                f.write_str("the answer holds no challenge")
            }
            Self::ResponseHeaders { challenges, .. } => {
                write!(f, "challenges sent: {}", shown(challenges))
            }
            Self::End {
                status: Some(status),
                ..
            } => write!(f, "answered {}", shown_status(*status)),
            Self::End { status: None, .. } => f.write_str("the request ends"),
        }
    }
}

fn shown(headers: &[AuthHeader]) -> String {
    let each: Vec<String> = headers.iter().map(AuthHeader::to_string).collect();
    each.join("; ")
}

impl Display for AuthMethod {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Basic => f.write_str("Basic"),
            Self::Windows => f.write_str("Windows"),
            Self::Digest => f.write_str("Digest"),
            Self::CertificateMapping => f.write_str("client certificate"),
            Self::Other(number) => write!(f, "method {number}"),
        }
    }
}
