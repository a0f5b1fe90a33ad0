//! Changes that the bundle shows: of the directory, of accounts, of IIS, of the machines. One list for whoever asks what
//! happened before a failure, and for the timeline.

use jiff::{SignedDuration, Timestamp};

use super::account::{common_name, split_name};
use super::config_edit::location_of;
use super::host::HostId;
use super::spn::Spn;
use super::{Case, promotion};
use crate::evidence::{Certainty, Citation};
use crate::readers::events::{
    AccountChanged, Body, ConfigChanged, DirectoryChanged, Event, Fields,
};

/// A setting of IIS that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedSetting {
    /// `site/application` that it was changed for, in lower case; empty for the whole server.
    pub location: String,
    /// The path of the setting, in lower case.
    pub setting: String,
}

/// What a change touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// A registration: the key of the SPN.
    Spn(String),
    /// An account: its plain name, in lower case, without the `$` of a computer.
    Account(String),
    /// A setting of IIS.
    Settings(ChangedSetting),
    /// Logon rights.
    LogonRights,
    /// The clock, by a minute or more.
    Clock,
    /// The machine was started.
    Start,
    /// A worker process of a pool was started anew.
    Recycle(String),
    /// What is audited, or a log that was cleared.
    Auditing,
    /// A trust, with this domain where it is named.
    Trust(Option<String>),
    /// The machine: an update of Windows was installed.
    Update,
    /// A computer, by its plain name, became a domain controller.
    Promotion(String),
}

/// A change, with what shows it.
#[derive(Clone, Debug)]
pub struct SeenChange<'a> {
    /// What it touches.
    pub touches: Touched,
    /// The machine that wrote it, where it is known.
    pub host: Option<HostId>,
    /// When it happened at the earliest.
    pub time: Timestamp,
    /// When it happened at the latest: later than [`time`](Self::time) where the source tells the day alone.
    pub until: Timestamp,
    /// How sure the zone of these times is.
    pub certainty: Certainty,
    /// What is told of it.
    pub says: &'a str,
    /// Where that stands.
    pub from: &'a [Citation],
    /// The event, where one shows it.
    pub event: Option<&'a Event>,
}

/// A clock that was set by less was only adjusted.
const SET: SignedDuration = SignedDuration::from_secs(60);

impl Case {
    /// The changes: those that events show, oldest first, then the updates that lists show.
    pub fn changes(&self) -> impl Iterator<Item = SeenChange<'_>> {
        let events = self.events.iter().filter_map(|event| {
            Some(SeenChange {
                touches: match promotion::promoted(self, event) {
                    Some(controller) => Touched::Promotion(controller),
                    None => touched(event)?,
                },
                host: self.hosts.find(&event.computer),
                time: event.time,
                until: event.time,
                certainty: event.certainty,
                says: &event.citation.text,
                from: std::slice::from_ref(&event.citation),
                event: Some(event),
            })
        });
        let listed = self.listed_updates.iter().filter_map(|updates| {
            let (time, until, certainty) = updates.within?;
            Some(SeenChange {
                touches: Touched::Update,
                host: Some(updates.host),
                time,
                until,
                certainty,
                says: &updates.says,
                from: &updates.from,
                event: None,
            })
        });
        events.chain(listed)
    }
}

fn touched(event: &Event) -> Option<Touched> {
    match &event.body {
        Body::ConfigChanged(change) => Some(settings(change)),
        Body::LogonRightChanged(_) => Some(Touched::LogonRights),
        Body::AccountChanged(change) => account(change),
        Body::DirectoryChanged(change) => directory(change),
        Body::Pool(e) => match (e.id, &e.pool) {
            (5074..=5081 | 5117 | 5186, Some(pool)) => Some(Touched::Recycle(pool.clone())),
            _ => None,
        },
        Body::Other(fields) => of_machine(event, fields),
        _ => None,
    }
}

fn settings(change: &ConfigChanged) -> Touched {
    Touched::Settings(ChangedSetting {
        location: location_of(change).to_lowercase(),
        setting: (change.configuration.as_deref().unwrap_or_default()).to_lowercase(),
    })
}

pub(super) fn plain(name: &str) -> String {
    split_name(name).1.trim_end_matches('$').to_lowercase()
}

fn account(change: &AccountChanged) -> Option<Touched> {
    Some(Touched::Account(plain(change.target.name.as_deref()?)))
}

fn directory(change: &DirectoryChanged) -> Option<Touched> {
    let attribute = change
        .attribute
        .as_deref()
        .unwrap_or("")
        .to_ascii_lowercase();
    match attribute.as_str() {
        "serviceprincipalname" => Some(Touched::Spn(Spn::new(change.value.as_deref()?).key())),
        "msds-supportedencryptiontypes"
        | "useraccountcontrol"
        | "msds-allowedtodelegateto"
        | "msds-allowedtoactonbehalfofotheridentity"
        | "msds-groupmsamembership"
        | "accountexpires"
        | "logonhours"
        | "userworkstations"
        | "dnshostname" => Some(Touched::Account(plain(&common_name(
            change.object_dn.as_deref()?,
        )?))),
        _ => None,
    }
}

fn of_machine(event: &Event, fields: &Fields) -> Option<Touched> {
    match (&*event.provider, event.id) {
        ("EventLog", 6005) | ("Microsoft-Windows-Kernel-General", 12) => Some(Touched::Start),
        ("Microsoft-Windows-Security-Auditing", 4616) => {
            was_set(fields, "PreviousTime", "NewTime").then_some(Touched::Clock)
        }
        ("Microsoft-Windows-Kernel-General", 1) => {
            was_set(fields, "OldTime", "NewTime").then_some(Touched::Clock)
        }
        ("Microsoft-Windows-Security-Auditing", 4719 | 1102) => Some(Touched::Auditing),
        ("Microsoft-Windows-Eventlog", 104 | 1102) => Some(Touched::Auditing),
        ("Microsoft-Windows-Security-Auditing", 4728 | 4732 | 4756) => {
            joined_protected_users(fields).map(Touched::Account)
        }
        ("Microsoft-Windows-Servicing" | "Microsoft-Windows-WindowsUpdateClient", _) => {
            is_update_of_windows(fields).then_some(Touched::Update)
        }
        ("Microsoft-Windows-Security-Auditing", 4706 | 4707 | 4716 | 4865..=4867) => {
            Some(Touched::Trust(trusted(fields)))
        }
        _ => None,
    }
}

/// The other domain of a trust; the first name of a forest where the information on it was changed.
fn trusted(fields: &Fields) -> Option<String> {
    let named = ["DomainName", "ForestRoot", "TopLevelName"];
    let named = named.into_iter().find_map(|name| fields.text(name));
    named.map(|name| name.to_lowercase())
}

/// The account that was put into Protected Users (its RID is 525 in every domain).
fn joined_protected_users(fields: &Fields) -> Option<String> {
    let group = fields.text("TargetSid")?;
    let member = fields.text("MemberName")?;
    (group.starts_with("S-1-5-21-") && group.ends_with("-525"))
        .then(|| plain(&common_name(&member).unwrap_or(member)))
}

/// Whether a package or an update is of Windows itself. Titles are translated, but those of Windows begin with year and month
/// in any language; definitions of Defender, which come daily, do not.
pub(super) fn is_update_of_windows(fields: &Fields) -> bool {
    /// `CbsInstallState` of an installed package.
    const INSTALLED: u32 = 5112;
    if let Some(package) = fields.text("PackageIdentifier") {
        return package.starts_with("KB")
            && fields.number("IntendedPackageState") == Some(INSTALLED)
            && fields.number("ErrorCode").is_none_or(|code| code == 0);
    }
    let title = fields.text("updateTitle").unwrap_or_default();
    let digits = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    digits(title.get(..4))
        && title.get(4..5) == Some("-")
        && digits(title.get(5..7))
        && !title.contains(".NET")
}

/// Whether a clock was set, and not merely adjusted.
fn was_set(fields: &Fields, before: &str, after: &str) -> bool {
    let time = |name: &str| fields.text(name)?.trim().parse::<Timestamp>().ok();
    match (time(before), time(after)) {
        (Some(before), Some(after)) => after.duration_since(before).abs() >= SET,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{Kit, security};

    fn touched_by(id: u32, fields: &[(&'static str, &str)]) -> Vec<Touched> {
        let case = Kit::new()
            .event("DC1.corp.example", security(id, fields))
            .case();
        case.changes().map(|change| change.touches).collect()
    }

    #[test]
    fn a_registration_is_known_by_its_key_and_an_account_by_its_plain_name() {
        let spn = touched_by(
            5136,
            &[
                ("ObjectDN", "CN=svc_web,OU=Service,DC=corp,DC=example"),
                ("AttributeLDAPDisplayName", "servicePrincipalName"),
                ("AttributeValue", "http/Portal.corp.example"),
                ("OperationType", "%%14674"),
            ],
        );
        assert_eq!(
            spn,
            [Touched::Spn(Spn::new("HTTP/portal.corp.example").key())]
        );
        let reset = touched_by(
            4724,
            &[("TargetUserName", "SVC_web"), ("TargetDomainName", "CORP")],
        );
        assert_eq!(reset, [Touched::Account("svc_web".into())]);
    }

    #[test]
    fn a_clock_is_set_or_merely_adjusted() {
        let set = |new| {
            touched_by(
                4616,
                &[
                    ("PreviousTime", "2026-02-01T08:00:00.0000000Z"),
                    ("NewTime", new),
                ],
            )
        };
        assert_eq!(set("2026-02-01T08:07:31.1000000Z"), [Touched::Clock]);
        assert_eq!(set("2026-02-01T07:53:00.0000000Z"), [Touched::Clock]);
        assert_eq!(set("2026-02-01T08:00:00.4000000Z"), []);
        assert_eq!(set("some time"), []);
    }

    #[test]
    fn what_changes_nothing_is_no_change() {
        assert_eq!(touched_by(4624, &[("TargetUserName", "uma")]), []);
        let other = [
            ("ObjectDN", "CN=uma,DC=corp,DC=example"),
            ("AttributeLDAPDisplayName", "description"),
        ];
        assert_eq!(touched_by(5136, &other), []);
    }
}
