//! Values as messages show them, turned into what the event holds: messages resolve `%%2313` and security identifiers.

/// Texts of messages and the placeholder that the event holds instead.
const PLACEHOLDERS: &[(&str, &[(&str, &str)])] = &[
    (
        "ImpersonationLevel",
        &[
            ("Anonymous", "%%1831"),
            ("Identification", "%%1832"),
            ("Impersonation", "%%1833"),
            ("Delegation", "%%1840"),
        ],
    ),
    (
        "OperationType",
        &[("Value Added", "%%14674"), ("Value Deleted", "%%14675")],
    ),
    (
        "FailureReason",
        &[
            ("An Error occured during Logon.", "%%2304"),
            ("The specified user account has expired.", "%%2305"),
            ("The NetLogon component is not active.", "%%2306"),
            ("Account locked out.", "%%2307"),
            (
                "The user has not been granted the requested logon type at this machine.",
                "%%2308",
            ),
            ("The specified account's password has expired.", "%%2309"),
            ("Account currently disabled.", "%%2310"),
            ("Account logon time restriction violation.", "%%2311"),
            ("User not allowed to logon at this computer.", "%%2312"),
            ("Unknown user name or bad password.", "%%2313"),
        ],
    ),
];

/// The value of a field as the event holds it.
pub(super) fn cleaned(field: &str, value: &str) -> String {
    let value = value.trim();
    match value {
        "<value not set>" => return "%%1793".to_owned(),
        "<never>" => return "%%1794".to_owned(),
        "<value changed, but not displayed>" => return "%%1792".to_owned(),
        _ => {}
    }
    if field.ends_with("Sid") {
        return match value {
            "NULL SID" => "S-1-0-0".to_owned(),
            sid if sid.starts_with("S-1-") => sid.to_owned(),
            // The viewer shows the name of the account instead.
            _ => "-".to_owned(),
        };
    }
    let texts = PLACEHOLDERS.iter().find(|(of, _)| *of == field);
    if let Some((_, placeholder)) =
        texts.and_then(|(_, texts)| texts.iter().find(|(text, _)| *text == value))
    {
        return (*placeholder).to_owned();
    }
    // `0x7  KDC_ERR_S_PRINCIPAL_UNKNOWN`
    if matches!(field, "ErrorCode" | "Status" | "SubStatus")
        && let Some(first) = value.split_whitespace().next()
        && first.starts_with("0x")
    {
        return first.to_owned();
    }
    value.to_owned()
}

/// Whether a value is of the kind that a field holds: `None` when it is not, `Some(true)` when its form shows it,
/// `Some(false)` when the field may hold any text.
pub(super) fn is_of_its_kind(field: &str, value: &str) -> Option<bool> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let empty = matches!(value, "" | "-");
    let fits = match field {
        "Status"
        | "SubStatus"
        | "TicketOptions"
        | "TicketEncryptionType"
        | "ErrorCode"
        | "ExtendedError"
        | "SubjectLogonId"
        | "TargetLogonId"
        | "ClientLUID" => value.starts_with("0x"),
        "LogonType" | "KeyLength" | "IpPort" | "PreAuthType" => digits(value),
        "CallerPID" | "ProcessId" => digits(value) || value.starts_with("0x"),
        "LogonGuid" | "TargetLogonGuid" | "ObjectGUID" => value.starts_with('{'),
        "ObjectDN" => value.contains('='),
        "MechanismOID" => value.starts_with(|c: char| c.is_ascii_digit() || c == '('),
        _ => return Some(false),
    };
    match (fits, empty) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}
