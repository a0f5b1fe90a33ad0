//! The second hop: what logs show of a web server that calls another machine in the name of its users.
//!
//! The front end may be fine while this fails. Three machines write of it: the web server, a client there (Kerberos 3 for the
//! name of the back end), the domain controller (4769 with the option that marks constrained delegation, or with the services
//! that a ticket was passed on by), and the back end (logons of nobody, or of users, from the web server's address).

mod fronts;

use jiff::Timestamp;

use super::account::split_name;
use super::host::{HostId, Role};
use super::spn::Spn;
use super::{Case, Endpoint, Sameness};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, KerberosError, Logon, ServiceTicketRequest};
use fronts::Fronts;

/// The option of a request that has a user in the additional ticket: constrained delegation and nothing else (MS-SFU
/// 3.1.5.2.1).
const IN_ADDITIONAL_TICKET: u32 = 0x0002_0000;
/// The logon of nobody (`S-1-5-7`).
const ANONYMOUS: &str = "S-1-5-7";

/// What became of a second hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HopResult {
    /// The KDC refused the ticket with this Kerberos error.
    Refused(u32),
    /// The back end saw nobody.
    Anonymous,
    /// The back end saw the user, or the KDC issued the ticket.
    Passed,
}

/// A sign of a second hop.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Its event, by its place among the events of the case.
    pub event: usize,
    /// The web server.
    pub front: Option<HostId>,
    /// The account that asked on behalf of the user, as the event names it.
    pub asker: Option<String>,
    /// The name that a ticket was asked for, or the account that holds it where the KDC issued one.
    pub target: Option<Spn>,
    /// The back end, where it wrote the event.
    pub back: Option<HostId>,
    /// What became of it.
    pub result: HopResult,
    /// The user, where the event names one.
    pub user: Option<String>,
    /// When.
    pub time: Timestamp,
    /// Its place.
    pub from: Citation,
}

/// All signs, in the order of the events.
pub(super) fn collect(case: &Case) -> Vec<Hop> {
    let fronts = Fronts::of(case);
    if fronts.hosts.is_empty() && case.situation.endpoints.is_empty() {
        return Vec::new();
    }
    let events = case.events.iter().enumerate();
    events
        .filter_map(|(at, event)| sign(case, &fronts, at, event))
        .collect()
}

fn sign(case: &Case, fronts: &Fronts, at: usize, event: &Event) -> Option<Hop> {
    let hop = Hop {
        event: at,
        front: None,
        asker: None,
        target: None,
        back: None,
        result: HopResult::Passed,
        user: None,
        time: event.time,
        from: event.citation.clone(),
    };
    let writer = || case.hosts.find(&event.computer);
    match &event.body {
        Body::KerberosError(e) => on_front(case, fronts, writer()?, e, hop),
        Body::ServiceTicketRequest(e) => on_kdc(case, fronts, e, hop),
        Body::Logon(e) => on_back(case, fronts, writer()?, e, hop),
        Body::Other(fields) if event.id == 18456 => {
            let mut values = fields.pairs().iter().map(|(_, value)| value.as_str());
            let login = values.next()?;
            let client = values.find_map(address_in)?;
            let back = writer()?;
            let front = fronts.at(Some(client)).filter(|front| *front != back)?;
            is_nobody(login).then_some(Hop {
                front: Some(front),
                back: Some(back),
                result: HopResult::Anonymous,
                ..hop
            })
        }
        _ => None,
    }
}

/// The web server as a client: the KDC refuses it a ticket for another machine in the name of a user. Only errors that
/// delegation gives count, and the server's own names do not: it asks for a ticket to itself often, and is refused.
fn on_front(
    case: &Case,
    fronts: &Fronts,
    host: HostId,
    e: &KerberosError,
    hop: Hop,
) -> Option<Hop> {
    let code = e.code.filter(|code| is_refusal(*code))?;
    let target = other_machine(
        case,
        host,
        e.target_name.as_deref().or(e.server_name.as_deref())?,
    )?;
    fronts.hosts.contains(&host).then(|| Hop {
        front: Some(host),
        target: Some(target),
        result: HopResult::Refused(code),
        user: e.client_name.clone(),
        ..hop
    })
}

/// The domain controller: a request that carries a user in its additional ticket, or a ticket that was passed on.
fn on_kdc(case: &Case, fronts: &Fronts, e: &ServiceTicketRequest, hop: Hop) -> Option<Hop> {
    let passed_on = e.transmitted_services.is_some();
    let marked = e
        .options
        .is_some_and(|options| options & IN_ADDITIONAL_TICKET != 0);
    let service = e.service_name.as_deref()?;
    let front = fronts.at(e.ip.as_deref());
    let asker = e.client.name.clone();
    match e.status? {
        0 if passed_on || marked => Some(Hop {
            front,
            asker,
            target: Some(Spn::new(service)),
            user: person(&e.client.name),
            ..hop
        }),
        code if is_refusal(code) && (passed_on || marked || front.is_some()) => {
            // A ticket that the server asks for in its own name is no second hop; a user's comes with the user's name.
            let is_own = || {
                let person = person(&asker);
                e.options.is_some() && person.is_none_or(|name| runs_a_site(case, &name))
            };
            if !passed_on && !marked && is_own() {
                return None;
            }
            let target = match front {
                Some(host) => other_machine(case, host, service)?,
                None => Spn::new(service.split('@').next()?),
            };
            // Other products delegate too: what neither begins nor ends at a web server of the bundle is theirs.
            if front.is_none() && !concerns_a_site(case, asker.as_deref(), &target) {
                return None;
            }
            Some(Hop {
                front,
                asker,
                target: Some(target),
                result: HopResult::Refused(code),
                user: person(&e.client.name),
                ..hop
            })
        }
        _ => None,
    }
}

/// The back end: who comes from the web server's address. Domain controllers see anonymous logons of everybody.
fn on_back(case: &Case, fronts: &Fronts, back: HostId, e: &Logon, hop: Hop) -> Option<Hop> {
    let machine = case.hosts.get(back);
    let front = fronts.at(e.ip.as_deref()).filter(|front| *front != back);
    if e.logon_type != Some(3) || machine.roles.contains(&Role::DomainController) {
        return None;
    }
    let name = e.target.name.as_deref()?;
    let result = if e.target.sid.as_deref() == Some(ANONYMOUS) || is_nobody(name) {
        // Null sessions between servers are everyday: they count where the web server calls in its users' names.
        if !passes_users_on(case, front?) {
            return None;
        }
        HopResult::Anonymous
    } else if e.transmitted_services.is_some()
        || (front.is_some() && e.is_kerberos() && !name.ends_with('$'))
    {
        HopResult::Passed
    } else {
        return None;
    };
    let user = (result == HopResult::Passed).then(|| name.to_owned());
    Some(Hop {
        front,
        asker: e.transmitted_services.clone(),
        back: Some(back),
        result,
        user,
        ..hop
    })
}

impl Case {
    /// A web server that is set up to call other machines in its users' names, or to which another machine is set up to
    /// bring users, where no such call is seen to work.
    pub fn second_hop_is_open(&self) -> Option<&str> {
        let brought = |endpoint: &Endpoint| {
            let site = Spn::http(&endpoint.name);
            let own = endpoint.host.map(|host| self.hosts.get(host).machine);
            self.objects.iter().any(|object| {
                let list = object.delegates_to.present();
                let named =
                    list.is_some_and(|l| l.shown.iter().any(|s| Spn::new(&s.value) == site));
                let sam = object.sam.as_ref().map(|sam| sam.value.as_str());
                named
                    && own.is_none_or(|own| {
                        sam.is_none_or(|sam| {
                            self.accounts.is_named(own, sam, None) == Sameness::Different
                        })
                    })
            })
        };
        let passed = |host: HostId| {
            let mut all = self.hops.iter();
            all.any(|hop| hop.result == HopResult::Passed && hop.front.is_none_or(|f| f == host))
        };
        self.situation.endpoints.iter().find_map(|endpoint| {
            let host = endpoint.host?;
            let open = passes_users_on(self, host) || brought(endpoint);
            (open && !passed(host)).then(|| self.hosts.get(host).name.as_str())
        })
    }
}

/// Whether a web server is set up to call other machines in its users' names: an application that impersonates its caller,
/// or an account of the server that may delegate.
fn passes_users_on(case: &Case, front: HostId) -> bool {
    let mut own = case
        .situation
        .endpoints
        .iter()
        .filter(|e| e.host == Some(front));
    let accounts = own
        .clone()
        .filter_map(|e| e.pool.as_ref()?.identity.account());
    let mut accounts = accounts.chain([case.hosts.get(front).machine]);
    own.any(|e| e.settings.impersonate.as_ref().is_some_and(|(on, _)| *on))
        || accounts.any(|id| {
            let list = case.shown_of(id, |object| &object.delegates_to);
            let any = case.state_of(id, |state| state.trusted_for_delegation.clone());
            list.present().is_some() || any.is_true()
        })
}

/// KDC_ERR_BADOPTION and KDC_ERR_POLICY.
fn is_refusal(code: u32) -> bool {
    matches!(code, 0xD | 0xC)
}

/// Whether an account that a site of the bundle runs as asked, or the target is such a site.
fn concerns_a_site(case: &Case, asker: Option<&str>, target: &Spn) -> bool {
    let mut sites = case.situation.endpoints.iter();
    let host = target.host();
    asker.is_some_and(|name| runs_a_site(case, name))
        || (target.has_class("HTTP") && sites.any(|e| e.is_named(&host)))
}

/// Whether a name is that of an account that a site of the bundle runs as.
fn runs_a_site(case: &Case, name: &str) -> bool {
    sites_of(case, name).next().is_some()
}

/// The sites of the bundle that run as the account of this name.
fn sites_of<'a>(case: &'a Case, name: &str) -> impl Iterator<Item = &'a Endpoint> {
    let (domain, sam) = split_name(name);
    case.situation.endpoints.iter().filter(move |e| {
        let account = e.pool.as_ref().and_then(|pool| pool.identity.account());
        account
            .is_some_and(|id| case.accounts.is_named(id, &sam, domain.as_deref()) == Sameness::Same)
    })
}

/// A name that is no computer's.
fn person(name: &Option<String>) -> Option<String> {
    let bare = |name: &&String| !name.split('@').next().unwrap_or(name).ends_with('$');
    name.as_ref().filter(bare).cloned()
}

/// The name of a service of another machine than this one.
fn other_machine(case: &Case, host: HostId, name: &str) -> Option<Spn> {
    let spn = Spn::new(name.split('@').next()?.trim());
    if !spn.as_str().contains('/') || spn.has_class("krbtgt") {
        return None;
    }
    let machine = case.hosts.get(host);
    let target = spn.host();
    let own = target.eq_ignore_ascii_case(&machine.name)
        || machine
            .fqdn
            .as_deref()
            .is_some_and(|f| f.eq_ignore_ascii_case(&target));
    let served = case.situation.endpoints.iter();
    let served = served
        .filter(|e| e.host == Some(host))
        .any(|e| e.is_named(&target));
    let is_itself = own || (served && spn.has_class("HTTP"));
    (!is_itself).then_some(spn)
}

/// `NT AUTHORITY\ANONYMOUS LOGON`, in the languages in which Windows writes it.
fn is_nobody(name: &str) -> bool {
    let name = split_name(name).1.to_lowercase();
    name.contains("anonym") || name.contains("anonim")
}

/// The address in ` [CLIENT: 10.1.2.3]`: a word of its own, in whatever language the rest is.
fn address_in(text: &str) -> Option<&str> {
    let mut words = text.split([' ', '[', ']']);
    words.find(|word| word.parse::<std::net::IpAddr>().is_ok())
}
