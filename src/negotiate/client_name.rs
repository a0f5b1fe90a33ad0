//! Which SPN a client builds for an endpoint (`causes.md` section 2.2).

use crate::case::{Case, Endpoint, Spn, is_ip_literal};
use crate::evidence::Citation;

/// A kind of client, as far as it builds the SPN differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Edge, Chrome, Internet Explorer as installed: the canonical DNS name (a CNAME is followed), no port.
    Browser,
    /// A client that does not look the canonical name up (`DisableAuthNegotiateCnameLookup`): the name as typed.
    LiteralName,
    /// A client told to put the port in (`EnableAuthNegotiatePort`, .NET 5): the name with a port that is not 80 or 443.
    WithPort,
}

impl Profile {
    /// The profiles whose SPN differs for an endpoint, the browser's first.
    pub fn of(case: &Case, endpoint: &Endpoint) -> Vec<Profile> {
        let mut profiles = vec![Profile::Browser];
        if case.canonical_name(&endpoint.name).is_some() {
            profiles.push(Profile::LiteralName);
        }
        if !matches!(endpoint.port, 80 | 443) {
            profiles.push(Profile::WithPort);
        }
        profiles
    }

    /// How it is shown.
    pub fn shown(self) -> &'static str {
        match self {
            Profile::Browser => "browser",
            Profile::LiteralName => "client that does not follow CNAME records",
            Profile::WithPort => "client that puts the port into the SPN",
        }
    }
}

/// The name a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientName {
    /// It asks for this SPN.
    Spn {
        /// The SPN.
        spn: Spn,
        /// What the name rests on.
        from: Vec<Citation>,
        /// How the name came about, as one sentence.
        says: String,
    },
    /// The URL holds an IP address: no SPN is built, NTLM is used.
    IpLiteral,
    /// The bundle does not say which name users type.
    Unknown,
}

impl ClientName {
    /// The name that a profile asks for.
    pub fn of(case: &Case, endpoint: &Endpoint, profile: Profile) -> Self {
        if endpoint.name.is_empty() {
            return Self::Unknown;
        }
        if is_ip_literal(&endpoint.name) {
            return Self::IpLiteral;
        }
        let mut from = vec![endpoint.binding.clone()];
        if let crate::case::NameSource::Asked { from: asked, .. } = &endpoint.name_source {
            from.extend(asked.iter().take(2).cloned());
        }
        let (name, says) = match (profile, case.canonical_name(&endpoint.name)) {
            (Profile::Browser | Profile::WithPort, Some(canonical)) => {
                from.extend(canonical.from.iter().cloned());
                let says = format!(
                    "{} is a CNAME, so a browser asks for the canonical name {}",
                    endpoint.name, canonical.value
                );
                (canonical.value.trim_end_matches('.').to_owned(), says)
            }
            (Profile::LiteralName, Some(_)) => (
                endpoint.name.clone(),
                format!(
                    "a client that does not follow CNAME records asks for {}",
                    endpoint.name
                ),
            ),
            (_, None) => (
                endpoint.name.clone(),
                format!(
                    "the client asks for {} (taken as a host record: the bundle shows no CNAME for it)",
                    endpoint.name
                ),
            ),
        };
        let spn = if profile == Profile::WithPort && !matches!(endpoint.port, 80 | 443) {
            Spn::http(&format!("{name}:{}", endpoint.port))
        } else {
            Spn::http(&name)
        };
        Self::Spn { spn, from, says }
    }
}
