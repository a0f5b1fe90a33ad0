//! The Security log.

use super::{AUDITING, event, named, some, unnamed};
use crate::codes::EtypeSet;
use crate::readers::events::LogonFailed;

#[test]
fn logon_4624_in_all_versions_without_names() {
    let mut values = vec![
        "S-1-0-0",
        "-",
        "-",
        "0x0",
        "S-1-5-21-1-2-3-1105",
        "uma",
        "CORP",
        "0x8f3a1",
        "3",
        "NtLmSsp ",
        "NTLM",
        "PC7",
        "{00000000-0000-0000-0000-000000000000}",
        "-",
        "NTLM V2",
        "128",
        "0x0",
        "-",
        "10.1.2.3",
        "51514",
    ];
    let check = |version: u8, values: &[&str], impersonation: Option<&str>| {
        let mut raw = event(AUDITING, 4624, unnamed(values));
        raw.version = version;
        let (logon, text) = body!(raw, Logon);
        assert_eq!(logon.target.to_string(), "CORP\\uma");
        assert_eq!(logon.target.sid, some("S-1-5-21-1-2-3-1105"));
        assert_eq!((logon.logon_type, logon.port), (Some(3), Some(51514)));
        assert_eq!(logon.logon_process, some("NtLmSsp"));
        assert_eq!(logon.package, some("NTLM"));
        assert_eq!(logon.lm_package, some("NTLM V2"));
        assert_eq!(logon.logon_guid, None);
        assert_eq!(logon.transmitted_services, None);
        assert_eq!(logon.logon_id, some("0x8f3a1"));
        assert_eq!(logon.impersonation_level.as_deref(), impersonation);
        assert_eq!(
            text,
            "4624 logon: CORP\\uma, type 3, NTLM, NTLM V2, from 10.1.2.3"
        );
    };
    check(0, &values, None);
    values.push("%%1833");
    check(1, &values, Some("%%1833"));
    values.extend(["-", "-", "-", "%%1843", "0x0", "%%1842"]);
    check(2, &values, Some("%%1833"));
    values.insert(22, "-");
    check(3, &values, Some("%%1833"));
    values.push("of a version yet to come");
    check(9, &values, Some("%%1833"));
}

#[test]
fn failed_logon_4625_with_names_in_any_order() {
    let (logon, text) = body!(
        event(
            AUDITING,
            4625,
            named(&[
                ("IpAddress", "::ffff:10.1.2.3"),
                ("SubStatus", "0xc000006a"),
                ("Status", "-1073741715"),
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "NTLM"),
                ("IpPort", "-"),
                ("FailureReason", "%%2313"),
                ("Surprise", "new"),
            ])
        ),
        LogonFailed
    );
    assert_eq!(logon.status, Some(0xC000_006D));
    assert_eq!(logon.sub_status, Some(0xC000_006A));
    assert_eq!(logon.failure_reason, some("%%2313"));
    assert_eq!((logon.ip, logon.port), (some("10.1.2.3"), None));
    assert_eq!(
        text,
        "4625 logon failed: CORP\\uma, status 0xC000006D/0xC000006A, type 3, NTLM, from 10.1.2.3"
    );
    // Nothing at all is still an event.
    let (empty, text) = body!(event(AUDITING, 4625, vec![]), LogonFailed);
    assert_eq!(empty, LogonFailed::default());
    assert_eq!(text, "4625 logon failed: (no name)");
}

#[test]
fn explicit_credentials_4648_with_its_logon_guid_twice() {
    let (used, text) = body!(
        event(
            AUDITING,
            4648,
            named(&[
                ("SubjectUserName", "WEB01$"),
                ("SubjectDomainName", "CORP"),
                ("LogonGuid", "{00000000-0000-0000-0000-000000000000}"),
                ("TargetUserName", "svc_web"),
                ("TargetDomainName", "CORP.EXAMPLE"),
                ("LogonGuid", "{5d0a3b3c-0000-0000-0000-000000000001}"),
                ("TargetServerName", "localhost"),
                ("TargetInfo", "HTTP/web.corp.example"),
            ])
        ),
        ExplicitCredentials
    );
    assert_eq!(used.target_info, some("HTTP/web.corp.example"));
    assert_eq!(
        text,
        "4648 explicit credentials: CORP.EXAMPLE\\svc_web, used by CORP\\WEB01$, server localhost, \
         target HTTP/web.corp.example"
    );
}

#[test]
fn logon_rights_4717_4718() {
    let values = unnamed(&[
        "S-1-5-18",
        "DC01$",
        "CORP",
        "0x3e7",
        "S-1-5-32-545",
        "SeNetworkLogonRight",
    ]);
    let (granted, _) = body!(event(AUDITING, 4717, values.clone()), LogonRightChanged);
    assert!(granted.granted);
    let (removed, text) = body!(event(AUDITING, 4718, values), LogonRightChanged);
    assert!(!removed.granted);
    assert_eq!(removed.right, some("SeNetworkLogonRight"));
    assert_eq!(
        text,
        "4718 logon right removed: SeNetworkLogonRight, account S-1-5-32-545"
    );
}

#[test]
fn lockout_4740_names_the_calling_computer_in_the_domain_field() {
    let values = [
        "svc_web",
        "PC7",
        "S-1-5-21-1-2-3-9",
        "S-1-5-18",
        "DC01$",
        "CORP",
        "0x3e7",
    ];
    let (change, text) = body!(event(AUDITING, 4740, unnamed(&values)), AccountChanged);
    assert_eq!(change.caller_computer, some("PC7"));
    assert_eq!(change.target.domain, None);
    assert_eq!(
        text,
        "4740 account locked out: svc_web, by CORP\\DC01$, caused on PC7"
    );
    // The other account events keep it as the domain.
    let (change, _) = body!(event(AUDITING, 4767, unnamed(&values)), AccountChanged);
    assert_eq!(
        (change.target.domain, change.caller_computer),
        (some("PC7"), None)
    );
}

#[test]
fn computer_change_4742_lists_its_spns() {
    let spns = "\n\t\tHOST/WEB01\n\t\tHTTP/web.corp.example\r\n\t\tMicrosoft Virtual Console Service/WEB01";
    let pairs = [
        ("TargetUserName", "WEB01$"),
        ("PasswordLastSet", "5/7/2024 8:00:00 AM"),
        ("AccountExpires", "-"),
        ("OldUacValue", "0x10"),
        ("NewUacValue", "-"),
        ("DnsHostName", "web01.corp.example"),
        ("ServicePrincipalNames", spns),
    ];
    let (change, _) = body!(event(AUDITING, 4742, named(&pairs)), AccountChanged);
    assert_eq!(
        change.spns,
        [
            "HOST/WEB01",
            "HTTP/web.corp.example",
            "Microsoft Virtual Console Service/WEB01"
        ]
    );
    assert_eq!((change.old_uac, change.new_uac), (Some(0x10), None));
    assert_eq!(change.account_expires, None);
    assert_eq!(change.password_last_set, some("5/7/2024 8:00:00 AM"));

    let unset = named(&[("ServicePrincipalNames", "%%1793")]);
    assert!(
        body!(event(AUDITING, 4742, unset), AccountChanged)
            .0
            .spns
            .is_empty()
    );

    // By position: the SPNs are the last of 29 values.
    let mut values = vec!["-"; 29];
    values[1] = "WEB01$";
    values[28] = "HOST/WEB01";
    let (change, _) = body!(event(AUDITING, 4742, unnamed(&values)), AccountChanged);
    assert_eq!(
        (change.target.name, change.spns),
        (some("WEB01$"), vec!["HOST/WEB01".to_owned()])
    );
}

#[test]
fn ticket_requests_4768_4769_in_their_versions() {
    let tgt = [
        "uma",
        "CORP",
        "S-1-5-21-1-2-3-5",
        "krbtgt",
        "S-1-5-21-1-2-3-502",
        "0x40810010",
        "0x17",
        "0x12",
        "2",
        "::ffff:10.1.2.3",
        "50001",
        "",
        "",
        "",
    ];
    let (request, _) = body!(event(AUDITING, 4768, unnamed(&tgt)), TgtRequest);
    assert_eq!(
        (request.status, request.ticket_etype, request.preauth_type),
        (Some(0x17), Some(0x12), Some(2))
    );
    assert_eq!(request.ip, some("10.1.2.3"));

    let failed = [
        "uma@CORP.EXAMPLE",
        "CORP.EXAMPLE",
        "HTTP/web.corp.example",
        "S-1-0-0",
        "0x40810000",
        "0xffffffff",
        "::ffff:10.1.2.3",
        "50002",
        "0x7",
        "{00000000-0000-0000-0000-000000000000}",
        "-",
    ];
    let (request, text) = body!(
        event(AUDITING, 4769, unnamed(&failed)),
        ServiceTicketRequest
    );
    assert_eq!(request.service_name, some("HTTP/web.corp.example"));
    assert_eq!((request.status, request.ticket_etype), (Some(7), None));
    assert_eq!((request.service_sid, request.logon_guid), (None, None));
    assert_eq!(
        text,
        "4769 service ticket request: service HTTP/web.corp.example, client uma@CORP.EXAMPLE, result 0x7, \
         from 10.1.2.3"
    );

    let mut issued = vec![
        "uma@CORP.EXAMPLE",
        "CORP.EXAMPLE",
        "svc_web",
        "S-1-5-21-1-2-3-9",
        "0x40810000",
        "0x17",
        "::1",
        "0",
        "0x0",
        "{5D0A3B3C-1111-0000-0000-000000000001}",
        "-",
        "hash",
        "hash",
        "0x1c (RC4)",
        "RC4, AES",
        "0x4 (RC4)",
        "RC4",
    ];
    issued.extend(["-"; 4]);
    let mut raw = event(AUDITING, 4769, unnamed(&issued));
    raw.version = 2;
    let (request, _) = body!(raw, ServiceTicketRequest);
    assert_eq!(request.etypes.service, Some(EtypeSet::RC4));
    assert_eq!(request.etypes.service_keys, Some(EtypeSet::RC4));
    assert_eq!(request.etypes.client, None);
    assert_eq!(
        request.logon_guid,
        some("{5d0a3b3c-1111-0000-0000-000000000001}")
    );
    assert_eq!(request.ip, some("::1"));

    let renewed = [
        "uma@CORP",
        "CORP",
        "WEB01$",
        "S-1-5-21-1-2-3-7",
        "0x2",
        "0x12",
        "10.1.2.3",
        "1",
    ];
    let (request, _) = body!(
        event(AUDITING, 4770, unnamed(&renewed)),
        ServiceTicketRequest
    );
    assert_eq!((request.id, request.status), (4770, Some(0)));
    let failed = ["uma", "CORP", "HTTP/web", "0x0", "0x20", "10.1.2.3", "1"];
    let (request, _) = body!(
        event(AUDITING, 4773, unnamed(&failed)),
        ServiceTicketRequest
    );
    assert_eq!(request.status, Some(0x20));
}

#[test]
fn preauthentication_ntlm_validation_and_policies() {
    let values = [
        "uma",
        "S-1-5-21-1-2-3-5",
        "krbtgt/CORP",
        "0x40810010",
        "0x18",
        "2",
        "::ffff:10.1.2.3",
        "1",
    ];
    let (failed, text) = body!(event(AUDITING, 4771, unnamed(&values)), PreauthFailed);
    assert_eq!(
        (failed.status, failed.target.sid),
        (Some(0x18), some("S-1-5-21-1-2-3-5"))
    );
    assert_eq!(
        text,
        "4771 Kerberos pre-authentication failed: uma, result 0x18, from 10.1.2.3"
    );

    let values = [
        "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0",
        "uma",
        "PC7",
        "0xc000006a",
    ];
    let (validation, text) = body!(event(AUDITING, 4776, unnamed(&values)), NtlmValidation);
    assert_eq!(validation.status, Some(0xC000_006A));
    assert_eq!(
        text,
        "4776 NTLM credentials validated: uma, status 0xC000006A, workstation PC7"
    );

    let values = ["uma", "WEB01$", "0xc0000413", "Silo", "Policy"];
    let (refused, _) = body!(event(AUDITING, 4822, unnamed(&values)), PolicyRefused);
    assert_eq!(
        (refused.target.name, refused.silo, refused.policy),
        (some("uma"), some("Silo"), some("Policy"))
    );
}

#[test]
fn directory_change_5136_says_added_or_deleted_and_no_passwords() {
    let change = |attribute, value, operation| {
        let pairs = [
            ("SubjectUserName", "adm"),
            ("ObjectDN", "CN=svc_web,DC=corp,DC=example"),
            ("AttributeLDAPDisplayName", attribute),
            ("AttributeValue", value),
            ("OperationType", operation),
        ];
        body!(event(AUDITING, 5136, named(&pairs)), DirectoryChanged)
    };
    let (added, text) = change("servicePrincipalName", "HTTP/web", "%%14674");
    assert_eq!((added.added, added.value), (Some(true), some("HTTP/web")));
    assert_eq!(
        text,
        "5136 directory value added: CN=svc_web,DC=corp,DC=example, servicePrincipalName, value HTTP/web, by adm"
    );
    assert_eq!(
        change("servicePrincipalName", "HTTP/web", "%%14675")
            .0
            .added,
        Some(false)
    );
    let (secret, text) = change("ms-Mcs-AdmPwd", "hunter2", "%%14674");
    assert_eq!(secret.value, None);
    assert!(!text.contains("hunter2"));
    let (deleted, text) = body!(
        event(AUDITING, 5141, named(&[("ObjectDN", "CN=x")])),
        DirectoryChanged
    );
    assert_eq!(
        (deleted.added, text.as_str()),
        (None, "5141 directory object deleted: CN=x, by (no name)")
    );
}
