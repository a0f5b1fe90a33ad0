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

/// What the directory says of an account's delegation.
pub struct Delegating<'a> {
    account: &'a Account,
    control: u32,
    to: Vec<String>,
    named: Vec<String>,
    groups: Vec<String>,
}

impl<'a> Delegating<'a> {
    /// An account that may delegate to nothing.
    pub fn of(account: &'a Account) -> Self {
        let control = if account.name.ends_with('$') {
            0x1000
        } else {
            0x1_0200
        };
        let (to, named, groups) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            account,
            control,
            to,
            named,
            groups,
        }
    }

    /// It may delegate to these SPNs.
    pub fn to(mut self, spns: Vec<String>) -> Self {
        self.to = spns;
        self
    }

    /// These principals, by their distinguished names, may delegate to it.
    pub fn named(mut self, principals: Vec<String>) -> Self {
        self.named = principals;
        self
    }

    /// Its flags.
    pub fn control(mut self, bits: u32) -> Self {
        self.control = bits;
        self
    }

    /// It is in a group.
    pub fn member_of(mut self, group: &str) -> Self {
        self.groups.push(group.to_owned());
        self
    }
}

/// Such an account as PowerShell lists it.
pub fn delegating(object: &Delegating<'_>) -> String {
    let account = object.account;
    let class = if account.name.ends_with('$') {
        "computer"
    } else {
        "user"
    };
    let list = |values: &[String]| format!("{{{}}}", values.join(", "));
    let rows = [
        ("DistinguishedName", account.dn()),
        ("memberOf", list(&object.groups)),
        ("msDS-AllowedToDelegateTo", list(&object.to)),
        ("ObjectClass", class.to_owned()),
        ("PrincipalsAllowedToDelegateToAccount", list(&object.named)),
        ("sAMAccountName", account.name.clone()),
        ("userAccountControl", object.control.to_string()),
    ];
    let rows = rows.map(|(name, value)| format!("{name:<36} : {value}\n"));
    format!("\n{}\n", rows.concat())
}

/// The same as `ldifde -f … -d …` writes it: attributes without a value are left out.
pub fn delegating_ldif(object: &Delegating<'_>) -> String {
    let account = object.account;
    let mut text = format!(
        "dn: {}\nchangetype: add\nobjectClass: top\nobjectClass: person\nobjectClass: user\nsAMAccountName: {}\nuserAccountControl: {}\n",
        account.dn(),
        account.name,
        object.control
    );
    for spn in &object.to {
        let _ = writeln!(text, "msDS-AllowedToDelegateTo: {spn}");
    }
    text + "\n"
}
