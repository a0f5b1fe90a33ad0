//! The tables: sorted, complete where a family is small, and honest about what they do not know.

use super::*;

fn tables() -> [&'static Table; 9] {
    [
        &NTSTATUS,
        &KERBEROS,
        &SSPI,
        &WIN32,
        &TICKET_ETYPES,
        &LOGON_TYPES,
        &NTLM_USAGE,
        &PREAUTH,
        &FAILURE_REASONS,
    ]
}

fn bits() -> [&'static Bits; 5] {
    [
        &SUPPORTED_ETYPES,
        &TICKET_FLAGS,
        &USER_ACCOUNT_CONTROL,
        &SAM_ACCOUNT_CONTROL,
        &KDC_EXTRA_LOG_LEVEL,
    ]
}

#[test]
fn rows_are_sorted_and_unique_and_every_row_is_found() {
    for table in tables() {
        let values: Vec<u32> = table.codes().map(|code| code.value).collect();
        assert!(values.is_sorted_by(|a, b| a < b), "{values:X?}");
        for code in table.codes() {
            assert_eq!(table.lookup(code.value), Some(code));
        }
    }
}

#[test]
fn every_row_says_something_printable() {
    let rows = tables()
        .into_iter()
        .flat_map(Table::codes)
        .chain(bits().into_iter().flat_map(Bits::codes));
    for code in rows {
        assert!(!code.meaning.trim().is_empty(), "{code:X?}");
        assert!(
            !code.meaning.ends_with('.') && !code.symbol.contains(' '),
            "{code:X?}"
        );
    }
}

#[test]
fn symbols_occur_once_in_a_table() {
    for table in tables() {
        let mut symbols: Vec<&str> = table
            .codes()
            .map(|code| code.symbol)
            .filter(|s| !s.is_empty())
            .collect();
        let all = symbols.len();
        symbols.sort_unstable();
        symbols.dedup();
        assert_eq!(symbols.len(), all);
    }
}

#[test]
fn codes_in_words() {
    assert_eq!(
        NTSTATUS.in_words(0xC000_015B),
        "0xC000015B STATUS_LOGON_TYPE_NOT_GRANTED (the account lacks the requested logon right on this machine)"
    );
    assert_eq!(
        NTSTATUS.in_words(0xC000_1234),
        "0xC0001234 (not in the tables)"
    );
    assert_eq!(
        KERBEROS.in_words(0x18),
        "0x18 KDC_ERR_PREAUTH_FAILED (wrong password)"
    );
    assert_eq!(
        TICKET_ETYPES.in_words(0x17),
        "0x17 RC4-HMAC (weak; being removed)"
    );
    assert_eq!(
        NTLM_USAGE.in_words(8),
        "8 (the target name is registered more than once in the directory)"
    );
    assert_eq!(
        FAILURE_REASONS.in_words(2307),
        "%%2307 (the account is locked out)"
    );
    assert_eq!(iis_status::in_words(401, 1), "401.1 (logon failed)");
    assert_eq!(iis_status::in_words(418, 0), "418.0 (not in the tables)");
}

#[test]
fn a_long_sub_status_is_not_read_as_another_status() {
    assert_eq!(iis_status::lookup(400, 1001), None);
    assert_eq!(
        iis_status::in_words(400, 1001),
        "400.1001 (not in the tables)"
    );
}

#[test]
fn decimals_of_the_logs_meet_the_hex_of_the_tables() {
    assert_eq!(
        status(2148074252).map(|c| c.symbol),
        Some("SEC_E_LOGON_DENIED")
    );
    assert_eq!(
        status(2148074254).map(|c| c.symbol),
        Some("SEC_E_NO_CREDENTIALS")
    );
    assert_eq!(
        status(2148074248).map(|c| c.symbol),
        Some("SEC_E_INVALID_TOKEN")
    );
    assert_eq!(
        status(2148074310).map(|c| c.symbol),
        Some("SEC_E_BAD_BINDINGS")
    );
    assert_eq!(
        status(3221225581).map(|c| c.symbol),
        Some("STATUS_LOGON_FAILURE")
    );
    assert_eq!(status(5).map(|c| c.symbol), Some("ERROR_ACCESS_DENIED"));
}

#[test]
fn the_pairs_of_klist_are_known() {
    assert_eq!(
        status(0x51f).map(|c| c.symbol),
        Some("ERROR_NO_LOGON_SERVERS")
    );
    assert_eq!(
        status(0xC000_005E).map(|c| c.symbol),
        Some("STATUS_NO_LOGON_SERVERS")
    );
    assert_eq!(
        status(0x520).map(|c| c.symbol),
        Some("ERROR_NO_SUCH_LOGON_SESSION")
    );
    assert_eq!(
        status(0x6fb).map(|c| c.symbol),
        Some("ERROR_NO_TRUST_SAM_ACCOUNT")
    );
    assert_eq!(
        status(0x8009_0342).map(|c| c.symbol),
        Some("SEC_E_KDC_UNKNOWN_ETYPE")
    );
}

#[test]
fn a_win32_error_inside_an_hresult_is_unwrapped_unless_it_has_its_own_reading() {
    assert_eq!(
        status_in_words(0x8007_0520),
        "0x80070520 = 1312 ERROR_NO_SUCH_LOGON_SESSION (the logon session is gone or holds no credentials)"
    );
    assert_eq!(status(0x8007_0520).map(|c| c.value), Some(0x8007_0520));
    assert!(status_in_words(0x8007_0021).contains("locked at a higher level"));
    assert_eq!(
        status_in_words(0x8007_FFFF),
        "0x8007FFFF = 65535 (not in the tables)"
    );
}

#[test]
fn flags_in_words() {
    assert_eq!(
        TICKET_FLAGS.in_words(0x40A5_0000),
        "0x40A50000 canonicalize, ok-as-delegate, pre-authent, renewable, forwardable"
    );
    assert_eq!(SUPPORTED_ETYPES.in_words(0x1C), "0x1C RC4, AES128, AES256");
    assert_eq!(
        SUPPORTED_ETYPES.in_words(0),
        "0x0 (not set: the default of the domain applies)"
    );
    assert_eq!(
        SUPPORTED_ETYPES.in_words(0x48),
        "0x48 AES128, 0x40 (not in the tables)"
    );
}

#[test]
fn the_two_account_encodings_differ() {
    assert_eq!(USER_ACCOUNT_CONTROL.in_words(0x10), "0x10 LOCKOUT");
    assert_eq!(
        SAM_ACCOUNT_CONTROL.in_words(0x10),
        "0x10 USER_NORMAL_ACCOUNT"
    );
    assert_eq!(
        SAM_ACCOUNT_CONTROL.in_words(0x11),
        "0x11 USER_ACCOUNT_DISABLED, USER_NORMAL_ACCOUNT"
    );
}

#[test]
fn failure_reasons_are_read_as_the_event_writes_them() {
    assert_eq!(failure_reason_number("%%2308"), Some(2308));
    assert_eq!(failure_reason_number("Account locked out."), None);
    assert_eq!(failure_reason_number("%%99999999999999"), None);
}
