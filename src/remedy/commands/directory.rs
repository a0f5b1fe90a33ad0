//! Accounts in Active Directory, through the ActiveDirectory module of PowerShell. `account` is a sAMAccountName, a
//! distinguished name or a SID; these cmdlets do not take `CORP\name`.

use super::Written;
use crate::remedy::quoting::{cmd, powershell};

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
pub fn get_ad_account(kind: AccountKind, account: &str) -> Written {
    powershell(match kind {
        AccountKind::User => "Get-ADUser",
        AccountKind::Computer => "Get-ADComputer",
        AccountKind::ServiceAccount => "Get-ADServiceAccount",
    })
    .arg("-Identity")
    .value(account)
    .arg("-Properties servicePrincipalName,msDS-SupportedEncryptionTypes,PasswordLastSet,userAccountControl,LockedOut,AccountExpirationDate")
    .build()
}

/// Unlocks an account; the source of the wrong passwords must be stopped first.
pub fn unlock_ad_account(account: &str) -> Written {
    powershell("Unlock-ADAccount")
        .arg("-Identity")
        .value(account)
        .build()
}

/// Enables an account.
pub fn enable_ad_account(account: &str) -> Written {
    powershell("Enable-ADAccount")
        .arg("-Identity")
        .value(account)
        .build()
}

/// Disables an account: the way back from [`enable_ad_account`].
pub fn disable_ad_account(account: &str) -> Written {
    powershell("Disable-ADAccount")
        .arg("-Identity")
        .value(account)
        .build()
}

/// Removes the expiry date of an account.
pub fn clear_ad_account_expiration(account: &str) -> Written {
    powershell("Clear-ADAccountExpiration")
        .arg("-Identity")
        .value(account)
        .build()
}

/// Writes `msDS-SupportedEncryptionTypes`; 24 (0x18) is AES only, 28 (0x1C) AES and RC4.
pub fn set_supported_etypes(kind: AccountKind, account: &str, bits: u32) -> Written {
    powershell(match kind {
        AccountKind::User => "Set-ADUser",
        AccountKind::Computer => "Set-ADComputer",
        AccountKind::ServiceAccount => "Set-ADServiceAccount",
    })
    .arg("-Identity")
    .value(account)
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

/// Replicates from the domain controller it runs on to all others, for a change to take effect everywhere.
pub fn repadmin_syncall() -> Written {
    cmd("repadmin").arg("/syncall").arg("/AdeP").build()
}
