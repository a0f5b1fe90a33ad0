//! IIS status and sub-status, as `sc-status` and `sc-substatus` of a W3C line and as FREB hold them: those of
//! authentication and what is mistaken for it (S03, S28, S31).

use super::table::{Code, Notation, Table};

/// Rows by status × 1000 + sub-status.
#[rustfmt::skip]
static IIS_STATUS: Table = Table::new(Notation::Decimal, &[
    (400_000, "", "bad request: header limits or an invalid host; HTTPERR says which"),
    (401_000, "", "refused without a sub-status: usually the application itself"),
    (401_001, "", "logon failed"),
    (401_002, "", "no acceptable credentials were sent: the normal challenge, or the configuration"),
    (401_003, "", "logged on, but a file permission refused it"),
    (401_004, "", "an ISAPI filter refused it"),
    (401_005, "", "an ISAPI or CGI application refused it"),
    (401_007, "", "the URL authorization policy of IIS 6 refused it"),
    (401_501, "", "dynamic IP restriction: too many requests at once"),
    (401_502, "", "dynamic IP restriction: too many requests over time"),
    (401_503, "", "the IP address is denied"),
    (401_504, "", "the host name is denied"),
    (403_006, "", "the IP address is rejected"),
    (403_007, "", "a client certificate is required"),
    (403_008, "", "the host name is rejected"),
    (403_016, "", "the client certificate is not trusted"),
    (403_501, "", "dynamic IP restriction: too many requests at once"),
    (403_502, "", "dynamic IP restriction: too many requests over time"),
    (403_503, "", "the IP address is denied"),
    (500_019, "", "the configuration cannot be read; the Win32 status says why"),
    (500_022, "", "an ASP.NET httpModules setting does not fit the integrated pipeline"),
    (500_023, "", "an ASP.NET httpHandlers setting does not fit the integrated pipeline"),
    (500_024, "", "ASP.NET impersonation does not fit the integrated pipeline"),
    (503_000, "", "the application pool is not available"),
]);

/// The entry of a status, its `value` being status × 1000 + sub-status; `None` when the table does not have it.
pub fn lookup(status: u16, sub_status: u16) -> Option<Code> {
    // Three digits belong to the sub-status; a longer one would read as another status.
    (sub_status < 1000)
        .then(|| IIS_STATUS.lookup(u32::from(status) * 1000 + u32::from(sub_status)))?
}

/// A status for people: `401.1 (logon failed)`, or `418.0 (not in the tables)`.
pub fn in_words(status: u16, sub_status: u16) -> String {
    let meaning = lookup(status, sub_status).map_or("not in the tables", |code| code.meaning);
    format!("{status}.{sub_status} ({meaning})")
}
