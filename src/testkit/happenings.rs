//! Events that many tests need.

use super::Happening;

/// Kerberos event 4 on a client: the server could not open the ticket.
pub(crate) fn kerberos_4(target: &str, server: &str) -> Happening {
    Happening {
        channel: "System",
        provider: "Microsoft-Windows-Security-Kerberos",
        id: 4,
        values: vec![
            ("Server", server.into()),
            ("TargetRealm", "CORP.EXAMPLE".into()),
            ("Targetname", target.into()),
            ("ClientRealm", "CORP.EXAMPLE".into()),
        ],
    }
}

/// Kerberos event 3 on a client: an error for a target.
pub(crate) fn kerberos_3(target: &str, code: &str) -> Happening {
    Happening {
        channel: "System",
        provider: "Microsoft-Windows-Security-Kerberos",
        id: 3,
        values: vec![
            ("LogonSession", "\\uma".into()),
            ("ClientTime", String::new()),
            ("ServerTime", "8:0:0.0000 3/2/2026 Z".into()),
            ("ErrorCode", code.into()),
            ("ErrorMessage", String::new()),
            ("ExtendedError", String::new()),
            ("ClientRealm", String::new()),
            ("ClientName", String::new()),
            ("ServerRealm", "CORP.EXAMPLE".into()),
            ("ServerName", target.into()),
            ("TargetName", format!("{target}@CORP.EXAMPLE")),
            ("ErrorText", String::new()),
        ],
    }
}

/// A Security event with named values.
pub(crate) fn security(id: u32, values: &[(&'static str, &str)]) -> Happening {
    Happening {
        channel: "Security",
        provider: "Microsoft-Windows-Security-Auditing",
        id,
        values: values.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
    }
}

/// A System event with values (unnamed when the name is empty).
pub(crate) fn system(
    provider: &'static str,
    id: u32,
    values: &[(&'static str, &str)],
) -> Happening {
    Happening {
        channel: "System",
        provider,
        id,
        values: values.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
    }
}

/// An event of NTLM/Operational with named values.
pub(crate) fn ntlm(id: u32, values: &[(&'static str, &str)]) -> Happening {
    Happening {
        channel: "Microsoft-Windows-NTLM/Operational",
        provider: "Microsoft-Windows-NTLM",
        id,
        values: values.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
    }
}
