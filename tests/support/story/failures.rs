//! Failure mechanisms: each writes the events that this failure leaves on every machine it touches, and nothing else.

use jiff::Timestamp;

use super::World;
use super::visits::{WRONG_KEY, Way};
use crate::support::directory::{Account, Host};
use crate::support::events::*;
use crate::support::evtx_writer::Value;

/// Someone at a client opens a site: who, from where, on which server, and the name the browser asks a ticket for.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The client PC.
    pub client: Host,
    /// The person.
    pub user: Account,
    /// The IIS server.
    pub server: Host,
    /// `HTTP/intranet.corp.example`.
    pub spn: String,
}

impl Visit {
    /// A visit.
    pub fn new(client: &Host, user: &Account, server: &Host, spn: &str) -> Self {
        Self {
            client: client.clone(),
            user: user.clone(),
            server: server.clone(),
            spn: spn.into(),
        }
    }
}

/// What of an NTLM fall-back was logged, besides the logon on the server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fallback {
    /// The Kerberos error that the client met first (0x7 unknown SPN); with it come the two kinds of log below.
    pub error: Option<u32>,
    /// The client has LogLevel set: it writes Kerberos 3.
    pub client_logs_errors: bool,
    /// The domain controller audits such failures (KdcExtraLogLevel): 4769 with the error.
    pub kdc_audits_errors: bool,
    /// NTLM/Operational is on at the client: 8001.
    pub ntlm_log: bool,
}

impl World {
    /// Kerberos works: one service ticket for the holder's key, and `count` logons with it.
    pub fn kerberos_works(
        &mut self,
        visit: &Visit,
        holder: &Account,
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) {
        let dc = self.first_dc();
        let times = self.dice.times(count, from, to);
        let Some(first) = times.first().copied() else {
            return;
        };
        let guid = self.dice.guid();
        self.event(tgt(from, &dc, &visit.user, &visit.client));
        let ticket = service_ticket(first, &dc, &visit.user, &visit.client, holder, 0x12);
        self.event(ticket.with("LogonGuid", Value::Guid(guid)));
        for time in times {
            let time = self.soon(time, 400);
            self.came(time, visit, Way::Kerberos);
            let logon = logon_kerberos(time, &visit.server, &visit.user, &visit.client);
            self.event(logon.with("LogonGuid", Value::Guid(guid)));
        }
    }

    /// The acceptor cannot open the ticket: each time the KDC issues one for the holder, and the client notes
    /// KRB_AP_ERR_MODIFIED with the acceptor's name. No logon follows.
    pub fn kerberos_modified(
        &mut self,
        visit: &Visit,
        holder: &Account,
        acceptor: &Account,
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) {
        let dc = self.first_dc();
        let realm = visit.server.domain.realm();
        let acceptor = acceptor.name.to_ascii_lowercase();
        for time in self.dice.times(count, from, to) {
            self.event(service_ticket(
                time,
                &dc,
                &visit.user,
                &visit.client,
                holder,
                0x12,
            ));
            let time = self.soon(time, 300);
            self.came(time, visit, Way::Refused(WRONG_KEY));
            let client_realm = visit.user.domain.realm();
            self.event(key_mismatch(
                time,
                &visit.client,
                &acceptor,
                &visit.spn,
                &realm,
                &client_realm,
            ));
        }
    }

    /// Kerberos was not possible and NTLM served: 4624 NTLM on the server, 4776 on the domain controller.
    pub fn ntlm_instead(
        &mut self,
        visit: &Visit,
        fallback: Fallback,
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) {
        let dc = self.first_dc();
        for time in self.dice.times(count, from, to) {
            if let Some(error) = fallback.error {
                if fallback.kdc_audits_errors {
                    self.event(service_ticket_failed(
                        time,
                        &dc,
                        &visit.user,
                        &visit.client,
                        &visit.spn,
                        error,
                    ));
                }
                if fallback.client_logs_errors {
                    self.event(kerberos_error(
                        time,
                        &visit.client,
                        &visit.user,
                        error,
                        "",
                        &visit.spn,
                    ));
                }
            }
            if fallback.ntlm_log {
                let process = r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe";
                self.event(ntlm_8001(
                    time,
                    &visit.client,
                    &visit.user,
                    &visit.spn,
                    process,
                ));
            }
            let checked = self.soon(time, 120);
            self.event(ntlm_validation(
                checked,
                &dc,
                &visit.user,
                &visit.client.name,
                0,
            ));
            let done = self.soon(checked, 60);
            self.came(done, visit, Way::Ntlm);
            self.event(logon_ntlm(done, &visit.server, &visit.user, &visit.client));
        }
    }

    /// The server refuses the logon (4625), NTLM. Where the domain controller itself found the fault (wrong password,
    /// account state) its 4776 carries the same status.
    pub fn logons_refused(
        &mut self,
        visit: &Visit,
        (status, sub_status): (u32, u32),
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) {
        let dc = self.first_dc();
        let found = if sub_status == 0 { status } else { sub_status };
        let by_dc = matches!(
            found,
            0xc000_0064 | 0xc000_006a | 0xc000_006f
                ..=0xc000_0072 | 0xc000_0193 | 0xc000_0224 | 0xc000_0234
        );
        for time in self.dice.times(count, from, to) {
            if by_dc {
                self.event(ntlm_validation(
                    time,
                    &dc,
                    &visit.user,
                    &visit.client.name,
                    found,
                ));
            }
            let time = self.soon(time, 90);
            self.came(time, visit, Way::Refused(WRONG_KEY));
            let refused = logon_failed(
                time,
                &visit.server,
                &visit.user,
                &visit.client,
                status,
                sub_status,
            );
            self.event(refused);
        }
    }

    /// The person types a wrong password: 4771 0x18 on the domain controller, and 4625 on the server.
    pub fn wrong_password(&mut self, visit: &Visit, count: usize, from: Timestamp, to: Timestamp) {
        let dc = self.first_dc();
        for time in self.dice.times(count, from, to) {
            self.event(preauth_failed(time, &dc, &visit.user, &visit.client, 0x18));
        }
        self.logons_refused(visit, (0xc000_006d, 0xc000_006a), count, from, to);
    }

    /// KDC, holder and client share no encryption type: KDC 16 names the key that is missing, the client notes 0xe.
    /// Types that are wanted and there, in decimal, blank-separated: `18 17`.
    pub fn no_common_etype(
        &mut self,
        visit: &Visit,
        holder: &Account,
        types: (&str, &str),
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) {
        let dc = self.first_dc();
        for time in self.dice.times(count, from, to) {
            self.event(kdc_no_key_tgs(
                time,
                &dc,
                &visit.spn,
                &visit.user,
                &holder.name,
                types,
            ));
            self.event(kerberos_error(
                time,
                &visit.client,
                &visit.user,
                0xe,
                "0xc00002fd KLIN(0)",
                &visit.spn,
            ));
        }
    }

    /// Client and server clocks differ too much: 4769 0x25 (with empty names, as real ones have) and Kerberos 5.
    pub fn clock_skewed(&mut self, visit: &Visit, count: usize, from: Timestamp, to: Timestamp) {
        let dc = self.first_dc();
        let realm = visit.server.domain.realm();
        for time in self.dice.times(count, from, to) {
            let failed = service_ticket_failed(time, &dc, &visit.user, &visit.client, "", 0x25);
            self.event(
                failed
                    .with("TargetUserName", "")
                    .with("TargetDomainName", ""),
            );
            let server = visit.server.machine().name.to_ascii_lowercase();
            self.event(clock_skew(time, &visit.client, &server, &realm));
        }
    }

    /// The KDC finds several holders: KDC 11. Say the registrations first.
    pub fn duplicate_noticed(&mut self, spn: &str, count: usize, from: Timestamp, to: Timestamp) {
        assert!(
            self.holders_of(spn).len() > 1,
            "{spn} has no second holder in this story"
        );
        let dc = self.first_dc();
        for time in self.dice.times(count, from, to) {
            self.event(kdc_duplicate_name(time, &dc, spn));
        }
    }

    /// The pool's account cannot log on: 5021, 5057, 5059, a 4625 of type 4, and 4771 0x18 where it is the password.
    pub fn pool_cannot_log_on(
        &mut self,
        server: &Host,
        pool: &str,
        account: &Account,
        at: Timestamp,
    ) {
        let dc = self.first_dc();
        self.event(preauth_failed(at, &dc, account, server, 0x18));
        let failed = logon_failed(at, server, account, server, 0xc000_006d, 0xc000_006a);
        let failed = failed
            .with("LogonType", 4)
            .with("LogonProcessName", "Advapi  ");
        let failed = failed.with("AuthenticationPackageName", "Negotiate");
        self.event(failed.with("IpAddress", "-").with("IpPort", "-"));
        self.events(pool_logon_failed(at, server, pool, 0x8007_052e));
    }

    /// The machine's own password no longer matches: NETLOGON 3210 and 5719 there, 5722 and 5805 on the controller.
    pub fn secure_channel_broken(
        &mut self,
        server: &Host,
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) {
        let dc = self.first_dc();
        let domain = server.domain.netbios.clone();
        for time in self.dice.times(count, from, to) {
            let controller = format!("\\\\{}", dc.fqdn());
            self.event(netlogon_event(
                time,
                server,
                3210,
                &[&domain, &controller],
                0xc000_0022,
            ));
            self.event(netlogon_event(
                time,
                server,
                5719,
                &[&domain, "%%5"],
                0xc000_0022,
            ));
            let machine = server.machine().name;
            self.event(netlogon_event(
                time,
                &dc,
                5722,
                &[&server.name, &machine, "%%5"],
                0xc000_0022,
            ));
            self.event(netlogon_event(
                time,
                &dc,
                5805,
                &[&server.name, "%%5"],
                0xc000_0022,
            ));
        }
    }

    /// A program on the server calls the server by a name that is not its own: LsaSrv 6037, and 4625 without a reason.
    pub fn loopback_refused(
        &mut self,
        visit: &Visit,
        program: &str,
        count: usize,
        from: Timestamp,
        to: Timestamp,
    ) {
        for time in self.dice.times(count, from, to) {
            self.event(lsa_loopback(time, &visit.server, program, &visit.spn));
            let refused = logon_failed(
                time,
                &visit.server,
                &visit.user,
                &visit.server,
                0xc000_006d,
                0,
            );
            self.event(refused);
        }
    }
}
