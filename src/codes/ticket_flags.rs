//! Ticket flags of klist and TicketOptions of 4768 and 4769. RFC 4120 counts bits from the left; the masks here are the
//! numbers that Windows prints. Some bits exist in requests only, some in tickets only (RFC 4120, RFC 6806, MS-SFU, S23).

use super::table::{Bits, Notation};

/// Ticket flags and KDC options.
#[rustfmt::skip]
pub static TICKET_FLAGS: Bits = Bits::new(Notation::Hex8, "no flags", &[
    (0x0000_0001, "validate", "request: make a postdated ticket valid"),
    (0x0000_0002, "renew", "request: renew this ticket"),
    (0x0000_0008, "enc-tkt-in-skey", "request: user-to-user, sealed with the session key of a TGT"),
    (0x0000_0010, "renewable-ok", "request: a renewable ticket will do"),
    (0x0000_0020, "disable-transited-check", "request: skip the check of the path through the trusts"),
    (0x0001_0000, "canonicalize", "names may be canonicalised and referred to other realms"),
    (0x0002_0000, "cname-in-addl-tkt", "request: constrained delegation, the user stands in the additional ticket"),
    (0x0004_0000, "ok-as-delegate", "ticket: the service is trusted for unconstrained delegation"),
    (0x0008_0000, "transited-policy-checked", "ticket: the KDC checked the path through the trusts"),
    (0x0010_0000, "hw-authent", "ticket: the logon used a device"),
    (0x0020_0000, "pre-authent", "ticket: the logon was pre-authenticated"),
    (0x0040_0000, "initial", "ticket: from a logon, not from a TGT"),
    (0x0080_0000, "renewable", "may be renewed"),
    (0x0100_0000, "invalid", "ticket: not valid yet"),
    (0x0200_0000, "postdated", "starts later"),
    (0x0400_0000, "allow-postdate", "postdated tickets may be derived"),
    (0x0800_0000, "proxy", "is a proxy ticket"),
    (0x1000_0000, "proxiable", "proxy tickets may be derived"),
    (0x2000_0000, "forwarded", "was forwarded: unconstrained delegation"),
    (0x4000_0000, "forwardable", "may be forwarded"),
]);
