//! The group SPN against small cases: found, not called by its look-alike, not assessed, and the traps that concern it.

mod absent;
mod decision_table;
mod doubt;
mod duplicates;
mod farms;
mod mismatches;
mod reasons;
mod shadowed;
mod written;

use crate::testkit::{Happening, Kit, config, pool, site, windows};

pub(crate) const PORTAL: &str = "HTTP/portal.corp.example";
pub(crate) const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
pub(crate) const OLD: &str = "CN=svc_old,OU=Service,DC=corp,DC=example";
pub(crate) const WEB01: &str = "CN=WEB01,CN=Computers,DC=corp,DC=example";
pub(crate) const WEB02: &str = "CN=WEB02,CN=Computers,DC=corp,DC=example";
/// Windows authentication as installed: kernel mode, the computer account opens tickets.
pub(crate) const MACHINE: &str = "enabled=\"true\"";
/// The pool's account opens tickets.
pub(crate) const POOL: &str = "enabled=\"true\" useAppPoolCredentials=\"true\"";

/// One site with one binding, its pool running as `CORP\svc_web`.
pub(crate) fn server(attributes: &str, binding: &str) -> String {
    config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", binding, "Portal"),
        &windows(attributes),
        "",
    )
}

/// WEB01 with that site, known by its name.
pub(crate) fn web01(attributes: &str, binding: &str) -> Kit {
    Kit::new()
        .config("WEB01/applicationHost.config", &server(attributes, binding))
        .silent("WEB01.corp.example", "System")
}

/// WEB01 with the site at its usual name.
pub(crate) fn portal(attributes: &str) -> Kit {
    web01(attributes, "*:80:portal.corp.example")
}

/// `setspn -L`.
pub(crate) fn list(account: &str, dn: &str, spns: &[&str]) -> String {
    let mut text =
        format!("C:\\>setspn -L {account}\nRegistered ServicePrincipalNames for {dn}:\n");
    for spn in spns {
        text.push_str(&format!("        {spn}\n"));
    }
    text
}

/// The list of WEB01 as installed.
pub(crate) fn web01_list() -> String {
    list(
        "WEB01",
        WEB01,
        &[
            "HOST/WEB01",
            "HOST/WEB01.corp.example",
            "RestrictedKrbHost/WEB01",
            "RestrictedKrbHost/WEB01.corp.example",
        ],
    )
}

/// KDC event 11 on a domain controller.
pub(crate) fn kdc_11(name: &str) -> Happening {
    crate::testkit::system(
        "Microsoft-Windows-Kerberos-Key-Distribution-Center",
        11,
        &[("Name", name), ("Type", "DS_SERVICE_PRINCIPAL_NAME")],
    )
}

/// NTLM 4020 on a client, with its reason.
pub(crate) fn ntlm_4020(target: &str, reason: &str) -> Happening {
    Happening {
        channel: "Microsoft-Windows-NTLM/Operational",
        provider: "Microsoft-Windows-NTLM",
        id: 4020,
        values: vec![
            ("Username", "uma".into()),
            ("DomainName", "CORP".into()),
            ("TargetService", target.into()),
            ("NtlmUsageId", reason.into()),
        ],
    }
}

/// IIS-Configuration 29.
pub(crate) fn iis_29(configuration: &str, old: &str, new: &str) -> Happening {
    Happening {
        channel: "Microsoft-IIS-Configuration/Operational",
        provider: "Microsoft-Windows-IIS-Configuration",
        id: 29,
        values: vec![
            ("PhysicalPath", "applicationHost.config".into()),
            ("ConfigPath", "MACHINE/WEBROOT/APPHOST".into()),
            ("EffectiveLocationPath", String::new()),
            ("Configuration", configuration.into()),
            ("EditOperationType", "2".into()),
            ("OldValue", old.into()),
            ("NewValue", new.into()),
        ],
    }
}
