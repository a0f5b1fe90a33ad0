//! The keys that authentication depends on, and the values of each that are kept.

/// A key below `HKEY_LOCAL_MACHINE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The local security authority.
    Lsa,
    /// The NTLM package, and the names of the loop-back check.
    Ntlm,
    /// The Kerberos package.
    Kerberos,
    /// The Kerberos package as policy sets it: what "Configure encryption types allowed for Kerberos" writes.
    KerberosPolicy,
    /// http.sys.
    Http,
    /// Netlogon.
    Netlogon,
    /// The KDC of a domain controller.
    Kdc,
}

/// Path and kept values of every key.
const KEYS: &[(Key, &str, &[&str])] = &[
    (
        Key::Lsa,
        r"SYSTEM\CurrentControlSet\Control\Lsa",
        &[
            "DisableLoopbackCheck",
            "LmCompatibilityLevel",
            "CrashOnAuditFail",
        ],
    ),
    (
        Key::Ntlm,
        r"SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0",
        &[
            "BackConnectionHostNames",
            "RestrictSendingNTLMTraffic",
            "RestrictReceivingNTLMTraffic",
            "AuditReceivingNTLMTraffic",
            "ClientAllowedNTLMServers",
            "NtlmMinServerSec",
            "NtlmMinClientSec",
            "BlockNtlmv1SSO",
        ],
    ),
    (
        Key::Kerberos,
        r"SYSTEM\CurrentControlSet\Control\Lsa\Kerberos\Parameters",
        &[
            "SupportedEncryptionTypes",
            "MaxTokenSize",
            "MaxPacketSize",
            "LogLevel",
            "SkewTime",
            "SpnCacheTimeout",
            "S4UCacheTimeout",
            "MaxReferralCount",
            "PacSignatureValidationLevel",
            "CrossDomainFilteringLevel",
        ],
    ),
    (
        Key::KerberosPolicy,
        r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\Kerberos\Parameters",
        &["SupportedEncryptionTypes", "RC4DefaultDisablementPhase"],
    ),
    (
        Key::Http,
        r"SYSTEM\CurrentControlSet\Services\HTTP\Parameters",
        &["MaxFieldLength", "MaxRequestBytes"],
    ),
    (
        Key::Netlogon,
        r"SYSTEM\CurrentControlSet\Services\Netlogon\Parameters",
        &[
            "RestrictNTLMInDomain",
            "DCAllowedNTLMServers",
            "AuditNTLMInDomain",
            "MaxConcurrentApi",
            "DisablePasswordChange",
            "MaximumPasswordAge",
        ],
    ),
    (
        Key::Kdc,
        r"SYSTEM\CurrentControlSet\Services\Kdc",
        &[
            "KdcExtraLogLevel",
            "DefaultDomainSupportedEncTypes",
            "KrbtgtFullPacSignature",
            "PacRequestorEnforcement",
            "StrongCertificateBindingEnforcement",
        ],
    ),
];

impl Key {
    /// Every key.
    pub fn all() -> impl Iterator<Item = Self> {
        KEYS.iter().map(|(key, ..)| *key)
    }

    /// The key of a path in any of its spellings: `HKLM\…`, `HKEY_LOCAL_MACHINE\…`, `HKLM:\…`, `ControlSet001`, and the
    /// `MACHINE\…` of security templates.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let path = path.trim().trim_end_matches('\\');
        let (root, rest) = path.split_once('\\')?;
        let root = root.trim_end_matches(':').to_ascii_uppercase();
        if !matches!(root.as_str(), "HKLM" | "HKEY_LOCAL_MACHINE" | "MACHINE") {
            return None;
        }
        let mut rest = rest.to_ascii_uppercase();
        for number in ["CONTROLSET001", "CONTROLSET002", "CONTROLSET003"] {
            rest = rest.replace(number, "CURRENTCONTROLSET");
        }
        KEYS.iter()
            .find(|(_, path, _)| path.eq_ignore_ascii_case(&rest))
            .map(|(key, ..)| *key)
    }

    /// The names of the values that are kept.
    pub fn wanted(self) -> &'static [&'static str] {
        KEYS.iter()
            .find(|(key, ..)| *key == self)
            .map_or(&[], |(.., names)| names)
    }

    /// Its path below `HKEY_LOCAL_MACHINE`.
    pub fn path(self) -> &'static str {
        KEYS.iter()
            .find(|(key, ..)| *key == self)
            .map_or("", |(_, path, _)| path)
    }
}
