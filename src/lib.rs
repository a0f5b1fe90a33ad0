//! `why401` says why IIS answered 401 to a Windows user, or let Kerberos fall back to NTLM, from what was collected
//! from the servers. It touches no live system.

pub mod bundle;
pub mod case;
pub mod causes;
pub mod codes;
pub mod evidence;
pub mod negotiate;
pub mod readers;
pub mod remedy;
pub mod report;
