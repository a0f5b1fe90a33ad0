//! What a listing of the directory says of an account.

use jiff::Timestamp;
use jiff::tz::Offset;

use super::trust::SpnMapping;
use crate::evidence::{Certainty, Citation, Cited, Known, When};
use crate::readers::trust::Trust;

/// What the console showed of the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryRecords {
    /// Objects, in the order of the file.
    pub objects: Vec<DirectoryObject>,
    /// Runs of `Test-ADServiceAccount`.
    pub tests: Vec<AccountTest>,
    /// Trusts with other domains.
    pub trusts: Vec<Trust>,
    /// Which classes of services `HOST/…` stands for.
    pub spn_mappings: Vec<SpnMapping>,
}

impl DirectoryRecords {
    /// How many records there are.
    pub(super) fn count(&self) -> usize {
        self.objects.len() + self.tests.len() + self.trusts.len() + self.spn_mappings.len()
    }
}

/// Whether a machine can use a managed service account: the answer of `Test-ADServiceAccount`, run on that machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTest {
    /// The account, as it was typed.
    pub account: String,
    /// Its answer.
    pub usable: Cited<bool>,
    /// The machine, where a prompt names it.
    pub host: Option<String>,
}

/// The class of an object, as far as it matters to authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectClass {
    /// A person's or a service's account.
    User,
    /// A computer account.
    Computer,
    /// A managed service account: standalone, group, or delegated.
    Managed,
    /// Something else, such as a group.
    Other,
}

/// Values of an attribute that can have many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Those that are shown.
    pub shown: Vec<Cited<String>>,
    /// False where the output was cut (`{a, b, c...}`): there are more.
    pub complete: bool,
}

/// An object of the directory. What the command was not asked for is unknown; what it was asked for and the object does
/// not have is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryObject {
    /// Distinguished name.
    pub dn: Option<Cited<String>>,
    /// `sAMAccountName`, the `$` of computers included.
    pub sam: Option<Cited<String>>,
    /// User principal name.
    pub upn: Option<Cited<String>>,
    /// Host name of a computer or a managed service account.
    pub dns_host_name: Option<Cited<String>>,
    /// Security identifier.
    pub sid: Option<Cited<String>>,
    /// What it is.
    pub class: Option<Cited<ObjectClass>>,
    /// `servicePrincipalName`.
    pub spns: Known<Values>,
    /// Whether it may log on.
    pub state: AccountState,
    /// `msDS-SupportedEncryptionTypes`, the bits of [`crate::codes::SUPPORTED_ETYPES`]; absent where the default of the
    /// domain applies.
    pub etypes: Known<u32>,
    /// `msDS-KeyVersionNumber`.
    pub kvno: Known<u32>,
    /// SPNs that it may delegate to (`msDS-AllowedToDelegateTo`).
    pub delegates_to: Known<Values>,
    /// Who may delegate to it (`PrincipalsAllowedToDelegateToAccount`).
    pub delegated_by: Known<Values>,
    /// Who may fetch its password (`PrincipalsAllowedToRetrieveManagedPassword`).
    pub password_readers: Known<Values>,
    /// Groups that it is a direct member of.
    pub groups: Known<Values>,
    /// When it was changed last, by the domain controller that answered.
    pub changed: Known<When>,
    /// The machine on which the command ran, where a prompt names it.
    pub host: Option<String>,
    /// Where the object is named.
    pub from: Citation,
}

impl AccountState {
    /// Whether it is disabled.
    pub fn is_disabled(&self) -> Known<bool> {
        match &self.enabled {
            Known::Present(enabled) => Known::Present(enabled.clone().map(|enabled| !enabled)),
            _ => Known::Unknown,
        }
    }

    /// Whether it had expired at a time. A date on the clock of a machine of unknown zone counts when it is a day away, one
    /// in a zone that was assumed when it is an hour away.
    pub fn has_expired(&self, at: Timestamp) -> Known<bool> {
        let beyond = |date: Timestamp, unsure: i64| {
            let ago = at.as_second().saturating_sub(date.as_second());
            (ago.abs() > unsure).then_some(ago > 0)
        };
        match &self.expires {
            Known::Present(date) => {
                let expired = match date.value {
                    When::Utc(date) if self.certainty == Certainty::Exact => Some(date <= at),
                    When::Utc(date) => beyond(date, HOUR),
                    When::Local(date) => {
                        let date = Offset::UTC.to_timestamp(date).ok();
                        date.and_then(|date| beyond(date, DAY))
                    }
                };
                expired.map_or(Known::Unknown, |expired| {
                    Known::Present(date.clone().map(|_| expired))
                })
            }
            Known::Absent(from) => Known::Present(Cited {
                value: false,
                from: from.clone(),
            }),
            Known::Unknown => Known::Unknown,
        }
    }

    /// Whether its password has expired, or must be changed.
    pub fn needs_password(&self) -> Known<bool> {
        let must = self
            .must_change_password
            .present()
            .filter(|must| must.value);
        match (&self.password_expired, must) {
            (Known::Unknown, Some(must)) => Known::Present(must.clone()),
            (known, _) => known.clone(),
        }
    }
}

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Whether an account may log on, and how. A state at the time of the command, not at the time of a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountState {
    /// It is enabled.
    pub enabled: Known<bool>,
    /// It is locked out.
    pub locked_out: Known<bool>,
    /// `lockoutTime`: when it was locked; absent where it is not. The lock may have ended by itself since.
    pub locked_at: Known<When>,
    /// Its password has expired, or must be changed.
    pub password_expired: Known<bool>,
    /// Its password must be changed at the next logon (`pwdLastSet` is 0).
    pub must_change_password: Known<bool>,
    /// `pwdLastSet`.
    pub password_last_set: Known<When>,
    /// Its password never expires.
    pub password_never_expires: Known<bool>,
    /// When the account expires; absent where it never does.
    pub expires: Known<When>,
    /// Only a smart card logs it on.
    pub smart_card_required: Known<bool>,
    /// Unconstrained delegation.
    pub trusted_for_delegation: Known<bool>,
    /// Protocol transition.
    pub trusted_to_authenticate: Known<bool>,
    /// Sensitive: may not be delegated.
    pub not_delegated: Known<bool>,
    /// No pre-authentication is required.
    pub no_preauth: Known<bool>,
    /// DES keys only.
    pub des_only: Known<bool>,
    /// How sure its times are, once the case has put them into UTC: those that stay local are unknown.
    pub certainty: Certainty,
}
