//! Security log: changes of accounts, of SPNs and of logon rights (`causes.md` 7.1).

use jiff::Timestamp;

use super::SECURITY;
use super::security::subject;
use crate::support::dice::Dice;
use crate::support::directory::{Account, Host};
use crate::support::evtx_writer::{EventSpec, Value, hex, hex64, sid};

type Fields = Vec<(&'static str, Value)>;

fn event(id: u16, time: Timestamp, dc: &Host, task: u16, fields: Fields) -> EventSpec {
    EventSpec::named(SECURITY, id, time, &dc.fqdn(), fields).task(task)
}

fn target(account: &Account) -> Fields {
    vec![
        ("TargetUserName", (&account.name).into()),
        ("TargetDomainName", (&account.domain.netbios).into()),
        ("TargetSid", sid(&account.sid())),
    ]
}

/// 4740: locked out. The domain field holds the computer the last attempt came from.
pub fn account_locked_out(
    time: Timestamp,
    dc: &Host,
    account: &Account,
    caller: &str,
) -> EventSpec {
    let fields = [target(account), subject(&dc.machine())].concat();
    event(4740, time, dc, 13_824, fields).with("TargetDomainName", caller)
}

/// 4725: disabled.
pub fn account_disabled(time: Timestamp, dc: &Host, account: &Account, by: &Account) -> EventSpec {
    event(
        4725,
        time,
        dc,
        13_824,
        [target(account), subject(by)].concat(),
    )
}

/// 4724 (someone set the password): the event beside the 4738 of [`user_changed`].
pub fn password_set(time: Timestamp, dc: &Host, account: &Account, by: &Account) -> EventSpec {
    event(
        4724,
        time,
        dc,
        13_824,
        [target(account), subject(by)].concat(),
    )
}

/// 4738: a user was changed. Everything reads "not set"; give what changed by `.with("PasswordLastSet", …)`.
pub fn user_changed(time: Timestamp, dc: &Host, account: &Account, by: &Account) -> EventSpec {
    let mut fields = vec![("Dummy", Value::from("-"))];
    fields.extend(target(account));
    fields.extend(subject(by));
    fields.extend(attributes(&account.name));
    event(4738, time, dc, 13_824, fields)
}

/// 4742: a computer was changed. `spns` is the list after the change; empty for "not changed".
pub fn computer_changed(
    time: Timestamp,
    dc: &Host,
    account: &Account,
    by: &Account,
    spns: &[&str],
) -> EventSpec {
    let mut fields = vec![("ComputerAccountChange", Value::from("-"))];
    fields.extend(target(account));
    fields.extend(subject(by));
    fields.extend(attributes(&account.name));
    let list: String = spns.iter().map(|spn| format!("\r\n\t\t{spn}")).collect();
    fields.push(("DnsHostName", "-".into()));
    fields.push((
        "ServicePrincipalNames",
        if spns.is_empty() {
            "-".into()
        } else {
            list.into()
        },
    ));
    event(4742, time, dc, 13_825, fields)
}

fn attributes(sam: &str) -> Fields {
    let mut fields = vec![
        ("PrivilegeList", Value::from("-")),
        ("SamAccountName", sam.into()),
    ];
    let unset = [
        "DisplayName",
        "UserPrincipalName",
        "HomeDirectory",
        "HomePath",
        "ScriptPath",
        "ProfilePath",
        "UserWorkstations",
        "PasswordLastSet",
        "AccountExpires",
        "PrimaryGroupId",
        "AllowedToDelegateTo",
        "OldUacValue",
        "NewUacValue",
        "UserAccountControl",
        "UserParameters",
        "SidHistory",
        "LogonHours",
    ];
    fields.extend(unset.map(|name| (name, Value::from("-"))));
    fields
}

/// 5136: an SPN was added to an account.
pub fn spn_added(
    time: Timestamp,
    dc: &Host,
    account: &Account,
    spn: &str,
    by: &Account,
) -> EventSpec {
    spn_change(time, dc, account, spn, by, "%%14674")
}

/// 5136: an SPN was taken from an account.
pub fn spn_removed(
    time: Timestamp,
    dc: &Host,
    account: &Account,
    spn: &str,
    by: &Account,
) -> EventSpec {
    spn_change(time, dc, account, spn, by, "%%14675")
}

fn spn_change(
    time: Timestamp,
    dc: &Host,
    account: &Account,
    spn: &str,
    by: &Account,
    operation: &str,
) -> EventSpec {
    let mut dice = Dice::from_text(&format!("{time} {spn}"));
    let class = match account.name.ends_with('$') {
        true => "computer",
        false => "user",
    };
    let mut fields = vec![
        ("OpCorrelationID", Value::Guid(dice.guid())),
        ("AppCorrelationID", "-".into()),
    ];
    fields.extend(subject(by));
    fields.extend([
        ("DSName", (&account.domain.dns).into()),
        ("DSType", "%%14676".into()),
        ("ObjectDN", account.dn().into()),
        (
            "ObjectGUID",
            Value::Guid(Dice::from_text(&account.dn()).guid()),
        ),
        ("ObjectClass", class.into()),
        ("AttributeLDAPDisplayName", "servicePrincipalName".into()),
        ("AttributeSyntaxOID", "2.5.5.12".into()),
        ("AttributeValue", spn.into()),
        ("OperationType", operation.into()),
    ]);
    event(5136, time, dc, 14_081, fields)
}

/// 4718: a logon right (`SeNetworkLogonRight`, `SeBatchLogonRight`) was taken from an account, on that machine.
pub fn logon_right_removed(
    time: Timestamp,
    host: &Host,
    account_sid: &str,
    right: &str,
) -> EventSpec {
    let mut fields = subject(&host.machine());
    fields.push(("TargetSid", sid(account_sid)));
    fields.push(("AccessRemoved", right.into()));
    event(4718, time, host, 13_569, fields).with("SubjectLogonId", hex64(0x3e7))
}

impl EventSpec {
    /// A change of the flags in 4738 or 4742: SAM flags, 0x210 normal, 0x211 disabled.
    pub fn uac(self, old: u32, new: u32) -> Self {
        self.with("OldUacValue", hex(old))
            .with("NewUacValue", hex(new))
    }
}
