//! What the visits of a story leave in the logs of IIS: one request after another, with the legs of the handshake.

use jiff::{SignedDuration, Timestamp};

use super::{Visit, World};
use crate::support::directory::Host;
use crate::support::texts::web_log::{self, Columns, Request};

/// SEC_E_LOGON_DENIED: what IIS notes of a ticket that it cannot open, and of a refused logon.
pub const WRONG_KEY: u32 = 0x8009_030c;

/// What became of a visit (`causes.md` 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Kerberos: one refusal without credentials, then the page.
    Kerberos,
    /// NTLM: two refusals, then the page.
    Ntlm,
    /// Refused with this code, again and again.
    Refused(u32),
}

impl World {
    /// Notes a visit for the logs of IIS.
    pub(super) fn came(&mut self, time: Timestamp, visit: &Visit, way: Way) {
        self.visits.push((time, visit.clone(), way));
    }

    /// A visit that no event tells of, for the logs of IIS.
    pub fn visited(&mut self, time: Timestamp, visit: &Visit, way: Way) {
        self.came(time, visit, way);
    }

    /// The requests of all visits to a server, with what else comes every day: pictures that need no logon, and a load
    /// balancer that asks without credentials.
    pub fn requests(&self, server: &Host) -> Vec<Request> {
        let mut requests: Vec<Request> = self
            .visits
            .iter()
            .filter(|(_, visit, _)| visit.server == *server)
            .flat_map(|(time, visit, way)| web_log::legs(*time, visit, *way))
            .collect();
        let (mut time, end) = (self.at("06:00"), self.at("18:00"));
        while time < end {
            requests.push(web_log::probe(time, server));
            time += SignedDuration::from_mins(7);
        }
        requests.sort_by_key(|request| request.time);
        requests
    }

    /// The W3C log of a site.
    pub fn web_log(&mut self, path: &str, server: &Host, site: u32, columns: Columns) {
        let text = web_log::w3c(columns, server, site, &self.requests(server));
        self.file(path, text.into_bytes());
    }
}
