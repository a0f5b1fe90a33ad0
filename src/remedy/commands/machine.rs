//! The server and its domain: secure channel, domain controller, clock, role services.

use super::Written;
use crate::remedy::quoting::{cmd, powershell};

/// Whether the machine's password still matches its domain. Changes nothing.
pub fn test_secure_channel() -> Written {
    powershell("Test-ComputerSecureChannel")
        .arg("-Verbose")
        .build()
}

/// Repairs the machine's password in the domain.
pub fn repair_secure_channel() -> Written {
    powershell("Test-ComputerSecureChannel")
        .arg("-Repair")
        .arg("-Verbose")
        .build()
}

/// Which domain controller this machine finds for a domain. Changes nothing.
pub fn nltest_find_dc(domain: &str) -> Written {
    cmd("nltest").option("/dsgetdc:", domain).build()
}

/// Whether the secure channel to a domain works. Changes nothing.
pub fn nltest_verify(domain: &str) -> Written {
    cmd("nltest").option("/sc_verify:", domain).build()
}

/// The time source of this machine and its offset. Changes nothing.
pub fn w32tm_status() -> Written {
    cmd("w32tm").arg("/query").arg("/status").build()
}

/// Takes the time from the source again.
pub fn w32tm_resync() -> Written {
    cmd("w32tm").arg("/resync").arg("/rediscover").build()
}

/// Removes the Windows Authentication role service again: the way back from [`install_windows_auth`].
pub fn uninstall_windows_auth() -> Written {
    powershell("Uninstall-WindowsFeature")
        .arg("-Name Web-Windows-Auth")
        .build()
}

/// Installs the Windows Authentication role service of IIS.
pub fn install_windows_auth() -> Written {
    powershell("Install-WindowsFeature")
        .arg("-Name Web-Windows-Auth")
        .build()
}

/// A value of the registry. Changes nothing.
pub fn reg_query(key: &'static str, value: &'static str) -> Written {
    cmd("reg")
        .arg("query")
        .arg(key)
        .arg("/v")
        .arg(value)
        .build()
}

/// The names that the loop-back check lets pass. Changes nothing.
pub fn reg_query_back_connection_names() -> Written {
    cmd("reg")
        .arg("query")
        .arg(MSV1_0)
        .arg("/v BackConnectionHostNames")
        .build()
}

/// Lets a name pass the loop-back check. Replaces the names that stand there.
pub fn reg_add_back_connection_name(name: &str) -> Written {
    cmd("reg")
        .arg("add")
        .arg(MSV1_0)
        .arg("/v BackConnectionHostNames /t REG_MULTI_SZ /d")
        .value(name)
        .build()
}

const MSV1_0: &str = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0";
