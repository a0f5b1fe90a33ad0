//! AC-09: a stored credential takes the place of single sign-on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Case, HostId, Role, Spn, SymptomId, SymptomKind, split_name};
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::readers::machine::StoredCredential;
use crate::remedy::{Remedy, Step};

/// AC-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-09",
    name: "account-stored-credential",
    title: "A stored credential takes the place of single sign-on",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "Who once ticked \"remember my credentials\" for a host, or stored them with cmdkey, is no longer asked: Windows takes the stored account for that host (or for all hosts of a wildcard), whoever is signed in. When its password changes, or when it was somebody else's, the site sees a wrong password or another person, and restarting the browser does not help.",
        evidence: &[
            "cmdkey /list on the client: Domain:target=<host> or a wildcard, with a user that is not the one who is signed in",
            "Security log of the client: 4648, whose target server or target information is the site, and whose target user is another one than its subject",
            "Security log of the web server: 4624 or 4625 of that other user from this client",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-01",
                told_apart_by: "the server sees the same wrong password; here it comes from the store, and nobody typed it",
            },
            LookAlike {
                cause: "CL-14",
                told_apart_by: "there the program itself was started as another user (runas, a service, a task), and cmdkey shows nothing",
            },
        ],
        ruled_out_by: "cmdkey /list without an entry that covers the host.",
        fix: &[
            "Note the entry: cmdkey /list.",
            "Delete it: cmdkey /delete:<target>, in the user's own session.",
            "Close the browser and open the site again.",
        ],
        verify: "4624 of type 3 on the web server names the user who is signed in at the client.",
        rollback: "Store it again with cmdkey /add, with the right password.",
        prevent: "The policy \"Network access: Do not allow storage of passwords and credentials for network authentication\".",
        blind_spots: &[
            "a password that was typed into a prompt gives 4648 as well",
            "browsers and programs have stores of their own, which cmdkey does not list",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: cmdkey; audit event 4648, a logon was attempted using explicit credentials",
        ],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the credentials stored on a client that fails, from the user's own session (the output holds no passwords)",
    collect_with: "cmdkey /list",
};

const SESSION: Input = Input::Stated {
    what: "who is signed in at the client that has the stored credential, and its Security log, which shows whether that was used (4648)",
    collect_with: "klist & wevtutil epl Security %COMPUTERNAME%_Security.evtx",
};

/// Uses of another account towards a web server, by client, host name and account.
type Uses<'a> = BTreeMap<(HostId, String, String), Vec<&'a Event>>;

/// A credential that is stored, or used, on a client for a host.
struct Found<'a> {
    client: HostId,
    /// The host.
    name: String,
    user: String,
    /// Where it is listed, if it is.
    stored: Option<Vec<Citation>>,
    used: Vec<&'a Event>,
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let names = names(scene);
    let mut uses = explicit(case, &names);
    let mut all: Vec<Found<'_>> = Vec::new();
    for (client, machine) in &case.machines {
        let host = case.hosts.get(*client);
        match machine.stored_credentials() {
            Known::Present(list) => {
                for credential in &list.value {
                    let Some(name) = names.iter().find(|name| covers(credential, name)) else {
                        continue;
                    };
                    let Some(user) = &credential.user else {
                        continue;
                    };
                    let account = split_name(user).1;
                    let used = uses.remove(&(*client, name.clone(), account));
                    all.push(Found {
                        client: *client,
                        name: name.clone(),
                        user: user.clone(),
                        stored: Some(list.from.clone()),
                        used: used.unwrap_or_default(),
                    });
                }
            }
            Known::Absent(from) if scene.fails_at(Some(*client)) => {
                out.rule_out(format!("no credentials are stored on {}", host.name), &from)
            }
            _ => {}
        }
    }
    let used_alone = uses.into_iter().map(|((client, name, user), used)| Found {
        client,
        name,
        user,
        stored: None,
        used,
    });
    all.extend(used_alone);
    // The stored ones first, and what is used most.
    all.sort_by_key(|found| Reverse((found.stored.is_some(), found.used.len())));
    out.find_each(
        &all,
        |found| Some(finding(scene, found)),
        |found| {
            let used = found.used.first().map(|event| event.citation.clone());
            let stored = || found.stored.as_ref()?.first().cloned();
            (
                found.user.clone(),
                used.or_else(stored).into_iter().collect(),
            )
        },
    );
    if out.ruled_out.is_empty() {
        out.lack(WANTED);
    }
    out
}

/// The names of the web servers of the bundle: what users type, and what the machines are called.
fn names(scene: &Scene<'_>) -> BTreeSet<String> {
    let typed = scene.views.iter().map(|v| v.endpoint.name.to_lowercase());
    let web = scene
        .case
        .hosts
        .iter()
        .filter(|(_, h)| h.roles.contains(&Role::WebServer));
    let own = web.flat_map(|(_, host)| [Some(host.name.to_lowercase()), host.fqdn.clone()]);
    typed
        .chain(own.flatten())
        .filter(|name| !name.is_empty() && name != "*")
        .collect()
}

/// Whether a stored credential is taken for a host.
fn covers(credential: &StoredCredential, host: &str) -> bool {
    let target = credential.target.to_lowercase();
    let target = target.strip_prefix("http/").unwrap_or(&target);
    credential.for_host
        && match target.strip_prefix('*') {
            Some("") => true,
            Some(tail) => host.ends_with(tail),
            None => target == host,
        }
}

/// 4648 on clients: another account than that of the session, towards a web server of the bundle.
fn explicit<'a>(case: &'a Case, names: &BTreeSet<String>) -> Uses<'a> {
    let mut uses: Uses<'a> = BTreeMap::new();
    for event in &case.events {
        let Body::ExplicitCredentials(e) = &event.body else {
            continue;
        };
        let Some(client) = case.hosts.find(&event.computer) else {
            continue;
        };
        let roles = &case.hosts.get(client).roles;
        if roles.contains(&Role::WebServer) || roles.contains(&Role::DomainController) {
            continue;
        }
        let by_info = e
            .target_info
            .as_deref()
            .map(Spn::new)
            .filter(|spn| spn.has_class("HTTP"))
            .map(|spn| spn.host());
        let by_server = e
            .server
            .as_deref()
            .map(|s| s.trim_end_matches('$').to_lowercase());
        let Some(name) = by_info.or(by_server).filter(|name| names.contains(name)) else {
            continue;
        };
        let account = |p: &Option<String>| p.as_deref().map(|name| split_name(name).1);
        if let (Some(subject), Some(target)) = (account(&e.subject.name), account(&e.target.name))
            && subject != target
            && !subject.ends_with('$')
        {
            uses.entry((client, name, target)).or_default().push(event);
        }
    }
    uses
}

fn finding(scene: &Scene<'_>, found: &Found<'_>) -> Finding {
    let case = scene.case;
    let (client, name, user) = (found.client, &found.name, &found.user);
    let (stored, used) = (found.stored.as_deref(), found.used.as_slice());
    let machine = &case.hosts.get(client).name;
    let account = split_name(user).1;
    let at_server = scene.clients.came(case, client, &account);
    let cite = |events: &[&Event]| few(events.iter().map(|e| e.citation.clone()).collect(), 3);
    let count = times_of;
    let mut finding = Finding::about(
        Subject {
            host_name: Some(name.clone()),
            account: Some(user.clone()),
            host: Some(machine.clone()),
            ..Subject::default()
        },
        format!("{machine} comes to {name} as {user}, whoever is signed in there: a stored credential is used in place of single sign-on."),
    )
    .structure(format!("a credential of {user} is stored on {machine} for {name}"), stored.unwrap_or_default())
    .observed(format!("{machine} used {user} towards {name} in place of the session's own account, {}", count(used)), &cite(used))
    .observed(format!("{user} came from {machine} to the web server, {}", count(&at_server)), &cite(&at_server));
    if stored.is_none() {
        finding = finding
            .or_else("CL-14", "a program that was started as another user, or a password that was typed, gives 4648 as well")
            .lacks(WANTED);
    } else if used.is_empty()
        && (at_server.is_empty() || !is_somebody_elses(case, client, &account))
    {
        // Whoever signs in to Windows as that user comes as that user, with a password that is right.
        let refused = at_server.iter().filter(|e| is_by_password(e)).count();
        finding = if refused >= AGAIN {
            finding.at_most(Status::Likely)
        } else {
            finding.at_most(Status::Possible).lacks(SESSION)
        };
    }
    finding
        .explains(refusals(scene, &at_server, &account))
        .fix(remedy(), Vec::new())
}

/// Whether outputs show who was signed in at a client, and that it was nobody of this account.
fn is_somebody_elses(case: &Case, client: HostId, account: &str) -> bool {
    let at = |from: &Citation| case.artifact_hosts.get(&from.artifact) == Some(&client);
    let tokens = case.tokens.iter().filter(|(_, token)| at(&token.from));
    let tokens = tokens.filter_map(|(_, token)| Some(split_name(&token.user.as_ref()?.value).1));
    let tickets = case.tickets.iter().filter(|t| at(&t.ticket.from));
    let tickets = tickets.map(|t| split_name(&t.ticket.client).1);
    let mut users = tokens.chain(tickets).filter(|u| !u.ends_with('$'));
    users.next().is_some_and(|first| first != account) && users.all(|user| user != account)
}

/// STATUS_WRONG_PASSWORD, LOGON_FAILURE, NO_SUCH_USER, PASSWORD_EXPIRED, PASSWORD_MUST_CHANGE, ACCOUNT_LOCKED_OUT: what the
/// password of somebody else, or an old one, comes to.
const BY_PASSWORD: [u32; 6] = [
    0xC000_006A,
    0xC000_006D,
    0xC000_0064,
    0xC000_0071,
    0xC000_0224,
    0xC000_0234,
];

/// Refusals for the password from which on nobody mistypes.
const AGAIN: usize = 3;

/// Whether a logon was refused for the password.
fn is_by_password(event: &Event) -> bool {
    let Body::LogonFailed(e) = &event.body else {
        return false;
    };
    let code = e.sub_status.filter(|s| *s != 0).or(e.status);
    code.is_some_and(|code| BY_PASSWORD.contains(&code))
}

/// The failures that the stored credential comes to, on the machines that refused it.
fn refusals(scene: &Scene<'_>, at_server: &[&Event], account: &str) -> Vec<SymptomId> {
    let case = scene.case;
    let refused = (at_server.iter()).filter(|e| matches!(e.body, Body::LogonFailed(_)));
    let servers: BTreeSet<HostId> = refused
        .filter_map(|event| case.hosts.find(&event.computer))
        .collect();
    let failed = scene.symptoms(|kind| match kind {
        SymptomKind::LogonFailed {
            host,
            status,
            sub_status,
            ..
        } => {
            let code = if *sub_status == 0 { status } else { sub_status };
            servers.contains(host) && BY_PASSWORD.contains(code)
        }
        _ => false,
    });
    let is_it = |p: &String| split_name(p).1 == account;
    failed
        .into_iter()
        .filter(|(_, s)| !s.principals.is_empty() && s.principals.iter().all(is_it))
        .map(|(id, _)| id)
        .collect()
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("in the user's own session (not in an elevated prompt): cmdkey /list, and keep the output"),
        Step::by_hand("cmdkey /delete:<target>, for the entry that covers the host (in Control Panel: Credential Manager, Windows Credentials)")
            .risk("other programs may use the same entry: a wildcard serves many hosts")
            .stop_if("a service or a task of that user needs the entry: correct its password instead"),
        Step::by_hand("close all windows of the browser, and open the site again"),
    ])
    .verify(super::verify())
    .rollback(vec![Step::by_hand(
        "store it again: cmdkey /add:<target> /user:<account> /pass (it asks for the password)",
    )])
    .prevent(CAUSE.page.prevent)
}
