//! Values of events that are secrets themselves, and therefore never become part of a record.

use super::{Datum, RawEvent};

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

impl RawEvent {
    /// The values as they may be shown: those that are secrets, told by the attribute that another value names, are
    /// replaced.
    pub fn shown_values(&self) -> Vec<Datum> {
        let value = |name: &str| {
            let named = |d: &&Datum| {
                d.name
                    .as_deref()
                    .is_some_and(|n| n.eq_ignore_ascii_case(name))
            };
            self.data
                .iter()
                .find(named)
                .map_or("", |d| d.value.as_str())
        };
        let directory = in_directory(value("AttributeLDAPDisplayName"));
        let path = value("Configuration");
        let is_secret = |datum: &Datum| match datum.name.as_deref().unwrap_or_default() {
            "AttributeValue" => directory,
            "OldValue" | "NewValue" => in_configuration(path, &datum.value),
            _ => in_configuration("", &datum.value),
        };
        let mut shown = self.data.clone();
        for datum in shown.iter_mut().filter(|d| is_secret(d)) {
            datum.value = "(removed)".to_owned();
        }
        shown
    }
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
