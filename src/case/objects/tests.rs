//! What listings of the directory make of accounts, registrations and machines.

use crate::case::{AccountKind, Case, Sameness, Spn};
use crate::causes::Status;
use crate::evidence::{Certainty, Known, When};
use crate::testkit::{Kit, config, kerberos_4, pool, site, windows};

const DIRECT: &str = "
DistinguishedName    : CN=Web Service,OU=Service,DC=corp,DC=example
Enabled              : True
ObjectClass          : user
ObjectGUID           : 5d3c1f0a-2f4e-4e0a-9a70-0d9b1c6a2f11
SamAccountName       : svc_web
servicePrincipalName : {HTTP/portal.corp.example, HTTP/portal}
SID                  : S-1-5-21-1004336348-1177238915-682003330-1104
";

fn server() -> Kit {
    Kit::new().config(
        "WEB01/applicationHost.config",
        &config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
            "",
        ),
    )
}

/// Whether the account that holds the pool's name holds an SPN.
fn holds(case: &Case, spn: &str) -> Known<()> {
    let endpoint = &case.situation.endpoints[0];
    let pool = endpoint
        .pool
        .as_ref()
        .and_then(|p| p.identity.account())
        .unwrap();
    case.situation
        .directory
        .holds(pool, &Spn::new(spn), &case.accounts)
}

#[test]
fn a_complete_list_closes_its_account_and_no_other() {
    let case = server().console("ad.txt", DIRECT).case();
    assert!(matches!(holds(&case, "HTTP/portal"), Known::Present(_)));
    assert!(holds(&case, "HTTP/other").is_absent());
    let spn = Spn::new("HTTP/other");
    let holders = case.situation.directory.holders(&spn, &case.accounts);
    assert!(holders.absent().is_none(), "nobody searched the domain");
    let cut = DIRECT.replace("HTTP/portal}", "HTTP/portal...}");
    let case = server().console("ad.txt", &cut).case();
    assert!(matches!(holds(&case, "HTTP/portal"), Known::Present(_)));
    assert!(holds(&case, "HTTP/other").is_unknown());
    let none = DIRECT.replace("{HTTP/portal.corp.example, HTTP/portal}", "{}");
    let case = server().console("ad.txt", &none).case();
    assert!(holds(&case, "HTTP/portal").is_absent());
    let unasked = DIRECT
        .lines()
        .filter(|line| !line.starts_with("servicePrincipal"));
    let unasked: Vec<&str> = unasked.collect();
    let case = server().console("ad.txt", &unasked.join("\n")).case();
    assert!(holds(&case, "HTTP/portal").is_unknown());
}

#[test]
fn one_account_under_all_its_names() {
    let case = server().console("ad.txt", DIRECT).case();
    let find = |name: &str| {
        let mut all = case.accounts.iter();
        all.find(|(_, a)| a.dn.is_some() && a.sam.as_deref() == Some(name))
            .unwrap()
    };
    let (id, account) = find("svc_web");
    assert_eq!(account.kind, AccountKind::User);
    assert_eq!(
        account.sid.as_deref(),
        Some("S-1-5-21-1004336348-1177238915-682003330-1104")
    );
    // The common name is another one, and the account name decides.
    assert_eq!(
        case.accounts.is_named(id, "svc_web", Some("CORP")),
        Sameness::Same
    );
    assert_eq!(
        case.accounts.is_named(id, "web service", Some("CORP")),
        Sameness::Different
    );
    assert_eq!(account.shown, "CORP\\svc_web");
    let enabled = case.shown_of(id, |object| &object.state.enabled);
    assert_eq!(enabled.present().map(|enabled| enabled.value), Some(true));
    assert!(
        case.shown_of(id, |object| &object.state.locked_out)
            .is_unknown()
    );
}

#[test]
fn a_list_and_setspn_that_disagree_are_a_contradiction() {
    let setspn = "C:\\>setspn -L CORP\\svc_web\nRegistered ServicePrincipalNames for CN=Web Service,OU=Service,DC=corp,DC=example:\n        HTTP/portal.corp.example\n        HTTP/new.corp.example\n";
    let case = server()
        .console("ad.txt", DIRECT)
        .console("l.txt", setspn)
        .case();
    let says: Vec<&str> = case
        .contradictions
        .iter()
        .map(|c| c.says.as_str())
        .collect();
    assert_eq!(says.len(), 2, "{says:#?}");
    assert!(
        says.iter()
            .any(|says| says.contains("HTTP/new.corp.example")),
        "{says:#?}"
    );
    assert!(
        says.iter().any(|says| says.contains("HTTP/portal ")),
        "{says:#?}"
    );
    let agree = setspn.replace("HTTP/new.corp.example", "HTTP/portal");
    let case = server()
        .console("ad.txt", DIRECT)
        .console("l.txt", &agree)
        .case();
    assert_eq!(case.contradictions.len(), 0);
}

/// A cause of the SPN from a listing alone: the holder is the server, the pool's account opens the tickets.
#[test]
fn a_listing_stands_for_setspn() {
    let computer = "
DistinguishedName    : CN=WEB01,CN=Computers,DC=corp,DC=example
DNSHostName          : web01.corp.example
ObjectClass          : computer
ObjectGUID           : 5d3c1f0a-2f4e-4e0a-9a70-0d9b1c6a2f12
SamAccountName       : WEB01$
servicePrincipalName : {HOST/WEB01, HTTP/portal.corp.example}
";
    let none = DIRECT.replace("{HTTP/portal.corp.example, HTTP/portal}", "{}");
    server()
        .console("ad.txt", &format!("{computer}{none}"))
        .events("PC7.corp.example", 2, || {
            kerberos_4("HTTP/portal.corp.example", "svc_web")
        })
        .silent("WEB01.corp.example", "System")
        .judge()
        .assert_found("SPN-06", Status::Confirmed);
}

#[test]
fn computers_get_their_full_names() {
    let object = |name: &str| {
        format!(
            "DNSHostName : {name}.corp.example\nObjectClass : computer\nSamAccountName : {name}$\n\n"
        )
    };
    let listing = format!("{}{}", object("web01"), object("web02"));
    let case = server()
        .console(
            "k.txt",
            "[WEB01]: PS C:\\> klist\n\nCurrent LogonId is 0:0x4f1a2\n\nCached Tickets: (0)\n",
        )
        .console("ad.txt", &listing)
        .case();
    let hosts: Vec<_> = case.hosts.iter().map(|(_, h)| h.fqdn.clone()).collect();
    assert_eq!(
        hosts,
        [Some("web01.corp.example".to_owned())],
        "and no host for the others"
    );
}

#[test]
fn a_domain_of_accounts_is_taken_in_time() {
    let mut text = String::new();
    for number in 0..6000 {
        text.push_str(&format!(
            "dn: CN=svc{number},OU=Service,DC=corp,DC=example\nobjectClass: user\nsAMAccountName: svc{number}\nservicePrincipalName: HTTP/app{number}.corp.example\nservicePrincipalName: HTTP/app{number}\n\n"
        ));
    }
    let case = server().console("ad.ldf", &text).case();
    assert_eq!(case.objects.iter().count(), 6000);
    assert_eq!(case.situation.directory.registrations.len(), 12000);
    assert_eq!(case.contradictions.len(), 0);
}

const LISTED: &str =
    "[DC1]: PS C:\\> Get-ADUser svc_web -Properties PasswordLastSet,AccountExpirationDate

AccountExpirationDate : 3/2/2026 11:30:00 AM
DistinguishedName     : CN=svc_web,OU=Service,DC=corp,DC=example
PasswordLastSet       : 2/27/2026 9:00:00 AM
SamAccountName        : svc_web
";

#[test]
fn local_times_of_a_listing_are_put_into_utc_by_the_zone_of_its_machine() {
    let listed = |zone: Option<&str>| {
        let kit = Kit::new().event("DC1.corp.example", crate::testkit::system("Filler", 1, &[]));
        let kit = match zone {
            Some(zone) => kit.event(
                "DC1.corp.example",
                crate::testkit::system(
                    "EventLog",
                    6013,
                    &[
                        ("", ""),
                        ("", ""),
                        ("", ""),
                        ("", ""),
                        ("", "87576"),
                        ("", "60"),
                        ("", zone),
                    ],
                ),
            ),
            None => kit,
        };
        let case = kit.console("listed.txt", LISTED).case();
        let state = case.objects.iter().next().unwrap().state.clone();
        let set = state.password_last_set.present().unwrap().value;
        let noon = "2026-03-02T12:00:00Z".parse().unwrap();
        let expired = state
            .has_expired(noon)
            .present()
            .map(|expired| expired.value);
        (set, state.certainty, expired)
    };
    let utc = |time: &str| When::Utc(time.parse().unwrap());
    // 9:00 in New York is 14:00, and 11:30 there is after noon.
    assert_eq!(
        listed(Some("300 Eastern Standard Time")),
        (utc("2026-02-27T14:00:00Z"), Certainty::Exact, Some(false))
    );
    // An offset alone may lack summer time: what lies within an hour is not decided.
    assert_eq!(
        listed(Some("0 Irgendwo")),
        (utc("2026-02-27T09:00:00Z"), Certainty::ZoneAssumed, None)
    );
    let local = When::Local(jiff::civil::date(2026, 2, 27).at(9, 0, 0, 0));
    assert_eq!(listed(None), (local, Certainty::Unknown, None));
}

#[test]
fn local_times_contradict_only_where_no_zone_can_explain_them() {
    let contradictions = |other: &str| {
        let listed = |set: &str| {
            LISTED
                .replace("[DC1]: ", "")
                .replace("2/27/2026 9:00:00 AM", set)
        };
        let case = Kit::new()
            .console("a.txt", &listed("2/27/2026 9:00:00 AM"))
            .console("b.txt", &listed(other))
            .case();
        case.contradictions.len()
    };
    assert_eq!(contradictions("2/27/2026 3:00:00 PM"), 0);
    assert_eq!(contradictions("2/25/2026 9:00:00 AM"), 1);
}
