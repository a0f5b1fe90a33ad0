//! How the messages of labelled events are laid out: which value stands behind which label of which section.
//!
//! A line in column 0 that ends with a colon is a section, the indented lines below it are its values, `label=field`.
//! The layout of an event that grew is its newest one; older ones follow for messages in other languages, which are read
//! by position and only where their shape is exactly that of a layout.

use std::sync::LazyLock;

use crate::readers::events::Family;

/// A section of a message: its heading, empty for a value that stands alone, and its values as (label, field).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) fields: Vec<(&'static str, &'static str)>,
}

/// A layout.
pub(super) type Layout = Vec<Section>;

/// The layouts of an event, the newest first.
pub(super) fn of(family: Family, id: u32) -> Option<&'static [Layout]> {
    TABLE
        .iter()
        .find(|row| row.0 == family && row.1.contains(&id))
        .map(|row| row.2.as_slice())
}

/// An event's layouts, the newest first.
type Layouts = (Family, &'static [u32], Vec<Layout>);

static TABLE: LazyLock<Vec<Layouts>> = LazyLock::new(|| {
    ROWS.iter()
        .map(|(family, ids, texts)| {
            (
                *family,
                *ids,
                texts.iter().map(|text| layout(text)).collect(),
            )
        })
        .collect()
});

fn layout(text: &'static str) -> Layout {
    let mut sections: Layout = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let Some((label, field)) = line.split_once('=') else {
            sections.push(Section {
                heading: line.trim_end_matches(':'),
                fields: Vec::new(),
            });
            continue;
        };
        match sections.last_mut() {
            Some(section) if line.starts_with(' ') => {
                section.fields.push((label.trim_start(), field));
            }
            _ => sections.push(Section {
                heading: "",
                fields: vec![(label, field)],
            }),
        }
    }
    sections
}

macro_rules! subject {
    () => {
        "Subject:\n Security ID=SubjectUserSid\n Account Name=SubjectUserName\n Account Domain=SubjectDomainName\n \
         Logon ID=SubjectLogonId\n"
    };
}
macro_rules! target {
    ($heading:literal) => {
        concat!(
            $heading,
            ":\n Security ID=TargetSid\n Account Name=TargetUserName\n Account Domain=TargetDomainName\n"
        )
    };
}
macro_rules! attributes {
    ($heading:literal) => {
        concat!(
            $heading,
            ":\n SAM Account Name=SamAccountName\n Display Name=DisplayName\n User Principal Name=UserPrincipalName\n \
             Home Directory=HomeDirectory\n Home Drive=HomePath\n Script Path=ScriptPath\n Profile Path=ProfilePath\n \
             User Workstations=UserWorkstations\n Password Last Set=PasswordLastSet\n Account Expires=AccountExpires\n \
             Primary Group ID=PrimaryGroupId\n AllowedToDelegateTo=AllowedToDelegateTo\n Old UAC Value=OldUacValue\n \
             New UAC Value=NewUacValue\n User Account Control=UserAccountControl\n User Parameters=UserParameters\n \
             SID History=SidHistory\n Logon Hours=LogonHours\n"
        )
    };
}
macro_rules! certificate {
    () => {
        "Certificate Information:\n Certificate Issuer Name=CertIssuerName\n Certificate Serial Number=CertSerialNumber\n \
         Certificate Thumbprint=CertThumbprint\n"
    };
}
macro_rules! certificate_of_user {
    ($after_user:literal) => {
        concat!(
            "User=AccountName\n",
            $after_user,
            "Certificate Subject=Subject\nCertificate Issuer=Issuer\nCertificate Serial Number=SerialNumber\n\
             Certificate Thumbprint=Thumbprint\n"
        )
    };
}
macro_rules! new_logon {
    ($more:literal) => {
        concat!(
            "New Logon:\n Security ID=TargetUserSid\n Account Name=TargetUserName\n Account Domain=TargetDomainName\n \
             Logon ID=TargetLogonId\n",
            $more,
            " Logon GUID=LogonGuid\nProcess Information:\n Process ID=ProcessId\n Process Name=ProcessName\n\
             Network Information:\n Workstation Name=WorkstationName\n Source Network Address=IpAddress\n Source Port=IpPort\n\
             Detailed Authentication Information:\n Logon Process=LogonProcessName\n \
             Authentication Package=AuthenticationPackageName\n Transited Services=TransmittedServices\n \
             Package Name (NTLM only)=LmPackageName\n Key Length=KeyLength\n"
        )
    };
}
macro_rules! addresses {
    () => {
        "Network Information:\n Client Address=IpAddress\n Client Port=IpPort\n"
    };
}
const NTLM_CLIENT: &str = "Target server=TargetName\nSupplied user=UserName\nSupplied domain=DomainName\n\
    PID of client process=CallerPID\nName of client process=ProcessName\nLUID of client process=ClientLUID\n\
    User identity of client process=ClientUserName\nDomain name of user identity of client process=ClientDomainName\n\
    Mechanism OID=MechanismOID\n";
const NTLM_SERVER: &str = "Calling process PID=CallerPID\nCalling process name=ProcessName\nCalling process LUID=ClientLUID\n\
    Calling process user identity=ClientUserName\nCalling process domain identity=ClientDomainName\n\
    Mechanism OID=MechanismOID\n";
const NTLM_DOMAIN: &str = "User=UserName\nDomain=DomainName\nWorkstation=Workstation\nPID=CallerPID\nProcess=ProcessName\n\
    Logon type=LogonType\nInProc=InProc\nMechanism=MechanismOID\n";
const NTLM_CONTROLLER: &str = "Secure Channel name=SChannelName\nUser name=UserName\nDomain name=DomainName\n\
    Workstation name=WorkstationName\nSecure Channel type=SChannelType\n";

type Row = (Family, &'static [u32], &'static [&'static str]);

use Family::{Kdc, Kerberos, Ntlm, Security, SecurityNetlogon};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (Security, &[4624], &[
        concat!(subject!(), "Logon Information:\n Logon Type=LogonType\n Restricted Admin Mode=RestrictedAdminMode\n \
            Remote Credential Guard=RemoteCredentialGuard\n Virtual Account=VirtualAccount\n Elevated Token=ElevatedToken\n\
            Impersonation Level=ImpersonationLevel\n", new_logon!(" Linked Logon ID=TargetLinkedLogonId\n \
            Network Account Name=TargetOutboundUserName\n Network Account Domain=TargetOutboundDomainName\n")),
        concat!(subject!(), "Logon Information:\n Logon Type=LogonType\n Restricted Admin Mode=RestrictedAdminMode\n \
            Virtual Account=VirtualAccount\n Elevated Token=ElevatedToken\nImpersonation Level=ImpersonationLevel\n",
            new_logon!(" Linked Logon ID=TargetLinkedLogonId\n Network Account Name=TargetOutboundUserName\n \
            Network Account Domain=TargetOutboundDomainName\n")),
        concat!(subject!(), "Logon Type=LogonType\nImpersonation Level=ImpersonationLevel\n", new_logon!("")),
        concat!(subject!(), "Logon Type=LogonType\n", new_logon!("")),
    ]),
    (Security, &[4625], &[concat!(subject!(), "Logon Type=LogonType\nAccount For Which Logon Failed:\n \
        Security ID=TargetUserSid\n Account Name=TargetUserName\n Account Domain=TargetDomainName\nFailure Information:\n \
        Failure Reason=FailureReason\n Status=Status\n Sub Status=SubStatus\nProcess Information:\n \
        Caller Process ID=ProcessId\n Caller Process Name=ProcessName\nNetwork Information:\n \
        Workstation Name=WorkstationName\n Source Network Address=IpAddress\n Source Port=IpPort\n\
        Detailed Authentication Information:\n Logon Process=LogonProcessName\n \
        Authentication Package=AuthenticationPackageName\n Transited Services=TransmittedServices\n \
        Package Name (NTLM only)=LmPackageName\n Key Length=KeyLength\n")]),
    (Security, &[4648], &[concat!(subject!(), " Logon GUID=LogonGuid\nAccount Whose Credentials Were Used:\n \
        Account Name=TargetUserName\n Account Domain=TargetDomainName\n Logon GUID=TargetLogonGuid\nTarget Server:\n \
        Target Server Name=TargetServerName\n Additional Information=TargetInfo\nProcess Information:\n \
        Process ID=ProcessId\n Process Name=ProcessName\nNetwork Information:\n Network Address=IpAddress\n Port=IpPort\n")]),
    (Security, &[4722, 4723, 4724, 4725, 4726, 4767], &[concat!(subject!(), target!("Target Account"))]),
    (Security, &[4743], &[concat!(subject!(), target!("Target Computer"))]),
    (Security, &[4728, 4732, 4756], &[concat!(subject!(), "Member:\n Security ID=MemberSid\n Account Name=MemberName\n\
        Group:\n Security ID=TargetSid\n Group Name=TargetUserName\n Group Domain=TargetDomainName\n")]),
    (Security, &[4738], &[concat!(subject!(), target!("Target Account"), attributes!("Changed Attributes"))]),
    (Security, &[4741], &[concat!(subject!(), target!("New Computer Account"), attributes!("Attributes"),
        " DNS Host Name=DnsHostName\n Service Principal Names=ServicePrincipalNames\n")]),
    (Security, &[4742], &[concat!(subject!(), target!("Computer Account That Was Changed"),
        attributes!("Changed Attributes"), " DNS Host Name=DnsHostName\n Service Principal Names=ServicePrincipalNames\n")]),
    (Security, &[4740], &[concat!(subject!(), "Account That Was Locked Out:\n Security ID=TargetSid\n \
        Account Name=TargetUserName\nAdditional Information:\n Caller Computer Name=TargetDomainName\n")]),
    (Security, &[4768], &[concat!("Account Information:\n Account Name=TargetUserName\n \
        Supplied Realm Name=TargetDomainName\n User ID=TargetSid\nService Information:\n Service Name=ServiceName\n \
        Service ID=ServiceSid\n", addresses!(), "Additional Information:\n Ticket Options=TicketOptions\n \
        Result Code=Status\n Ticket Encryption Type=TicketEncryptionType\n Pre-Authentication Type=PreAuthType\n",
        certificate!())]),
    (Security, &[4769], &[concat!("Account Information:\n Account Name=TargetUserName\n Account Domain=TargetDomainName\n \
        Logon GUID=LogonGuid\nService Information:\n Service Name=ServiceName\n Service ID=ServiceSid\n", addresses!(),
        "Additional Information:\n Ticket Options=TicketOptions\n Ticket Encryption Type=TicketEncryptionType\n \
        Failure Code=Status\n Transited Services=TransmittedServices\n")]),
    (Security, &[4771], &[concat!("Account Information:\n Security ID=TargetSid\n Account Name=TargetUserName\n\
        Service Information:\n Service Name=ServiceName\n", addresses!(), "Additional Information:\n \
        Ticket Options=TicketOptions\n Failure Code=Status\n Pre-Authentication Type=PreAuthType\n", certificate!())]),
    (Security, &[4776], &["Authentication Package=PackageName\nLogon Account=TargetUserName\n\
        Source Workstation=Workstation\nError Code=Status\n"]),
    (Security, &[5136], &[concat!(subject!(), "Directory Service:\n Name=DSName\n Type=DSType\nObject:\n DN=ObjectDN\n \
        GUID=ObjectGUID\n Class=ObjectClass\nAttribute:\n LDAP Display Name=AttributeLDAPDisplayName\n \
        Syntax (OID)=AttributeSyntaxOID\n Value=AttributeValue\nOperation:\n Type=OperationType\n \
        Correlation ID=OpCorrelationID\n Application Correlation ID=AppCorrelationID\n")]),
    (Kerberos, &[3], &[
        "on logon session =LogonSession\nClient Time=ClientTime\nServer Time=ServerTime\nError Code=ErrorCode\n\
            Extended Error=ExtendedError\nClient Realm=ClientRealm\nClient Name=ClientName\nServer Realm=ServerRealm\n\
            Server Name=ServerName\nTarget Name=TargetName\nError Text=ErrorText\nFile=File\nLine=Line\n",
        // The sentence that leads the message stands like a heading.
        ":\n Client Time=ClientTime\n Server Time=ServerTime\n Error Code=ErrorCode\n Extended Error=ExtendedError\n \
            Client Realm=ClientRealm\n Client Name=ClientName\n Server Realm=ServerRealm\n Server Name=ServerName\n \
            Target Name=TargetName\n Error Text=ErrorText\n File=File\n Line=Line\n",
    ]),
    // KB5014754. The names of 39 are those of its values; 40 and 41 have two more.
    (Kdc, &[39], &[certificate_of_user!("")]),
    (Kdc, &[40], &[concat!(certificate_of_user!(""), "Certificate Issuance Time=CertificateIssuanceTime\n\
        Account Creation Time=AccountCreationTime\n")]),
    (Kdc, &[41], &[concat!(certificate_of_user!("User SID=UserSid\n"), "Certificate SID=CertificateSid\n")]),
    // KB5073381. The heading of the first section has no colon.
    (Kdc, &[201, 202, 203, 204, 206, 207, 208, 209], &["Account Information:\n Account Name=AccountName\n \
        Supplied Realm Name=SuppliedRealm\n msds-SupportedEncryptionTypes=AccountSupportedEncryptionTypes\n \
        Available Keys=AccountAvailableKeys\nService Information:\n Service Name=ServiceName\n Service ID=ServiceID\n \
        msds-SupportedEncryptionTypes=ServiceSupportedEncryptionTypes\n Available Keys=ServiceAvailableKeys\n\
        Domain Controller Information:\n msds-SupportedEncryptionTypes=DCSupportedEncryptionTypes\n \
        DefaultDomainSupportedEncTypes=DefaultDomainSupportedEncTypes\n Available Keys=DCAvailableKeys\n\
        Network Information:\n Client Address=ClientAddress\n Client Port=ClientPort\n \
        Advertized Etypes=AdvertizedEtypes\n"]),
    (Kerberos, &[201, 202], &[NTLM_CLIENT]),
    (Ntlm, &[4001, 4013, 8001], &[NTLM_CLIENT]),
    (Ntlm, &[4002, 8002], &[NTLM_SERVER]),
    (Ntlm, &[4003, 8003], &[NTLM_DOMAIN]),
    (Ntlm, &[4004, 4005, 4006, 8004, 8005, 8006], &[NTLM_CONTROLLER]),
    (SecurityNetlogon, &[4004, 4005, 4006, 8004, 8005, 8006], &[NTLM_CONTROLLER]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_has_each_field_once() {
        for (family, ids, layouts) in TABLE.iter() {
            assert!(!layouts.is_empty());
            for layout in layouts {
                let mut fields: Vec<&str> = layout
                    .iter()
                    .flat_map(|section| section.fields.iter().map(|(_, field)| *field))
                    .collect();
                let count = fields.len();
                fields.sort_unstable();
                fields.dedup();
                assert_eq!(fields.len(), count, "{family:?} {ids:?}");
                assert!(
                    count >= 4 && layout.iter().all(|s| !s.fields.is_empty()),
                    "{layout:?}"
                );
            }
        }
        let failed = of(Security, 4625).expect("a layout");
        assert_eq!(failed[0].len(), 7);
        assert_eq!(failed[0][1].heading, "");
    }
}
