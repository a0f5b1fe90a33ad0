//! Group DG: the front end is fine, and the second hop fails.
//!
//! A web server that calls another machine in its users' names leaves signs on three machines ([`hop`]). Which account may
//! pass users on follows from the acceptor, and whether it may from the directory ([`crate::negotiate::delegation`]). Each cause
//! is one reason why it does not.

mod back_end_list;
mod browser;
mod connector;
mod credential_guard;
mod file_server;
mod forest;
mod front;
mod front_by_ntlm;
mod hop;
mod none_configured;
mod not_on_list;
mod protocol;
mod repair;
mod sensitive_user;
#[cfg(test)]
mod tests;
mod token_groups;
mod unconstrained;
mod wrong_account;

use crate::case::{AccountId, Case, HostId, Spn};
use crate::causes::{Assessment, Cause, Input, Scene, View};
use hop::SecondHop;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &none_configured::CAUSE,
    &sensitive_user::CAUSE,
    &credential_guard::CAUSE,
    &not_on_list::CAUSE,
    &wrong_account::CAUSE,
    &protocol::CAUSE,
    &back_end_list::CAUSE,
    &forest::CAUSE,
    &browser::CAUSE,
    &token_groups::CAUSE,
    &file_server::CAUSE,
    &connector::CAUSE,
    &front_by_ntlm::CAUSE,
];

/// What shows a second hop, where the bundle shows none.
const HOPS: Input = Input::Stated {
    what: "how calls of the web server in its users' names end: the Security logs of the domain controllers (4769 with transited services), the System log of the web server, and the log of the machine that it calls (ANONYMOUS LOGON)",
    collect_with: "wevtutil epl \"Security\" %COMPUTERNAME%_Security.evtx",
};

/// What tells which web server called another one.
const ADDRESSES: Input = Input::Stated {
    what: "the addresses of the web servers, which tell from which of them a call in users' names came",
    collect_with: "(echo ipconfig /all& ipconfig /all) >> %COMPUTERNAME%_ipconfig.txt 2>&1",
};

/// Asks about every second hop that failed; where the configuration of its front end is missing, asks for that.
fn every_hop<'s, 'a>(
    scene: &'s Scene<'a>,
    out: &mut Assessment,
    mut ask: impl FnMut(&SecondHop<'s, 'a>, &mut Assessment),
) {
    let failed = SecondHop::failed(scene);
    if failed.is_empty() && scene.case.second_hop_is_open().is_some() {
        out.lack(HOPS);
    }
    for hop in failed {
        // Where a site of the bundle is the target, and no other one of it the front end, a proxy's connector asks (DG-12).
        let is_ours = |spn: &Spn| scene.negotiating().any(|v| v.spn() == Some(spn));
        if hop.front.is_none() && hop.target.as_ref().is_some_and(is_ours) {
            let asks = |v: &View<'_>| {
                let acceptor = v.acceptor_account(scene.case);
                let same = acceptor
                    .zip(hop.account)
                    .is_some_and(|(a, b)| scene.same(a, b));
                same && v.spn() != hop.target.as_ref()
            };
            if !scene.negotiating().any(asks) {
                if hop.account.is_some() {
                    out.lack(ADDRESSES);
                }
                continue;
            }
        }
        if hop.account.is_none() && hop.views.is_empty() {
            out.lack(Input::ApplicationHostConfig);
        }
        ask(&hop, out);
    }
}

/// Asks for the attributes that decide about delegation, where the account is known.
fn lack_attributes(scene: &Scene<'_>, hop: &SecondHop<'_, '_>, out: &mut Assessment) {
    if let Some(account) = hop.account {
        out.lack(delegation_of(scene, account));
    }
}

/// What an account may delegate to, and who may delegate to it.
fn delegation_of(scene: &Scene<'_>, account: AccountId) -> Input {
    Input::DelegationOf(scene.case.accounts.get(account).bare_name())
}

/// Who holds the back end's SPN.
fn holder_of(hop: &SecondHop<'_, '_>) -> Input {
    match &hop.target {
        Some(target) => Input::SpnQuery(target.to_string()),
        None => Input::Stated {
            what: "which SPNs the back end's service has, and which account holds them",
            collect_with: "(echo setspn -F -Q */<back end>& setspn -F -Q */<back end>) >> %COMPUTERNAME%_setspn.txt 2>&1",
        },
    }
}

/// The domain of a machine, by its full name or its account.
fn domain_of(case: &Case, host: HostId) -> Option<String> {
    let host = case.hosts.get(host);
    let by_name = host.fqdn.as_deref().and_then(|name| name.split_once('.'));
    let by_name = by_name.map(|(_, domain)| domain.to_owned());
    by_name.or_else(|| case.accounts.get(host.machine).domain.clone())
}
