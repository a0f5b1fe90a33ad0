//! The keys that authentication depends on, and the values of each that are kept.

/// A key below `HKEY_LOCAL_MACHINE`, or of the user who asked.
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
    /// Hosts that are sent to a realm, by realm: what `ksetup /addhosttorealmmap` writes.
    HostToRealm,
    /// Policies of Edge, for all users of the machine.
    EdgePolicy,
    /// Policies of Edge, for the user who asked; below `HKEY_CURRENT_USER`.
    EdgeUserPolicy,
    /// Policies of Chrome, for all users of the machine.
    ChromePolicy,
    /// Policies of Chrome, for the user who asked; below `HKEY_CURRENT_USER`.
    ChromeUserPolicy,
}

/// Policies of Edge and Chrome that authentication depends on (Microsoft Edge browser policy reference).
const BROWSER: &[&str] = &[
    "AuthSchemes",
    "AuthServerAllowlist",
    "AuthNegotiateDelegateAllowlist",
    "DisableAuthNegotiateCnameLookup",
    "EnableAuthNegotiatePort",
    "AmbientAuthenticationInPrivateModesEnabled",
];

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
    (
        Key::HostToRealm,
        r"SYSTEM\CurrentControlSet\Control\Lsa\Kerberos\HostToRealm",
        &["SpnMappings"],
    ),
    (
        Key::EdgePolicy,
        r"SOFTWARE\Policies\Microsoft\Edge",
        BROWSER,
    ),
    (
        Key::EdgeUserPolicy,
        r"SOFTWARE\Policies\Microsoft\Edge",
        BROWSER,
    ),
    (
        Key::ChromePolicy,
        r"SOFTWARE\Policies\Google\Chrome",
        BROWSER,
    ),
    (
        Key::ChromeUserPolicy,
        r"SOFTWARE\Policies\Google\Chrome",
        BROWSER,
    ),
];

impl Key {
    /// Every key.
    pub fn all() -> impl Iterator<Item = Self> {
        KEYS.iter().map(|(key, ..)| *key)
    }

    /// The key of a path in any of its spellings: `HKLM\…`, `HKEY_LOCAL_MACHINE\…`, `HKLM:\…`, `ControlSet001`, and the
    /// `MACHINE\…` of security templates; and the name of the key below it, where those below count as well.
    pub(crate) fn of_path(path: &str) -> Option<(Self, Option<String>)> {
        let path = path.trim().trim_end_matches('\\');
        let (root, shown) = path.split_once('\\')?;
        let root = root.trim_end_matches(':').to_ascii_uppercase();
        let of_user = match root.as_str() {
            "HKLM" | "HKEY_LOCAL_MACHINE" | "MACHINE" => false,
            "HKCU" | "HKEY_CURRENT_USER" => true,
            _ => return None,
        };
        let mut rest = shown.to_ascii_uppercase();
        for number in ["CONTROLSET001", "CONTROLSET002", "CONTROLSET003"] {
            rest = rest.replace(number, "CURRENTCONTROLSET");
        }
        let of = |rest: &str| {
            KEYS.iter()
                .find(|(key, path, _)| {
                    key.is_of_user() == of_user && path.eq_ignore_ascii_case(rest)
                })
                .map(|(key, ..)| *key)
        };
        if let Some(key) = of(&rest) {
            return Some((key, None));
        }
        let (above, _) = rest.rsplit_once('\\')?;
        let (_, below) = shown.rsplit_once('\\')?;
        let key = of(above).filter(|key| *key == Self::HostToRealm)?;
        Some((key, Some(below.to_owned())))
    }

    /// Whether it stands below `HKEY_CURRENT_USER`.
    pub fn is_of_user(self) -> bool {
        matches!(self, Self::EdgeUserPolicy | Self::ChromeUserPolicy)
    }

    /// The names of the values that are kept.
    pub fn wanted(self) -> &'static [&'static str] {
        KEYS.iter()
            .find(|(key, ..)| *key == self)
            .map_or(&[], |(.., names)| names)
    }

    /// Its path below the root.
    pub fn path(self) -> &'static str {
        KEYS.iter()
            .find(|(key, ..)| *key == self)
            .map_or("", |(_, path, _)| path)
    }
}
