//! Values of events that are secrets themselves, and therefore never become part of a record.

/// Attributes of directory objects whose value is a password or a key.
const DIRECTORY: &[&str] = &[
    "currentvalue",
    "dbcspwd",
    "initialauthincoming",
    "initialauthoutgoing",
    "lmpwdhistory",
    "ms-mcs-admpwd",
    "msds-managedpassword",
    "msds-managedpasswordid",
    "msds-managedpasswordpreviousid",
    "msfve-recoverypassword",
    "mslaps-encrypteddsrmpassword",
    "mslaps-encryptedpassword",
    "mslaps-encryptedpasswordhistory",
    "mslaps-password",
    "ntpwdhistory",
    "supplementalcredentials",
    "trustauthincoming",
    "trustauthoutgoing",
    "unicodepwd",
    "unixuserpassword",
    "userpassword",
];

/// True for a directory attribute whose value is a secret.
pub(super) fn in_directory(attribute: &str) -> bool {
    DIRECTORY.contains(&attribute.to_ascii_lowercase().as_str())
}

/// True for a configuration path, or a value of one, that holds a password, a key or a connection string.
/// `path` is like `/system.applicationHost/applicationPools/add[@name="x"]/processModel/@password`.
pub(super) fn in_configuration(path: &str, value: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let named = [
        "password",
        "connectionstring",
        "key",
        "secret",
        "token",
        "credential",
    ];
    named.iter().any(|word| last.contains(word))
        || path.to_ascii_lowercase().contains("connectionstrings")
        || value.contains("[enc:")
        || value.to_ascii_lowercase().contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_keys_are_secrets_and_settings_are_not() {
        assert!(in_directory("unicodePwd"));
        assert!(!in_directory("pwdLastSet"));
        assert!(in_configuration(
            "/system.applicationHost/…/processModel/@password",
            "x"
        ));
        assert!(in_configuration(
            "/a/@userName",
            "[enc:AesProvider:abc:enc]"
        ));
        assert!(!in_configuration(
            "/system.webServer/security/authentication/windowsAuthentication/@useKernelMode",
            "true"
        ));
    }
}
