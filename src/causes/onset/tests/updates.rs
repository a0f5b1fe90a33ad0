//! Updates of Windows: by events, and by lists that tell the day.

use super::*;

const WEB: &str = "WEB01.corp.example";

/// The update is of Windows and of a domain controller.
#[test]
fn an_update_of_a_domain_controller() {
    let installed = |state: &str, provider: &'static str| Happening {
        channel: "Setup",
        provider,
        id: 2,
        values: vec![
            ("PackageIdentifier", "KB5019964".into()),
            ("IntendedPackageState", state.into()),
            ("ErrorCode", "0x0".into()),
        ],
    };
    let titled = |title: &str| {
        let provider = "Microsoft-Windows-WindowsUpdateClient";
        system(provider, 19, &[("updateTitle", title)])
    };
    const SERVICING: &str = "Microsoft-Windows-Servicing";
    let hotfix = "2022-11 Kumulatives Update für Windows Server 2019 (KB5019966)";
    let began = |computer: &str, update: Happening| {
        let judgement = failing_by_update(unlisted().event(computer, update));
        began(&judgement, "ET-07")
    };
    assert_eq!(began(DC, installed("5112", SERVICING)).len(), 1);
    assert_eq!(began(DC, titled(hotfix)).len(), 1);
    let staged = began(DC, installed("5064", SERVICING));
    let definitions = "Security Intelligence Update for Microsoft Defender (KB2267602)";
    let elsewhere = began("WEB01.corp.example", titled(hotfix));
    for others in [staged, began(DC, titled(definitions)), elsewhere] {
        assert_eq!(others, Vec::<String>::new());
    }
}

/// The KDC has no strong keys (42), and a client gets no ticket.
fn failing_by_update(kit: Kit) -> Judgement {
    let weak = [("AccountName", "krbtgt")];
    let provider = "Microsoft-Windows-Kerberos-Key-Distribution-Center";
    kit.wait(30)
        .event(DC, system(provider, 42, &weak))
        .event(PC, kerberos_3(SPN, "0xe"))
        .judge()
}

const KB: &str = "2025-09 Cumulative Update for Windows Server 2022 (KB5065432)";

fn updated() -> Happening {
    let provider = "Microsoft-Windows-WindowsUpdateClient";
    system(provider, 19, &[("updateTitle", KB)])
}

fn refused() -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("Status", "0xc000006d"),
            ("SubStatus", "0x0"),
            ("AuthenticationPackageName", "Kerberos"),
            ("WorkstationName", "PC7"),
            ("IpAddress", "10.0.0.77"),
        ],
    )
}

fn let_in(user: &str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("AuthenticationPackageName", "Kerberos"),
        ],
    )
}

/// The server takes a client for its clone.
fn failing_as_clone(kit: Kit) -> Judgement {
    kit.wait(30)
        .event(WEB, system("LsaSrv", 6167, &[]))
        .event(WEB, refused())
        .judge()
}

#[test]
fn an_update_of_the_web_server_or_of_the_client() {
    let on = |machine: &str| failing_as_clone(unlisted().event(machine, updated()));
    assert_began(&on(WEB), "ET-15", "19");
    assert_began(&on(PC), "ET-15", "19");
    for other in ["WEB02.corp.example", "PC8.corp.example", DC] {
        assert_not_began(&on(other), "ET-15");
    }
    // The user got in after it; that another one did says nothing.
    let then = |user| {
        let kit = unlisted().event(WEB, updated()).wait(5);
        failing_as_clone(kit.event(WEB, let_in(user)))
    };
    assert_not_began(&then("uma"), "ET-15");
    assert_began(&then("bob"), "ET-15", "19");
}

#[test]
fn the_check_of_pacs_comes_with_an_update_of_server_or_controller() {
    let on = |machine: &str| {
        let kit = unlisted().event(machine, updated()).wait(30);
        let check = system("Microsoft-Windows-Security-Kerberos", 22, &[]);
        kit.event(WEB, check).event(WEB, refused()).judge()
    };
    assert_began(&on(WEB), "ET-11", "19");
    assert_began(&on(DC), "ET-11", "19");
    for other in [PC, "WEB02.corp.example", "DC9.fabrikam.example"] {
        assert_not_began(&on(other), "ET-11");
    }
}

/// The updates of a controller, by day; its zone is known where `zone` says so.
fn listed(kit: Kit, host: &str, days: &[&str], zone: Option<&'static str>) -> Kit {
    let mut table = format!(
        "[{host}]: PS C:\\> Get-HotFix\n\nSource        Description      HotFixID      InstalledBy          InstalledOn\n------        -----------      --------      -----------          -----------\n"
    );
    for (number, day) in days.iter().enumerate() {
        table += &format!(
            "{host}           Security Update  KB501997{number}     NT AUTHORITY\\SYSTEM  {day} 12:00:00 AM\n"
        );
    }
    let kit = kit.console("hotfix.txt", &table);
    let uptime = |zone| {
        let values = ["", "", "", "", "60", zone].map(|value| ("", value));
        system("EventLog", 6013, &values)
    };
    match zone {
        Some(zone) => kit.event(DC, uptime(zone)),
        None => kit,
    }
}

const UTC: Option<&str> = Some("0 UTC");

/// The failures begin on the second of March 2026, some two hours after the start of the kit at 08:00.
fn by_list(host: &str, days: &[&str], zone: Option<&'static str>) -> Vec<String> {
    let judgement = failing_by_update(listed(unlisted(), host, days, zone));
    began(&judgement, "ET-07")
}

#[test]
fn the_day_of_a_list() {
    let before = by_list("DC1", &["3/1/2026", "2/14/2026"], UTC);
    assert_eq!(
        before,
        ["DC1: KB5019970 installed on 2026-03-01, by the list of updates"]
    );
    // On the day itself it may have come after.
    let same = by_list("DC1", &["3/2/2026", "2/14/2026"], UTC);
    assert_eq!(same.len(), 1);
    assert!(
        same[0].ends_with("it may have come after the first failure)"),
        "{same:?}"
    );
    // Without a zone, so may the evening before.
    let unplaced = by_list("DC1", &["3/1/2026", "2/14/2026"], None);
    assert!(unplaced[0].contains("may have come after"), "{unplaced:?}");
    let long_before = by_list("DC1", &["2/26/2026", "2/14/2026"], None);
    assert!(
        long_before[0].ends_with("by the list of updates"),
        "{long_before:?}"
    );
    for none in [
        by_list("DC1", &["3/4/2026", "2/14/2026"], UTC),
        by_list("DC1", &["2/14/2026"], UTC),
        by_list("WEB01", &["3/1/2026", "2/14/2026"], UTC),
        // The first of March or the third of January.
        by_list("DC1", &["3/1/2026"], UTC),
    ] {
        assert_eq!(none, Vec::<String>::new());
    }
}

/// An event that tells the same update has its time.
#[test]
fn an_event_goes_before_the_list() {
    let title = "2026-03 Cumulative Update for Windows Server 2022 (KB5019970)";
    let provider = "Microsoft-Windows-WindowsUpdateClient";
    let after = system(provider, 19, &[("updateTitle", title)]);
    let kit = listed(unlisted(), "DC1", &["3/2/2026", "2/14/2026"], UTC).wait(30);
    let weak = [("AccountName", "krbtgt")];
    let kdc = "Microsoft-Windows-Kerberos-Key-Distribution-Center";
    let judgement = kit
        .event(DC, system(kdc, 42, &weak))
        .event(PC, kerberos_3(SPN, "0xe"))
        .wait(120)
        .event(DC, after)
        .judge();
    assert_not_began(&judgement, "ET-07");
}
