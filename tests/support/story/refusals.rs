//! Refusals that happen after the ticket was opened, and those of pool accounts: what the server itself logs.

use jiff::{SignedDuration, Timestamp};

use super::{Visit, World};
use crate::support::directory::{Account, Host};
use crate::support::events::*;

impl World {
    /// The ticket is right, and the server refuses the logon all the same (4625, Kerberos): channel binding, logon
    /// right, clock. `through` is the machine whose address the server sees, the client's own or a proxy's.
    pub fn kerberos_logon_refused(
        &mut self,
        visit: &Visit,
        (holder, through): (&Account, &Host),
        status: u32,
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) {
        let dc = self.first_dc();
        for time in self.dice.times(count, from, to) {
            let ticket = service_ticket(time, &dc, &visit.user, &visit.client, holder, 0x12);
            self.event(ticket);
            let time = self.soon(time, 250);
            let refused = logon_failed(time, &visit.server, &visit.user, through, status, 0)
                .with("TargetDomainName", visit.user.domain.realm())
                .with("LogonProcessName", "Kerberos")
                .with("AuthenticationPackageName", "Kerberos")
                .with("WorkstationName", "-");
            self.event(refused);
        }
    }

    /// A pool cannot start because its account is refused: 4625 of type 4 with this status, then 5021, 5057, 5059 with
    /// this HRESULT.
    pub fn pool_refused(
        &mut self,
        server: &Host,
        (pool, account): (&str, &Account),
        status: u32,
        hresult: u32,
        at: Timestamp,
    ) {
        let refused = logon_failed(at, server, account, server, status, 0)
            .with("LogonType", 4)
            .with("LogonProcessName", "Advapi  ")
            .with("AuthenticationPackageName", "Negotiate")
            .with("WorkstationName", server.name.as_str())
            .with("IpAddress", "-")
            .with("IpPort", "-");
        self.event(refused);
        let soon = at + SignedDuration::from_millis(40);
        self.events(pool_logon_failed(soon, server, pool, hresult));
    }

    /// An account is locked: 4740 on the domain controller, after which it answers 0x12 to this machine.
    pub fn locked_out(&mut self, account: &Account, caller: &Host, at: Timestamp) {
        let dc = self.first_dc();
        for second in 1..=5 {
            let time = at - SignedDuration::from_secs(second * 2);
            self.event(preauth_failed(time, &dc, account, caller, 0x18));
        }
        self.event(account_locked_out(at, &dc, account, &caller.name));
    }
}
