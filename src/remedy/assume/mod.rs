//! Assumptions that a person makes on the command line: what they mean, and which changes they are.
//!
//! ```text
//! spn add HTTP/shop.corp.example CORP\svc_shop
//! spn remove HTTP/shop.corp.example CORP\svc_old
//! set "Default Web Site"/shop useAppPoolCredentials=true on WEB01
//! pool ShopPool identity=CORP\gmsa_shop$
//! providers Shop Negotiate,NTLM
//! etypes CORP\svc_shop aes256,aes128
//! ```
//!
//! [`Assumption::parse`] reads one without knowing any bundle; [`settle`] finds what it names in a case.

mod grammar;
mod settle;
#[cfg(test)]
mod tests;

use super::Switch;
use crate::case::Spn;

pub use settle::{Assumed, settle};

/// One assumption, as far as it can be understood without a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// As typed.
    pub text: String,
    /// What is assumed.
    pub what: Assume,
    /// The server that it is limited to (`on WEB01`).
    pub server: Option<String>,
}

/// What is assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assume {
    /// An SPN is registered on an account.
    AddSpn(Spn, String),
    /// An SPN is taken from an account.
    RemoveSpn(Spn, String),
    /// A setting at `Site` or `Site/App`, and at what lies below.
    Set(String, Switch),
    /// The identity of an application pool.
    Pool(String, String),
    /// The encryption types of an account: bits of `msDS-SupportedEncryptionTypes`.
    EncryptionTypes(String, u32),
}

impl Assumption {
    /// Reads one assumption.
    ///
    /// # Errors
    /// It is none of the forms.
    pub fn parse(text: &str) -> Result<Self, AssumptionError> {
        grammar::parse(text)
    }
}

/// Why something cannot be assumed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wrong}; {right}")]
pub struct AssumptionError {
    /// What is wrong with it.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

impl AssumptionError {
    fn new(wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self {
            wrong: wrong.into(),
            right: right.into(),
        }
    }
}
