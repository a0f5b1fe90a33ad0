//! Kerberos encryption types twice over: the number of one type, as 4768, 4769 and klist hold it, and the bits of
//! `msDS-SupportedEncryptionTypes`, as the directory, the KDC's policy and 4738/4742 hold it. The two must not be mixed:
//! 0x17 is RC4 as a type and four bits as a set. Numbers: RFC 3961, RFC 3962, RFC 4757, RFC 8009, MS-KILE 2.2.7 (S40, S45).

use super::table::{Bits, Notation, Table};

/// The encryption type of a ticket, a session key or a key.
#[rustfmt::skip]
pub static TICKET_ETYPES: Table = Table::new(Notation::Hex, &[
    (0x01, "DES-CBC-CRC", "broken; off since Windows 7"),
    (0x03, "DES-CBC-MD5", "broken; off since Windows 7"),
    (0x11, "AES128-CTS-HMAC-SHA1-96", "AES"),
    (0x12, "AES256-CTS-HMAC-SHA1-96", "AES"),
    (0x13, "AES128-CTS-HMAC-SHA256-128", "AES with SHA-2"),
    (0x14, "AES256-CTS-HMAC-SHA384-192", "AES with SHA-2"),
    (0x17, "RC4-HMAC", "weak; being removed"),
    (0x18, "RC4-HMAC-EXP", "weak, export grade"),
    (0xFFFF_FFFF, "none", "the request failed, so no ticket was sealed"),
]);

/// The bits of `msDS-SupportedEncryptionTypes`, of `DefaultDomainSupportedEncTypes` and of the policy of a machine.
#[rustfmt::skip]
pub static SUPPORTED_ETYPES: Bits = Bits::new(Notation::Hex, "not set: the default of the domain applies", &[
    (0x1, "DES-CBC-CRC", "DES"),
    (0x2, "DES-CBC-MD5", "DES"),
    (0x4, "RC4", "RC4-HMAC"),
    (0x8, "AES128", "AES128-CTS-HMAC-SHA1-96"),
    (0x10, "AES256", "AES256-CTS-HMAC-SHA1-96"),
    (0x20, "AES256-SK", "AES session keys, even where the ticket is sealed with RC4"),
    (0x1_0000, "FAST", "Kerberos armoring"),
    (0x2_0000, "compound-identity", "compound identity"),
    (0x4_0000, "claims", "claims"),
    (0x8_0000, "no-resource-SID-compression", "resource SIDs are not compressed"),
]);
