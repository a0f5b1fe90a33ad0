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

/// Whom the access list of a folder or file admits. Changes nothing.
pub fn icacls_show(path: &str) -> Written {
    cmd("icacls").value(path).build()
}

/// Keeps the access lists of a folder and of what is below it in a file. Changes nothing in them.
pub fn icacls_save(path: &str, file: &str) -> Written {
    cmd("icacls")
        .value(path)
        .arg("/save")
        .value(file)
        .arg("/t /c")
        .build()
}

/// The limits of http.sys for headers. Changes nothing.
pub fn reg_query_http_limits() -> Written {
    cmd("reg").arg("query").arg(HTTP).build()
}

/// Sets a limit of http.sys in bytes; `limit` is a literal, `MaxFieldLength` or `MaxRequestBytes`.
pub fn reg_set_http_limit(limit: HttpLimit, bytes: u32) -> Written {
    let line = cmd("reg").arg("add").arg(HTTP).arg(match limit {
        HttpLimit::FieldLength => "/v MaxFieldLength /t REG_DWORD",
        HttpLimit::RequestBytes => "/v MaxRequestBytes /t REG_DWORD",
    });
    line.number("/d ", bytes, "").build()
}

/// A limit of http.sys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpLimit {
    /// `MaxFieldLength`: one header.
    FieldLength,
    /// `MaxRequestBytes`: the request line and all headers.
    RequestBytes,
}

const HTTP: &str = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters";

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
