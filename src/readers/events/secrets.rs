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

/// Attributes of the configuration that are secrets, by the end of their names.
const ATTRIBUTES: &[&str] = &[
    "password",
    "connectionstring",
    "decryptionkey",
    "validationkey",
    "sessionkey",
];
/// Elements of the configuration in which applications keep secrets under names of their own.
const SECTIONS: &[&str] = &[
    "/connectionstrings",
    "/appsettings",
    "/environmentvariables",
];

/// True when a value of the configuration is a password, a key or a connection string, judged by its path, like
/// `/system.applicationHost/applicationPools/add[@name="x"]/processModel/@password`, and by the value itself.
pub(super) fn in_configuration(path: &str, value: &str) -> bool {
    let (path, value) = (path.to_ascii_lowercase(), value.to_ascii_lowercase());
    ATTRIBUTES.iter().any(|attribute| path.ends_with(attribute))
        || SECTIONS.iter().any(|section| path.contains(section))
        || ["[enc:", "password=", "pwd="]
            .iter()
            .any(|mark| value.contains(mark))
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
        for setting in [
            "@useKernelMode",
            "@useAppPoolCredentials",
            "extendedProtection/@tokenChecking",
        ] {
            let path = format!(
                "/system.webServer/security/authentication/windowsAuthentication/{setting}"
            );
            assert!(!in_configuration(&path, "true"), "{setting}");
        }
    }
}
