//! Whose state an output shows, and what follows from what it does not show.

use super::Channel;
use crate::case::{Case, HostId, SymptomKind};
use crate::evidence::Known;
use crate::readers::registry::{Key, Setting};
use crate::testkit::{Kit, kerberos_3, system};

fn event() -> crate::testkit::Happening {
    system("Filler", 1, &[])
}

fn host(case: &Case, name: &str) -> HostId {
    case.hosts.find(name).unwrap()
}

const LSA: &str = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\n    LmCompatibilityLevel    REG_DWORD    0x5\n    LimitBlankPasswordUse    REG_DWORD    0x1\n";

#[test]
fn the_output_names_its_machine() {
    let summary = "Host Name:      WEB02\nOS Name:        Microsoft Windows Server 2022 Standard\nOS Version:     10.0.20348 N/A Build 20348\nTime Zone:      (UTC-03:30) Newfoundland\na:              1 MB\nb:              1 MB\nc:              1 MB\nd:              1 MB\ne:              1 MB\nf:              C:\\pagefile.sys\nDomain:         corp.example\n";
    let case = Kit::new()
        .event("WEB01.corp.example", event())
        .console("WEB01/summary.txt", summary)
        .case();
    let web = host(&case, "WEB02.corp.example");
    let state = case.machine(Some(web)).unwrap();
    assert_eq!(
        state.system().unwrap().value,
        "Microsoft Windows Server 2022 Standard"
    );
    assert_eq!(state.build().unwrap().value, 20348);
    assert_eq!(
        case.clocks.zone(web).unwrap().value.shown(),
        "(UTC-03:30) Newfoundland"
    );
    assert!(case.machine(case.hosts.find("WEB01")).is_none());
}

#[test]
fn the_notes_of_a_collector_tell_the_zone() {
    let case = Kit::new()
        .event("WEB01.corp.example", event())
        .event("DC1.corp.example", event())
        .console(
            "WEB01/script-info.txt",
            "Started: 2026/03/02 09:00:00 <UTC+01:00>\n",
        )
        .case();
    let zone = |name| case.clocks.zone(host(&case, name));
    assert_eq!(zone("WEB01").unwrap().value.shown(), "UTC+01:00");
    assert!(zone("DC1").is_none());
}

#[test]
fn a_prompt_a_path_and_neighbours_name_it() {
    let two = || {
        Kit::new()
            .event("WEB01.corp.example", event())
            .event("DC1.corp.example", event())
    };
    for (path, prompt) in [
        (
            "x.txt",
            "[WEB01]: PS C:\\> reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\n",
        ),
        ("WEB01_Reg_Lsa.txt", ""),
        ("WEB01/reg.txt", ""),
    ] {
        let case = two().console(path, &format!("{prompt}{LSA}")).case();
        let state = case.machine(case.hosts.find("WEB01")).unwrap();
        assert_eq!(state.registry.len(), 1, "{path}");
    }
    // At the top of a bundle of two machines, it may be that of either.
    let case = two().console("reg.txt", LSA).case();
    assert!(case.machines.is_empty());
    assert_eq!(case.unplaced.registry.len(), 1);
    // The only machine of the bundle; the only one whose logs lie in the folder.
    let one = Kit::new().event("WEB01.corp.example", event());
    assert_eq!(one.console("reg.txt", LSA).case().machines.len(), 1);
    let folder = two().logs_in("collected").console("collected/reg.txt", LSA);
    assert!(
        folder.case().machines.is_empty(),
        "two machines' logs lie there"
    );
}

#[test]
fn absent_is_what_was_printed_whole_and_is_not_there() {
    let case = Kit::new()
        .event("WEB01.corp.example", event())
        .console("WEB01/reg.txt", LSA)
        .case();
    let state = case.machine(case.hosts.find("WEB01")).unwrap();
    assert!(matches!(
        state.setting(Key::Lsa, "LmCompatibilityLevel"),
        Known::Present(set) if set.value == Setting::Number(5)
    ));
    assert!(state.setting(Key::Lsa, "DisableLoopbackCheck").is_absent());
    assert!(
        state
            .setting(Key::Ntlm, "BackConnectionHostNames")
            .is_unknown()
    );
    assert!(state.right("SeBatchLogonRight").is_unknown());
}

#[test]
fn the_worst_that_is_known_of_a_channel() {
    let line = |status: &str| {
        format!(
            "[WEB01]: PS C:\\> nltest /sc_query:corp.example\nFlags: 30 HAS_IP\nTrusted DC Name \\\\DC1\nTrusted DC Connection Status Status = {status}\n"
        )
    };
    let channel = |outputs: &[String]| {
        let mut kit = Kit::new().event("WEB01.corp.example", kerberos_3("x", "0x7"));
        for (number, output) in outputs.iter().enumerate() {
            kit = kit.console(&format!("{number}.txt"), output);
        }
        let case = kit.case();
        let state = case.machine(case.hosts.find("WEB01")).unwrap();
        state.channel().unwrap().value
    };
    let (ok, denied) = (
        line("0 0x0 NERR_Success"),
        line("5 0x5 ERROR_ACCESS_DENIED"),
    );
    assert_eq!(channel(std::slice::from_ref(&ok)), Channel::Worked);
    assert_eq!(channel(&[ok, denied]), Channel::Broken(Some(5)));
    assert_eq!(
        channel(&[line("1311 0x51f ERROR_NO_LOGON_SERVERS")]),
        Channel::Unreached(1311)
    );
}

/// `via` in the log of a domain controller shows NTLM at the web server, whose own log is not there.
#[test]
fn netlogon_shows_ntlm_at_the_server_in_between() {
    let log = |user: &str, via: &str, status: &str| {
        let line = format!(
            "03/02 08:00:01 [LOGON] [1234] CORP: SamLogon: Transitive Network logon of {user} from PC7 (via {via}) Returns {status}\n"
        );
        line.repeat(3)
    };
    let counted = |kit: Kit, log: &str| {
        let case = kit
            .event(
                "WEB01.corp.example",
                system("Microsoft-Windows-WAS", 5021, &[("AppPoolID", "x")]),
            )
            .event("DC1.corp.example", event())
            .netlogon_log("DC1/netlogon.log", log)
            .case();
        let ntlm = |s: &&crate::case::Symptom| matches!(s.kind, SymptomKind::NtlmLogons(_));
        case.symptoms
            .iter()
            .filter(ntlm)
            .map(|s| s.count)
            .sum::<u64>()
    };
    assert_eq!(counted(Kit::new(), &log("CORP\\uma", "WEB01", "0x0")), 3);
    for other in [
        log("CORP\\uma", "FILE01", "0x0"),
        log("CORP\\PC7$", "WEB01", "0x0"),
        log("WEB01\\local", "WEB01", "0x0"),
        log("CORP\\uma", "WEB01", "0xC000006A"),
    ] {
        assert_eq!(counted(Kit::new(), &other), 0, "{other}");
    }
    // The server's own log says it already.
    let logged = Kit::new().silent("WEB01.corp.example", "Security");
    assert_eq!(counted(logged, &log("CORP\\uma", "WEB01", "0x0")), 0);
}
