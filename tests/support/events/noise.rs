//! What every log is full of and means nothing: background against which a story's few events stand.
//!
//! Nothing here may point at a cause: only successes, ordinary protocol steps (0x19, 0x34), and the noise patterns of
//! `causes.md` 5.18. The accounts are services and machines that no story uses.

use jiff::Timestamp;

use super::*;
use crate::support::dice::Dice;
use crate::support::directory::{Host, Role};
use crate::support::evtx_writer::{EventSpec, hex, hex64, sid};

const SERVICES: [&str; 8] = [
    "Windows Update",
    "WinHTTP Web Proxy Auto-Discovery Service",
    "Background Intelligent Transfer Service",
    "Windows Modules Installer",
    "Software Protection",
    "Application Experience",
    "Windows Error Reporting Service",
    "Portable Device Enumerator Service",
];
const OTHERS: [&str; 8] = [
    "FILE03", "PRT01", "SQL07", "MON02", "BACKUP1", "WSUS01", "MAIL02", "CM01",
];
const PROGRAMS: [&str; 5] = [
    r"C:\Windows\System32\svchost.exe",
    r"C:\Windows\System32\taskhostw.exe",
    r"C:\Windows\System32\conhost.exe",
    r"C:\Program Files\Backup Agent\agent.exe",
    r"C:\Windows\System32\wbem\WmiPrvSE.exe",
];

/// `count` ordinary events of a machine between two moments, in order; the same for the same arguments. Of a client
/// only the System log is told: that is what support asks for.
pub fn noise(
    seed: u64,
    host: &Host,
    from: Timestamp,
    to: Timestamp,
    count: usize,
) -> Vec<EventSpec> {
    let mut dice = Dice::from_number(seed ^ Dice::from_text(&host.name).next());
    let times = dice.times(count, from, to);
    let mut events: Vec<_> = times
        .into_iter()
        .map(|time| one(&mut dice, host, time))
        .collect();
    // Classic sources cut their times to whole seconds, which can move them before a neighbour.
    events.sort_by_key(|event| event.time);
    events
}

fn one(dice: &mut Dice, host: &Host, time: Timestamp) -> EventSpec {
    let other = other(dice, host);
    let machine = other.machine();
    let kind = match host.role {
        Role::Client => dice.below(6),
        Role::Server => dice.below(12),
        Role::DomainController => dice.below(16),
    };
    match kind {
        0 | 1 => service_state(time, host, dice),
        2 => dcom(time, host),
        3 => time_service(time, host),
        4 => service_state(time, host, dice),
        5 => {
            let code = *dice.pick(&[0x19, 0x34]);
            let spn = format!("krbtgt/{}", host.domain.realm());
            kerberos_error(time, host, &host.machine(), code, "", &spn)
        }
        6 | 7 => logon(
            time,
            host,
            &host.machine(),
            None,
            5,
            "Advapi  ",
            "Negotiate",
            "-",
        ),
        8 => logoff(time, host, &machine, 0x20_0000 + dice.below(0xff_ffff)),
        9 | 10 => privileges(time, host, &host.machine()),
        11 => process_started(time, host, dice),
        12 => tgt(time, host, &machine, &other),
        13 | 14 => service_ticket(time, host, &machine, &other, &host.machine(), 0x12),
        _ => kdc_lookup_failed(time, host, "", "0x108"),
    }
}

fn other(dice: &mut Dice, host: &Host) -> Host {
    Host {
        name: (*dice.pick(&OTHERS)).to_owned(),
        domain: host.domain.clone(),
        ip: format!("10.250.{}.{}", dice.below(8), 10 + dice.below(200)),
        role: Role::Server,
    }
}

/// 4688: a process was started.
pub fn process_started(time: Timestamp, host: &Host, dice: &mut Dice) -> EventSpec {
    let fields = vec![
        ("SubjectUserSid", sid("S-1-5-18")),
        ("SubjectUserName", host.machine().name.into()),
        ("SubjectDomainName", host.domain.netbios.clone().into()),
        ("SubjectLogonId", hex64(0x3e7)),
        ("NewProcessId", hex64(0x400 + 4 * dice.below(0x700))),
        ("NewProcessName", (*dice.pick(&PROGRAMS)).into()),
        ("TokenElevationType", "%%1936".into()),
        ("ProcessId", hex64(0x2b8)),
        ("CommandLine", "".into()),
        ("TargetUserSid", sid("S-1-0-0")),
        ("TargetUserName", "-".into()),
        ("TargetDomainName", "-".into()),
        ("TargetLogonId", hex64(0)),
        (
            "ParentProcessName",
            r"C:\Windows\System32\services.exe".into(),
        ),
        ("MandatoryLabel", sid("S-1-16-16384")),
    ];
    EventSpec::named(SECURITY, 4688, time, &host.fqdn(), fields)
        .version(2)
        .task(13_312)
}

fn service_state(time: Timestamp, host: &Host, dice: &mut Dice) -> EventSpec {
    let fields = vec![
        ("param1", (*dice.pick(&SERVICES)).into()),
        ("param2", (*dice.pick(&["running", "stopped"])).into()),
    ];
    EventSpec::named(SERVICE_CONTROL, 7036, time, &host.fqdn(), fields)
}

fn dcom(time: Timestamp, host: &Host) -> EventSpec {
    let fields = vec![
        ("param1", "application-specific".into()),
        ("param2", "Local".into()),
        ("param3", "Activation".into()),
        ("param4", "{2593F8B9-4EAF-457C-B68A-50F6B8EA6B54}".into()),
        ("param5", "{15C20B67-12E7-4BB6-92BB-7AFF07997402}".into()),
        ("param6", "NT AUTHORITY".into()),
        ("param7", "SYSTEM".into()),
        ("param8", "S-1-5-18".into()),
        ("param9", "LocalHost (Using LRPC)".into()),
        ("param10", "Unavailable".into()),
        ("param11", "Unavailable".into()),
    ];
    EventSpec::named(DCOM, 10016, time, &host.fqdn(), fields).level(3)
}

fn time_service(time: Timestamp, host: &Host) -> EventSpec {
    let source = format!("DC1.{} (ntp.d|0.0.0.0:123)", host.domain.dns);
    let fields = vec![
        ("TimeSource", source.into()),
        ("TimeSourceRefId", hex(0x0a0a_0114)),
    ];
    EventSpec::named(TIME_SERVICE, 35, time, &host.fqdn(), fields)
}
