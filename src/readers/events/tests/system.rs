//! The System log and the operational logs.

use super::{KDC, KERBEROS, NTLM, event, named, read, some, unnamed};
use crate::readers::events::Body;

#[test]
fn kerberos_client_events_and_their_names() {
    for provider in [KERBEROS, "Kerberos", "KERBEROS"] {
        let data = named(&[
            ("Server", "web01$"),
            ("TargetRealm", "CORP.EXAMPLE"),
            ("Targetname", "HTTP/web.corp.example"),
            ("ClientRealm", "CORP.EXAMPLE"),
        ]);
        let (mismatch, text) = body!(event(provider, 4, data), KeyMismatch);
        assert_eq!(mismatch.target_name, some("HTTP/web.corp.example"));
        assert_eq!(
            text,
            "Kerberos 4: target HTTP/web.corp.example, server web01$, realm CORP.EXAMPLE"
        );
    }
    let (mismatch, _) = body!(
        event(KERBEROS, 4, unnamed(&["web01$", "CORP", "HTTP/web"])),
        KeyMismatch
    );
    assert_eq!(
        (mismatch.server, mismatch.target_name),
        (some("web01$"), some("HTTP/web"))
    );

    let values = [
        "",
        "",
        "8:0:0.0 5/7/2024 Z",
        "0x7",
        "KDC_ERR_S_PRINCIPAL_UNKNOWN",
        "0xc0000035",
        "",
        "",
        "",
        "HTTP/web",
        "HTTP/web@CORP.EXAMPLE",
        "",
        "9",
        "16ca",
    ];
    let (error, text) = body!(event(KERBEROS, 3, unnamed(&values)), KerberosError);
    assert_eq!((error.code, error.extended), (Some(7), some("0xc0000035")));
    assert_eq!(
        (error.target_name, error.server_realm),
        (some("HTTP/web"), some("CORP.EXAMPLE"))
    );
    assert!(
        text.starts_with("Kerberos 3: error 0x7, target HTTP/web, realm CORP.EXAMPLE"),
        "{text}"
    );
    // The realm of the event's own field wins over that in the name.
    let data = named(&[("ServerRealm", "A"), ("TargetName", "HTTP/web@B")]);
    assert_eq!(
        body!(event(KERBEROS, 3, data), KerberosError)
            .0
            .server_realm,
        some("A")
    );

    let (skew, text) = body!(event(KERBEROS, 5, unnamed(&["pc01$", "CORP"])), Kerberos);
    assert!(!skew.operational);
    assert_eq!(text, "Kerberos 5: Server pc01$, KDCRealm CORP");
}

#[test]
fn the_operational_log_gives_its_ids_another_meaning() {
    let mut raw = event(KERBEROS, 100, unnamed(&["HTTP/web", "0x7"]));
    raw.channel = "Microsoft-Windows-Kerberos/Operational".into();
    let (error, _) = body!(raw, KerberosError);
    assert_eq!((error.target_name, error.code), (some("HTTP/web"), Some(7)));

    let mut raw = event(KERBEROS, 4, named(&[("Server", "web01$")]));
    raw.channel = "Microsoft-Windows-Kerberos/Operational".into();
    assert!(body!(raw, Kerberos).0.operational);
}

#[test]
fn kdc_events_name_what_they_are_about() {
    for provider in [KDC, "KDC", "Kdcsvc"] {
        let (duplicate, text) = body!(
            event(
                provider,
                11,
                unnamed(&["HTTP/web", "DS_SERVICE_PRINCIPAL_NAME"])
            ),
            Kdc
        );
        assert_eq!(duplicate.name, some("HTTP/web"));
        assert_eq!(
            text,
            "KDC 11: Name HTTP/web, Type DS_SERVICE_PRINCIPAL_NAME"
        );
    }
    let values = ["HTTP/web", "svc_web", "1", "18 17", "23"];
    for id in [14, 16, 26, 27] {
        let (missing, _) = body!(event(KDC, id, unnamed(&values)), Kdc);
        assert_eq!(
            (missing.name, missing.account),
            (some("HTTP/web"), some("svc_web"))
        );
        assert_eq!(missing.fields.text("AvailableEtypes"), some("23"));
    }
    let (kdc, _) = body!(event(KDC, 7, named(&[("AccountName", "uma")])), Kdc);
    assert_eq!((kdc.name, kdc.account), (some("uma"), None));
}

#[test]
fn lsa_events_are_named_by_position() {
    let (loopback, text) = body!(
        event("LsaSrv", 6037, unnamed(&["7a8", "w3wp.exe", "HTTP/web"])),
        Lsa
    );
    assert_eq!(
        (loopback.program, loopback.target),
        (some("w3wp.exe"), some("HTTP/web"))
    );
    assert_eq!(
        text,
        "LsaSrv 6037: PID 7a8, Program w3wp.exe, TargetName HTTP/web"
    );
    let (warning, _) = body!(
        event(
            "Microsoft-Windows-LSA",
            40961,
            named(&[("Target", "cifs/x")])
        ),
        Lsa
    );
    assert_eq!(warning.target, some("cifs/x"));
    assert_eq!(body!(event("LSA", 6038, vec![]), Lsa).0.target, None);
}

#[test]
fn netlogon_status_stands_in_the_binary_part_lowest_byte_first() {
    let mut raw = event("NETLOGON", 5805, unnamed(&["WEB01", "%%5"]));
    raw.binary = Some("220000c0".to_owned());
    let (refused, text) = body!(raw, Netlogon);
    assert_eq!(refused.status, Some(0xC000_0022));
    assert_eq!(refused.values, ["WEB01", "%%5"]);
    assert_eq!(
        text,
        "NETLOGON 5805: param1 WEB01, param2 %%5, status 0xC0000022"
    );

    let mut damaged = event("Netlogon", 5719, unnamed(&["CORP"]));
    damaged.binary = Some("22é".to_owned());
    assert_eq!(body!(damaged, Netlogon).0.status, None);

    let gmsa = named(&[("AccountName", "g_web$"), ("Status", "0xc0000022")]);
    let (failed, _) = body!(
        event("Microsoft-Windows-Security-Netlogon", 9000, gmsa),
        Netlogon
    );
    assert_eq!(failed.status, Some(0xC000_0022));
    assert_eq!(failed.fields.text("AccountName"), some("g_web$"));
}

#[test]
fn ntlm_uses_and_refusals() {
    let client = [
        "HTTP/web",
        "uma",
        "CORP",
        "4",
        "chrome.exe",
        "0x3e7",
        "uma",
        "CORP",
        "(NULL)",
    ];
    let (used, text) = body!(event(NTLM, 8001, unnamed(&client)), NtlmUse);
    assert_eq!((used.target, used.user), (some("HTTP/web"), some("uma")));
    assert_eq!(
        text,
        "NTLM 8001: target HTTP/web, user CORP\\uma, process chrome.exe"
    );
    assert!(matches!(
        read(event(NTLM, 4001, unnamed(&client))).0,
        Body::NtlmBlocked(_)
    ));

    let server = ["uma", "CORP", "PC7", "4", "System", "3", "true", "(NULL)"];
    let (used, _) = body!(event(NTLM, 8003, unnamed(&server)), NtlmUse);
    assert_eq!(used.client, some("PC7"));

    let reason = named(&[
        ("ProcessName", "chrome.exe"),
        ("Username", "uma"),
        ("TargetService", "HTTP/web"),
        ("TargetNetworkName", "web"),
        ("NtlmUsageId", "6"),
        ("ChannelBindingStatus", "Supported"),
    ]);
    let (used, _) = body!(event(NTLM, 4020, reason), NtlmUse);
    assert_eq!(
        (used.usage_id, used.target, used.user),
        (Some(6), some("HTTP/web"), some("uma"))
    );
    assert_eq!(used.channel_binding, some("Supported"));

    for provider in [NTLM, "Microsoft-Windows-Security-Netlogon"] {
        let (used, _) = body!(
            event(
                provider,
                8004,
                unnamed(&["WEB01", "uma", "CORP", "PC7", "2"])
            ),
            NtlmUse
        );
        assert_eq!((used.via, used.client), (some("WEB01"), some("PC7")));
        let (blocked, _) = body!(
            event(
                provider,
                4004,
                unnamed(&["WEB01", "uma", "CORP", "PC7", "2"])
            ),
            NtlmBlocked
        );
        assert_eq!(blocked.via, some("WEB01"));
    }
}

#[test]
fn pools_configuration_and_http() {
    for provider in ["Microsoft-Windows-WAS", "WAS"] {
        for data in [
            unnamed(&["web", "more"]),
            named(&[("AppPoolID", "web"), ("Reason", "more")]),
        ] {
            let mut raw = event(provider, 5057, data);
            raw.binary = Some("2e050780".to_owned());
            let (pool, text) = body!(raw, Pool);
            assert_eq!((pool.pool, pool.code), (some("web"), Some(0x8007_052E)));
            assert_eq!(text, "WAS 5057: pool web, more, error 0x8007052E");
        }
    }
    let config = |path, old, new| {
        let values = ["", "MACHINE/WEBROOT/APPHOST", "web", path, "1", old, new];
        body!(
            event("Microsoft-Windows-IIS-Configuration", 29, unnamed(&values)),
            ConfigChanged
        )
    };
    let path =
        "/system.webServer/security/authentication/windowsAuthentication/@useAppPoolCredentials";
    let (change, text) = config(path, "false", "true");
    assert_eq!(
        (change.old_value, change.new_value),
        (some("false"), some("true"))
    );
    assert!(text.ends_with("at web, from false, to true"), "{text}");
    let path = "/system.applicationHost/applicationPools/add[@name=\"web\"]/processModel/@password";
    let (change, text) = config(path, "hunter1", "hunter2");
    assert_eq!((change.old_value, change.new_value), (None, None));
    assert!(!text.contains("hunter"), "{text}");

    let (http, _) = body!(
        event(
            "HTTP",
            15016,
            unnamed(&["\\Device\\Http\\ReqQueue", "Kerberos"])
        ),
        Http
    );
    assert_eq!(http.values, ["\\Device\\Http\\ReqQueue", "Kerberos"]);
}
