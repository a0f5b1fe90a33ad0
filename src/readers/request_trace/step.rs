//! What one event of a trace means, as far as authentication goes.

use jiff::Timestamp;

use super::event::TraceEvent;
use crate::readers::token::{AuthHeader, challenges};

/// One step of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, UTC.
    pub time: Option<Timestamp>,
    /// What.
    pub kind: StepKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// `GENERAL_REQUEST_START`: requests of one connection share its number.
    RequestStart {
        /// The connection.
        connection: Option<u64>,
    },
    /// `GENERAL_ENDPOINT_INFORMATION`: the two ends of the connection.
    Endpoint {
        /// The client, or a proxy before it.
        remote: Option<String>,
        /// The server.
        local: Option<String>,
        /// The server's port.
        local_port: Option<u16>,
    },
    /// `GENERAL_REQUEST_HEADERS`.
    RequestHeaders {
        /// The `Authorization` header; `None` where the headers hold none.
        presented: Option<Box<AuthHeader>>,
    },
    /// `AUTH_START`: a module tries.
    Try {
        /// What it can do.
        method: AuthMethod,
    },
    /// `AUTH_REQUEST_AUTH_TYPE`.
    Asked {
        /// What the request is to be authenticated by.
        method: AuthMethod,
    },
    /// `AUTH_SUCCEEDED`.
    Succeeded {
        /// By what; Windows also for the token of an anonymous request.
        method: AuthMethod,
        /// Whether it was NTLM.
        ntlm_used: Option<bool>,
        /// The user; `None` for an anonymous request.
        user: Option<String>,
    },
    /// `AUTH_SSPI_CONTINUE_NEEDED`: a leg in the middle of a handshake.
    SspiContinue {
        /// The security package.
        package: Option<String>,
    },
    /// `AUTH_SSPI_LOGON_FAILED`.
    SspiFailed {
        /// HRESULT of SSPI.
        code: u32,
    },
    /// `AUTH_KERBEROS_FAILED` \[unverified: the names are those in the module, no trace was seen\].
    KerberosFailed {
        /// The SPN.
        spn: Option<String>,
        /// The account of the pool.
        pool_user: Option<String>,
        /// Whether kernel-mode authentication was in use.
        kernel_mode: Option<bool>,
        /// Whether IIS itself found the SPN on the account that opens tickets.
        registered_right: Option<bool>,
    },
    /// `USER_SET`.
    UserSet {
        /// The scheme.
        scheme: Option<String>,
        /// The user.
        user: Option<String>,
    },
    /// `MODULE_SET_RESPONSE_ERROR_STATUS`.
    StatusSet {
        /// The module that did.
        module: Option<String>,
        /// At which notification, by its number.
        notification: Option<u32>,
        /// HTTP status and substatus.
        status: (u16, Option<u16>),
        /// Win32 error or HRESULT; `None` where it says success.
        error: Option<u32>,
        /// What is wrong with the configuration, where that is the reason.
        config_exception: Option<String>,
    },
    /// `GENERAL_SET_RESPONSE_HEADER` of a challenge.
    ChallengeSet {
        /// The challenges.
        challenges: Vec<AuthHeader>,
    },
    /// `GENERAL_RESPONSE_HEADERS`: what was sent.
    ResponseHeaders {
        /// The challenges.
        challenges: Vec<AuthHeader>,
        /// The `Server` header.
        server: Option<String>,
    },
    /// `GENERAL_REQUEST_END`.
    End {
        /// HTTP status and substatus.
        status: Option<(u16, Option<u16>)>,
        /// Bytes of the request: those with a ticket are big.
        received: Option<u64>,
    },
}

/// What an authentication module does (the bits of the metabase's `AuthFlags`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthMethod {
    /// 1.
    Anonymous,
    /// 2.
    Basic,
    /// 4, which IIS calls `NT`.
    Windows,
    /// 16.
    Digest,
    /// 128, `MapCliCert`.
    CertificateMapping,
    /// Another number.
    Other(u32),
}

impl AuthMethod {
    fn of(number: u32) -> Self {
        match number {
            1 => Self::Anonymous,
            2 => Self::Basic,
            4 => Self::Windows,
            16 => Self::Digest,
            128 => Self::CertificateMapping,
            other => Self::Other(other),
        }
    }
}

/// Characters kept of the text of a configuration error.
const EXCEPTION_CHARS: usize = 400;

impl StepKind {
    /// The step of an event; `None` for events that say nothing about authentication.
    pub(super) fn of(event: &TraceEvent) -> Option<Self> {
        let text = |name: &str| event.value(name).map(super::read::line);
        let method = |name: &str| event.number(name).map(AuthMethod::of);
        let status = || Some((small(event, "HttpStatus")?, small(event, "HttpSubStatus")));
        Some(match event.opcode.trim() {
            "GENERAL_REQUEST_START" => Self::RequestStart {
                connection: event.value("ConnId").and_then(|id| id.parse().ok()),
            },
            "GENERAL_ENDPOINT_INFORMATION" => Self::Endpoint {
                remote: text("RemoteAddress"),
                local: text("LocalAddress"),
                local_port: small(event, "LocalPort"),
            },
            "GENERAL_REQUEST_HEADERS" => Self::RequestHeaders {
                presented: headers(event)
                    .find_map(|(name, value)| AuthHeader::of_request(name, value).map(Box::new)),
            },
            "AUTH_START" => Self::Try {
                method: method("AuthTypeSupported")?,
            },
            "AUTH_REQUEST_AUTH_TYPE" => Self::Asked {
                method: method("RequestAuthType")?,
            },
            "AUTH_SUCCEEDED" => Self::Succeeded {
                method: method("AuthType")?,
                ntlm_used: event.value("NTLMUsed").and_then(truth),
                user: text("AuthUserName").or_else(|| text("RemoteUserName")),
            },
            "AUTH_SSPI_CONTINUE_NEEDED" => Self::SspiContinue {
                package: text("PackageName"),
            },
            "AUTH_SSPI_LOGON_FAILED" => Self::SspiFailed {
                code: event.number("ErrorCode")?,
            },
            "AUTH_KERBEROS_FAILED" => Self::KerberosFailed {
                spn: text("SPNName"),
                pool_user: text("APUserName"),
                kernel_mode: event.value("KMUsed").and_then(truth),
                registered_right: event.value("ADConfigIsOK").and_then(truth),
            },
            "USER_SET" => Self::UserSet {
                scheme: text("AuthType"),
                user: text("UserName"),
            },
            "MODULE_SET_RESPONSE_ERROR_STATUS" => Self::StatusSet {
                module: text("ModuleName"),
                notification: event.number("Notification"),
                status: status()?,
                error: event.number("ErrorCode").filter(|code| *code != 0),
                config_exception: event
                    .value("ConfigExceptionInfo")
                    .and_then(config_exception),
            },
            "GENERAL_SET_RESPONSE_HEADER" => {
                let challenges =
                    challenges(event.value("HeaderName")?, event.value("HeaderValue")?);
                (!challenges.is_empty()).then_some(Self::ChallengeSet { challenges })?
            }
            "GENERAL_RESPONSE_HEADERS" => Self::ResponseHeaders {
                challenges: headers(event)
                    .flat_map(|(name, value)| challenges(name, value))
                    .collect(),
                server: headers(event)
                    .find(|(name, _)| name.eq_ignore_ascii_case("server"))
                    .map(|(_, value)| super::read::line(value)),
            },
            "GENERAL_REQUEST_END" => Self::End {
                status: status(),
                received: event
                    .value("BytesReceived")
                    .and_then(|bytes| bytes.parse().ok()),
            },
            _ => return None,
        })
    }
}

fn small(event: &TraceEvent, name: &str) -> Option<u16> {
    event
        .number(name)
        .and_then(|number| u16::try_from(number).ok())
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The lines `Name: value` of a value that holds headers.
fn headers(event: &TraceEvent) -> impl Iterator<Item = (&str, &str)> {
    let lines = event.value("Headers").unwrap_or_default().lines();
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// The text of a configuration error quotes the file and line, and now and then what stands there.
fn config_exception(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let secret = ["password", "[enc:", "connectionstring", "key=", "pwd="];
    let kept = match secret.iter().any(|mark| lower.contains(mark)) {
        true => "(removed)".to_owned(),
        false => text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(EXCEPTION_CHARS)
            .collect(),
    };
    Some(kept).filter(|text| !text.is_empty())
}

/// `401.2`, `401`.
pub(super) fn shown_status((status, substatus): (u16, Option<u16>)) -> String {
    match substatus {
        Some(substatus) => format!("{status}.{substatus}"),
        None => status.to_string(),
    }
}
