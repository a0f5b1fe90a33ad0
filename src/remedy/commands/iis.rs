//! appcmd: configuration of IIS. The tool is not on the search path, so it is called by its place; `/commit:apphost`
//! writes to applicationHost.config, where the authentication sections are unlocked.

use super::Written;
use crate::remedy::quoting::{Line, cmd};

const WINDOWS_AUTH: &str =
    "-section:system.webServer/security/authentication/windowsAuthentication";

/// A provider of Windows authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Kerberos, and NTLM where Kerberos is not possible.
    Negotiate,
    /// NTLM only.
    Ntlm,
    /// Kerberos without NTLM; needs kernel mode off.
    NegotiateKerberos,
    /// PKU2U without NTLM; needs kernel mode off.
    NegotiatePku2u,
}

fn appcmd() -> Line {
    cmd(r"%windir%\system32\inetsrv\appcmd.exe")
}

fn set_windows_auth(location: &str) -> Line {
    appcmd()
        .arg("set")
        .arg("config")
        .value(location)
        .arg(WINDOWS_AUTH)
}

/// Keeps a copy of the configuration under a name; to be done before any change.
pub fn appcmd_add_backup(name: &str) -> Written {
    appcmd().arg("add").arg("backup").value(name).build()
}

/// Puts a kept configuration back. Stops and starts IIS: every site is interrupted.
pub fn appcmd_restore_backup(name: &str) -> Written {
    appcmd().arg("restore").arg("backup").value(name).build()
}

/// The effective settings of a section at a location (`Site` or `Site/App`). Changes nothing.
/// The section is `system.webServer/security/authentication/windowsAuthentication` and the like.
pub fn appcmd_list_section(location: &str, section: &str) -> Written {
    appcmd()
        .arg("list")
        .arg("config")
        .value(location)
        .option("-section:", section)
        .build()
}

/// Sets an attribute of Windows authentication at a location; `attribute` is a literal with its switch:
/// `/useAppPoolCredentials:`, `/extendedProtection.tokenChecking:`.
pub fn appcmd_set_windows_auth(location: &str, attribute: &'static str, value: &str) -> Written {
    set_windows_auth(location)
        .option(attribute, value)
        .arg("/commit:apphost")
        .build()
}

/// Adds a provider behind those that are there.
pub fn appcmd_add_provider(location: &str, provider: Provider) -> Written {
    let element = match provider {
        Provider::Negotiate => r#"/+"providers.[value='Negotiate']""#,
        Provider::Ntlm => r#"/+"providers.[value='NTLM']""#,
        Provider::NegotiateKerberos => r#"/+"providers.[value='Negotiate:Kerberos']""#,
        Provider::NegotiatePku2u => r#"/+"providers.[value='Negotiate:PKU2U']""#,
    };
    set_windows_auth(location)
        .arg(element)
        .arg("/commit:apphost")
        .build()
}

/// Removes a provider.
pub fn appcmd_remove_provider(location: &str, provider: Provider) -> Written {
    let element = match provider {
        Provider::Negotiate => r#"/-"providers.[value='Negotiate']""#,
        Provider::Ntlm => r#"/-"providers.[value='NTLM']""#,
        Provider::NegotiateKerberos => r#"/-"providers.[value='Negotiate:Kerberos']""#,
        Provider::NegotiatePku2u => r#"/-"providers.[value='Negotiate:PKU2U']""#,
    };
    set_windows_auth(location)
        .arg(element)
        .arg("/commit:apphost")
        .build()
}

/// Takes an SPN from those that extended protection accepts.
pub fn appcmd_remove_accepted_spn(location: &str, spn: &str) -> Written {
    set_windows_auth(location)
        .nested(r#"/-"extendedProtection.[name='"#, spn, r#"']""#)
        .arg("/commit:apphost")
        .build()
}

/// Adds an SPN to those that extended protection accepts.
pub fn appcmd_add_accepted_spn(location: &str, spn: &str) -> Written {
    set_windows_auth(location)
        .nested(r#"/+"extendedProtection.[name='"#, spn, r#"']""#)
        .arg("/commit:apphost")
        .build()
}

/// Turns anonymous authentication on or off at a location.
pub fn appcmd_set_anonymous(location: &str, enabled: bool) -> Written {
    appcmd()
        .arg("set")
        .arg("config")
        .value(location)
        .arg("-section:system.webServer/security/authentication/anonymousAuthentication")
        .arg(if enabled {
            "/enabled:true"
        } else {
            "/enabled:false"
        })
        .arg("/commit:apphost")
        .build()
}

/// Lets the rights of the user on files count at a location, or those of the worker process.
pub fn appcmd_set_user_override(location: &str, worker: bool) -> Written {
    appcmd()
        .arg("set")
        .arg("config")
        .value(location)
        .arg("-section:system.webServer/serverRuntime")
        .arg(if worker {
            "/authenticatedUserOverride:UseWorkerProcessUser"
        } else {
            "/authenticatedUserOverride:UseAuthenticatedUser"
        })
        .arg("/commit:apphost")
        .build()
}

/// Allows connections to stay open at a location, or not.
pub fn appcmd_set_keep_alive(location: &str, allowed: bool) -> Written {
    appcmd()
        .arg("set")
        .arg("config")
        .value(location)
        .arg("-section:system.webServer/httpProtocol")
        .arg(if allowed {
            "/allowKeepAlive:true"
        } else {
            "/allowKeepAlive:false"
        })
        .arg("/commit:apphost")
        .build()
}

/// Turns Basic authentication on or off at a location.
pub fn appcmd_set_basic(location: &str, enabled: bool) -> Written {
    appcmd()
        .arg("set")
        .arg("config")
        .value(location)
        .arg("-section:system.webServer/security/authentication/basicAuthentication")
        .arg(if enabled {
            "/enabled:true"
        } else {
            "/enabled:false"
        })
        .arg("/commit:apphost")
        .build()
}

/// The modules in force for an application (`Site/` for the root one). Changes nothing.
pub fn appcmd_list_modules(application: &str) -> Written {
    appcmd()
        .arg("list")
        .arg("modules")
        .option("/app.name:", application)
        .build()
}

/// The headers of an answer to a request without credentials: the challenge is among them. Changes nothing.
pub fn show_challenge(url: &str) -> Written {
    cmd("curl.exe").arg("-s -k -I").value(url).build()
}

/// Recycles an application pool, so that it starts with its present identity and settings.
pub fn appcmd_recycle(pool: &str) -> Written {
    appcmd()
        .arg("recycle")
        .arg("apppool")
        .option("/apppool.name:", pool)
        .build()
}

/// Starts an application pool that has stopped.
pub fn appcmd_start_pool(pool: &str) -> Written {
    appcmd()
        .arg("start")
        .arg("apppool")
        .option("/apppool.name:", pool)
        .build()
}

/// The worker processes of a pool, to see that it runs. Changes nothing.
pub fn appcmd_list_workers(pool: &str) -> Written {
    appcmd()
        .arg("list")
        .arg("wp")
        .option("/apppool.name:", pool)
        .build()
}
