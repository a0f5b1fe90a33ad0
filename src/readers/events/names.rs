//! The names of event values by position, for events whose values come without names: classic events, and manifest
//! events through tools that drop the names. Order as in the providers' manifests (`causes.md` section 7).
//!
//! Newer versions of an event append fields, so that the longest list serves all versions; where a version put a
//! field in between, it has a row of its own. Position is used only for a value that has no name.

use super::wanted::Family;

/// The names of an event's values in order; empty when the event is not in the table.
pub(super) fn of(family: Family, id: u32, version: u8) -> impl Iterator<Item = &'static str> {
    TABLE
        .iter()
        .filter(|row| row.0 == family && row.1.contains(&id) && row.2 <= version)
        .max_by_key(|row| row.2)
        .map_or("", |row| row.3)
        .split_ascii_whitespace()
}

/// The names of an event's values in order, of its oldest version; empty for an event whose values have no names.
pub(crate) fn value_names(provider: &str, id: u32) -> Vec<&'static str> {
    let family = super::wanted::family(provider, id);
    family.map_or_else(Vec::new, |family| of(family, id, 0).collect())
}

/// Family, ids, lowest version, names.
type Row = (Family, &'static [u32], u8, &'static str);

macro_rules! subject {
    () => {
        " SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId "
    };
}
macro_rules! target {
    () => {
        " TargetUserName TargetDomainName TargetSid "
    };
}
macro_rules! account {
    () => {
        " PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath ScriptPath ProfilePath \
         UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo OldUacValue NewUacValue \
         UserAccountControl UserParameters SidHistory LogonHours DnsHostName ServicePrincipalNames"
    };
}
macro_rules! keys {
    () => {
        " AccountSupportedEncryptionTypes AccountAvailableKeys ServiceSupportedEncryptionTypes ServiceAvailableKeys \
         DCSupportedEncryptionTypes DCAvailableKeys ClientAdvertizedEncryptionTypes SessionKeyEncryptionType "
    };
}
macro_rules! logon {
    () => {
        " TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName \
         AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId \
         ProcessName IpAddress IpPort ImpersonationLevel RestrictedAdminMode "
    };
}
macro_rules! ntlm_client {
    () => {
        "TargetName UserName DomainName CallerPID ProcessName ClientLUID ClientUserName ClientDomainName MechanismOID"
    };
}

use Family::{Http, IisConfig, Kdc, Kerberos, Lsa, Ntlm, Pool, Security, SecurityNetlogon};

#[rustfmt::skip]
const TABLE: &[Row] = &[
    (Security, &[4616], 0, concat!(subject!(), "PreviousTime NewTime ProcessId ProcessName")),
    (Security, &[4624], 0, concat!(subject!(), logon!(), "TargetOutboundUserName TargetOutboundDomainName \
        VirtualAccount TargetLinkedLogonId ElevatedToken")),
    (Security, &[4624], 3, concat!(subject!(), logon!(), "RemoteCredentialGuard TargetOutboundUserName \
        TargetOutboundDomainName VirtualAccount TargetLinkedLogonId ElevatedToken")),
    (Security, &[4625], 0, concat!(subject!(), "TargetUserSid TargetUserName TargetDomainName Status FailureReason \
        SubStatus LogonType LogonProcessName AuthenticationPackageName WorkstationName TransmittedServices \
        LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort")),
    (Security, &[4648], 0, concat!(subject!(), "LogonGuid TargetUserName TargetDomainName TargetLogonGuid \
        TargetServerName TargetInfo ProcessId ProcessName IpAddress IpPort")),
    (Security, &[4649], 0, concat!(subject!(), "TargetUserName TargetDomainName RequestType LogonProcessName \
        AuthenticationPackage WorkstationName TransmittedServices ProcessId ProcessName")),
    (Security, &[4675], 0, "TargetUserSid TargetUserName TargetDomainName TdoDirection TdoAttributes TdoType TdoSid \
        SidList"),
    (Security, &[4717], 0, concat!(subject!(), "TargetSid AccessGranted")),
    (Security, &[4718], 0, concat!(subject!(), "TargetSid AccessRemoved")),
    (Security, &[4719], 0, concat!(subject!(), "CategoryId SubcategoryId SubcategoryGuid AuditPolicyChanges")),
    (Security, &[4722, 4723, 4724, 4725, 4726, 4740, 4743, 4767], 0, concat!(target!(), subject!(), "PrivilegeList")),
    (Security, &[4728, 4732, 4756], 0, concat!("MemberName MemberSid", target!(), subject!(), "PrivilegeList")),
    (Security, &[4738], 0, concat!("Dummy", target!(), subject!(), account!())),
    (Security, &[4741], 0, concat!(target!(), subject!(), account!())),
    (Security, &[4742], 0, concat!("ComputerAccountChange", target!(), subject!(), account!())),
    (Security, &[4768], 0, concat!(target!(), "ServiceName ServiceSid TicketOptions Status TicketEncryptionType \
        PreAuthType IpAddress IpPort CertIssuerName CertSerialNumber CertThumbprint ResponseTicket", keys!(),
        "PreAuthEncryptionType")),
    (Security, &[4769], 0, concat!("TargetUserName TargetDomainName ServiceName ServiceSid TicketOptions \
        TicketEncryptionType IpAddress IpPort Status LogonGuid TransmittedServices RequestTicketHash \
        ResponseTicketHash", keys!())),
    (Security, &[4770], 0, "TargetUserName TargetDomainName ServiceName ServiceSid TicketOptions \
        TicketEncryptionType IpAddress IpPort RequestTicketHash ResponseTicketHash"),
    (Security, &[4771], 0, "TargetUserName TargetSid ServiceName TicketOptions Status PreAuthType IpAddress IpPort \
        CertIssuerName CertSerialNumber CertThumbprint"),
    (Security, &[4772, 4773], 0, "TargetUserName TargetDomainName ServiceName TicketOptions FailureCode IpAddress \
        IpPort"),
    (Security, &[4776], 0, "PackageName TargetUserName Workstation Status"),
    (Security, &[4781], 0, concat!("OldTargetUserName NewTargetUserName TargetDomainName TargetSid", subject!(),
        "PrivilegeList")),
    (Security, &[4820], 0, concat!(target!(), "DeviceName ServiceName ServiceSid TicketOptions Status \
        TicketEncryptionType PreAuthType IpAddress IpPort CertIssuerName CertSerialNumber CertThumbprint SiloName \
        PolicyName TGTLifetime")),
    (Security, &[4821], 0, "TargetUserName TargetDomainName DeviceName ServiceName ServiceSid TicketOptions \
        TicketEncryptionType IpAddress IpPort Status LogonGuid TransitedServices SiloName PolicyName"),
    (Security, &[4822, 4823], 0, "AccountName DeviceName Status SiloName PolicyName"),
    (Security, &[5136], 0, concat!("OpCorrelationID AppCorrelationID", subject!(), "DSName DSType ObjectDN \
        ObjectGUID ObjectClass AttributeLDAPDisplayName AttributeSyntaxOID AttributeValue OperationType")),
    (Security, &[5141], 0, concat!("OpCorrelationID AppCorrelationID", subject!(), "DSName DSType ObjectDN \
        ObjectGUID ObjectClass TreeDelete")),

    (Kerberos, &[3], 0, "LogonSession ClientTime ServerTime ErrorCode ErrorMessage ExtendedError ClientRealm \
        ClientName ServerRealm ServerName TargetName ErrorText File Line"),
    (Kerberos, &[4], 0, "Server TargetRealm TargetName ClientRealm"),
    (Kerberos, &[5], 0, "Server KDCRealm"),
    (Kerberos, &[6], 0, "NeededSize ActualSize ClientProcessID ClientName"),
    (Kerberos, &[7], 0, "ClientName Realm"),
    (Kerberos, &[8, 9], 0, "Name Message"),
    (Kerberos, &[10, 11, 12], 0, "Error"),
    (Kerberos, &[13, 14, 16], 0, "Username"),
    (Kerberos, &[15], 0, "NeededSize ActualSize ClientProcessID RequiredSize"),
    (Kerberos, &[17], 0, "Forest"),
    (Kerberos, &[18], 0, "Luid ClientPrincipalName ServicePrincipalName TicketFlags StartTime EndTime RenewUntil \
        ErrorCode"),
    (Kerberos, &[19], 0, "ErrorCode"),
    (Kerberos, &[20], 0, "DomainName ErrorCode"),
    (Kerberos, &[100, 101], 0, "SPN ErrorCode"),
    (Kerberos, &[102], 0, "DomainController ErrorCode"),
    (Kerberos, &[103], 0, "ClientUpn ErrorCode"),
    (Kerberos, &[104, 200], 0, "TargetDomain ErrorCode"),
    (Kerberos, &[105], 0, "LuidHighPart LuidLowPart DomainName UserName Refresh CurrentFileTime ErrorCode"),
    (Kerberos, &[106], 0, "ErrorCode"),
    (Kerberos, &[107], 0, "ExpectedDomainName ErrorCode"),
    (Kerberos, &[108], 0, "ServerName ServerPort ServerVdir ErrorCode Status"),
    (Kerberos, &[201, 202], 0, ntlm_client!()),
    (Kerberos, &[205, 206, 207], 0, "Algorithm"),
    (Kerberos, &[208], 0, "ClientAlgorithms KdcAlgorithms"),
    (Kerberos, &[300], 0, "DomainController TargetDomain"),
    (Kerberos, &[301], 0, "Target"),
    (Kerberos, &[302], 0, "DomainController TargetDomain DesiredFlags CacheFlags ErrorCode"),
    (Kerberos, &[303], 0, "LuidHighPart LuidLowPart DomainName UserName UpdateCurrent UpdateOld Refresh \
        LastFileTime CurrentFileTime"),
    (Kerberos, &[305, 306], 0, "ProcessName SvchostTag"),
    (Kerberos, &[307], 0, "OldAccount NewAccount DomainName Status MigrationComplete"),

    (Kdc, &[3], 0, "Principal"),
    (Kdc, &[4], 0, "Domain"),
    (Kdc, &[5], 0, "Class"),
    (Kdc, &[7], 0, "AccountName LookupType"),
    (Kdc, &[8], 0, "AccountName"),
    (Kdc, &[11], 0, "Name Type"),
    (Kdc, &[12], 0, "ClientRealm Realm"),
    (Kdc, &[13], 0, "Name"),
    // 26 and 27 have the message of 14 and 16, with the same inserts.
    (Kdc, &[14, 16, 26, 27], 0, "Target Account ID RequestedEtypes AvailableEtypes AccountToReset"),
    (Kdc, &[15], 0, "Client"),
    (Kdc, &[24], 0, "Client Server"),
    (Kdc, &[39, 40], 0, "AccountName Subject Issuer SerialNumber Thumbprint"),
    // The order of the values of 201 to 209 is not confirmed: sources differ on where the cipher stands.

    (Lsa, &[100], 0, "PackageName UserName DomainName ServerName ProtectedUser ErrorCode"),
    (Lsa, &[303], 0, "PackageName UserName DomainName ProtectedUser"),
    (Lsa, &[6033], 0, "Client"),
    (Lsa, &[6035], 0, "SID"),
    (Lsa, &[6036, 6037], 0, "PID Program TargetName"),
    (Lsa, &[6040], 0, "Package TargetName"),
    (Lsa, &[6041], 0, "TargetName TargetVersion"),
    (Lsa, &[40960, 40962, 40965], 0, "Target Protocol Error"),
    (Lsa, &[40961], 0, "Target"),
    (Lsa, &[40966, 40967, 40969], 0, "Protocol"),
    (Lsa, &[45057], 0, "Username Package Error"),
    (Lsa, &[45058], 0, "UserName TimeStamp"),

    (Ntlm, &[4001, 4013, 4015, 8001], 0, ntlm_client!()),
    (Ntlm, &[4002, 8002], 0, "CallerPID ProcessName ClientLUID ClientUserName ClientDomainName MechanismOID"),
    (Ntlm, &[4003, 8003], 0, "UserName DomainName Workstation CallerPID ProcessName LogonType InProc MechanismOID"),
    (Ntlm, &[4010, 4011], 0, "CallerPID ProcessName NegotiatedSecurity RequiredSecurity"),
    (Ntlm, &[4012], 0, "AccountName DeviceName"),
    (Ntlm, &[4014], 0, "ImageName SvcHostTag"),
    (Ntlm, &[4020, 4021], 0, "ProcessName ProcessPID Username DomainName Hostname SingleSignOn TargetMachine \
        TargetDomain TargetService TargetIP TargetNetworkName NtlmUsageId NtlmUsageReason NegotiatedFlags \
        NtlmVersion SessionKeyStatus ChannelBindingStatus ServiceBinding MicStatus AvlFlags AvlFlagsStr"),
    (Ntlm, &[4022, 4023], 0, "ProcessName ProcessPID Username DomainName RemoteClientMachine ClientIP \
        ClientNetworkName NegotiatedFlags NtlmVersion SessionKeyStatus ChannelBindingStatus ServiceBinding \
        TargetMachine TargetDomain MicStatus AvFlags AvFlagsStr Status StatusMsg"),
    // The events of a domain controller come from Security-Netlogon; old builds wrote them as Microsoft-Windows-NTLM.
    (Ntlm, DC_NTLM, 0, SCHANNEL),
    (SecurityNetlogon, DC_NTLM, 0, SCHANNEL),
    (Ntlm, &[4030, 4031], 0, FORWARDED),
    (SecurityNetlogon, &[4030, 4031], 0, FORWARDED),
    (Ntlm, &[100], 0, POLICY),
    (Ntlm, &[101, 301], 0, POLICY),
    (SecurityNetlogon, &[100, 101, 301], 0, POLICY),
    (SecurityNetlogon, &[9000], 0, "AccountName AccountDomain Status"),
    (SecurityNetlogon, &[9001, 9002, 9003], 0, "Account Status"),
    (SecurityNetlogon, &[9005, 9006], 0, "Status Protocol"),
    (SecurityNetlogon, &[9009], 0, "DomainName"),
    (SecurityNetlogon, &[9010], 0, "DNSDomainName DomainName DomainController"),

    (Pool, &[5002, 5009, 5011, 5021, 5057, 5059, 5127, 5189, 5191], 0, "AppPoolID"),
    (IisConfig, &[29], 0, "PhysicalPath ConfigPath EffectiveLocationPath Configuration EditOperationType OldValue \
        NewValue"),
    (Http, &[15016], 0, "DeviceObject SecurityPackage"),
    (Http, &[15021], 0, "DeviceObject Endpoint"),
    (Http, &[15005, 15007, 15008, 15300, 15301, 15302], 0, "DeviceObject"),
];

const DC_NTLM: &[u32] = &[4004, 4005, 4006, 8004, 8005, 8006];
const SCHANNEL: &str = "SChannelName UserName DomainName WorkstationName SChannelType";
const POLICY: &str = "AccountName DeviceName Status SiloName PolicyName";
const FORWARDED: &str = "DCName AccountName AccountDomain AccountMachine ServerName ServerDomain ForwarderType \
     ForwarderName ForwarderDomain ForwarderIP NtlmVersion ServiceBinding TargetMachine TargetDomain MicStatus AvFlags \
     AvFlagsStr Status StatusMsg";

#[cfg(test)]
mod tests {
    use super::*;

    fn names(family: Family, id: u32, version: u8) -> Vec<&'static str> {
        of(family, id, version).collect()
    }

    #[test]
    fn versions_only_append_except_4624_version_3() {
        assert_eq!(names(Security, 4742, 0).len(), 29);
        assert_eq!(names(Security, 4741, 0).len(), 28);
        assert_eq!(names(Security, 4768, 2).len(), 24);
        assert_eq!(names(Security, 4769, 9).len(), 21);
        assert_eq!(
            names(Security, 4624, 2).get(22),
            Some(&"TargetOutboundUserName")
        );
        assert_eq!(
            names(Security, 4624, 3).get(22),
            Some(&"RemoteCredentialGuard")
        );
        assert!(names(Security, 4688, 0).is_empty());
    }

    #[test]
    fn every_row_is_of_a_wanted_event_and_stands_once() {
        let mut met = std::collections::BTreeSet::new();
        for (family, ids, version, list) in TABLE {
            assert!(!list.is_empty());
            for id in *ids {
                assert!(
                    met.insert((format!("{family:?}"), id, version)),
                    "{family:?} {id} twice"
                );
            }
        }
    }
}
