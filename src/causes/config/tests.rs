//! The group CFG against small cases, and against real configurations.

mod all_off;
mod challenge;
mod elsewhere;
mod farm;
mod mistaken;
mod providers;
mod samples;
mod scope;

use crate::testkit::{Happening, Kit, config, pool, security, site, windows};

const NAME: &str = "portal.corp.example";
const PATH: &str = "WEB01/applicationHost.config";

/// A server with the site Portal, its Windows authentication section and its locations.
fn portal(root_windows: &str, locations: &str) -> String {
    config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        root_windows,
        locations,
    )
}

/// The site Portal with Windows authentication on and a list of providers.
fn offering(attributes: &str, providers: &[&str]) -> String {
    let list: String = providers
        .iter()
        .map(|p| format!("<add value=\"{p}\" />"))
        .collect();
    portal(
        &format!(
            "<windowsAuthentication enabled=\"true\" {attributes}><providers>{list}</providers></windowsAuthentication>"
        ),
        "",
    )
}

/// A location with authentication sections.
fn location(path: &str, sections: &str) -> String {
    format!(
        "<location path=\"{path}\"><system.webServer><security><authentication>{sections}</authentication></security></system.webServer></location>"
    )
}

/// One site with two applications: `/` and `/hr`.
fn two_applications(root_windows: &str, locations: &str) -> String {
    let site = site("Portal", "*:80:portal.corp.example", "Portal").replace(
        "<bindings>",
        "<application path=\"/hr\" applicationPool=\"Portal\"><virtualDirectory path=\"/\" physicalPath=\"D:\\hr\" /></application><bindings>",
    );
    config(
        &pool("Portal", "CORP\\svc_web"),
        &site,
        root_windows,
        locations,
    )
}

fn server(text: &str) -> Kit {
    Kit::new().config(PATH, text)
}

/// IIS-Configuration 29 at a location.
fn changed(location: &str, setting: &str, old: &str, new: &str) -> Happening {
    Happening {
        channel: "Microsoft-IIS-Configuration/Operational",
        provider: "Microsoft-Windows-IIS-Configuration",
        id: 29,
        values: vec![
            (
                "PhysicalPath",
                r"\\?\C:\Windows\system32\inetsrv\config\applicationHost.config".into(),
            ),
            ("ConfigPath", "MACHINE/WEBROOT/APPHOST".into()),
            ("EffectiveLocationPath", location.into()),
            (
                "Configuration",
                format!("/system.webServer/security/authentication/{setting}"),
            ),
            ("EditOperationType", "1".into()),
            ("OldValue", old.into()),
            ("NewValue", new.into()),
        ],
    }
}

/// 4624 of type 3 by NTLM.
fn ntlm_logon(user: &str, ip: &str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("LmPackageName", "NTLM V2"),
            ("IpAddress", ip),
            ("IpPort", "50123"),
        ],
    )
}
