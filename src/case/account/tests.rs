//! Spellings that are one account, and equal names that are two.

use super::*;

#[test]
fn spellings_of_one_account() {
    let mut accounts = Accounts::default();
    let pool = accounts.by_name("CORP\\svc_web");
    let dn = accounts.by_dn("CN=svc_web,OU=Service,DC=corp,DC=example");
    let upn = accounts.by_name("svc_web@corp.example");
    assert_eq!(accounts.compare(pool, dn), Sameness::Same);
    assert_eq!(accounts.compare(pool, upn), Sameness::Same);
    let other = accounts.by_dn("CN=svc_old,OU=Service,DC=corp,DC=example");
    assert_eq!(accounts.compare(pool, other), Sameness::PresumedDifferent);
    accounts.link_dn(other, "CORP\\svc_old");
    assert_eq!(accounts.compare(pool, other), Sameness::Different);
}

#[test]
fn homonyms_in_two_domains_are_two() {
    let mut accounts = Accounts::default();
    let parent = accounts.by_name("CORP\\svc_web");
    let child = accounts.by_dn("CN=svc_web,CN=Users,DC=emea,DC=corp,DC=example");
    let _ = accounts.by_dn("CN=x,CN=Users,DC=corp,DC=example");
    assert_eq!(accounts.compare(parent, child), Sameness::Different);
}

#[test]
fn a_netbios_name_that_is_not_the_first_label() {
    let mut accounts = Accounts::default();
    let pool = accounts.by_name("CONTOSO\\svc");
    let dn = accounts.by_dn("CN=svc,CN=Users,DC=ad,DC=contoso,DC=com");
    assert_eq!(
        accounts.compare(pool, dn),
        Sameness::Same,
        "one domain in the bundle"
    );
    let _ = accounts.by_dn("CN=y,CN=Users,DC=eu,DC=contoso,DC=com");
    assert_eq!(accounts.compare(pool, dn), Sameness::Unknown, "two domains");
    accounts.pair_domain("CONTOSO", "ad.contoso.com");
    assert_eq!(
        accounts.compare(pool, dn),
        Sameness::Same,
        "the bundle pairs them"
    );
}

/// The bundle speaks of corp.example alone by its full name, and of somebody of another short name.
#[test]
fn a_short_name_of_another_domain_is_not_that_of_the_only_full_name() {
    let jane = |accounts: &mut Accounts| {
        let listed = accounts.by_dn("CN=jane,CN=Users,DC=corp,DC=example");
        let refused = accounts.by_name("FABRIKAM\\jane");
        accounts.compare(refused, listed)
    };
    let mut accounts = Accounts::default();
    assert_eq!(jane(&mut accounts), Sameness::Unknown, "nothing in common");
    accounts.meet_short("CORP");
    assert_eq!(jane(&mut accounts), Sameness::Different, "CORP is met");
    let mut accounts = Accounts::default();
    accounts.pair_domain("HQ", "corp.example");
    assert_eq!(jane(&mut accounts), Sameness::Different, "it has a name");
    let own = accounts.by_name("HQ\\jane");
    let listed = accounts.by_dn("CN=jane,CN=Users,DC=corp,DC=example");
    assert_eq!(accounts.compare(own, listed), Sameness::Same);
}

#[test]
fn a_netbios_name_has_fifteen_characters_of_a_label() {
    let mut accounts = Accounts::default();
    let dn = accounts.by_dn("CN=svc,CN=Users,DC=ad,DC=fabrikam-holdings,DC=example");
    let cut = accounts.by_name("FABRIKAM-HOLDIN\\svc");
    assert_eq!(accounts.compare(cut, dn), Sameness::Same);
    let short = accounts.by_name("FABRIKAM\\svc");
    assert_eq!(accounts.compare(short, dn), Sameness::Unknown);
}

#[test]
fn commands_name_the_domain_where_another_has_an_equal_name() {
    let mut accounts = Accounts::default();
    let dn = accounts.by_dn("CN=svc_web,OU=Service,DC=corp,DC=example");
    assert_eq!(accounts.command_name(dn), "svc_web");
    let child = accounts.by_dn("CN=svc_web,OU=Service,DC=emea,DC=corp,DC=example");
    assert!(accounts.are_homonyms(dn, child));
    assert_eq!(accounts.command_name(child), "emea.corp.example\\svc_web");
}

#[test]
fn computers_and_managed_accounts() {
    let mut accounts = Accounts::default();
    let machine = accounts.by_name("CORP\\WEB01$");
    let dn = accounts.by_dn("CN=WEB01,CN=Computers,DC=corp,DC=example");
    assert_eq!(accounts.compare(machine, dn), Sameness::Same);
    let user = accounts.by_name("CORP\\web01");
    assert_eq!(accounts.compare(machine, user), Sameness::Different);
    let managed = accounts.by_dn("CN=gmsa,CN=Managed Service Accounts,DC=corp,DC=example");
    let pool = accounts.by_name("corp\\gmsa$");
    assert_eq!(accounts.compare(managed, pool), Sameness::Same);
}

#[test]
fn a_computer_listed_without_its_dollar() {
    let mut accounts = Accounts::default();
    // Nothing but its SPNs, which are read later, shows that this object is a computer.
    let dn = accounts.by_dn("CN=WEB01,OU=Servers,DC=corp,DC=example");
    accounts.link_dn(dn, "web01");
    accounts.set_kind(dn, AccountKind::Computer);
    let machine = accounts.by_name("WEB01$");
    assert_eq!(accounts.compare(machine, dn), Sameness::Same);
    let managed = accounts.by_dn("CN=gmsa,CN=Managed Service Accounts,DC=corp,DC=example");
    accounts.link_dn(managed, "CORP\\gmsa");
    let pool = accounts.by_name("CORP\\gmsa$");
    assert_eq!(accounts.compare(managed, pool), Sameness::Same);
}

#[test]
fn what_does_not_tell_two_accounts_apart() {
    let mut accounts = Accounts::default();
    let dn = accounts.by_dn("CN=svc_web,OU=Service,DC=corp,DC=example");
    let upn = accounts.by_name("svc_web@brand.example");
    assert_eq!(accounts.compare(dn, upn), Sameness::Unknown);
    let own = accounts.by_name("svc_web@corp.example");
    assert_eq!(accounts.compare(dn, own), Sameness::Same);
    let display = accounts.by_dn("CN=Web Service (prod),OU=Service,DC=corp,DC=example");
    let pool = accounts.by_name("CORP\\svc_web");
    assert_eq!(accounts.compare(display, pool), Sameness::Unknown);
    let machine = accounts.by_name("CORP\\web01$");
    assert_eq!(
        accounts.compare(display, machine),
        Sameness::PresumedDifferent
    );
    // A domain that the bundle shows is another one.
    accounts.by_dn("CN=x,DC=brand,DC=example");
    assert_eq!(accounts.compare(dn, upn), Sameness::Different);
}

#[test]
fn distinguished_names() {
    let dn = "CN=Web\\, Service,OU=A,DC=corp,DC=example";
    assert_eq!(common_name(dn).as_deref(), Some("Web, Service"));
    assert_eq!(dn_domain(dn).as_deref(), Some("corp.example"));
}
