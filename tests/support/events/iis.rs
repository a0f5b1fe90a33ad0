//! WAS, IIS-Configuration/Operational and http.sys (`causes.md` 7.7).

use jiff::Timestamp;

use super::{HTTP_EVENT, IIS_CONFIGURATION, WAS};
use crate::support::directory::Host;
use crate::support::evtx_writer::{EventSpec, Value};

/// A WAS event about a pool: 5002 rapid-fail protection, 5057 identity invalid, 5059 disabled, 5189 no configuration
/// file. `status` is the HRESULT of the binary part.
pub fn pool_event(
    time: Timestamp,
    server: &Host,
    id: u16,
    pool: &str,
    status: Option<u32>,
) -> EventSpec {
    let fields = vec![("AppPoolID", pool.into())];
    let level = if matches!(id, 5021 | 5057) { 3 } else { 2 };
    let event = EventSpec::named(WAS, id, time, &server.fqdn(), fields).level(level);
    match status {
        Some(status) => event.binary(&status.to_le_bytes()),
        None => event,
    }
}

/// WAS 5021: the identity of the pool is invalid; 0x8007052e logon failure, 0x80070569 no batch logon right.
pub fn pool_identity_invalid(time: Timestamp, server: &Host, pool: &str, status: u32) -> EventSpec {
    pool_event(time, server, 5021, pool, Some(status))
}

/// The three events of a pool that cannot log on: 5021, 5057, 5059, within a second.
pub fn pool_logon_failed(
    time: Timestamp,
    server: &Host,
    pool: &str,
    status: u32,
) -> Vec<EventSpec> {
    let later = |ms| time + jiff::SignedDuration::from_millis(ms);
    vec![
        pool_identity_invalid(time, server, pool, status),
        pool_event(later(120), server, 5057, pool, Some(status)),
        pool_event(later(310), server, 5059, pool, None),
    ]
}

/// IIS-Configuration 29: an attribute changed. `configuration` is `/system.webServer/…/@attribute`; `location` the
/// site or path it is for, empty for the server.
pub fn iis_configuration_changed(
    time: Timestamp,
    server: &Host,
    location: &str,
    configuration: &str,
    old: &str,
    new: &str,
) -> EventSpec {
    let path = r"\\?\C:\Windows\system32\inetsrv\config\applicationHost.config";
    let fields: Vec<(&str, Value)> = vec![
        ("PhysicalPath", path.into()),
        ("ConfigPath", "MACHINE/WEBROOT/APPHOST".into()),
        ("EffectiveLocationPath", location.into()),
        ("Configuration", configuration.into()),
        ("EditOperationType", 1.into()),
        ("OldValue", old.into()),
        ("NewValue", new.into()),
    ];
    EventSpec::named(IIS_CONFIGURATION, 29, time, &server.fqdn(), fields)
}

/// IIS-Configuration 50: the changes were committed.
pub fn iis_configuration_committed(time: Timestamp, server: &Host) -> EventSpec {
    let path = r"\\?\C:\Windows\system32\inetsrv\config\applicationHost.config";
    let fields = vec![
        ("PhysicalPath", path.into()),
        ("ConfigPath", "MACHINE/WEBROOT/APPHOST".into()),
    ];
    EventSpec::named(IIS_CONFIGURATION, 50, time, &server.fqdn(), fields)
}

/// HttpEvent 15016: http.sys could not initialise a security package (`Kerberos`, `NTLM`).
pub fn http_package_not_initialised(time: Timestamp, server: &Host, package: &str) -> EventSpec {
    let fields = vec![
        ("DeviceObject", r"\Device\Http\ReqQueue".into()),
        ("SecurityPackage", package.into()),
    ];
    EventSpec::named(HTTP_EVENT, 15016, time, &server.fqdn(), fields)
        .level(2)
        .binary(&0xc000_005e_u32.to_le_bytes())
}
