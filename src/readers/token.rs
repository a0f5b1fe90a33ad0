//! Tokens of an `Authorization` header: NTLM, SPNEGO, Kerberos and NEGOEX told apart, and what stands in them in clear.
