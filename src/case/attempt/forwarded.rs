//! The server that an NTLM logon came through, as a domain controller wrote of it: 8004 to 8006 (audit) and 4004 to 4006
//! (blocked) name user, client and server (`SChannelName`), 4776 of the same logon names user and client alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::clients::machine;
use super::marks::plain;
use crate::case::{Case, Role};
use crate::readers::events::{Body, Event};

/// The two events of one logon are written this near to each other, by one clock.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(2);
/// Events of one user and client that one validation is held against.
const LOOKED_AT: usize = 64;

/// Servers with the time of an event, by domain controller, user and client.
type Passed<'a> = BTreeMap<(&'a str, String, String), Vec<(Timestamp, String)>>;

/// A logon that a server passed on.
pub(super) struct PassedOn {
    /// Who.
    pub(super) user: String,
    /// From where.
    pub(super) client: String,
    server: String,
}

impl PassedOn {
    /// As a domain controller wrote of it.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let (user, client, server) = match &event.body {
            Body::NtlmUse(e) if matches!(e.id, 8004..=8006) => {
                (e.user.as_deref()?, e.client.clone()?, e.via.as_deref()?)
            }
            Body::NtlmBlocked(e) if matches!(e.id, 4004..=4006) => {
                let client = e.fields.text("WorkstationName")?;
                (e.user.as_deref()?, client, e.via.as_deref()?)
            }
            _ => return None,
        };
        Some(Self {
            user: plain(user),
            client: machine(&client),
            server: machine(server),
        })
    }
}

/// The server of each of these events and validations that is known to have come through one, by their number. A domain
/// controller passes on what another server asked it for.
pub(super) fn servers(case: &Case) -> BTreeMap<usize, String> {
    let mut through = BTreeMap::new();
    let mut passed = Passed::new();
    for (number, event) in case.events.iter().enumerate() {
        let Some(on) = PassedOn::of(event) else {
            continue;
        };
        let host = case.hosts.find(&on.server);
        if !host.is_some_and(|h| case.hosts.get(h).roles.contains(&Role::DomainController)) {
            through.insert(number, on.server.clone());
        }
        let of = (&*event.computer, on.user, on.client);
        let of_it = passed.entry(of).or_default();
        of_it.extend(event.times().map(|time| (time, on.server.clone())));
    }
    if passed.is_empty() {
        return through;
    }
    for all in passed.values_mut() {
        all.sort_by_key(|(time, _)| *time);
    }
    for (number, event) in case.events.iter().enumerate() {
        let Body::NtlmValidation(e) = &event.body else {
            continue;
        };
        let (Some(user), Some(client)) = (&e.target.name, &e.workstation) else {
            continue;
        };
        let of = (&*event.computer, plain(user), machine(client));
        let all = passed.get(&of).map(Vec::as_slice).unwrap_or_default();
        let apart = |time: &Timestamp| time.duration_since(event.time);
        let begin = all.partition_point(|(time, _)| apart(time) < -AT_ONCE);
        let near = all.get(begin..).unwrap_or_default().iter();
        let near = near.take_while(|(time, _)| apart(time) <= AT_ONCE);
        let servers: BTreeSet<&String> = near.take(LOOKED_AT).map(|(_, server)| server).collect();
        if let (1, Some(server)) = (servers.len(), servers.first()) {
            through.insert(number, (*server).clone());
        }
    }
    through
}

#[cfg(test)]
mod tests {
    use crate::case::{Attempts, SymptomKind};
    use crate::testkit::{Happening, Kit, config, ntlm, pool, security, site, windows};

    const WEB: &str = "WEB01.corp.example";
    const DC: &str = "DC1.corp.example";

    fn passed_on(id: u32, via: &str, client: &str) -> Happening {
        let values = [
            ("SChannelName", via),
            ("UserName", "uma"),
            ("DomainName", "CORP"),
            ("WorkstationName", client),
        ];
        ntlm(id, &values)
    }

    /// uma of PC7 is refused on WEB01, and a domain controller validates somebody of her name from there.
    fn kit() -> Kit {
        let xml = config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"true\""),
            "",
        );
        let refused = [
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("Status", "0xc000006d"),
            ("SubStatus", "0xc000006a"),
            ("LogonType", "3"),
            ("WorkstationName", "PC7"),
            ("IpAddress", "10.0.0.7"),
        ];
        let validated = [
            ("TargetUserName", "uma"),
            ("Workstation", "PC7"),
            ("Status", "0xc000006a"),
        ];
        let web = |kit: Kit| kit.event(WEB, security(4625, &refused));
        // Three times, so that it is no typing error.
        let kit = web(web(web(
            Kit::new().config("WEB01/applicationHost.config", &xml)
        )));
        kit.event(DC, security(4776, &validated)).wait(-1)
    }

    /// The events of the attempt, by id.
    fn told(kit: Kit, wanted: fn(&SymptomKind) -> bool) -> Vec<u32> {
        let case = kit.case();
        let names = case.client_names();
        let symptom = case.symptoms.iter().find(|s| wanted(&s.kind)).unwrap();
        let steps = Attempts::new(&case, &names).behind(symptom);
        let mut ids: Vec<u32> = steps.iter().map(|step| step.event.id).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn a_validation_is_of_the_server_that_it_came_through() {
        let refused = |kit| told(kit, |kind| matches!(kind, SymptomKind::LogonFailed { .. }));
        assert_eq!(refused(kit()), [4625, 4776], "as far as is known");
        for (via, client, wanted) in [
            ("WEB01", "PC7", vec![4625, 4776, 8004]),
            ("FILE01", "PC7", vec![]),
            // Another client's says nothing of it.
            ("FILE01", "PC8", vec![4625, 4776]),
        ] {
            let audited = kit().event(DC, passed_on(8004, via, client));
            assert_eq!(refused(audited), wanted, "{via} {client}");
        }
        let later = kit().wait(1).event(DC, passed_on(8004, "FILE01", "PC7"));
        assert_eq!(
            refused(later),
            [4625, 4776],
            "another one's, a minute later"
        );
        let both = kit()
            .event(DC, passed_on(8004, "FILE01", "PC7"))
            .wait(-1)
            .event(DC, passed_on(8004, "WEB01", "PC7"));
        assert_eq!(
            refused(both),
            [4625, 4776, 8004],
            "which of the two is open"
        );
    }

    #[test]
    fn what_a_controller_blocked_has_its_server_and_its_client() {
        let blocked = |kit| told(kit, |kind| matches!(kind, SymptomKind::NtlmBlocked(..)));
        let of = |via, client| blocked(kit().event(DC, passed_on(4004, via, client)));
        assert_eq!(of("WEB01", "PC7"), [4004, 4625, 4776]);
        assert_eq!(of("WEB01", "PC8"), [0; 0]);
    }
}
