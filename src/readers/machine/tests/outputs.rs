//! `systeminfo`, `ipconfig`, updates, processes and the rest.

use jiff::civil::date;
use jiff::tz::Offset;

use super::super::{DeviceState, Fact};
use super::updates::update;
use super::{facts, host, read_all};
use crate::evidence::When;

fn hours(hours: i8) -> Offset {
    Offset::constant(hours)
}

const SUMMARY_DE: &str = "C:\\>systeminfo

Hostname:                                      WEB01
Betriebssystemname:                            Microsoft Windows Server 2019 Standard
Betriebssystemversion:                         10.0.17763 Nicht zutreffend Build 17763
Betriebssystemhersteller:                      Microsoft Corporation
Betriebssystemkonfiguration:                   Mitgliedsserver
Betriebssystem-Buildtyp:                       Multiprocessor Free
Registrierter Benutzer:                        Windows-Benutzer
Registrierte Organisation:
Produkt-ID:                                    00429-00000-00000-AA000
Urspr\u{fc}ngliches Installationsdatum:              01.02.2024, 10:11:12
Systemstartzeit:                               15.03.2026, 08:00:05
Systemhersteller:                              Example Ltd.
Systemmodell:                                  Virtual Machine
Systemtyp:                                     x64-based PC
Prozessor(en):                                 1 Prozessor(en) installiert.
                                               [01]: Intel64 Family 6 ~2394 MHz
BIOS-Version:                                  Example 1.0, 01.02.2020
Windows-Verzeichnis:                           C:\\Windows
System-Verzeichnis:                            C:\\Windows\\system32
Startger\u{e4}t:                                    \\Device\\HarddiskVolume1
Systemgebietsschema:                           de;Deutsch (Deutschland)
Eingabegebietsschema:                          de;Deutsch (Deutschland)
Zeitzone:                                      (UTC+01:00) Amsterdam, Berlin, Bern
Gesamter physischer Speicher:                  8.191 MB
Verf\u{fc}gbarer physischer Speicher:               4.000 MB
Virtueller Arbeitsspeicher: Maximale Gr\u{f6}\u{df}e:    9.500 MB
Virtueller Arbeitsspeicher: Verf\u{fc}gbar:         5.000 MB
Virtueller Arbeitsspeicher: Zurzeit verwendet: 4.500 MB
Auslagerungsdateipfad(e):                      C:\\pagefile.sys
Dom\u{e4}ne:                                        corp.example
Anmeldeserver:                                 \\\\DC1
Hotfix(es):                                    2 Hotfix(e) installiert.
                                               [01]: KB5012170
                                               [02]: KB5011551
Netzwerkkarte(n):                              1 Netzwerkadapter installiert.
                                               [01]: Example Adapter
";

#[test]
fn systeminfo_is_read_by_position() {
    assert_eq!(
        facts(SUMMARY_DE),
        [
            Fact::Name("WEB01".into()),
            Fact::System("Microsoft Windows Server 2019 Standard".into()),
            Fact::Version("10.0.17763".into()),
            Fact::Started(When::Local(date(2026, 3, 15).at(8, 0, 5, 0))),
            Fact::TimeZone("(UTC+01:00) Amsterdam, Berlin, Bern".into()),
            Fact::Domain("corp.example".into()),
            Fact::LogonServer("DC1".into()),
            update("KB5012170", None),
            update("KB5011551", None),
        ]
    );
    assert_eq!(host(SUMMARY_DE).as_deref(), Some("WEB01"));
    // The same without its echo.
    let silent = SUMMARY_DE.split_once('\n').unwrap().1;
    assert_eq!(facts(silent), facts(SUMMARY_DE));
}

#[test]
fn a_date_that_can_be_misread_is_left_out() {
    for (shown, expected) in [
        ("3/2/2026, 8:00:05 AM", None),
        (
            "3/15/2026, 8:00:05 PM",
            Some(date(2026, 3, 15).at(20, 0, 5, 0)),
        ),
        ("2026/3/2, 8:00:05", Some(date(2026, 3, 2).at(8, 0, 5, 0))),
        (
            "3/3/2026, 12:00:05 AM",
            Some(date(2026, 3, 3).at(0, 0, 5, 0)),
        ),
    ] {
        let output = SUMMARY_DE.replace("15.03.2026, 08:00:05", shown);
        let started = facts(&output).into_iter().find_map(|fact| match fact {
            Fact::Started(When::Local(local)) => Some(local),
            _ => None,
        });
        assert_eq!(started, expected, "{shown}");
    }
}

#[test]
fn zones_of_every_form() {
    for shown in [
        "(UTC-03:30) Neufundland",
        "(UTC) Coordinated Universal Time",
        "(UTC+05:45) Kathmandu",
        "(GMT+01:00) Berlin",
    ] {
        let output = SUMMARY_DE.replace("(UTC+01:00) Amsterdam, Berlin, Bern", shown);
        assert!(
            facts(&output).contains(&Fact::TimeZone(shown.into())),
            "{shown}"
        );
    }
    let other = SUMMARY_DE.replace("(UTC+01:00) Amsterdam, Berlin, Bern", "(UTC+25:00) Nowhere");
    assert!(!facts(&other).iter().any(|f| matches!(f, Fact::TimeZone(_))));
}

#[test]
fn systeminfo_as_csv() {
    let csv = "\"Host Name\",\"OS Name\",\"OS Version\",\"OS Manufacturer\",\"OS Configuration\",\"OS Build Type\",\"Registered Owner\",\"Registered Organization\",\"Product ID\",\"Original Install Date\",\"System Boot Time\",\"System Manufacturer\",\"System Model\",\"System Type\",\"Processor(s)\",\"BIOS Version\",\"Windows Directory\",\"System Directory\",\"Boot Device\",\"System Locale\",\"Input Locale\",\"Time Zone\",\"Total Physical Memory\",\"Available Physical Memory\",\"Virtual Memory: Max Size\",\"Virtual Memory: Available\",\"Virtual Memory: In Use\",\"Page File Location(s)\",\"Domain\",\"Logon Server\",\"Hotfix(s)\",\"Network Card(s)\"
\"WEB02\",\"Microsoft Windows Server 2022 Standard\",\"10.0.20348 N/A Build 20348\",\"Microsoft Corporation\",\"Member Server\",\"Multiprocessor Free\",\"x\",\"\",\"1\",\"3/1/2024, 1:00:00 AM\",\"3/15/2026, 8:00:05 AM\",\"x\",\"x\",\"x64-based PC\",\"1 Processor(s) Installed.,[01]: x\",\"x\",\"C:\\Windows\",\"C:\\Windows\\system32\",\"\\Device\\HarddiskVolume1\",\"en-us\",\"en-us\",\"(UTC) Coordinated Universal Time\",\"1 MB\",\"1 MB\",\"1 MB\",\"1 MB\",\"1 MB\",\"C:\\pagefile.sys\",\"WORKGROUP\",\"N/A\",\"1 Hotfix(s) Installed.,[01]: KB5012170\",\"x\"
";
    assert_eq!(
        facts(csv),
        [
            Fact::Name("WEB02".into()),
            Fact::System("Microsoft Windows Server 2022 Standard".into()),
            Fact::Version("10.0.20348".into()),
            Fact::DomainJoined(true),
            Fact::Started(When::Local(date(2026, 3, 15).at(8, 0, 5, 0))),
            Fact::TimeZone("(UTC) Coordinated Universal Time".into()),
            Fact::Domain("WORKGROUP".into()),
            update("KB5012170", None),
        ]
    );
}

#[test]
fn ipconfig_in_french() {
    let output = "PS C:\\> ipconfig /all

Configuration IP de Windows

   Nom de l\u{2019}h\u{f4}te . . . . . . . . . . : WEB01
   Suffixe DNS principal . . . . . . : corp.example
   Type de noeud. . . . . . . . . .  : Hybride
   Liste de recherche du suffixe DNS.: corp.example
                                       emea.example

Carte Ethernet Ethernet0 :

   Suffixe DNS propre \u{e0} la connexion. . . :
   Adresse IPv6 de liaison locale. . . . .: fe80::1%12(pr\u{e9}f\u{e9}r\u{e9})
   Adresse IPv4. . . . . . . . . . . . . .: 192.0.2.20(pr\u{e9}f\u{e9}r\u{e9})
   Masque de sous-r\u{e9}seau. . . . . . . . . : 255.255.255.0
   Passerelle par d\u{e9}faut. . . . . . . . . : 192.0.2.1
   Serveurs DNS. . .  . . . . . . . . . . : 192.0.2.10
                                       192.0.2.11
   NetBIOS sur Tcpip. . . . . . . . . . . : Activ\u{e9}
";
    let address = |a: &str| Fact::Address(a.parse().unwrap());
    let server = |a: &str| Fact::DnsServer(a.parse().unwrap());
    assert_eq!(
        facts(output),
        [
            Fact::Name("WEB01".into()),
            Fact::DnsSuffix("corp.example".into()),
            address("fe80::1"),
            address("192.0.2.20"),
            server("192.0.2.10"),
            server("192.0.2.11"),
        ]
    );
    assert_eq!(host(output).as_deref(), Some("WEB01"));
}

#[test]
fn ipconfig_without_all_has_addresses_and_no_name() {
    let output = "C:\\>ipconfig

Windows IP Configuration


Ethernet adapter Ethernet0:

   Connection-specific DNS Suffix  . : corp.example
   IPv4 Address. . . . . . . . . . . : 192.0.2.20
   Subnet Mask . . . . . . . . . . . : 255.255.255.0
   Default Gateway . . . . . . . . . : 192.0.2.1
";
    assert_eq!(
        facts(output),
        [Fact::Address("192.0.2.20".parse().unwrap())]
    );
    assert_eq!(host(output), None);
}

#[test]
fn the_notes_of_the_auth_scripts_tell_the_offset() {
    assert_eq!(
        facts("Version 6.3\nScript started: 2026/07/02 09:00:00 <UTC+02:00>\n"),
        [Fact::OffsetAt {
            offset: hours(2),
            local: When::Local(date(2026, 7, 2).at(9, 0, 0, 0)),
        }]
    );
}

#[test]
fn worker_processes_in_every_form() {
    let worker = |account: Option<&str>| Fact::WorkerProcess {
        id: 4712,
        account: account.map(str::to_owned),
    };
    let row = "w3wp.exe                      4712 Services                   0     52,340 K Unknown         IIS APPPOOL\\Intranet                                0:00:01 N/A\n";
    let table = format!(
        "Abbildname                     PID Sitzungsname       Sitz.-Nr. Speichernutzung Status          Benutzername                                       CPU-Zeit     Fenstertitel\n========================= ======== ================ =========== =============== =============== ================================================== ============ ====\nsvchost.exe                      8 Services                   0     1 K         Unknown         CORP\\uma                                           0:00:01      x\n{}",
        row.replace("52,340 K Unknown", "   52.340 K Unknown")
    );
    assert_eq!(facts(&table), [worker(Some("IIS APPPOOL\\Intranet"))]);
    // What `findstr` leaves of it.
    assert_eq!(facts(row), [worker(Some("IIS APPPOOL\\Intranet"))]);
    assert_eq!(
        facts(
            "\"w3wp.exe\",\"4712\",\"Services\",\"0\",\"52,340 K\",\"Unknown\",\"CORP\\svc_web\",\"0:00:01\",\"N/A\"\n"
        ),
        [worker(Some("CORP\\svc_web"))]
    );
    assert_eq!(
        facts(
            "C:\\>tasklist /v /fo list\n\nImage Name:   w3wp.exe\nPID:          4712\nSession Name: Services\nSession#:     0\nMem Usage:    52,340 K\nStatus:       Unknown\nUser Name:    CORP\\svc_web\nCPU Time:     0:00:01\nWindow Title: N/A\n"
        ),
        [worker(Some("CORP\\svc_web"))]
    );
    assert_eq!(
        facts(&row.replace("IIS APPPOOL\\Intranet", "N/A                 ")),
        [worker(None)]
    );
}

#[test]
fn an_environment_gives_names_and_nothing_else() {
    let (found, problems) = read_all(
        "ALLUSERSPROFILE=C:\\ProgramData\nAPI_PASSWORD=hunter2\nCOMPUTERNAME=WEB01\nLOGONSERVER=\\\\DC1\nUSERDOMAIN=CORP\nUSERNAME=uma\n",
    );
    assert_eq!(problems, []);
    assert!(!format!("{found:?}").contains("hunter2"));
    let found: Vec<Fact> = found.into_iter().map(|fact| fact.fact).collect();
    assert_eq!(
        found,
        [
            Fact::Name("WEB01".into()),
            Fact::LogonServer("DC1".into()),
            Fact::UserDomain("CORP".into()),
        ]
    );
}

#[test]
fn devices_and_names() {
    let output = "C:\\>dsregcmd /status
+----------------------------------------------------------------------+
| Device State                                                         |
+----------------------------------------------------------------------+

             AzureAdJoined : NO
          EnterpriseJoined : NO
              DomainJoined : YES
                DomainName : CORP
               Device Name : web01.corp.example
";
    assert_eq!(
        facts(output),
        [
            Fact::Device(DeviceState::EntraJoined, false),
            Fact::DomainJoined(true),
            Fact::Name("web01.corp.example".into()),
        ]
    );
    assert_eq!(
        facts("C:\\>hostname\nWEB01\n"),
        [Fact::Name("WEB01".into())]
    );
}

#[test]
fn several_outputs_in_one_file_are_told_apart() {
    let output = "Flags: 30 HAS_IP
Trusted DC Name \\\\DC1
Trusted DC Connection Status Status = 0 0x0 NERR_Success
The command completed successfully
Tracking DC1 [192.0.2.10:123].
10:20:00, +00.0206779s
";
    let (found, problems) = read_all(output);
    assert_eq!(problems, []);
    assert!(matches!(found[0].fact, Fact::Channel { status: 0, .. }));
    assert!(matches!(
        found[1].fact,
        Fact::ClockOffset {
            milliseconds: 21,
            ..
        }
    ));
    let (found, problems) =
        read_all("C:\\>nltest /sc_query:corp.example\n'nltest' is not recognized\n");
    assert_eq!((found.len(), problems.len()), (0, 1));
}
