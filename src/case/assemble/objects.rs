//! Accounts and registrations from listings of the directory.

use std::collections::BTreeSet;

use crate::case::account::{AccountKind, Accounts, common_name, dn_domain, split_name};
use crate::case::directory::{Closed, Covered};
use crate::case::objects::ManagedAccountTest;
use crate::case::{Case, Spn, SpnDirectory};
use crate::evidence::{ArtifactId, Known};
use crate::readers::console::ConsoleRecords;
use crate::readers::directory::{DirectoryObject, ObjectClass};
use crate::readers::iis_config::ServerConfig;
use crate::readers::machine::Fact;

/// Takes the objects of all listings. An export of a whole domain has accounts by the ten thousand: those get an identity
/// that hold an SPN, or that something else in the bundle names.
pub(super) fn take_objects(
    case: &mut Case,
    directory: &mut SpnDirectory,
    consoles: &[(ArtifactId, ConsoleRecords)],
    servers: &[(ArtifactId, ServerConfig)],
) {
    let known = named_elsewhere(case, servers);
    for object in consoles
        .iter()
        .flat_map(|(_, console)| &console.directory.objects)
    {
        let holds = matches!(&object.spns, Known::Present(spns) if !spns.shown.is_empty());
        let named = [
            object.sam.as_ref().map(|sam| sam.value.to_lowercase()),
            object
                .dn
                .as_ref()
                .and_then(|dn| common_name(&dn.value))
                .map(|cn| cn.to_lowercase()),
        ];
        if holds
            || named
                .iter()
                .flatten()
                .any(|name| known.contains(name.trim_end_matches('$')))
        {
            take_object(case, directory, object);
        }
        case.objects.add(object.clone());
    }
}

/// Account names, without `$`, of accounts that other sources name, and of the users of pools.
fn named_elsewhere(case: &Case, servers: &[(ArtifactId, ServerConfig)]) -> BTreeSet<String> {
    let bare = |name: String| name.to_lowercase().trim_end_matches('$').to_owned();
    let accounts = case
        .accounts
        .iter()
        .map(|(_, account)| bare(account.bare_name()));
    let pools = servers.iter().flat_map(|(_, config)| &config.pools);
    let users = pools.map(|pool| bare(split_name(&pool.user_name.value).1));
    accounts.chain(users).collect()
}

fn take_object(case: &mut Case, directory: &mut SpnDirectory, object: &DirectoryObject) {
    let accounts = &mut case.accounts;
    let id = match (&object.dn, &object.sam) {
        (Some(dn), _) => accounts.by_dn(&dn.value),
        (None, Some(sam)) => accounts.by_name(&sam.value),
        (None, None) => return,
    };
    let kind = match object.class.as_ref().map(|class| class.value) {
        Some(ObjectClass::Computer) => AccountKind::Computer,
        Some(ObjectClass::Managed) => AccountKind::Managed,
        Some(ObjectClass::User) => AccountKind::User,
        Some(ObjectClass::Other) | None => AccountKind::Unknown,
    };
    let sam = object.sam.as_ref().map(|sam| sam.value.as_str());
    let sid = object.sid.as_ref().map(|sid| sid.value.as_str());
    accounts.describe(id, sam, sid, kind);
    match &object.spns {
        Known::Present(spns) => {
            let mut shows = Vec::new();
            for spn in &spns.shown {
                let Some(at) = spn.from.first() else { continue };
                let value = Spn::new(&spn.value);
                shows.push((value.key(), id));
                directory.add(value, id, at.clone());
            }
            if spns.complete {
                directory
                    .listed
                    .extend(spns.from.first().map(|at| (id, at.clone())));
                directory.closed.push(Closed {
                    covers: Covered::Account(id),
                    shows,
                    from: spns.from.clone(),
                });
            }
        }
        Known::Absent(from) => {
            directory
                .listed
                .extend(from.first().map(|at| (id, at.clone())));
            directory.closed.push(Closed {
                covers: Covered::Account(id),
                shows: Vec::new(),
                from: from.clone(),
            });
        }
        Known::Unknown => {}
    }
}

/// The answers of `Test-ADServiceAccount`, each on the machine of its prompt, or of its file.
pub(super) fn take_account_tests(case: &mut Case, consoles: &[(ArtifactId, ConsoleRecords)]) {
    for (artifact, console) in consoles {
        for test in &console.directory.tests {
            let named = test.host.as_deref().and_then(|host| case.hosts.find(host));
            let host = named.or_else(|| case.artifact_hosts.get(artifact).copied());
            case.account_tests.push(ManagedAccountTest {
                account: test.account.clone(),
                host,
                usable: test.usable.clone(),
            });
        }
    }
}

/// Which short and full names are one domain, as lists of trusts say: that of `nltest` has the own domain too.
pub(super) fn take_domain_names(accounts: &mut Accounts, console: &ConsoleRecords) {
    let of_machine = console.machine.iter().filter_map(|fact| match &fact.fact {
        Fact::Trust(trust) => Some(trust.as_ref()),
        _ => None,
    });
    for trust in of_machine.chain(&console.directory.trusts) {
        if let (Some(short), Some(dns)) = (&trust.netbios, &trust.dns) {
            accounts.pair_domain(short, dns);
        }
    }
}

/// What `whoami` and `gpresult` say: tokens, and which short and full names are one domain.
pub(super) fn take_sessions(case: &mut Case, consoles: &[(ArtifactId, ConsoleRecords)]) {
    for (artifact, console) in consoles {
        let tokens = console
            .tokens
            .iter()
            .map(|token| (*artifact, token.clone()));
        case.tokens.extend(tokens);
        for result in &console.policies {
            let dns = result
                .computer_dn
                .as_ref()
                .and_then(|dn| dn_domain(&dn.value));
            if let (Some(short), Some(dns)) = (&result.domain, dns) {
                case.accounts.pair_domain(&short.value, &dns);
            }
        }
    }
}
