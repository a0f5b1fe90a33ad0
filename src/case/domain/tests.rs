//! What is asked of domains, and of the client side of machines.

use crate::case::Browser;
use crate::evidence::Known;
use crate::readers::domain::Routing;
use crate::readers::machine::DeviceState;
use crate::readers::registry::Setting;
use crate::testkit::{Kit, system};

fn present<T: Clone>(known: &Known<T>) -> Option<T> {
    known.present().map(|cited| cited.value.clone())
}

#[test]
fn trusts_of_two_sources_are_asked_together() {
    let case = Kit::new()
        .console("trustinfo.txt", "List of domain trusts:\n    0: PARTNER partner.example (NT 5) (Direct Outbound) ( Attr: foresttrans )\n    1: CORP corp.example (NT 5) (Forest Tree Root) (Primary Domain) (Native)\nThe command completed successfully\n")
        .console("trusts.txt", "Direction               : Outbound\nDistinguishedName       : CN=partner.example,CN=System,DC=corp,DC=example\nForestTransitive        : True\nIntraForest             : False\nName                    : partner.example\nObjectClass             : trustedDomain\nSelectiveAuthentication : True\nSIDFilteringQuarantined : False\nSource                  : DC=corp,DC=example\nTarget                  : partner.example\n")
        .case();
    assert_eq!(case.domains.trusts.len(), 2);
    let says = |name| present(&case.domains.trust_says(name, |trust| &trust.selective));
    assert_eq!(says("partner.example"), Some(true));
    assert_eq!(says("corp.example"), None);
    let outbound = case
        .domains
        .trust_says("PARTNER.example", |trust| &trust.outbound);
    assert_eq!(
        (present(&outbound), outbound.present().unwrap().from.len()),
        (Some(true), 2)
    );
}

#[test]
fn the_longest_suffix_decides() {
    let case = Kit::new()
        .console("suffixes.txt", "Name, Type, Status, Notes\n\n1. *.partner.example, Name Suffix, Enabled\n2. *.lab.partner.example, Name Suffix, Disabled\n")
        .case();
    let of = |host| {
        let suffix = case.domains.suffix_of(host, |_| true)?;
        present(&suffix.routed)
    };
    assert_eq!(of("web.partner.example"), Some(Routing::Enabled));
    assert_eq!(of("web.lab.partner.example."), Some(Routing::Disabled));
    assert_eq!(of("partner.example"), Some(Routing::Enabled));
    assert_eq!(of("mypartner.example"), None);
}

#[test]
fn what_host_stands_for_is_absent_only_where_the_list_is_whole() {
    let dn = "CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=corp,DC=example";
    let says = |kept: &str| {
        let ldif = format!("dn: {dn}\nchangetype: add\nsPNMappings: host=alerter,{kept}\n");
        let case = Kit::new().console("mappings.ldf", &ldif).case();
        let unmapped = case.domains.unmapped("http").into_iter();
        unmapped.map(|(forest, _)| forest).collect::<Vec<_>>()
    };
    assert_eq!(says("http,www"), []);
    assert_eq!(says("www"), [Some("corp.example".to_owned())]);
    assert!(Kit::new().case().domains.unmapped("http").is_empty());
}

const EDGE: &str = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Edge\n    AuthServerAllowlist    REG_SZ    *.corp.example\n    EnableAuthNegotiatePort    REG_DWORD    0x1\n";

#[test]
fn the_client_side_of_a_machine() {
    let case = Kit::new()
        .event("PC7.corp.example", system("Filler", 1, &[]))
        .console("PC7/edge.txt", EDGE)
        .console("PC7/device.txt", "AzureAdJoined : YES\nDomainJoined : NO\nOnPremTgt : NO\n")
        .console("PC7/creds.txt", "Currently stored credentials:\n\n* NONE *\n")
        .console(
            "PC7/realms.txt",
            "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\HostToRealm\\OLD.EXAMPLE\n    SpnMappings    REG_MULTI_SZ    .corp.example\\0web\n",
        )
        .console(
            "PC7/more-realms.txt",
            "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\HostToRealm\\NEW.EXAMPLE\n    SpnMappings    REG_MULTI_SZ    app\n",
        )
        .case();
    // Two realms are no contradiction.
    assert_eq!(case.contradictions.len(), 0);
    let machine = case.machine(case.hosts.find("PC7")).unwrap();
    let allowed = machine.browser_policy(Browser::Edge, "AuthServerAllowlist");
    assert_eq!(
        present(&allowed),
        Some(Setting::Text("*.corp.example".into()))
    );
    // What is set for the user was not asked for.
    assert!(
        machine
            .browser_policy(Browser::Edge, "AuthSchemes")
            .is_unknown()
    );
    assert!(
        machine
            .browser_policy(Browser::Chrome, "AuthServerAllowlist")
            .is_unknown()
    );
    assert!(!machine.device(DeviceState::OnPremTgt).unwrap().value);
    assert!(!machine.domain_joined().unwrap().value);
    assert!(machine.device(DeviceState::CloudTgt).is_none());
    assert!(machine.stored_credentials().is_absent());
    let realms = machine.host_realms();
    assert_eq!(
        realms[0].value,
        ("OLD.EXAMPLE", vec![".corp.example", "web"])
    );
}

#[test]
fn an_export_of_policies_holds_all_that_are_set() {
    let export = "{
   \"chromeMetadata\": {
      \"application\": \"Microsoft Edge\",
      \"version\": \"130.0.1\"
   },
   \"policyValues\": {
      \"chrome\": {
         \"name\": \"Microsoft Edge Policies\",
         \"policies\": {
            \"AuthSchemes\": {
               \"level\": \"mandatory\",
               \"scope\": \"machine\",
               \"source\": \"platform\",
               \"value\": \"ntlm\"
            },
            \"DisableAuthNegotiateCnameLookup\": {
               \"level\": \"mandatory\",
               \"scope\": \"user\",
               \"source\": \"platform\",
               \"value\": true
            }
         }
      }
   }
}
";
    let case = |export: &str| {
        let kit = Kit::new().event("PC7.corp.example", system("Filler", 1, &[]));
        kit.console("PC7/policies.json", export).case()
    };
    let of = |case: &crate::case::Case, name| {
        let machine = case.machine(case.hosts.find("PC7")).unwrap();
        machine.browser_policy(Browser::Edge, name)
    };
    let whole = case(export);
    assert_eq!(
        present(&of(&whole, "AuthSchemes")),
        Some(Setting::Text("ntlm".into()))
    );
    let cname = of(&whole, "DisableAuthNegotiateCnameLookup");
    assert_eq!(present(&cname), Some(Setting::Number(1)));
    assert!(of(&whole, "AuthServerAllowlist").is_absent());
    let cut = case(export.trim_end().trim_end_matches('}'));
    assert!(of(&cut, "AuthServerAllowlist").is_unknown());
}
