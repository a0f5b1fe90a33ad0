//! Account control flags in their two encodings: `userAccountControl` of the directory, and the SAM encoding that
//! 4738, 4741 and 4742 hold in OldUacValue and NewUacValue. The same number means different things in the two: 0x10 is
//! a locked account in the one, an ordinary user in the other. Bits: MS-ADTS 2.2.16, MS-SAMR 2.2.1.12.

use super::table::{Bits, Notation};

/// `userAccountControl` as LDAP and PowerShell show it.
#[rustfmt::skip]
pub static USER_ACCOUNT_CONTROL: Bits = Bits::new(Notation::Hex, "no flags", &[
    (0x2, "ACCOUNTDISABLE", "the account is disabled"),
    (0x10, "LOCKOUT", "the account is locked out"),
    (0x20, "PASSWD_NOTREQD", "no password is required"),
    (0x200, "NORMAL_ACCOUNT", "an ordinary user"),
    (0x800, "INTERDOMAIN_TRUST_ACCOUNT", "a trust"),
    (0x1000, "WORKSTATION_TRUST_ACCOUNT", "a computer"),
    (0x2000, "SERVER_TRUST_ACCOUNT", "a domain controller"),
    (0x1_0000, "DONT_EXPIRE_PASSWORD", "the password does not expire"),
    (0x4_0000, "SMARTCARD_REQUIRED", "smart card only"),
    (0x8_0000, "TRUSTED_FOR_DELEGATION", "unconstrained delegation"),
    (0x10_0000, "NOT_DELEGATED", "sensitive: may not be delegated"),
    (0x20_0000, "USE_DES_KEY_ONLY", "DES keys only"),
    (0x40_0000, "DONT_REQ_PREAUTH", "no pre-authentication is required"),
    (0x80_0000, "PASSWORD_EXPIRED", "the password has expired"),
    (0x100_0000, "TRUSTED_TO_AUTH_FOR_DELEGATION", "protocol transition"),
]);

/// The SAM encoding of the change events. \[unverified against a sample: the bits are those of MS-SAMR\]
#[rustfmt::skip]
pub static SAM_ACCOUNT_CONTROL: Bits = Bits::new(Notation::Hex, "no flags", &[
    (0x1, "USER_ACCOUNT_DISABLED", "the account is disabled"),
    (0x4, "USER_PASSWORD_NOT_REQUIRED", "no password is required"),
    (0x10, "USER_NORMAL_ACCOUNT", "an ordinary user"),
    (0x40, "USER_INTERDOMAIN_TRUST_ACCOUNT", "a trust"),
    (0x80, "USER_WORKSTATION_TRUST_ACCOUNT", "a computer"),
    (0x100, "USER_SERVER_TRUST_ACCOUNT", "a domain controller"),
    (0x200, "USER_DONT_EXPIRE_PASSWORD", "the password does not expire"),
    (0x400, "USER_ACCOUNT_AUTO_LOCKED", "the account is locked out"),
    (0x1000, "USER_SMARTCARD_REQUIRED", "smart card only"),
    (0x2000, "USER_TRUSTED_FOR_DELEGATION", "unconstrained delegation"),
    (0x4000, "USER_NOT_DELEGATED", "sensitive: may not be delegated"),
    (0x8000, "USER_USE_DES_KEY_ONLY", "DES keys only"),
    (0x1_0000, "USER_DONT_REQUIRE_PREAUTH", "no pre-authentication is required"),
    (0x2_0000, "USER_PASSWORD_EXPIRED", "the password has expired"),
    (0x4_0000, "USER_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION", "protocol transition"),
]);
