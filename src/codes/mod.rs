//! The one place that knows what the numbers of Windows authentication mean: status codes of NTSTATUS, Kerberos, SSPI,
//! Win32 and IIS, encryption types, flags, logon types. One small file a family, one sorted table a file; nothing here
//! judges. Every table answers `lookup(code)` for programs and `in_words(code)` for people, and a code that stands in
//! no table is shown as such, never guessed. A reading without a source carries `unverified` in its meaning.

mod etype_set;
mod etypes;
mod failure_reasons;
pub mod iis_status;
mod kdc_log_level;
mod kerberos;
mod logon_types;
mod ntlm_usage;
mod ntstatus;
mod preauth;
mod sspi;
mod table;
mod ticket_flags;
mod uac;
mod win32;

pub use etype_set::EtypeSet;
pub use etypes::{SUPPORTED_ETYPES, TICKET_ETYPES};
pub use failure_reasons::{FAILURE_REASONS, failure_reason_number};
pub use kdc_log_level::KDC_EXTRA_LOG_LEVEL;
pub use kerberos::KERBEROS;
pub use logon_types::LOGON_TYPES;
pub use ntlm_usage::NTLM_USAGE;
pub use ntstatus::NTSTATUS;
pub use preauth::PREAUTH;
pub use sspi::SSPI;
pub use table::{Bits, Code, Table};
pub use ticket_flags::TICKET_FLAGS;
pub use uac::{SAM_ACCOUNT_CONTROL, USER_ACCOUNT_CONTROL};
pub use win32::WIN32;

/// A status whose family the place it was read from does not fix: `sc-win32-status` of a W3C line holds Win32 codes,
/// HRESULTs and, from http.sys, perhaps NTSTATUS values \[unverified\]; klist prints one of each. Their ranges do not
/// overlap, so the number itself tells the family. `None` when no table has it.
pub fn status(code: u32) -> Option<Code> {
    family_of(code).lookup(code).or_else(|| {
        let inner = WIN32.lookup(wrapped_win32(code)?)?;
        Some(Code {
            value: code,
            ..inner
        })
    })
}

/// A status of any family for people, as [`Table::in_words`] writes it; a Win32 error wrapped in an HRESULT reads
/// `0x80070520 = 1312 ERROR_NO_SUCH_LOGON_SESSION (…)`.
pub fn status_in_words(code: u32) -> String {
    let family = family_of(code);
    match wrapped_win32(code) {
        Some(inner) if family.lookup(code).is_none() => {
            format!("0x{code:08X} = {}", WIN32.in_words(inner))
        }
        _ => family.in_words(code),
    }
}

fn family_of(code: u32) -> &'static Table {
    match code >> 16 {
        0 => &WIN32,
        0x8007 | 0x8009 => &SSPI,
        _ => &NTSTATUS,
    }
}

/// The Win32 error inside an HRESULT of the Win32 facility.
fn wrapped_win32(code: u32) -> Option<u32> {
    (code >> 16 == 0x8007).then_some(code & 0xFFFF)
}

#[cfg(test)]
mod tests;
