//! Objects of the directory as text: `Get-ADUser`, LDIF (`formats.md` 6).

use std::fmt::Write as _;

use crate::support::directory::Account;

/// `Get-ADUser -Properties *`, the attributes that matter, in a list. More than four SPNs are cut as PowerShell cuts them.
pub fn get_ad_user(account: &Account, spns: &[String]) -> String {
    let shown = match spns.len() {
        0..=4 => format!("{{{}}}", spns.join(", ")),
        _ => format!("{{{}...}}", spns[..4].join(", ")),
    };
    let rows = [
        ("DistinguishedName", account.dn()),
        ("Enabled", "True".into()),
        ("KerberosEncryptionType", "{None}".into()),
        ("LockedOut", "False".into()),
        ("msDS-SupportedEncryptionTypes", "0".into()),
        ("Name", account.name.clone()),
        ("ObjectClass", "user".into()),
        ("PasswordExpired", "False".into()),
        ("PasswordLastSet", "8/14/2025 8:19:24 AM".into()),
        ("SamAccountName", account.name.clone()),
        ("servicePrincipalName", shown),
        ("SID", account.sid()),
        ("TrustedForDelegation", "False".into()),
        ("userAccountControl", "66048".into()),
    ];
    let mut text = String::from("\n\n");
    for (name, value) in rows {
        let _ = writeln!(text, "{name:<30}: {value}");
    }
    text + "\n\n"
}

/// `ldifde -f … -r (sAMAccountName=…)`.
pub fn ldif(accounts: &[(&Account, Vec<String>)]) -> String {
    let mut text = String::new();
    for (account, spns) in accounts {
        let _ = write!(
            text,
            "dn: {}\nchangetype: add\nobjectClass: top\nobjectClass: person\nobjectClass: user\ncn: {}\ndistinguishedName: \n {}\nsAMAccountName: {}\nuserAccountControl: 66048\n",
            account.dn(),
            account.name,
            account.dn(),
            account.name
        );
        for spn in spns {
            let _ = writeln!(text, "servicePrincipalName: {spn}");
        }
        text.push('\n');
    }
    text
}
