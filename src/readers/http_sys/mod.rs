//! `netsh http`: what http.sys serves, with which certificates, and who may use which address.
//!
//! ```text
//! Request queue name: Intranet
//!     Version: 2.0
//!     Process IDs:
//!         3577
//!     URL group ID: FD00000040000001
//!             HTTP://*:80/
//!
//!     IP:port                      : 0.0.0.0:443
//!     Certificate Hash             : 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
//!
//!     Reserved URL            : http://*:80/app/
//!         User: CORP\svc_web
//! ```
//!
//! gives an [`HttpSysFact`] each: the queue with its process and address, the endpoint with its certificate, the
//! reservation with its account. The labels are translated: everything is read by shape, numbers and order.

mod certificate;
mod reservation;
mod service_state;
#[cfg(test)]
mod tests;

use super::Reading;
use super::console::{Line, Section, Tool};
use crate::evidence::{ArtifactId, Citation};

/// A fact about http.sys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSysFact {
    /// What is said.
    pub state: HttpSysState,
    /// The machine, where a prompt names it.
    pub host: Option<String>,
    /// Where it stands.
    pub from: Citation,
}

/// What is said about http.sys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpSysState {
    /// A request queue: that of an application pool, or of another product.
    Queue(RequestQueue),
    /// A certificate of an endpoint.
    Certificate(CertificateBinding),
    /// An address reserved for accounts.
    Reservation {
        /// `http://*:80/app/`.
        url: String,
        /// The accounts, as written.
        users: Vec<String>,
    },
    /// An address of the listen list: http.sys answers on these alone.
    Listen(std::net::IpAddr),
}

/// A request queue and what it serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestQueue {
    /// Its name: that of the application pool, for IIS; `None` for an unnamed one, as WinRM has.
    pub name: Option<String>,
    /// The processes that take requests from it.
    pub pids: Vec<u32>,
    /// The addresses registered for it.
    pub urls: Vec<String>,
    /// Authentication schemes that http.sys itself carries out for it, where shown. The layout of that block is not
    /// documented.
    pub schemes: Vec<String>,
}

/// What an endpoint of TLS is told by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateEndpoint {
    /// `0.0.0.0:443`.
    Address(String),
    /// `www.corp.example:443` (SNI).
    Name(String),
    /// The central certificate store, for a port.
    CentralStore(u16),
}

/// A certificate of an endpoint, with what matters to authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateBinding {
    /// The endpoint.
    pub endpoint: CertificateEndpoint,
    /// Thumbprint, lower-case hexadecimal; it is public. `None` for the central store.
    pub hash: Option<String>,
    /// Whether clients are asked for a certificate while the connection is made.
    pub negotiates_client_certificate: Option<bool>,
    /// Whether HTTP/2 is switched off; Windows authentication does not work over HTTP/2 and falls back to HTTP/1.1.
    pub http2_disabled: Option<bool>,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<HttpSysFact>> {
    let mut records = Vec::new();
    for section in sections.iter().filter(|s| s.tool == Some(Tool::HttpSys)) {
        let lines = &section.lines;
        let mut facts = service_state::read(artifact, lines);
        facts.extend(certificate::read(artifact, lines));
        facts.extend(reservation::read(artifact, lines));
        let listens = section.commands_of(Tool::HttpSys).any(|command| {
            command
                .arguments
                .iter()
                .any(|word| word.eq_ignore_ascii_case("iplisten"))
        });
        let titled = lines
            .iter()
            .any(|line| line.text.contains("IP listen list"));
        if listens || titled {
            facts.extend(addresses(artifact, lines));
        }
        facts.sort_by(|one, other| one.1.cmp(&other.1));
        records.extend(facts.into_iter().map(|(state, from)| HttpSysFact {
            state,
            host: section.host.clone(),
            from,
        }));
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems: Vec::new(),
    }
}

/// The addresses of `show iplisten`, alone on their lines.
fn addresses(artifact: ArtifactId, lines: &[Line<'_>]) -> Vec<(HttpSysState, Citation)> {
    let addresses = lines.iter().filter_map(|line| {
        let address = line.text.trim().parse().ok()?;
        Some((HttpSysState::Listen(address), line.cite(artifact)))
    });
    addresses.collect()
}
