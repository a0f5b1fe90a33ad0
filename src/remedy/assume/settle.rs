//! What an assumption means for a case: the accounts, sites, pools and servers that it names, and the changes that it is.

use std::collections::BTreeSet;

use super::{Assume, Assumption, AssumptionError};
use crate::case::{
    AccountId, AccountKind, Case, Endpoint, PoolIdentity, Sameness, ServerId, Spn, split_name,
};
use crate::codes::EtypeSet;
use crate::evidence::{Cited, Known};
use crate::remedy::{Change, Switch};

/// How many names of the bundle a message lists.
const LISTED: usize = 8;

/// An assumption that was found in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// What is assumed, as one sentence.
    pub says: String,
    /// What is to be known of it, one sentence each.
    pub remarks: Vec<String>,
    /// The changes.
    pub changes: Vec<Change>,
}

/// Finds what an assumption names. Accounts that the bundle does not know are taken as new ones.
///
/// # Errors
/// The bundle has no such site, pool or server, or does not say which account is meant.
pub fn settle(case: &mut Case, assumption: &Assumption) -> Result<Assumed, AssumptionError> {
    match &assumption.what {
        Assume::AddSpn(spn, account) => add_spn(case, spn, account),
        Assume::RemoveSpn(spn, account) => remove_spn(case, spn, account),
        Assume::Set(place, switch) => {
            let servers = servers(case, assumption.server.as_deref())?;
            set(case, place, switch, &servers)
        }
        Assume::Pool(name, identity) => {
            let servers = servers(case, assumption.server.as_deref())?;
            pool(case, name, identity, &servers)
        }
        Assume::EncryptionTypes(account, bits) => encryption_types(case, account, *bits),
    }
}

fn add_spn(case: &mut Case, spn: &Spn, spelled: &str) -> Result<Assumed, AssumptionError> {
    let (account, mut remarks) = account(case, spelled)?;
    let directory = &case.situation.directory;
    if let Known::Present(_) = directory.holds(account, spn, &case.accounts) {
        remarks.push("the bundle shows it there already".to_owned());
    }
    if let Some(reason) = spn.malformation() {
        remarks.push(format!("no client asks for such a name: {reason}"));
    }
    Ok(Assumed {
        says: format!("{spn} is registered on {}", case.accounts.get(account)),
        remarks,
        changes: vec![Change::AddSpn(spn.clone(), account)],
    })
}

fn remove_spn(case: &mut Case, spn: &Spn, spelled: &str) -> Result<Assumed, AssumptionError> {
    let (account, mut remarks) = account(case, spelled)?;
    let directory = &case.situation.directory;
    match directory.holds(account, spn, &case.accounts) {
        Known::Present(_) => {}
        Known::Absent(_) => remarks.push("the bundle shows that it is not there".to_owned()),
        Known::Unknown => remarks.push("the bundle does not show it there".to_owned()),
    }
    Ok(Assumed {
        says: format!("{spn} is not registered on {}", case.accounts.get(account)),
        remarks,
        changes: vec![Change::RemoveSpn(spn.clone(), account)],
    })
}

fn encryption_types(case: &mut Case, spelled: &str, bits: u32) -> Result<Assumed, AssumptionError> {
    let (account, mut remarks) = account(case, spelled)?;
    let types = EtypeSet::of_bits(bits);
    let is_set = |set: &Cited<EtypeSet>| set.value == types;
    if case.explicit_etypes(account).present().is_some_and(is_set) {
        remarks.push("the bundle shows it so already".to_owned());
    }
    let lacks_keys = |keys: &Cited<EtypeSet>| !types.is_empty() && !keys.value.meets(types);
    if case.keys_of(account).present().is_some_and(lacks_keys) {
        remarks.push("it has no keys of these types before its password is set again".to_owned());
    }
    let shown = case.accounts.get(account);
    Ok(Assumed {
        says: match types.is_empty() {
            true => format!("the encryption types of {shown} are left to the default"),
            false => format!("{shown} may use {types} (msDS-SupportedEncryptionTypes {bits:#x})"),
        },
        remarks,
        changes: vec![Change::EncryptionTypes(account, bits)],
    })
}

fn set(
    case: &Case,
    place: &str,
    switch: &Switch,
    servers: &[ServerId],
) -> Result<Assumed, AssumptionError> {
    let on = |server: ServerId| {
        let endpoints = case.situation.endpoints.iter();
        endpoints.filter(move |e| e.server == server && e.is_at(place))
    };
    let found: Vec<ServerId> = (servers.iter().copied())
        .filter(|server| on(*server).next().is_some())
        .collect();
    if found.is_empty() {
        return Err(unknown_place(case, place, servers));
    }
    let concerned: Vec<&Endpoint> = found.iter().flat_map(|server| on(*server)).collect();
    let locations: BTreeSet<String> = concerned.iter().map(|e| e.location()).collect();
    let below = match locations.len() {
        0 | 1 => String::new(),
        2 => " and at the application below it".to_owned(),
        n => format!(" and at the {} applications below it", n - 1),
    };
    let mut remarks = Vec::new();
    if concerned.iter().all(|endpoint| switch.is_set(endpoint)) {
        remarks.push("it is so already".to_owned());
    } else if !below.is_empty() {
        remarks.push("applications with a setting of their own are taken to get it too".to_owned());
    }
    let changes = (found.iter())
        .map(|server| Change::Set(*server, place.to_owned(), switch.clone()))
        .collect();
    Ok(Assumed {
        says: format!(
            "{switch} at {}{below}{}",
            spelled(concerned.iter().map(|e| e.location()), place),
            labels(case, &found)
        ),
        remarks,
        changes,
    })
}

fn pool(
    case: &mut Case,
    name: &str,
    identity: &str,
    servers: &[ServerId],
) -> Result<Assumed, AssumptionError> {
    let is_named = |other: &str| other.eq_ignore_ascii_case(name);
    let found: Vec<ServerId> = (servers.iter().copied())
        .filter(|id| pools(case, *id).any(is_named))
        .collect();
    let Some(first) = found.first() else {
        let known = servers.iter().flat_map(|id| pools(case, *id));
        return Err(unknown(case, "pool", name, known, servers));
    };
    let shown = pools(case, *first).find(|other| is_named(other));
    let shown = shown.unwrap_or(name).to_owned();
    let mut remarks = Vec::new();
    let mut changes = Vec::new();
    let mut runs_as = String::new();
    for server in &found {
        let host = (case.servers.get(server.0 as usize))
            .and_then(|server| server.host)
            .map(|host| case.hosts.get(host).name.clone());
        let (identity, said) = identity_of(case, identity, host.as_deref())?;
        runs_as = identity.shown(&case.accounts);
        remarks.extend(said);
        changes.push(Change::Pool(*server, shown.clone(), identity));
    }
    remarks.dedup();
    let mut endpoints = case.situation.endpoints.iter();
    let is_used = endpoints.any(|e| {
        found.contains(&e.server) && e.pool.as_ref().is_some_and(|pool| is_named(&pool.name))
    });
    if !is_used {
        remarks.push("no application runs in it".to_owned());
    }
    Ok(Assumed {
        says: format!("pool {shown} runs as {runs_as}{}", labels(case, &found)),
        remarks,
        changes,
    })
}

/// The pools of a server, by name.
fn pools(case: &Case, server: ServerId) -> impl Iterator<Item = &str> {
    let server = case.servers.get(server.0 as usize);
    let pools = server.into_iter().flat_map(|s| &s.config.pools);
    pools.map(|pool| pool.name.as_str())
}

/// Who a pool runs as, by the words of IIS or by the name of an account; a domain account is found among those of the case.
fn identity_of(
    case: &mut Case,
    spelled: &str,
    host: Option<&str>,
) -> Result<(PoolIdentity, Vec<String>), AssumptionError> {
    let identity = PoolIdentity::named(spelled, host, &mut case.accounts.clone());
    let managed = match identity {
        PoolIdentity::Domain(_) => false,
        PoolIdentity::Managed(_) => true,
        PoolIdentity::Unclear(_) => {
            return Err(AssumptionError::new(
                format!("`{spelled}` does not say whose account it is"),
                r"write CORP\name for an account of a domain, .\name for one of the server, or ApplicationPoolIdentity, NetworkService, LocalSystem or LocalService",
            ));
        }
        built_in => return Ok((built_in, Vec::new())),
    };
    let (id, remarks) = account(case, spelled)?;
    let identity = match managed || case.accounts.get(id).kind == AccountKind::Managed {
        true => PoolIdentity::Managed(id),
        false => PoolIdentity::Domain(id),
    };
    Ok((identity, remarks))
}

/// The account that is meant, and what is to be said of it.
fn account(case: &mut Case, spelled: &str) -> Result<(AccountId, Vec<String>), AssumptionError> {
    let known = case.accounts.iter().count();
    let is_dn = spelled.to_ascii_lowercase().starts_with("cn=") && spelled.contains(',');
    let id = match is_dn {
        true => case.accounts.by_dn(spelled),
        false => case.accounts.by_name(spelled),
    };
    let is_known = |id: AccountId| (id.0 as usize) < known;
    let accounts = &case.accounts;
    let same: Vec<AccountId> = (accounts.iter().map(|(other, _)| other))
        .filter(|other| is_known(*other) && accounts.compare(*other, id) == Sameness::Same)
        .collect();
    if let Some(first) = same.first() {
        return Ok((if is_known(id) { id } else { *first }, Vec::new()));
    }
    let (domain, name) = split_name(spelled);
    let alike = |wanted: &str| -> Vec<AccountId> {
        let named = accounts.iter().filter(|(other, account)| {
            let domains = || accounts.same_domain(account.domain.as_deref(), domain.as_deref());
            is_known(*other)
                && account.bare_name().eq_ignore_ascii_case(wanted)
                && (domain.is_none() || domains() == Sameness::Same)
        });
        named.map(|(other, _)| other).collect()
    };
    // setspn takes the name of a computer or managed service account without its $.
    let mut alike_names = alike(&name);
    if alike_names.is_empty() && !is_dn {
        alike_names = alike(&format!("{name}$"));
    }
    match alike_names.as_slice() {
        [] => {
            let remark = format!(
                "the bundle does not know {spelled}: it is taken as a new account that holds nothing else"
            );
            Ok((id, vec![remark]))
        }
        [first, rest @ ..]
            if rest
                .iter()
                .all(|other| accounts.compare(*first, *other) == Sameness::Same) =>
        {
            Ok((*first, Vec::new()))
        }
        several => {
            let shown = several.iter().map(|id| accounts.get(*id).shown.as_str());
            Err(AssumptionError::new(
                format!("the bundle has several accounts that `{spelled}` may be"),
                format!("name the domain too: {}", listed(shown)),
            ))
        }
    }
}

/// The servers that an assumption is about: the one it names, else all.
fn servers(case: &Case, named: Option<&str>) -> Result<Vec<ServerId>, AssumptionError> {
    let short = |name: &str| name.split('.').next().unwrap_or(name).to_lowercase();
    let is_named = |label: &str, host: Option<&str>, wanted: &str| {
        label.eq_ignore_ascii_case(wanted) || host.is_some_and(|host| short(host) == short(wanted))
    };
    let all = (0u32..).map(ServerId).zip(&case.servers);
    let found: Vec<ServerId> = all
        .filter(|(_, server)| {
            let host = server.host.map(|host| case.hosts.get(host).name.as_str());
            named.is_none_or(|wanted| is_named(&server.label, host, wanted))
        })
        .map(|(id, _)| id)
        .collect();
    match named {
        _ if case.servers.is_empty() => Err(AssumptionError::new(
            "the bundle holds no configuration of a web server",
            "add the server's applicationHost.config",
        )),
        Some(wanted) if found.is_empty() => {
            let labels = case.servers.iter().map(|server| server.label.as_str());
            Err(AssumptionError::new(
                format!("the bundle has no web server {wanted}"),
                format!("its web servers are: {}", listed(labels)),
            ))
        }
        _ => Ok(found),
    }
}

fn unknown_place(case: &Case, place: &str, servers: &[ServerId]) -> AssumptionError {
    let endpoints = || {
        let all = case.situation.endpoints.iter();
        all.filter(|e| servers.contains(&e.server))
    };
    let site = place.split('/').next().unwrap_or(place);
    if let Some(known) = endpoints().find(|e| e.site.eq_ignore_ascii_case(site)) {
        let applications = endpoints().filter(|e| e.site == known.site);
        let applications: BTreeSet<String> = applications.map(Endpoint::location).collect();
        return AssumptionError::new(
            format!("site {} has no application `{place}`", known.site),
            format!(
                "it has: {}",
                listed(applications.iter().map(String::as_str))
            ),
        );
    }
    let sites = endpoints().map(|e| e.site.as_str());
    unknown(case, "site", place, sites, servers)
}

/// That servers have no site or pool of a name, and which ones they have.
fn unknown<'a>(
    case: &Case,
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    servers: &[ServerId],
) -> AssumptionError {
    let known: BTreeSet<&str> = known.collect();
    let on = match servers {
        [one] if case.servers.len() > 1 => labels(case, &[*one]),
        _ => String::new(),
    };
    let right = match known.len() {
        0 => format!("none is shown{on}: add the server's applicationHost.config"),
        _ => format!("the {what}s{on} are: {}", listed(known.into_iter())),
    };
    AssumptionError::new(format!("the bundle has no {what} `{name}`{on}"), right)
}

/// The place as the configuration spells it.
fn spelled(mut locations: impl Iterator<Item = String>, place: &str) -> String {
    let found = locations.find(|location| location.eq_ignore_ascii_case(place));
    found.unwrap_or_else(|| place.to_owned())
}

/// ` on WEB01, WEB02`.
fn labels(case: &Case, servers: &[ServerId]) -> String {
    let labels = servers.iter().filter_map(|id| {
        let server = case.servers.get(id.0 as usize)?;
        Some(server.label.as_str())
    });
    format!(" on {}", listed(labels))
}

/// The first few names.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let first = names.get(..LISTED).unwrap_or(&names).join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
