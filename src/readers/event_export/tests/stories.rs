//! Events with their messages in English.

use super::written::{Story, story};

const SECURITY: &str = "Microsoft-Windows-Security-Auditing";
const UMA: &str = "S-1-5-21-1-2-3-1104";

const SUBJECT: [(&str, &str); 4] = [
    ("SubjectUserSid", "S-1-5-18"),
    ("SubjectUserName", "WEB01$"),
    ("SubjectDomainName", "CORP"),
    ("SubjectLogonId", "0x3e7"),
];
const SUBJECT_TEXT: &str = "Subject:\n\tSecurity ID:\t\tS-1-5-18\n\tAccount Name:\t\tWEB01$\n\tAccount Domain:\t\tCORP\n\tLogon ID:\t\t0x3e7\n";

fn with_subject(values: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    SUBJECT.iter().chain(values).copied().collect()
}

/// The messages of a failed logon: heading and labels are those of a language, the values the same.
pub(super) fn failed_logon(labels: &[&str; 28], reason: &str) -> String {
    let [
        title,
        subject,
        sid,
        name,
        domain,
        id,
        kind,
        account,
        failure,
        why,
        status,
        sub,
        process,
        pid,
        path,
        network,
        station,
        address,
        port,
        detail,
        by,
        package,
        transited,
        lm,
        key,
        end,
        note,
        colon,
    ] = labels;
    let c = format!("{colon}\t\t");
    format!(
        "{title}\n\n{subject}{colon}\n\t{sid}{c}S-1-5-18\n\t{name}{c}WEB01$\n\t{domain}{c}CORP\n\t{id}{c}0x3e7\n\n{kind}{c}3\n\n{account}{colon}\n\t\
         {sid}{c}S-1-0-0\n\t{name}{c}uma\n\t{domain}{c}CORP\n\n{failure}{colon}\n\t{why}{c}{reason}\n\t{status}{c}0xC000006D\n\t{sub}{c}0xC000006A\n\n\
         {process}{colon}\n\t{pid}{c}0x1a4\n\t{path}{c}C:\\Windows\\System32\\inetsrv\\w3wp.exe\n\n{network}{colon}\n\t{station}{c}PC7\n\t{address}{c}10.1.2.3\n\t\
         {port}{c}50123\n\n{detail}{colon}\n\t{by}{c}NtLmSsp \n\t{package}{c}NTLM\n\t{transited}{c}-\n\t{lm}{c}-\n\t{key}{c}0\n\n{end}\n\n{note}"
    )
}

pub(super) const ENGLISH: [&str; 28] = [
    "An account failed to log on.",
    "Subject",
    "Security ID",
    "Account Name",
    "Account Domain",
    "Logon ID",
    "Logon Type",
    "Account For Which Logon Failed",
    "Failure Information",
    "Failure Reason",
    "Status",
    "Sub Status",
    "Process Information",
    "Caller Process ID",
    "Caller Process Name",
    "Network Information",
    "Workstation Name",
    "Source Network Address",
    "Source Port",
    "Detailed Authentication Information",
    "Logon Process",
    "Authentication Package",
    "Transited Services",
    "Package Name (NTLM only)",
    "Key Length",
    "This event is generated when a logon request fails.",
    "The Subject fields: the account that asked.",
    ":",
];

pub(super) fn failed() -> Story {
    let values = with_subject(&[
        ("TargetUserSid", "S-1-0-0"),
        ("TargetUserName", "uma"),
        ("TargetDomainName", "CORP"),
        ("Status", "0xC000006D"),
        ("FailureReason", "%%2313"),
        ("SubStatus", "0xC000006A"),
        ("LogonType", "3"),
        ("LogonProcessName", "NtLmSsp "),
        ("AuthenticationPackageName", "NTLM"),
        ("WorkstationName", "PC7"),
        ("TransmittedServices", "-"),
        ("LmPackageName", "-"),
        ("KeyLength", "0"),
        ("ProcessId", "0x1a4"),
        ("ProcessName", r"C:\Windows\System32\inetsrv\w3wp.exe"),
        ("IpAddress", "10.1.2.3"),
        ("IpPort", "50123"),
    ]);
    let message = failed_logon(&ENGLISH, "Unknown user name or bad password.");
    story(SECURITY, 4625, "Security", &values, &message)
}

pub(super) fn all() -> Vec<Story> {
    let logon = with_subject(&[
        ("TargetUserSid", UMA),
        ("TargetUserName", "uma"),
        ("TargetDomainName", "CORP"),
        ("TargetLogonId", "0x5f21"),
        ("LogonType", "3"),
        ("LogonProcessName", "Kerberos"),
        ("AuthenticationPackageName", "Kerberos"),
        ("WorkstationName", "-"),
        ("LogonGuid", "{0a1b2c3d-0000-1111-2222-333344445555}"),
        ("TransmittedServices", "-"),
        ("LmPackageName", "-"),
        ("KeyLength", "0"),
        ("ProcessId", "0x0"),
        ("ProcessName", "-"),
        ("IpAddress", "10.1.2.3"),
        ("IpPort", "50124"),
        ("ImpersonationLevel", "%%1833"),
    ]);
    let logon_text = format!(
        "An account was successfully logged on.\n\n{SUBJECT_TEXT}\nLogon Information:\n\tLogon Type:\t\t3\n\tRestricted Admin Mode:\t-\n\t\
         Virtual Account:\t\tNo\n\tElevated Token:\t\tYes\n\nImpersonation Level:\t\tImpersonation\n\nNew Logon:\n\tSecurity ID:\t\t{UMA}\n\t\
         Account Name:\t\tuma\n\tAccount Domain:\t\tCORP\n\tLogon ID:\t\t0x5f21\n\tLinked Logon ID:\t\t0x0\n\tNetwork Account Name:\t-\n\t\
         Network Account Domain:\t-\n\tLogon GUID:\t\t{{0a1b2c3d-0000-1111-2222-333344445555}}\n\nProcess Information:\n\tProcess ID:\t\t0x0\n\t\
         Process Name:\t\t-\n\nNetwork Information:\n\tWorkstation Name:\t-\n\tSource Network Address:\t10.1.2.3\n\tSource Port:\t\t50124\n\n\
         Detailed Authentication Information:\n\tLogon Process:\t\tKerberos\n\tAuthentication Package:\tKerberos\n\tTransited Services:\t-\n\t\
         Package Name (NTLM only):\t-\n\tKey Length:\t\t0\n\nThis event is generated when a logon session is created."
    );
    let ticket = [
        ("TargetUserName", "uma@CORP.EXAMPLE"),
        ("TargetDomainName", "CORP.EXAMPLE"),
        ("ServiceName", "svc_web"),
        ("ServiceSid", "S-1-5-21-1-2-3-1105"),
        ("TicketOptions", "0x40810000"),
        ("TicketEncryptionType", "0x12"),
        ("IpAddress", "::ffff:10.1.2.3"),
        ("IpPort", "50125"),
        ("Status", "0x0"),
        ("LogonGuid", "{0a1b2c3d-0000-1111-2222-333344445555}"),
        ("TransmittedServices", "-"),
    ];
    let ticket_text = "A Kerberos service ticket was requested.\n\nAccount Information:\n\tAccount Name:\t\tuma@CORP.EXAMPLE\n\t\
         Account Domain:\t\tCORP.EXAMPLE\n\tLogon GUID:\t\t{0a1b2c3d-0000-1111-2222-333344445555}\n\nService Information:\n\tService Name:\t\tsvc_web\n\t\
         Service ID:\t\tS-1-5-21-1-2-3-1105\n\nNetwork Information:\n\tClient Address:\t\t::ffff:10.1.2.3\n\tClient Port:\t\t50125\n\n\
         Additional Information:\n\tTicket Options:\t\t0x40810000\n\tTicket Encryption Type:\t0x12\n\tFailure Code:\t\t0x0\n\tTransited Services:\t-\n";
    let preauth = [
        ("TargetUserName", "svc_web"),
        ("TargetSid", "S-1-5-21-1-2-3-1105"),
        ("ServiceName", "krbtgt/CORP"),
        ("TicketOptions", "0x40810010"),
        ("Status", "0x18"),
        ("PreAuthType", "2"),
        ("IpAddress", "10.1.2.3"),
        ("IpPort", "50126"),
        ("CertIssuerName", ""),
        ("CertSerialNumber", ""),
        ("CertThumbprint", ""),
    ];
    let preauth_text = "Kerberos pre-authentication failed.\n\nAccount Information:\n\tSecurity ID:\t\tS-1-5-21-1-2-3-1105\n\tAccount Name:\t\tsvc_web\n\n\
         Service Information:\n\tService Name:\t\tkrbtgt/CORP\n\nNetwork Information:\n\tClient Address:\t\t10.1.2.3\n\tClient Port:\t\t50126\n\n\
         Additional Information:\n\tTicket Options:\t\t0x40810010\n\tFailure Code:\t\t0x18\n\tPre-Authentication Type:\t2\n\nCertificate Information:\n\t\
         Certificate Issuer Name:\t\t\n\tCertificate Serial Number: \t\n\tCertificate Thumbprint:\t\t\n";
    let tgt = [
        ("TargetUserName", "uma"),
        ("TargetDomainName", "CORP.EXAMPLE"),
        ("TargetSid", UMA),
        ("ServiceName", "krbtgt"),
        ("ServiceSid", "S-1-5-21-1-2-3-502"),
        ("TicketOptions", "0x40810010"),
        ("Status", "0x0"),
        ("TicketEncryptionType", "0x12"),
        ("PreAuthType", "2"),
        ("IpAddress", "10.1.2.3"),
        ("IpPort", "50127"),
        ("CertIssuerName", ""),
        ("CertSerialNumber", ""),
        ("CertThumbprint", ""),
    ];
    let tgt_text = format!(
        "A Kerberos authentication ticket (TGT) was requested.\n\nAccount Information:\n\tAccount Name:\t\tuma\n\tSupplied Realm Name:\tCORP.EXAMPLE\n\t\
         User ID:\t\t\t{UMA}\n\nService Information:\n\tService Name:\t\tkrbtgt\n\tService ID:\t\tS-1-5-21-1-2-3-502\n\nNetwork Information:\n\t\
         Client Address:\t\t10.1.2.3\n\tClient Port:\t\t50127\n\nAdditional Information:\n\tTicket Options:\t\t0x40810010\n\tResult Code:\t\t0x0\n\t\
         Ticket Encryption Type:\t0x12\n\tPre-Authentication Type:\t2\n\nCertificate Information:\n\tCertificate Issuer Name:\t\t\n\t\
         Certificate Serial Number:\t\n\tCertificate Thumbprint:\t\t\n"
    );
    let ntlm = [
        ("PackageName", "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0"),
        ("TargetUserName", "uma"),
        ("Workstation", "PC7"),
        ("Status", "0xc000006a"),
    ];
    let ntlm_text = "The computer attempted to validate the credentials for an account.\n\nAuthentication Package:\tMICROSOFT_AUTHENTICATION_PACKAGE_V1_0\n\
         Logon Account:\tuma\nSource Workstation:\tPC7\nError Code:\t0xc000006a";
    let changed = [
        ("OpCorrelationID", "{11111111-0000-1111-2222-333344445555}"),
        ("AppCorrelationID", "-"),
        ("SubjectUserSid", UMA),
        ("SubjectUserName", "uma"),
        ("SubjectDomainName", "CORP"),
        ("SubjectLogonId", "0x5f21"),
        ("DSName", "corp.example"),
        ("DSType", "%%14676"),
        ("ObjectDN", "CN=svc_web,OU=Service,DC=corp,DC=example"),
        ("ObjectGUID", "{22222222-0000-1111-2222-333344445555}"),
        ("ObjectClass", "user"),
        ("AttributeLDAPDisplayName", "servicePrincipalName"),
        ("AttributeSyntaxOID", "2.5.5.12"),
        ("AttributeValue", "HTTP/web.corp.example"),
        ("OperationType", "%%14674"),
    ];
    let changed_text = format!(
        "A directory service object was modified.\n\t\nSubject:\n\tSecurity ID:\t\t{UMA}\n\tAccount Name:\t\tuma\n\tAccount Domain:\t\tCORP\n\t\
         Logon ID:\t\t0x5f21\n\nDirectory Service:\n\tName:\tcorp.example\n\tType:\tActive Directory Domain Services\n\t\nObject:\n\t\
         DN:\tCN=svc_web,OU=Service,DC=corp,DC=example\n\tGUID:\t{{22222222-0000-1111-2222-333344445555}}\n\tClass:\tuser\n\t\nAttribute:\n\t\
         LDAP Display Name:\tservicePrincipalName\n\tSyntax (OID):\t2.5.5.12\n\tValue:\tHTTP/web.corp.example\n\t\nOperation:\n\tType:\tValue Added\n\t\
         Correlation ID:\t{{11111111-0000-1111-2222-333344445555}}\n\tApplication Correlation ID:\t-\n"
    );
    let locked = [
        ("TargetUserName", "svc_web"),
        ("TargetDomainName", "WEB01"),
        ("TargetSid", "S-1-5-21-1-2-3-1105"),
        ("SubjectUserSid", "S-1-5-18"),
        ("SubjectUserName", "DC1$"),
        ("SubjectDomainName", "CORP"),
        ("SubjectLogonId", "0x3e7"),
    ];
    let locked_text = "A user account was locked out.\n\nSubject:\n\tSecurity ID:\t\tS-1-5-18\n\tAccount Name:\t\tDC1$\n\tAccount Domain:\t\tCORP\n\t\
         Logon ID:\t\t0x3e7\n\nAccount That Was Locked Out:\n\tSecurity ID:\t\tS-1-5-21-1-2-3-1105\n\tAccount Name:\t\tsvc_web\n\n\
         Additional Information:\n\tCaller Computer Name:\tWEB01\n";
    let explicit = with_subject(&[
        ("LogonGuid", "{00000000-0000-0000-0000-000000000000}"),
        ("TargetUserName", "svc_web"),
        ("TargetDomainName", "CORP"),
        ("TargetLogonGuid", "{00000000-0000-0000-0000-000000000000}"),
        ("TargetServerName", "localhost"),
        ("TargetInfo", "HTTP/web.corp.example"),
        ("ProcessId", "0x1a4"),
        ("ProcessName", r"C:\Windows\System32\svchost.exe"),
        ("IpAddress", "-"),
        ("IpPort", "-"),
    ]);
    let explicit_text = format!(
        "A logon was attempted using explicit credentials.\n\n{SUBJECT_TEXT}\tLogon GUID:\t\t{{00000000-0000-0000-0000-000000000000}}\n\n\
         Account Whose Credentials Were Used:\n\tAccount Name:\t\tsvc_web\n\tAccount Domain:\t\tCORP\n\tLogon GUID:\t\t{{00000000-0000-0000-0000-000000000000}}\n\n\
         Target Server:\n\tTarget Server Name:\tlocalhost\n\tAdditional Information:\tHTTP/web.corp.example\n\nProcess Information:\n\tProcess ID:\t\t0x1a4\n\t\
         Process Name:\t\tC:\\Windows\\System32\\svchost.exe\n\nNetwork Information:\n\tNetwork Address:\t-\n\tPort:\t\t\t-\n"
    );
    let kerberos = "Microsoft-Windows-Security-Kerberos";
    let ntlm_client = [
        ("TargetName", "HTTP/web.corp.example"),
        ("UserName", "uma"),
        ("DomainName", "CORP"),
        ("CallerPID", "4242"),
        ("ProcessName", r"C:\Program Files\Edge\msedge.exe"),
        ("ClientLUID", "0x5f21"),
        ("ClientUserName", "uma"),
        ("ClientDomainName", "CORP"),
        ("MechanismOID", "(NULL)"),
    ];
    let ntlm_client_text = "NTLM client blocked audit: Audit outgoing NTLM authentication traffic that would be blocked.\nTarget server: HTTP/web.corp.example\n\
         Supplied user: uma\nSupplied domain: CORP\nPID of client process: 4242\nName of client process: C:\\Program Files\\Edge\\msedge.exe\n\
         LUID of client process: 0x5f21\nUser identity of client process: uma\nDomain name of user identity of client process: CORP\n\
         Mechanism OID: (NULL)\n\nAudit the NTLM authentication requests.";
    vec![
        failed(),
        story(SECURITY, 4624, "Security", &logon, &logon_text),
        story(SECURITY, 4769, "Security", &ticket, ticket_text),
        story(SECURITY, 4771, "Security", &preauth, preauth_text),
        story(SECURITY, 4768, "Security", &tgt, &tgt_text),
        story(SECURITY, 4776, "Security", &ntlm, ntlm_text),
        story(SECURITY, 5136, "Security", &changed, &changed_text),
        story(SECURITY, 4740, "Security", &locked, locked_text),
        story(SECURITY, 4648, "Security", &explicit, &explicit_text),
        story(
            kerberos,
            4,
            "System",
            &[
                ("Server", "web01$"),
                ("TargetRealm", "CORP.EXAMPLE"),
                ("TargetName", "HTTP/web.corp.example"),
                ("ClientRealm", "CORP.EXAMPLE"),
            ],
            "The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server web01$. The target name used was HTTP/web.corp.example. \
             This indicates that the target server failed to decrypt the ticket. If the server name is not fully qualified, and the target domain \
             (CORP.EXAMPLE) is different from the client domain (CORP.EXAMPLE), check if there are identically named server accounts.",
        ),
        story(
            kerberos,
            3,
            "System",
            &[
                ("LogonSession", r"CORP\uma"),
                ("ClientTime", ""),
                ("ServerTime", "8:0:1.0000 3/22/2026 Z"),
                ("ErrorCode", "0x7"),
                ("ErrorMessage", "KDC_ERR_S_PRINCIPAL_UNKNOWN"),
                ("ExtendedError", "0xc0000035 KLIN(0)"),
                ("ClientRealm", ""),
                ("ClientName", ""),
                ("ServerRealm", "CORP.EXAMPLE"),
                ("ServerName", "HTTP/web.corp.example"),
                ("TargetName", "HTTP/web.corp.example@CORP.EXAMPLE"),
                ("ErrorText", ""),
                ("File", "9"),
                ("Line", "efb"),
            ],
            "A Kerberos error message was received:\n on logon session CORP\\uma\n Client Time: \n Server Time: 8:0:1.0000 3/22/2026 Z\n \
             Error Code: 0x7  KDC_ERR_S_PRINCIPAL_UNKNOWN\n Extended Error: 0xc0000035 KLIN(0)\n Client Realm: \n Client Name: \n Server Realm: CORP.EXAMPLE\n \
             Server Name: HTTP/web.corp.example\n Target Name: HTTP/web.corp.example@CORP.EXAMPLE\n Error Text: \n File: 9\n Line: efb\n Error Data is in record data.",
        ),
        story(
            "Microsoft-Windows-NTLM",
            8001,
            "Microsoft-Windows-NTLM/Operational",
            &ntlm_client,
            ntlm_client_text,
        ),
        story(
            "Microsoft-Windows-Kerberos-Key-Distribution-Center",
            11,
            "System",
            &[
                ("Name", "HTTP/web.corp.example"),
                ("Type", "DS_SERVICE_PRINCIPAL_NAME"),
            ],
            "The KDC encountered duplicate names while processing a Kerberos authentication request. The duplicate name is HTTP/web.corp.example \
             (of type DS_SERVICE_PRINCIPAL_NAME). This may result in authentication failures.",
        ),
        story(
            "Microsoft-Windows-Kerberos-Key-Distribution-Center",
            16,
            "System",
            &[
                ("Target", "HTTP/web"),
                ("Account", "uma"),
                ("ID", "9"),
                ("RequestedEtypes", "18 17"),
                ("AvailableEtypes", "23"),
            ],
            "While processing a TGS request for the target server HTTP/web, the account uma did not have a suitable key for generating a Kerberos ticket \
             (the missing key has an ID of 9). The requested etypes were 18 17. The accounts available etypes were 23.",
        ),
        story(
            "Microsoft-Windows-Kerberos-Key-Distribution-Center",
            204,
            "System",
            &[
                ("AccountName", "uma"),
                ("SuppliedRealm", "CORP.EXAMPLE"),
                ("AccountSupportedEncryptionTypes", "0x27 (DES, RC4, AES-Sk)"),
                ("AccountAvailableKeys", "AES-SHA1, RC4"),
                ("ServiceName", "svc_web"),
                ("ServiceID", "S-1-5-21-1-2-3-4410"),
                ("ServiceSupportedEncryptionTypes", "N/A"),
                ("ServiceAvailableKeys", "RC4"),
                (
                    "DCSupportedEncryptionTypes",
                    "0x1C (RC4, AES128-SHA96, AES256-SHA96)",
                ),
                ("DefaultDomainSupportedEncTypes", "N/A"),
                ("DCAvailableKeys", "AES-SHA1, RC4"),
                ("ClientAddress", "::ffff:10.1.2.3"),
                ("ClientPort", "53221"),
                ("AdvertizedEtypes", "AES256-CTS-HMAC-SHA1-96 RC4-HMAC-NT"),
            ],
            "The KDC blocked a ticket, because msds-SupportedEncryptionTypes is not set.\n\nAccount Information\n\tAccount Name: uma\n\t\
             Supplied Realm Name: CORP.EXAMPLE\n\tmsds-SupportedEncryptionTypes: 0x27 (DES, RC4, AES-Sk)\n\tAvailable Keys: AES-SHA1, RC4\n\n\
             Service Information:\n\tService Name: svc_web\n\tService ID: S-1-5-21-1-2-3-4410\n\tmsds-SupportedEncryptionTypes: N/A\n\t\
             Available Keys: RC4\n\nDomain Controller Information:\n\tmsds-SupportedEncryptionTypes: 0x1C (RC4, AES128-SHA96, AES256-SHA96)\n\t\
             DefaultDomainSupportedEncTypes: N/A\n\tAvailable Keys: AES-SHA1, RC4\n\nNetwork Information:\n\tClient Address: ::ffff:10.1.2.3\n\t\
             Client Port: 53221\n\tAdvertized Etypes: AES256-CTS-HMAC-SHA1-96\n\t\tRC4-HMAC-NT",
        ),
        story(
            "Microsoft-Windows-Kerberos-Key-Distribution-Center",
            205,
            "System",
            &[
                ("CipherName", "RC4-HMAC-NT"),
                ("DefaultDomainSupportedEncTypes", "0x1C"),
            ],
            "The KDC found weak types in the DefaultDomainSupportedEncTypes policy.\n\nCipher(s): RC4-HMAC-NT\n\
             DefaultDomainSupportedEncTypes: 0x1C",
        ),
        story(
            "Microsoft-Windows-Kerberos-Key-Distribution-Center",
            39,
            "System",
            &[
                ("AccountName", "uma"),
                ("Subject", "@@@CN=uma, OU=Staff, DC=corp, DC=example"),
                ("Issuer", "CORP-CA1"),
                ("SerialNumber", "4A00001B2C"),
                ("Thumbprint", "9F2C1E0A"),
            ],
            "A certificate was valid and could not be mapped. See https://example.com/?linkid=1 to learn more.\n\n  User: uma\n  \
             Certificate Subject: @@@CN=uma, OU=Staff, DC=corp, DC=example\n  Certificate Issuer: CORP-CA1\n  \
             Certificate Serial Number: 4A00001B2C\n  Certificate Thumbprint: 9F2C1E0A",
        ),
        story(
            "LsaSrv",
            6037,
            "System",
            &[
                ("", "4242"),
                ("", "w3wp.exe"),
                ("", "HTTP/web.corp.example"),
            ],
            "The program w3wp.exe, with the assigned process ID 4242, could not authenticate locally by using the target name HTTP/web.corp.example. \
             The target name used is not valid. A target name should refer to one of the local computer names.",
        ),
        story(
            "Microsoft-Windows-WAS",
            5021,
            "System",
            &[("AppPoolID", "web")],
            "The identity of application pool web is invalid. The user name or password that is specified for the identity may be incorrect.",
        ),
        story(
            "Microsoft-Windows-WAS",
            5002,
            "System",
            &[("AppPoolID", "web")],
            "Application pool 'web' is being automatically disabled due to a series of failures in the process(es) serving that application pool.",
        ),
        story(
            "Microsoft-Windows-WAS",
            5059,
            "System",
            &[("AppPoolID", "web")],
            "Application pool web has been disabled. Windows Process Activation Service (WAS) encountered a failure.",
        ),
        story(
            "NETLOGON",
            5723,
            "System",
            &[("", "WEB01"), ("", "WEB01$")],
            "The session setup from computer 'WEB01' failed because the security database does not contain a trust account 'WEB01$' referenced by the specified computer.",
        ),
    ]
}
