//! Which state a key mismatch is. Many causes end in a ticket that cannot be opened; each endpoint's mismatch is given to
//! one of them here, in a fixed order, so that no two causes claim one endpoint and none falls between them.

use std::collections::BTreeMap;

use super::spn::product_of;
use super::view::View;
use crate::case::{AccountId, AccountKind, Case, Sameness};
use crate::negotiate::{Acceptor, KeyMatch, Profile};

/// The state of a ticket that the acceptor cannot open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mismatch {
    /// KM-06: the pool runs as a local account, which opens no ticket at all.
    LocalAcceptor,
    /// NAME-02: the name is a CNAME, and the client asks for a ticket for the host behind it.
    FollowedAlias,
    /// SPN-22: the holder is the machine that clients reach under the name, and another one behind it opens the tickets.
    FrontEnd,
    /// SPN-20: the holder is the computer account of a cluster's name.
    Virtual,
    /// NAME-11: DNS gives the name several addresses, and another server behind it opens these tickets.
    OtherAddress,
    /// SPN-12: several servers answer to the name, each with its own computer account.
    Farm,
    /// KM-04, KM-05: another application of the same host name opens these tickets.
    SharedHostName,
    /// SPN-21: the holder has the pool account's name, in another domain.
    Homonym,
    /// SPN-05: the pool's account holds the SPN, the computer account opens tickets.
    OnPoolAccount,
    /// SPN-04, SPN-19: an HTTP registration of the server's own name on another account takes it away from HOST.
    Shadow,
    /// SPN-06: the computer account holds the SPN, the pool's account opens tickets.
    OnMachine,
    /// CFG-15: the pool of the same application on another server behind the name runs as the holder.
    OtherNode,
    /// SPN-07: neither the pool's account nor the computer account holds it.
    OnOther,
}

/// The state of each view, in their order.
pub(super) fn states(case: &Case, views: &[View<'_>]) -> Vec<Option<Mismatch>> {
    let mut by_spn: BTreeMap<String, Vec<&View<'_>>> = BTreeMap::new();
    for view in views {
        if let Some(spn) = view.spn() {
            by_spn.entry(spn.key()).or_default().push(view);
        }
    }
    views
        .iter()
        .map(|view| {
            let peers = by_spn.get(&view.spn()?.key())?;
            state(case, view, peers)
        })
        .collect()
}

/// `peers` ask for the same SPN; the view is among them.
fn state(case: &Case, view: &View<'_>, peers: &[&View<'_>]) -> Option<Mismatch> {
    let holder = view.holder().filter(|_| view.is_mismatch())?.account;
    let acceptor = view.acceptor()?;
    let same = |a, b| case.accounts.compare(a, b) == Sameness::Same;
    let computer = case.accounts.get(holder).kind == AccountKind::Computer;
    let own_exact = view.has_server_name(case) && !view.by_host_alias();
    Some(if *acceptor == Acceptor::NoKey {
        Mismatch::LocalAcceptor
    } else if is_followed(case, view, peers, computer) {
        Mismatch::FollowedAlias
    } else if computer && is_front_end(case, view, peers, holder) {
        Mismatch::FrontEnd
    } else if computer && is_virtual(case, view, holder) {
        Mismatch::Virtual
    } else if is_other_address(case, view, peers) {
        Mismatch::OtherAddress
    } else if computer && is_farm(peers) {
        Mismatch::Farm
    } else if has_working_neighbour(case, view, peers) {
        Mismatch::SharedHostName
    } else if view
        .pool_account()
        .is_some_and(|pool| case.accounts.are_homonyms(pool, holder))
    {
        Mismatch::Homonym
    } else if own_exact && product_of(case, holder).is_some() {
        Mismatch::Shadow
    } else if *acceptor == Acceptor::Machine {
        if view.pool_account().is_some_and(|pool| same(pool, holder)) {
            Mismatch::OnPoolAccount
        } else if own_exact {
            Mismatch::Shadow
        } else {
            Mismatch::OnOther
        }
    } else if is_serving_machine(case, view, peers, holder, computer) {
        Mismatch::OnMachine
    } else if peers.iter().any(|p| is_working_twin(case, view, p)) {
        Mismatch::OtherNode
    } else {
        Mismatch::OnOther
    })
}

/// Whether another server answers to the name with the same application, and opens the tickets: the holder is no account of
/// former times, and moving the SPN would take it from that server. CFG-15 compares whole configurations only.
fn is_working_twin(case: &Case, view: &View<'_>, peer: &View<'_>) -> bool {
    let (own, other) = (view.endpoint, peer.endpoint);
    let whole = |v: &View<'_>| {
        let config = &case.server(v.endpoint).config;
        config.complete && !config.iis_express
    };
    peer.path.key_match == KeyMatch::Match
        && other.server != own.server
        && !peer.same_machine(view)
        && (&other.name, &other.scheme, other.port) == (&own.name, &own.scheme, own.port)
        && other.application.eq_ignore_ascii_case(&own.application)
        && !own.is_own_name()
        && whole(view)
        && whole(peer)
}

/// Whether a CNAME led to the SPN: for this name, or for another name of the same site that leads to the server's own.
fn is_followed(case: &Case, view: &View<'_>, peers: &[&View<'_>], computer: bool) -> bool {
    let alias = |v: &View<'_>| case.canonical_name(&v.endpoint.name).is_some();
    let typed_would_work = |v: &View<'_>| {
        v.others
            .iter()
            .any(|p| p.profile == Profile::LiteralName && p.key_match == KeyMatch::Match)
    };
    if alias(view) {
        return computer || typed_would_work(view);
    }
    computer
        && view.endpoint.is_own_name()
        && peers.iter().any(|p| {
            p.endpoint.server == view.endpoint.server
                && p.endpoint.site == view.endpoint.site
                && alias(p)
        })
}

/// Whether the name is served by two machines or more with their computer accounts (row 19 of `causes.md` section 3).
pub(super) fn is_farm(peers: &[&View<'_>]) -> bool {
    let mut nodes = peers
        .iter()
        .filter(|v| v.acceptor() == Some(&Acceptor::Machine) && !v.endpoint.is_own_name());
    nodes.next().is_some_and(|first| {
        nodes.any(|v| v.endpoint.server != first.endpoint.server && !v.same_machine(first))
    })
}

/// Whether another application of the name on this server opens the tickets. The server's own name is shared by all its
/// sites, so there only the same site counts: across sites it is the shadow of SPN-04.
fn has_working_neighbour(case: &Case, view: &View<'_>, peers: &[&View<'_>]) -> bool {
    peers.iter().any(|p| {
        p.path.key_match == KeyMatch::Match
            && p.endpoint.server == view.endpoint.server
            && (p.endpoint.site == view.endpoint.site || !view.has_server_name(case))
    })
}

/// Whether the holder is the computer account of a server that answers to the name.
fn is_serving_machine(
    case: &Case,
    view: &View<'_>,
    peers: &[&View<'_>],
    holder: AccountId,
    computer: bool,
) -> bool {
    let hosts: Vec<_> = peers.iter().filter_map(|p| p.endpoint.host).collect();
    hosts
        .iter()
        .any(|h| case.accounts.compare(case.hosts.get(*h).machine, holder) == Sameness::Same)
        || (computer && view.endpoint.host.is_none())
}

/// Whether the holder is the computer account of a machine that clients reach under the name, as DNS says, and that is not
/// the endpoint's and answers for no site of the name itself: a proxy or load balancer before it.
fn is_front_end(case: &Case, view: &View<'_>, peers: &[&View<'_>], holder: AccountId) -> bool {
    let Some(host) = view.endpoint.host else {
        return false;
    };
    let front = case.hosts.iter().find(|(id, machine)| {
        *id != host && case.accounts.compare(machine.machine, holder) == Sameness::Same
    });
    let Some((front, _)) = front else {
        return false;
    };
    let answers = |p: &&View<'_>| p.endpoint.host == Some(front) && !p.endpoint.passes_on();
    if peers.iter().any(answers) {
        return false;
    }
    let reached: Vec<&str> = addresses_of(case, &view.endpoint.name);
    let is_at = |host| reached.iter().any(|ip| case.is_at(host, ip));
    is_at(front) && !is_at(host)
}

/// The addresses that DNS gives a name.
pub(super) fn addresses_of<'c>(case: &'c Case, name: &str) -> Vec<&'c str> {
    let asked = |l: &&'c crate::readers::nslookup::NameLookup| {
        l.source != crate::readers::nslookup::Answered::HostsFile
            && l.asked.trim_end_matches('.').eq_ignore_ascii_case(name)
    };
    let answers = case.lookups.iter().filter(asked);
    answers
        .flat_map(|l| &l.addresses)
        .map(|a| a.value.as_str())
        .collect()
}

/// Whether the holder is a cluster's name: the cluster registers `MSClusterVirtualServer/…` or `MSServerCluster/…` on such
/// computer accounts.
fn is_virtual(case: &Case, view: &View<'_>, holder: AccountId) -> bool {
    let mut held = case.situation.directory.of_account(holder, &case.accounts);
    view.by_host_alias()
        && held.any(|r| {
            let class = r.spn.class().to_lowercase();
            class.starts_with("msclustervirtualserver") || class.starts_with("msservercluster")
        })
}

/// Whether the name has several addresses, of servers of which another one opens these tickets, in another domain than this.
fn is_other_address(case: &Case, view: &View<'_>, peers: &[&View<'_>]) -> bool {
    let suffix = |v: &View<'_>| {
        let fqdn = case.hosts.get(v.endpoint.host?).fqdn.as_deref()?;
        fqdn.split_once('.').map(|(_, domain)| domain.to_owned())
    };
    let own = suffix(view);
    let domain = |v: &View<'_>| case.accounts.get(v.acceptor_account(case)?).domain.clone();
    let of_other_domain = |p: &View<'_>| {
        let (a, b) = (domain(view), domain(p));
        a.is_some()
            && b.is_some()
            && case.accounts.same_domain(a.as_deref(), b.as_deref()) == Sameness::Different
    };
    let mut reached = addresses_of(case, &view.endpoint.name);
    reached.sort_unstable();
    reached.dedup();
    reached.len() > 1
        && peers.iter().any(|p| {
            p.endpoint.server != view.endpoint.server
                && p.path.key_match == KeyMatch::Match
                && (own.is_some() && suffix(p).is_some_and(|other| Some(other) != own)
                    || of_other_domain(p))
        })
}
