//! PreAuthType of 4768 and 4771: how the client proved itself to the KDC. Numbers: the IANA registry of Kerberos
//! pre-authentication types, MS-KILE, MS-SFU; uses: S23.

use super::table::{Notation, Table};

/// Pre-authentication types.
#[rustfmt::skip]
pub static PREAUTH: Table = Table::new(Notation::Decimal, &[
    (0, "none", "no pre-authentication"),
    (2, "PA-ENC-TIMESTAMP", "password"),
    (11, "PA-ETYPE-INFO", "the KDC names its encryption types"),
    (14, "PA-PK-AS-REQ_OLD", "smart card or certificate, draft form"),
    (15, "PA-PK-AS-REP_OLD", "smart card or certificate, draft form"),
    (16, "PA-PK-AS-REQ", "smart card, certificate or Windows Hello"),
    (17, "PA-PK-AS-REP", "smart card, certificate or Windows Hello"),
    (19, "PA-ETYPE-INFO2", "the KDC names its encryption types"),
    (128, "PA-PAC-REQUEST", "asks for authorization facts in the ticket"),
    (129, "PA-FOR-USER", "protocol transition on behalf of a user"),
    (136, "PA-FX-FAST", "inside Kerberos armoring"),
    (138, "PA-ENCRYPTED-CHALLENGE", "password inside Kerberos armoring"),
]);
