//! DNS answers.
use crate::evidence::{Citation, Cited};
/// A DNS answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameLookup {
    /// The name asked for.
    pub asked: String,
    /// Canonical name.
    pub canonical: Option<Cited<String>>,
    /// Aliases.
    pub aliases: Vec<Cited<String>>,
    /// Addresses.
    pub addresses: Vec<Cited<String>>,
    /// NXDOMAIN.
    pub not_found: bool,
    /// Where.
    pub from: Citation,
}
