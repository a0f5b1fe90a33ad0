//! The client side: devices, stored credentials, proxies, realms, builds, and trusts.

use super::{facts, host, read_all};
use crate::bundle::text;
use crate::evidence::Known;
use crate::readers::console::{Tool, sections};
use crate::readers::machine::{DeviceState, Fact, StoredCredential, WinHttpProxy};
use crate::readers::trust::{Trust, TrustKind};

#[test]
fn what_a_device_and_a_session_have() {
    let output = "+----------------------------------------------------------------------+
| Device State                                                         |
+----------------------------------------------------------------------+

             AzureAdJoined : YES
          EnterpriseJoined : NO
              DomainJoined : NO

+----------------------------------------------------------------------+
| SSO State                                                            |
+----------------------------------------------------------------------+

                AzureAdPrt : YES
      AzureAdPrtUpdateTime : 2026-03-02 09:00:00.000 UTC
                 OnPremTgt : NO
                  CloudTgt : YES
         KerbTopLevelNames : .windows.net
";
    assert_eq!(
        facts(output),
        [
            Fact::Device(DeviceState::EntraJoined, true),
            Fact::DomainJoined(false),
            Fact::Device(DeviceState::EntraToken, true),
            Fact::Device(DeviceState::OnPremTgt, false),
            Fact::Device(DeviceState::CloudTgt, true),
        ]
    );
    assert_eq!(
        facts(&output.replace("OnPremTgt : NO", "OnPremTgt : ?")).len(),
        4
    );
}

fn stored(target: &str, for_host: bool, user: &str) -> Fact {
    Fact::StoredCredential(StoredCredential {
        target: target.into(),
        for_host,
        user: Some(user.into()),
    })
}

#[test]
fn stored_credentials_in_any_language() {
    let english = "
Currently stored credentials:

    Target: Domain:target=web.corp.example
    Type: Domain Password
    User: CORP\\svc_old
    Local machine persistence

    Target: LegacyGeneric:target=git:https://git.corp.example
    Type: Generic
    User: hunter2

    Target: Domain:interactive=CORP\\admin
    Type: Domain Password
    User: CORP\\admin

";
    let german = english
        .replace(
            "Currently stored credentials",
            "Derzeit gespeicherte Anmeldeinformationen",
        )
        .replace("Target", "Ziel")
        .replace("Type", "Typ")
        .replace("User", "Benutzer");
    for output in [
        english.to_owned(),
        german,
        format!("C:\\>cmdkey /list\n{english}"),
        english.replace('\n', "\r\n"),
    ] {
        assert_eq!(
            facts(&output),
            [
                Fact::CredentialsListed,
                stored("web.corp.example", true, "CORP\\svc_old"),
                stored("CORP\\admin", false, "CORP\\admin"),
            ],
            "{output}"
        );
        assert!(!format!("{:?}", read_all(&output)).contains("hunter2"));
    }
    assert_eq!(
        facts("Currently stored credentials:\n\n* NONE *\n"),
        [Fact::CredentialsListed]
    );
}

#[test]
fn the_proxy_of_services() {
    let direct = "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n";
    assert_eq!(facts(direct), [Fact::WinHttpProxy(WinHttpProxy::Direct)]);
    let through = "\nParamètres de proxy WinHTTP actuels :\n\n    Serveur(s) proxy :  127.0.0.1:8888\n    Liste de contournement     :  <local>;*.corp.example\n";
    let proxy = |bypass: &[&str]| {
        Fact::WinHttpProxy(WinHttpProxy::Servers {
            servers: "127.0.0.1:8888".into(),
            bypass: bypass.iter().map(|b| (*b).to_owned()).collect(),
        })
    };
    assert_eq!(facts(through), [proxy(&["<local>", "*.corp.example"])]);
    let none = through.replace("<local>;*.corp.example", "(aucun)");
    assert_eq!(facts(&none), [proxy(&[])]);
}

#[test]
fn realms_and_their_encryption_types() {
    let output = "C:\\>ksetup
default realm = corp.example (NT Domain)
MIT.EXAMPLE:
\tkdc = kdc1.mit.example
\tkdc = kdc2.mit.example
\tRealm Flags = 0x0none
Mapping all users (*) to a local account by the same name (*).
";
    let realm = |name: &str, kdcs: &[&str]| Fact::Realm {
        name: name.into(),
        kdcs: kdcs.iter().map(|kdc| (*kdc).to_owned()).collect(),
    };
    let expected = [
        realm("corp.example", &[]),
        realm("MIT.EXAMPLE", &["kdc1.mit.example", "kdc2.mit.example"]),
    ];
    assert_eq!(facts(output), expected);
    assert_eq!(facts(output.split_once('\n').unwrap().1), expected);
    assert_eq!(
        facts(
            "C:\\>ksetup /getenctypeattr partner.example\nThe types: RC4-HMAC-MD5 AES256-CTS-HMAC-SHA1-96\n"
        ),
        [Fact::RealmEtypes {
            realm: "partner.example".into(),
            etypes: 0x14,
        }]
    );
}

#[test]
fn the_build_that_collectors_note() {
    let output = "WEB01 Windows Server 2019 Standard Server Version:6.3 1809 Build:17763.5329
-------------------------------------------------------------------
BuildLabEx: 17763.1.amd64fre.rs5_release.180914-1434
-------------------------------------------------------------------
";
    assert_eq!(
        facts(output),
        [
            Fact::Name("WEB01".into()),
            Fact::System("Windows Server 2019 Standard Server".into()),
            Fact::Version("10.0.17763".into()),
        ]
    );
    assert_eq!(host(output).as_deref(), Some("WEB01"));
}

fn trusts(output: &str) -> Vec<Trust> {
    let found = facts(output).into_iter();
    let trust = |fact| match fact {
        Fact::Trust(trust) => Some(*trust),
        _ => None,
    };
    found.filter_map(trust).collect()
}

fn is(known: &Known<bool>) -> Option<bool> {
    known.present().map(|known| known.value)
}

#[test]
fn trusts_of_every_kind() {
    let output = "List of domain trusts:
    0: PARTNER partner.example (NT 5) (Direct Outbound) (Direct Inbound) ( Attr: foresttrans crossorg )
            Dom Guid: 0b7c4a1e-3c1d-4b6f-9a51-0d5c8a7a1f01
            Dom Sid: S-1-5-21-1-2-3
    1: OLD old.example (NT 5) (Direct Outbound) ( Attr: quarantined )
    2: EMEA emea.corp.example (NT 5) (Forest: 4) (Direct Outbound) (Direct Inbound) ( Attr: withinforest )
    3: MIT.EXAMPLE (MIT) (Direct Outbound) ( Attr: nontrans )
    4: CORP corp.example (NT 5) (Forest Tree Root) (Primary Domain) (Native)
    5: FAR far.example (NT 5) (Direct Inbound) ( Attr: 0x8 0x200 )
The command completed successfully
";
    let found = trusts(output);
    let rows: Vec<_> = found
        .iter()
        .map(|t| {
            (
                t.name(),
                is(&t.outbound),
                is(&t.inbound),
                t.kind,
                is(&t.selective),
            )
        })
        .collect();
    use TrustKind::{External, Forest, Realm, WithinForest};
    assert_eq!(
        rows,
        [
            (
                "partner.example",
                Some(true),
                Some(true),
                Some(Forest),
                Some(true)
            ),
            ("old.example", Some(true), Some(false), Some(External), None),
            (
                "emea.corp.example",
                Some(true),
                Some(true),
                Some(WithinForest),
                None
            ),
            ("MIT.EXAMPLE", Some(true), Some(false), Some(Realm), None),
            ("corp.example", None, None, Some(WithinForest), None),
            ("far.example", Some(false), Some(true), Some(Forest), None),
        ]
    );
    assert!(
        found
            .iter()
            .all(|t| t.of.as_deref() == Some("corp.example"))
    );
    assert_eq!(found.iter().filter(|t| t.own).count(), 1);
    assert_eq!(is(&found[1].quarantined), Some(true));
    assert_eq!(is(&found[5].delegates_tgt), Some(false));
    assert_eq!(is(&found[0].delegates_tgt), None);
}

#[test]
fn look_alikes_are_not_told() {
    for text in [
        "Settings:\n\n* TODO list *\n",
        "  Target: Domain:other=x\n",
        "The WinHTTP service was stopped: restart\n",
        "Program Version:6.3 x\n",
        "default realm is corp.example\n",
    ] {
        let text = text::decode(text.as_bytes());
        let tools: Vec<_> = sections(&text).iter().filter_map(|s| s.tool).collect();
        assert!(!tools.contains(&Tool::Machine), "{:?}", text.lines);
    }
}
