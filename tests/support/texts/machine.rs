//! What commands say of a machine (`formats.md` 5.1 and 6): systeminfo, whoami, nltest, w32tm, reg query, hotfixes.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use crate::support::directory::{Account, Host, Role};

/// `systeminfo`. The zone is that of the machine.
pub fn systeminfo(host: &Host, zone: &str) -> String {
    let (os, kind) = match host.role {
        Role::Client => ("Microsoft Windows 11 Enterprise", "Member Workstation"),
        Role::Server => ("Microsoft Windows Server 2019 Standard", "Member Server"),
        Role::DomainController => (
            "Microsoft Windows Server 2022 Standard",
            "Primary Domain Controller",
        ),
    };
    let row = |label: &str, value: &str| format!("{:<27}{value}\n", format!("{label}:"));
    let rows = [
        row("Host Name", &host.name),
        row("OS Name", os),
        row("OS Version", "10.0.17763 N/A Build 17763"),
        row("OS Manufacturer", "Microsoft Corporation"),
        row("OS Configuration", kind),
        row("System Type", "x64-based PC"),
        row(
            "Time Zone",
            &format!("{zone} Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"),
        ),
        row("Domain", &host.domain.dns),
        row("Logon Server", "N/A"),
        row("Hotfix(s)", "2 Hotfix(s) Installed."),
    ];
    let hotfixes = ["KB5044277", "KB5043050"].iter().enumerate();
    let hotfixes: String = hotfixes
        .map(|(n, kb)| format!("{:27}[{:02}]: {kb}\n", "", n + 1))
        .collect();
    format!("\n{}{hotfixes}", rows.concat())
}

/// `script-info.txt` of the auth scripts: version, arguments, and the two times with the zone.
pub fn script_info(started: Timestamp, stopped: Timestamp, offset_hours: i64) -> String {
    let both = |time: Timestamp| {
        let local = time + SignedDuration::from_hours(offset_hours);
        format!(
            "{} <UTC{offset_hours:+03}:00> ({} UTC)",
            local.strftime("%Y/%m/%d %H:%M:%S"),
            time.strftime("%Y/%m/%d %H:%M:%S")
        )
    };
    format!(
        "Microsoft CSS Authentication Scripts v6.3\nArguments passed: -containerId -acceptEULA\nData collection started on: {}\nData collection stopped on: {}\n",
        both(started),
        both(stopped)
    )
}

/// `whoami /all`: the user and some groups.
pub fn whoami(user: &Account) -> String {
    let name = user.down_level().to_lowercase();
    let ruler = |width: usize| "=".repeat(width);
    let groups = [
        ("Everyone", "Well-known group", "S-1-1-0"),
        (r"BUILTIN\Users", "Alias", "S-1-5-32-545"),
        (r"NT AUTHORITY\INTERACTIVE", "Well-known group", "S-1-5-4"),
        (
            r"Mandatory Label\Medium Mandatory Level",
            "Label",
            "S-1-16-8192",
        ),
    ];
    let mut text = format!(
        "\nUSER INFORMATION\n----------------\n\n{:<25} SID\n{} {}\n{:<25} {}\n\n\nGROUP INFORMATION\n-----------------\n\n{:<40} {:<16} {:<14} Attributes\n{} {} {} {}\n",
        "User Name",
        ruler(25),
        ruler(46),
        name,
        user.sid(),
        "Group Name",
        "Type",
        "SID",
        ruler(40),
        ruler(16),
        ruler(14),
        ruler(50)
    );
    for (group, kind, sid) in groups {
        let _ = writeln!(
            text,
            "{group:<40} {kind:<16} {sid:<14} Mandatory group, Enabled by default, Enabled group"
        );
    }
    text + "\n"
}

/// `nltest /sc_query:DOMAIN` of a healthy channel.
pub fn secure_channel(dc: &Host) -> String {
    format!(
        "Flags: 30 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\{}\nTrusted DC Connection Status Status = 0 0x0 NERR_Success\nThe command completed successfully\n",
        dc.dns_name()
    )
}

/// `w32tm /stripchart` against a domain controller: the offset in seconds.
pub fn stripchart(dc: &Host, at: Timestamp, offset: f64) -> String {
    let mut text = format!(
        "Tracking {} [{}:123].\nThe current time is {}.\n",
        dc.dns_name(),
        dc.ip,
        at.strftime("%-m/%-d/%Y %-I:%M:%S %p")
    );
    for second in 0..3 {
        let time = (at + SignedDuration::from_secs(second * 2)).strftime("%H:%M:%S");
        let _ = writeln!(text, "{time}, {offset:+012.7}s");
    }
    text
}

/// A value of the registry: name, type, what it holds.
pub type Value<'a> = (&'a str, &'a str, &'a str);

/// `reg query KEY /s`.
pub fn reg_query(keys: &[(&str, &[Value<'_>])]) -> String {
    let mut text = String::new();
    for (key, values) in keys {
        let _ = write!(text, "\n{key}\n");
        for (name, kind, value) in *values {
            let _ = writeln!(text, "    {name}    {kind}    {value}");
        }
    }
    text
}

/// The key of LSA with what bears on authentication, all as installed.
pub fn lsa_key() -> String {
    let lsa = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa";
    reg_query(&[
        (
            lsa,
            &[
                ("auditbasedirectories", "REG_DWORD", "0x0"),
                ("LmCompatibilityLevel", "REG_DWORD", "0x3"),
                ("disabledomaincreds", "REG_DWORD", "0x0"),
            ],
        ),
        (
            &format!(r"{lsa}\Kerberos\Parameters"),
            &[("LogLevel", "REG_DWORD", "0x1")],
        ),
        (
            &format!(r"{lsa}\MSV1_0"),
            &[
                ("RestrictSendingNTLMTraffic", "REG_DWORD", "0x1"),
                ("AuditReceivingNTLMTraffic", "REG_DWORD", "0x0"),
            ],
        ),
    ])
}

/// `wmic qfe` as the scripts keep it.
pub fn hotfixes(host: &Host) -> String {
    let mut text = String::from(
        "Caption                                     CSName      Description      HotFixID   InstalledBy          InstalledOn\n",
    );
    for (kb, on) in [("KB5044277", "10/9/2024"), ("KB5043050", "9/11/2024")] {
        let _ = writeln!(
            text,
            "http://support.microsoft.com/?kbid={}  {:<10}  Security Update  {kb}  NT AUTHORITY\\SYSTEM  {on}",
            &kb[2..],
            host.name
        );
    }
    text
}

/// `auditpol /get /category:*`, the part about logons and tickets.
pub fn auditpol() -> String {
    let mut text =
        String::from("System audit policy\nCategory/Subcategory                      Setting\n");
    for (category, rows) in [
        (
            "Logon/Logoff",
            &[("Logon", "Success and Failure"), ("Logoff", "Success")][..],
        ),
        (
            "Account Logon",
            &[
                ("Kerberos Service Ticket Operations", "Success"),
                ("Credential Validation", "Success and Failure"),
            ],
        ),
    ] {
        let _ = writeln!(text, "{category}");
        for (name, setting) in rows {
            let _ = writeln!(text, "  {name:<40}{setting}");
        }
    }
    text
}

/// `secedit /export`: who may log on over the network.
pub fn user_rights() -> String {
    "[Unicode]\nUnicode=yes\n[System Access]\nMinimumPasswordAge = 1\n[Privilege Rights]\nSeNetworkLogonRight = *S-1-5-11,*S-1-5-32-544\nSeBatchLogonRight = *S-1-5-32-544,*S-1-5-32-568\n[Version]\nsignature=\"$CHICAGO$\"\nRevision=1\n".into()
}
