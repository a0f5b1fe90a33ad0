//! `Get-HotFix`, `wmic qfe` and the list of `systeminfo`: which updates, whose, and since when.

use jiff::civil::date;

use super::super::{Fact, Installed};
use super::{facts, host};

pub(super) fn update(kb: &str, installed: Option<Installed>) -> Fact {
    let kb = kb.to_owned();
    Fact::Update { kb, installed }
}

fn on(year: i16, month: i8, day: i8) -> Option<Installed> {
    Some(Installed::On(date(year, month, day)))
}

#[test]
fn updates_and_whose_they_are() {
    let table = "PS C:\\> Get-HotFix

Source        Description      HotFixID      InstalledBy          InstalledOn
------        -----------      --------      -----------          -----------
WEB01         Security Update  KB5012170     NT AUTHORITY\\SYSTEM  2/14/2026 12:00:00 AM
";
    assert_eq!(facts(table), [update("KB5012170", on(2026, 2, 14))]);
    assert_eq!(host(table).as_deref(), Some("WEB01"));
    let wmic = "Caption                                CSName  Description      FixComments  HotFixID   InstallDate  InstalledBy\nhttp://support.microsoft.com/?kbid=1  WEB01   Update                        KB5011551               NT AUTHORITY\\SYSTEM\n"
        .replace("kbid=1  ", "kbid=1   ");
    assert_eq!(facts(&wmic), [update("KB5011551", None)]);
    assert_eq!(host(&wmic).as_deref(), Some("WEB01"));
}

/// The days of the updates of a table, as `Get-HotFix` shows them.
fn installed(days: &[&str]) -> Vec<Option<Installed>> {
    let mut table = "PS C:\\> Get-HotFix\n\nSource        Description      HotFixID      InstalledBy          InstalledOn\n------        -----------      --------      -----------          -----------\n".to_owned();
    for day in days {
        table +=
            &format!("WEB01         Security Update  KB5012170     NT AUTHORITY\\SYSTEM  {day}\n");
    }
    let facts = facts(&table).into_iter();
    let days = facts.filter_map(|fact| match fact {
        Fact::Update { installed, .. } => Some(installed),
        _ => None,
    });
    days.collect()
}

#[test]
fn the_day_of_an_update_is_never_guessed() {
    let either = |a, b| Some(Installed::Either(a, b));
    let (march, april) = (date(2025, 3, 4), date(2025, 4, 3));
    assert_eq!(installed(&["3/4/2025 12:00:00 AM"]), [either(march, april)]);
    // Another date of the list has a number above 12.
    let by_the_other = installed(&["3/4/2025 12:00:00 AM", "3/14/2025 12:00:00 AM"]);
    assert_eq!(by_the_other, [on(2025, 3, 4), on(2025, 3, 14)]);
    let by_the_other = installed(&["03/04/2025 00:00:00", "14/04/2025 00:00:00"]);
    assert_eq!(by_the_other, [on(2025, 4, 3), on(2025, 4, 14)]);
    // Both orders in one list prove none.
    let both = installed(&["3/4/2025", "3/14/2025", "14/3/2025"]);
    assert_eq!(
        both,
        [either(march, april), on(2025, 3, 14), on(2025, 3, 14)]
    );
    for same in ["04.03.2025 00:00:00", "2025-03-04 00:00:00", "2025/3/4"] {
        assert_eq!(installed(&[same]), [on(2025, 3, 4)], "{same}");
    }
    for none in [
        "",
        "31.02.2025",
        "13/13/2025",
        "2/14/25",
        "1/2/2025 3/4/2025",
    ] {
        assert_eq!(installed(&[none]), [None], "{none}");
    }
}

#[test]
fn a_list_of_properties_gives_each_update_its_own_day() {
    let wmic = "C:\\>wmic qfe list full\n\nCSName=WEB01\nHotFixID=KB5012170\nInstalledOn=2/14/2026\n\nCSName=WEB01\nHotFixID=KB5011551\nInstalledOn=\n";
    let expected = [
        update("KB5012170", on(2026, 2, 14)),
        update("KB5011551", None),
    ];
    assert_eq!(facts(wmic), expected);
    assert_eq!(host(wmic).as_deref(), Some("WEB01"));
    // The day stands first: it is not that of the update before.
    let first = "PS C:\\> Get-HotFix | fl\n\nInstalledOn : 2/13/2026 12:00:00 AM\nHotFixID    : KB5012170\n\nInstalledOn : 2/14/2026 12:00:00 AM\nHotFixID    : KB5011551\n";
    assert_eq!(
        facts(first),
        [update("KB5012170", None), update("KB5011551", None)]
    );
    let csv = "C:\\>wmic qfe list /format:csv\n\nNode,Caption,CSName,Description,HotFixID,InstalledOn\nWEB01,x,WEB01,Update,KB5012170,2/14/2026\n";
    assert_eq!(facts(csv), [update("KB5012170", on(2026, 2, 14))]);
}

/// The dates of `systeminfo` are those of the system.
#[test]
fn systeminfo_dates_no_update() {
    let head: Vec<String> = (0..30).map(|n| format!("\"L{n}\"")).collect();
    let mut row = vec!["x"; 30];
    row[0] = "WEB01";
    row[1] = "Microsoft Windows Server 2019 Standard";
    row[2] = "10.0.17763 N/A Build 17763";
    row[9] = "2/14/2026, 8:00:00 AM";
    row[29] = "1 Hotfix(s) Installed.,[01]: KB5012170";
    let csv = format!(
        "C:\\>systeminfo /fo csv\n\n{}\n\"{}\"\n",
        head.join(","),
        row.join("\",\"")
    );
    assert!(
        facts(&csv).contains(&update("KB5012170", None)),
        "{:?}",
        facts(&csv)
    );
}

#[test]
fn packages_in_any_language() {
    let list = "C:\\>dism /online /get-packages\n\nTool zur Imageverwaltung für die Bereitstellung\nVersion: 10.0.17763.1\n\nPaketliste:\n\nPaketidentität : Microsoft-Windows-Foundation-Package~31bf3856ad364e35~amd64~~10.0.17763.1\nStatus : Installiert\nInstallationszeit : 13.02.2026 08:00\n\nPaketidentität : Package_for_KB5012170~31bf3856ad364e35~amd64~~17763.2989.1.1\nStatus : Installiert\nVersionstyp : Security Update\nInstallationszeit : 14.02.2026 09:12\n\nPaketidentität : Package_for_RollupFix~31bf3856ad364e35~amd64~~17763.3650.1.7\nStatus : Installation ausstehend\nVersionstyp : Security Update\nInstallationszeit :\n\nPaketidentität : Package_for_DotNetRollup~31bf3856ad364e35~amd64~~10.0.4515.2\nStatus : Installiert\nInstallationszeit : 15.02.2026 09:12\n";
    let expected = [
        update("KB5012170", on(2026, 2, 14)),
        update("RollupFix 17763.3650.1.7", None),
    ];
    assert_eq!(facts(list), expected);
    // The same without its echo and its head, as a table, and as PowerShell shows it.
    let begin = list.find("Paketidentität").unwrap();
    assert_eq!(facts(&list[begin..]), expected);
    let table = "C:\\>dism /online /get-packages /format:table\n\nPackage_for_RollupFix~31bf3856ad364e35~amd64~~17763.3650.1.7 | Superseded | Security Update | 2/14/2026 9:12 AM\n";
    let rollup = update("RollupFix 17763.3650.1.7", on(2026, 2, 14));
    assert_eq!(facts(table), std::slice::from_ref(&rollup));
    let cmdlet = "PackageName  : Package_for_RollupFix~31bf3856ad364e35~amd64~~17763.3650.1.7\nPackageState : Installed\nReleaseType  : Update\nInstallTime  : 2/14/2026 9:12:00 AM\n";
    assert_eq!(facts(cmdlet), [rollup]);
    // Other work of the program, and a log that names packages.
    for other in [
        "C:\\>dism /online /cleanup-image /scanhealth\n\nNo component store corruption detected.\n",
        "2026-02-14 09:12:00, Info                  CBS    Appl: Package: Package_for_RollupFix~31bf3856ad364e35~amd64~~17763.3650.1.7, Update: x\n",
    ] {
        assert_eq!(facts(other), []);
    }
}
