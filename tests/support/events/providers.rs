//! The providers, as their events name them.

use crate::support::evtx_writer::{Provider, Shape};

const CLASSIC_KEYWORD: u64 = 0x0080_0000_0000_0000;
const CHANNEL_KEYWORD: u64 = 0x8000_0000_0000_0000;

const fn manifest(
    name: &'static str,
    guid: u128,
    channel: &'static str,
    keywords: u64,
) -> Provider {
    Provider {
        name,
        guid: Some(guid),
        source: None,
        channel,
        shape: Shape::Manifest,
        qualifiers: None,
        keywords,
    }
}

const fn classic(
    name: &'static str,
    guid: u128,
    source: &'static str,
    qualifiers: u16,
) -> Provider {
    Provider {
        name,
        guid: Some(guid),
        source: Some(source),
        channel: "System",
        shape: Shape::Classic,
        qualifiers: Some(qualifiers),
        keywords: CLASSIC_KEYWORD,
    }
}

/// The Security log.
pub const SECURITY: Provider = manifest(
    "Microsoft-Windows-Security-Auditing",
    0x54849625_5478_4994_a5ba_3e3b0328c30d,
    "Security",
    0x8020_0000_0000_0000,
);
/// NTLM/Operational.
pub const NTLM: Provider = manifest(
    "Microsoft-Windows-NTLM",
    0xac43300d_5fcc_4800_8e99_1bd3f85f0320,
    "Microsoft-Windows-NTLM/Operational",
    CHANNEL_KEYWORD,
);
/// Netlogon's auditing of NTLM on domain controllers, and its own operational log.
pub const SECURITY_NETLOGON: Provider = manifest(
    "Microsoft-Windows-Security-Netlogon",
    0xe5ba83f6_07d0_46b1_8bc7_7e669a1d31dc,
    "Microsoft-Windows-Security-Netlogon/Operational",
    CHANNEL_KEYWORD,
);
/// Changes of the IIS configuration.
pub const IIS_CONFIGURATION: Provider = manifest(
    "Microsoft-Windows-IIS-Configuration",
    0xdc0b8e51_4863_407a_bc3c_1b479b2978ac,
    "Microsoft-IIS-Configuration/Operational",
    CHANNEL_KEYWORD,
);
/// The time service.
pub const TIME_SERVICE: Provider = manifest(
    "Microsoft-Windows-Time-Service",
    0x06edcfeb_0fd1_4e53_acca_a6f8bbf81bcb,
    "System",
    CHANNEL_KEYWORD,
);
/// The Kerberos client.
pub const KERBEROS: Provider = classic(
    "Microsoft-Windows-Security-Kerberos",
    0x98e6cfcb_ee0a_41e0_a57b_622d4e1b30b1,
    "Kerberos",
    16_384,
);
/// The Key Distribution Center.
pub const KDC: Provider = classic(
    "Microsoft-Windows-Kerberos-Key-Distribution-Center",
    0x3fd9da1a_5a54_46c5_9a26_9bd7c0685056,
    "KDC",
    49_152,
);
/// The Local Security Authority.
pub const LSA_SRV: Provider = classic(
    "LsaSrv",
    0x199fe037_2b82_40a9_82ac_e1d46c792b99,
    "LsaSrv",
    0,
);
/// Windows Process Activation Service.
pub const WAS: Provider = classic(
    "Microsoft-Windows-WAS",
    0x524b5d04_133c_4a62_8362_64e8edb9ce40,
    "WAS",
    32_768,
);
/// http.sys.
pub const HTTP_EVENT: Provider = classic(
    "Microsoft-Windows-HttpEvent",
    0x7b6bc78c_898b_4170_bbf8_1a469ea43fc5,
    "HTTP",
    49_152,
);
/// The service control manager.
pub const SERVICE_CONTROL: Provider = classic(
    "Service Control Manager",
    0x555908d1_a6d7_4695_8e1e_26931d2012f4,
    "Service Control Manager",
    16_384,
);
/// DCOM.
pub const DCOM: Provider = classic(
    "Microsoft-Windows-DistributedCOM",
    0x1b562e86_b7aa_4131_badc_b6f3a001407e,
    "DCOM",
    0,
);
/// NETLOGON, a source without a manifest.
pub const NETLOGON: Provider = Provider {
    name: "NETLOGON",
    guid: None,
    source: None,
    channel: "System",
    shape: Shape::Classic,
    qualifiers: Some(0),
    keywords: CLASSIC_KEYWORD,
};
