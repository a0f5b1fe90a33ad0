//! Accounts in Active Directory, through the ActiveDirectory module of PowerShell. These cmdlets do not take `CORP\name`: the
//! domain is named by `-Server` (Microsoft: Get-ADUser, `-Server`).

use super::Written;
use crate::remedy::quoting::{Line, cmd, powershell};

/// An account as these cmdlets take it.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// A sAMAccountName, a distinguished name or a SID.
    pub name: &'a str,
    /// The domain, by its DNS or its NetBIOS name. Without it that of whoever runs the command is asked, where another account
    /// may have the name.
    pub domain: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// Of `CORP\name`. The suffix of `name@corp.example` need not be a domain, and is left out; a distinguished name names
    /// its own.
    pub fn spelled(account: &'a str) -> Self {
        let parts = account.split_once('\\');
        match (
            parts.filter(|_| !account.contains('=')),
            account.rsplit_once('@'),
        ) {
            (Some((domain, name)), _) => Self {
                name,
                domain: Some(domain).filter(|domain| !domain.is_empty()),
            },
            (None, Some((name, _))) if !name.is_empty() => name.into(),
            _ => account.into(),
        }
    }
}

impl<'a> From<&'a str> for Identity<'a> {
    fn from(name: &'a str) -> Self {
        let domain = None;
        Self { name, domain }
    }
}

impl<'a> From<&'a String> for Identity<'a> {
    fn from(name: &'a String) -> Self {
        name.as_str().into()
    }
}

impl Line {
    fn identity<'a>(self, account: impl Into<Identity<'a>>) -> Self {
        let Identity { name, domain } = account.into();
        let line = self.arg("-Identity").value(name);
        match domain {
            Some(domain) => line.arg("-Server").value(domain),
            None => line,
        }
    }
}

/// Which cmdlet reads and changes an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// An ordinary user.
    User,
    /// A computer.
    Computer,
    /// A managed service account (gMSA, sMSA).
    ServiceAccount,
}

/// SPNs, encryption types, flags and password age of an account. Changes nothing.
pub fn get_ad_account<'a>(kind: AccountKind, account: impl Into<Identity<'a>>) -> Written {
    powershell(match kind {
        AccountKind::User => "Get-ADUser",
        AccountKind::Computer => "Get-ADComputer",
        AccountKind::ServiceAccount => "Get-ADServiceAccount",
    })
    .identity(account)
    .arg("-Properties servicePrincipalName,msDS-SupportedEncryptionTypes,PasswordLastSet,userAccountControl,LockedOut,AccountExpirationDate")
    .build()
}

/// Unlocks an account; the source of the wrong passwords must be stopped first.
pub fn unlock_ad_account<'a>(account: impl Into<Identity<'a>>) -> Written {
    powershell("Unlock-ADAccount").identity(account).build()
}

/// Enables an account.
pub fn enable_ad_account<'a>(account: impl Into<Identity<'a>>) -> Written {
    powershell("Enable-ADAccount").identity(account).build()
}

/// Disables an account: the way back from [`enable_ad_account`].
pub fn disable_ad_account<'a>(account: impl Into<Identity<'a>>) -> Written {
    powershell("Disable-ADAccount").identity(account).build()
}

/// Removes the expiry date of an account.
pub fn clear_ad_account_expiration<'a>(account: impl Into<Identity<'a>>) -> Written {
    powershell("Clear-ADAccountExpiration")
        .identity(account)
        .build()
}

/// Writes `msDS-SupportedEncryptionTypes`; 24 (0x18) is AES only, 28 (0x1C) AES and RC4.
pub fn set_supported_etypes<'a>(
    kind: AccountKind,
    account: impl Into<Identity<'a>>,
    bits: u32,
) -> Written {
    powershell(match kind {
        AccountKind::User => "Set-ADUser",
        AccountKind::Computer => "Set-ADComputer",
        AccountKind::ServiceAccount => "Set-ADServiceAccount",
    })
    .identity(account)
    .number("-Replace @{'msDS-SupportedEncryptionTypes'=", bits, "}")
    .build()
}

/// Whether this node can fetch the password of a managed service account. Changes nothing.
pub fn test_ad_service_account(account: &str) -> Written {
    powershell("Test-ADServiceAccount")
        .arg("-Identity")
        .value(account)
        .build()
}

/// Writes anew who may fetch the password of a managed service account: it replaces the list (Microsoft: Set-ADServiceAccount,
/// "Adding member hosts to an existing server farm").
pub fn set_password_readers(account: &str, readers: &[String]) -> Written {
    let line = powershell("Set-ADServiceAccount")
        .arg("-Identity")
        .value(account);
    match readers {
        [] => line.arg("-PrincipalsAllowedToRetrieveManagedPassword $null"),
        _ => line
            .arg("-PrincipalsAllowedToRetrieveManagedPassword")
            .values(readers),
    }
    .build()
}

/// Replicates from the domain controller it runs on to all others, for a change to take effect everywhere.
pub fn repadmin_syncall() -> Written {
    cmd("repadmin").arg("/syncall").arg("/AdeP").build()
}

/// What an account may delegate to and who may delegate to it. Changes nothing.
pub fn get_delegation(kind: AccountKind, account: &str) -> Written {
    powershell(match kind {
        AccountKind::User => "Get-ADUser",
        AccountKind::Computer => "Get-ADComputer",
        AccountKind::ServiceAccount => "Get-ADServiceAccount",
    })
    .arg("-Identity")
    .value(account)
    .arg("-Properties msDS-AllowedToDelegateTo,PrincipalsAllowedToDelegateToAccount,TrustedForDelegation,TrustedToAuthForDelegation,AccountNotDelegated,servicePrincipalName")
    .build()
}

/// Lets one account pass users on to another, by the attribute of the account that is called. It replaces the list.
pub fn allow_delegation_from(
    (holder_kind, holder): (AccountKind, &str),
    (front_kind, front): (AccountKind, &str),
) -> Written {
    powershell(match holder_kind {
        AccountKind::User => "Set-ADUser",
        AccountKind::Computer => "Set-ADComputer",
        AccountKind::ServiceAccount => "Set-ADServiceAccount",
    })
    .arg("-Identity")
    .value(holder)
    .arg(match front_kind {
        AccountKind::User => "-PrincipalsAllowedToDelegateToAccount (Get-ADUser -Identity",
        AccountKind::Computer => "-PrincipalsAllowedToDelegateToAccount (Get-ADComputer -Identity",
        AccountKind::ServiceAccount => {
            "-PrincipalsAllowedToDelegateToAccount (Get-ADServiceAccount -Identity"
        }
    })
    .value(front)
    .arg(")")
    .build()
}

/// Empties what [`allow_delegation_from`] wrote.
pub fn clear_delegation_from(kind: AccountKind, holder: &str) -> Written {
    powershell(match kind {
        AccountKind::User => "Set-ADUser",
        AccountKind::Computer => "Set-ADComputer",
        AccountKind::ServiceAccount => "Set-ADServiceAccount",
    })
    .arg("-Identity")
    .value(holder)
    .arg("-PrincipalsAllowedToDelegateToAccount $null")
    .build()
}

/// Adds an SPN to the list of those that an account may delegate to, or takes it away.
pub fn change_delegation_list(kind: AccountKind, account: &str, spn: &str, add: bool) -> Written {
    powershell(match kind {
        AccountKind::User => "Set-ADUser",
        AccountKind::Computer => "Set-ADComputer",
        AccountKind::ServiceAccount => "Set-ADServiceAccount",
    })
    .arg("-Identity")
    .value(account)
    .arg(if add {
        "-Add @{'msDS-AllowedToDelegateTo'="
    } else {
        "-Remove @{'msDS-AllowedToDelegateTo'="
    })
    .value(spn)
    .arg("}")
    .build()
}
