//! The simulation: for each endpoint, which name the client asks a ticket for, which account holds it, whose key IIS
//! opens the ticket with, and what the user sees. Pure: the same case gives the same paths.
//!
//! The states are those of `causes.md` section 2 (S0 to S8), the acceptor rule that of section 3.

mod acceptor;
mod challenge;
mod client_name;
mod delegation;
mod kdc;
mod opening;
mod path;
mod sealing;

pub use acceptor::{Acceptor, AcceptorRule, accept};
pub use challenge::{denies_anonymous, has_restricted_provider, is_cut_off, origin_of};
pub use client_name::{ClientName, Profile};
pub use delegation::{Delegation, delegation, is_account, is_known_account};
pub use kdc::{Answer, lookup};
pub use opening::acceptor_citations;
pub use path::{KeyMatch, Outcome, Path, Stage, Step, simulate};
pub use sealing::{Limit, Sealing, sealing};
