//! One attempt to sign in as several machines wrote of it: the client that fetched a ticket or fell back, the domain
//! controller that issued or refused it, the web server that took it or not.
//!
//! Events are joined to one that shows a failure by keys alone, never by time alone: the `LogonGuid` that 4769 and 4624 share,
//! the SPN with the user or the client, the user with the client. Times only bound how far is looked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::Case;
use super::account::split_name;
use super::host::HostId;
use super::spn::Spn;
use super::symptom::Symptom;
use crate::readers::events::{Body, Event};

/// An event that belongs to an attempt.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// The event.
    pub event: &'a Event,
    /// The machine that wrote it, where it is known.
    pub host: Option<HostId>,
    /// By what it belongs to the failure; `None` for the event that shows the failure.
    pub joined_by: Option<&'static str>,
    /// Whether it surely came after the step before: on one clock, or on two whose difference is known well enough.
    pub surely_after: bool,
}

/// What an event says of the attempt that it belongs to.
#[derive(Debug, Default)]
struct Marks {
    guid: Option<String>,
    user: Option<String>,
    spn: Option<String>,
    /// The account of the service that a ticket was issued for.
    service: Option<String>,
    /// Addresses and names of the client.
    clients: BTreeSet<String>,
}

/// How far from the failure other events of the attempt are looked for.
const NEAR: SignedDuration = SignedDuration::from_secs(120);
/// A ticket may be fetched long before it is used: events of one `LogonGuid` are looked for as far.
const TICKET: SignedDuration = SignedDuration::from_hours(10);
/// Steps that are told.
const STEPS: usize = 8;
/// Events that are looked at around a failure.
const LOOKED_AT: usize = 20_000;
/// Clocks of one domain differ by no more than this where Kerberos works, in milliseconds.
const TOLERANCE: i64 = 300_000;

/// Names of client machines with their addresses, as events show them together.
pub struct ClientNames(BTreeMap<String, BTreeSet<String>>);

impl Case {
    /// Which addresses client machines have.
    pub fn client_names(&self) -> ClientNames {
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let shown = self.events.iter().filter_map(|event| match &event.body {
            Body::Logon(e) => Some((e.workstation.as_deref()?, e.ip.as_deref()?)),
            Body::LogonFailed(e) => Some((e.workstation.as_deref()?, e.ip.as_deref()?)),
            _ => None,
        });
        for (name, ip) in shown {
            names.entry(machine(name)).or_default().insert(address(ip));
        }
        for (host, state) in &self.machines {
            let own = state.addresses().into_iter().map(|a| a.value.to_string());
            names
                .entry(machine(&self.hosts.get(*host).name))
                .or_default()
                .extend(own);
        }
        ClientNames(names)
    }

    /// One attempt behind a symptom, oldest event first; empty where no other machine wrote of it.
    pub fn attempt_of(&self, symptom: &Symptom, names: &ClientNames) -> Vec<Step<'_>> {
        let told = symptom.from.iter().map(|from| self.attempt_at(from, names));
        told.max_by_key(Vec::len)
            .filter(|steps| steps.len() > 1)
            .unwrap_or_default()
    }

    fn attempt_at(&self, from: &crate::evidence::Citation, names: &ClientNames) -> Vec<Step<'_>> {
        let Some(time) = from.time else {
            return Vec::new();
        };
        let around = |length: SignedDuration| {
            let begin = time.checked_sub(length).unwrap_or(time);
            let end = time.checked_add(length).unwrap_or(time);
            let first = self.events.partition_point(|e| e.time < begin);
            let last = self.events.partition_point(|e| e.time <= end);
            self.events.get(first..last).unwrap_or_default()
        };
        let Some(seed) = around(SignedDuration::ZERO)
            .iter()
            .find(|e| e.citation == *from)
        else {
            return Vec::new();
        };
        let marks = names.marks(seed);
        let holders: BTreeSet<String> = marks
            .spn
            .iter()
            .flat_map(|spn| {
                let all = self.situation.directory.registrations.iter();
                all.filter(move |r| r.spn.key() == *spn)
            })
            .map(|r| plain(&self.accounts.get(r.holder).bare_name()))
            .collect();
        let mut steps = vec![(seed, None)];
        let reach = if marks.guid.is_some() { TICKET } else { NEAR };
        for event in around(reach).iter().take(LOOKED_AT) {
            let near = event.time.duration_since(time).abs() <= NEAR;
            let joined = marks.join(&names.marks(event), &holders, near);
            let told = steps.iter().any(|(other, _): &(&Event, _)| {
                std::ptr::eq(*other, event)
                    || (other.computer == event.computer && other.id == event.id)
            });
            if joined.is_some() && !told && steps.len() < STEPS {
                steps.push((event, joined));
            }
        }
        steps.sort_by_key(|(event, _)| event.time);
        self.in_order(steps)
    }

    fn in_order<'a>(&self, steps: Vec<(&'a Event, Option<&'static str>)>) -> Vec<Step<'a>> {
        let mut told: Vec<Step<'a>> = Vec::with_capacity(steps.len());
        for (event, joined_by) in steps {
            let host = self.hosts.find(&event.computer);
            let surely_after = told.last().is_none_or(|before| {
                self.is_surely_after((before.host, before.event), (host, event))
            });
            told.push(Step {
                event,
                host,
                joined_by,
                surely_after,
            });
        }
        told
    }

    /// Whether an event came after another one, by what is known of the two clocks.
    fn is_surely_after(
        &self,
        (first_host, first): (Option<HostId>, &Event),
        (second_host, second): (Option<HostId>, &Event),
    ) -> bool {
        let apart = second.time.duration_since(first.time).as_millis();
        let apart = i64::try_from(apart).unwrap_or(i64::MAX);
        let (Some(a), Some(b)) = (first_host, second_host) else {
            return apart > TOLERANCE;
        };
        if a == b {
            return true;
        }
        let ahead = self
            .clock_differences
            .iter()
            .find_map(|d| match (d.host, d.against) {
                (host, against) if (host, against) == (b, a) => Some(d.at_most),
                (host, against) if (host, against) == (a, b) => Some(d.at_least?.saturating_neg()),
                _ => None,
            });
        apart > ahead.unwrap_or(TOLERANCE)
    }
}

impl ClientNames {
    /// The machine behind a client's address, in lower case; `None` where no event shows the two together.
    pub fn at(&self, client: &str) -> Option<&str> {
        let ip = address(client);
        let mut known = self.0.iter();
        let found = known.find(|(_, addresses)| addresses.contains(&ip));
        found.map(|(name, _)| name.as_str())
    }

    /// Whether a machine is among clients that are given by name or address.
    pub fn is_among(&self, host: &str, clients: &BTreeSet<String>) -> bool {
        let name = machine(host);
        let own = self.0.get(&name);
        clients.iter().any(|client| {
            machine(client) == name || own.is_some_and(|ips| ips.contains(&address(client)))
        })
    }

    fn marks(&self, event: &Event) -> Marks {
        let mut marks = Marks::default();
        let user = |name: &Option<String>| Some(plain(name.as_deref()?));
        let spn = |text: &Option<String>| {
            let spn = Spn::new(text.as_deref()?.split('@').next()?.trim());
            spn.has_class("HTTP").then(|| spn.key())
        };
        let mut clients: Vec<String> = Vec::new();
        match &event.body {
            Body::Logon(e) => {
                marks.guid = e.logon_guid.clone();
                marks.user = user(&e.target.name);
                clients.extend(e.ip.as_deref().map(address));
                clients.extend(e.workstation.as_deref().map(machine));
            }
            Body::LogonFailed(e) => {
                marks.user = user(&e.target.name);
                clients.extend(e.ip.as_deref().map(address));
                clients.extend(e.workstation.as_deref().map(machine));
            }
            Body::ServiceTicketRequest(e) => {
                marks.guid = e.logon_guid.clone();
                marks.user = user(&e.client.name);
                marks.spn = spn(&e.service_name);
                marks.service = user(&e.service_name).filter(|_| e.status == Some(0));
                clients.extend(e.ip.as_deref().map(address));
            }
            Body::TgtRequest(e) => {
                marks.user = user(&e.client.name);
                clients.extend(e.ip.as_deref().map(address));
            }
            Body::PreauthFailed(e) => {
                marks.user = user(&e.target.name);
                clients.extend(e.ip.as_deref().map(address));
            }
            Body::NtlmValidation(e) => {
                marks.user = user(&e.target.name);
                clients.extend(e.workstation.as_deref().map(machine));
            }
            Body::KeyMismatch(e) => {
                marks.spn = spn(&e.target_name);
                clients.push(machine(&event.computer));
            }
            Body::KerberosError(e) => {
                marks.spn = spn(&e.target_name).or(spn(&e.server_name));
                marks.user = user(&e.client_name);
                clients.push(machine(&event.computer));
            }
            Body::NtlmUse(e) if matches!(e.id, 8001 | 4020 | 4021) => {
                marks.spn = spn(&e.target);
                marks.user = user(&e.user);
                clients.push(machine(&event.computer));
            }
            _ => {}
        }
        clients.retain(|client| !client.is_empty() && client != "-");
        let known = clients
            .iter()
            .filter_map(|client| self.0.get(client))
            .flatten();
        marks.clients = known.cloned().collect();
        marks.clients.extend(clients);
        marks
    }
}

impl Marks {
    /// By what another event belongs to the same attempt.
    fn join(&self, other: &Self, holders: &BTreeSet<String>, near: bool) -> Option<&'static str> {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        let client = !self.clients.is_disjoint(&other.clients);
        let user = same(&self.user, &other.user);
        let spn = same(&self.spn, &other.spn)
            || other
                .service
                .as_ref()
                .is_some_and(|service| holders.contains(service));
        if same(&self.guid, &other.guid) {
            return Some("LogonGuid");
        }
        match (near, spn, user, client) {
            (true, true, _, true) => Some("SPN and client"),
            (true, true, true, false) => Some("SPN and user"),
            (true, false, true, true) => Some("user and client"),
            _ => None,
        }
    }
}

/// A user or account without its domain, in lower case.
fn plain(name: &str) -> String {
    let bare = name.split('@').next().unwrap_or(name);
    split_name(bare).1.to_lowercase()
}

/// A machine's short name, in lower case.
fn machine(name: &str) -> String {
    let name = name.trim_start_matches('\\').to_lowercase();
    name.split('.').next().unwrap_or(&name).to_owned()
}

/// An address in one form: no IPv4 address written as IPv6.
fn address(ip: &str) -> String {
    ip.trim_start_matches("::ffff:").to_lowercase()
}

#[cfg(test)]
mod tests {
    use crate::testkit::{Kit, config, kerberos_4, pool, query, security, site, windows};

    const WEB: &str = "WEB01.corp.example";
    const DC: &str = "DC1.corp.example";
    const PC: &str = "PC7.corp.example";
    const SPN: &str = "HTTP/portal.corp.example";

    fn ticket(user: &str, ip: &str) -> crate::testkit::Happening {
        security(
            4769,
            &[
                ("TargetUserName", user),
                ("ServiceName", "svc_web"),
                ("Status", "0x0"),
                ("TicketEncryptionType", "0x12"),
                ("IpAddress", ip),
            ],
        )
    }

    /// PC7 is 10.0.0.7, as a logon of somebody else shows.
    fn kit() -> Kit {
        let xml = config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"true\""),
            "",
        );
        let logon = [
            ("TargetUserName", "bob"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("WorkstationName", "PC7"),
            ("IpAddress", "10.0.0.7"),
        ];
        Kit::new()
            .config("WEB01/applicationHost.config", &xml)
            .console(
                "spn.txt",
                &query(SPN, &[("CN=svc_web,DC=corp,DC=example", &[SPN])]),
            )
            .event(WEB, security(4624, &logon))
            .wait(60)
    }

    fn steps(kit: Kit) -> Vec<(u32, Option<&'static str>)> {
        let case = kit.case();
        let symptom = &case.symptoms[0];
        let steps = case.attempt_of(symptom, &case.client_names());
        steps
            .iter()
            .map(|step| (step.event.id, step.joined_by))
            .collect()
    }

    #[test]
    fn the_ticket_of_the_client_that_cannot_use_it_belongs_to_the_attempt() {
        let told = steps(
            kit()
                .event(DC, ticket("uma@CORP.EXAMPLE", "::ffff:10.0.0.7"))
                .event(PC, kerberos_4(SPN, "web01$")),
        );
        assert_eq!(told, [(4769, Some("SPN and client")), (4, None)]);
    }

    #[test]
    fn what_is_merely_near_does_not() {
        let told = steps(
            kit()
                .event(DC, ticket("eve@CORP.EXAMPLE", "::ffff:10.0.0.99"))
                .event(PC, kerberos_4(SPN, "web01$")),
        );
        assert_eq!(told, []);
    }

    #[test]
    fn the_order_on_two_clocks_is_not_sure() {
        let case = kit()
            .event(DC, ticket("uma@CORP.EXAMPLE", "10.0.0.7"))
            .event(PC, kerberos_4(SPN, "web01$"))
            .case();
        let steps = case.attempt_of(&case.symptoms[0], &case.client_names());
        assert_eq!(
            steps.iter().map(|s| s.surely_after).collect::<Vec<_>>(),
            [true, false]
        );
    }
}
