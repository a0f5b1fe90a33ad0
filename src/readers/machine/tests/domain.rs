//! `nltest`, `Test-ComputerSecureChannel` and `w32tm`.

use super::super::Fact;
use super::{facts, read_all};

#[test]
fn secure_channels() {
    let channel = |controller: Option<&str>, status, verified| Fact::Channel {
        controller: controller.map(str::to_owned),
        status,
        verified,
    };
    for (lines, expected) in [
        (
            "Flags: 30 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\DC1.corp.example\nTrusted DC Connection Status Status = 0 0x0 NERR_Success\n",
            channel(Some("DC1.corp.example"), 0, false),
        ),
        (
            "Flags: b0 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\DC1.corp.example\nTrusted DC Connection Status Status = 0 0x0 NERR_Success\nTrust Verification Status = 5 0x5 ERROR_ACCESS_DENIED\n",
            channel(Some("DC1.corp.example"), 5, true),
        ),
        (
            "Indicateurs : 0\nNom du contr\u{f4}leur approuv\u{e9}\n\u{c9}tat de la connexion \u{c9}tat = 1311 0x51f ERROR_NO_LOGON_SERVERS\n",
            channel(None, 1311, false),
        ),
        (
            "Flags: 80\nTrusted DC Name \\\\DC1\nTrusted DC Connection Status Status = -1073741428 0xc000018c STATUS_TRUSTED_DOMAIN_FAILURE\n",
            channel(Some("DC1"), 0xC000_018C, false),
        ),
    ] {
        let ended = format!("{lines}The command completed successfully\n");
        assert_eq!(facts(&ended), std::slice::from_ref(&expected), "{lines}");
        let echoed = format!("C:\\>nltest /sc_query:corp.example\n{ended}");
        assert_eq!(facts(&echoed), [expected], "{lines}");
    }
    // The question failed, and says nothing about the channel.
    assert_eq!(
        facts(
            "C:\\>nltest /sc_query:corp.example\nI_NetLogonControl failed: Status = 5 0x5 ERROR_ACCESS_DENIED\n"
        ),
        [Fact::NotAsked(5)]
    );
    assert_eq!(
        facts(
            "C:\\>nltest /dsgetdc:corp.example\nGetting DC name failed: Status = 1355 0x54b ERROR_NO_SUCH_DOMAIN\n"
        ),
        [Fact::NoController(1355)]
    );
    assert_eq!(
        facts("PS C:\\> Test-ComputerSecureChannel\nFalse\n"),
        [Fact::ChannelTest(false)]
    );
}

#[test]
fn domain_controllers_and_trusts() {
    let output = "C:\\>nltest /dsgetdc:corp.example
           Contr\u{f4}leur de domaine : \\\\DC1.corp.example
      Adresse : \\\\192.0.2.10
     GUID dom : 01234567-89ab-cdef-0123-456789abcdef
     Nom dom : corp.example
  Nom de la for\u{ea}t : corp.example
Nom de site du contr\u{f4}leur de domaine : Paris
Nom de notre site : Paris
        Indicateurs : PDC GC DS LDAP KDC
La commande a \u{e9}t\u{e9} correctement ex\u{e9}cut\u{e9}e
";
    let controller = |name: &str, site: &str| Fact::Controller {
        name: name.into(),
        site: Some(site.into()),
    };
    assert_eq!(facts(output), [controller("DC1.corp.example", "Paris")]);
    let silent = output.split_once('\n').unwrap().1;
    assert_eq!(facts(silent), facts(output));
    assert_eq!(
        facts(
            "Get list of DCs in domain 'corp.example' from '\\\\DC1'.\n    DC1.corp.example [PDC]  [DS] Site: Paris\n    DC2.corp.example        [DS] Site: Bonn\nThe command completed successfully\n"
        ),
        [
            controller("DC1.corp.example", "Paris"),
            controller("DC2.corp.example", "Bonn")
        ]
    );
}

#[test]
fn clocks() {
    let between = |clock: Option<&str>, from: Option<&str>, milliseconds| Fact::ClockOffset {
        clock: clock.map(str::to_owned),
        from: from.map(str::to_owned),
        milliseconds,
    };
    let offset = |clock, milliseconds| between(clock, None, milliseconds);
    let status = "C:\\>w32tm /query /status /verbose
Leap Indicator: 0(no warning)
Stratum: 3 (secondary reference - syncd by (S)NTP)
Precision: -23 (119.209ns per tick)
Root Delay: 0.0312500s
Root Dispersion: 0.0500000s
ReferenceId: 0xC000020A (source IP:  192.0.2.10)
Last Successful Sync Time: 3/2/2026 8:00:00 AM
Source: DC1.corp.example,0x8
Poll Interval: 10 (1024s)

Phase Offset: -0.5072123s
ClockRate: 0.0156250s
";
    assert_eq!(
        facts(status),
        [
            Fact::TimeSource("DC1.corp.example".into()),
            offset(None, -507)
        ]
    );
    assert_eq!(
        facts(
            "Tracking DC1.corp.example [192.0.2.10:123].\nCollecting 2 samples.\nThe current time is 3/2/2026 10:19:58 AM.\n10:20:00, +400,0206779s\n10:20:02, error: 0x800705B4\n"
        ),
        [offset(Some("DC1.corp.example"), 400_021)]
    );
    assert_eq!(
        facts("10:20:00, d:+00.0010000s o:-00.0206779s  [           *          ]\n"),
        [offset(None, -21)]
    );
    assert_eq!(
        facts(
            "C:\\>w32tm /monitor\nDC1.corp.example *** PDC ***[192.0.2.10:123]:\n    ICMP: 0ms delay\n    NTP: +0.0000000s offset from DC1.corp.example\nDC2.corp.example[192.0.2.11:123]:\n    NTP: -0.4000000s offset from DC1.corp.example\n"
        ),
        [
            between(Some("DC1.corp.example"), Some("DC1.corp.example"), 0),
            between(Some("DC2.corp.example"), Some("DC1.corp.example"), -400),
        ]
    );
    assert_eq!(
        facts("C:\\>w32tm /query /source\nDC1.corp.example\n"),
        [Fact::TimeSource("DC1.corp.example".into())]
    );
    let (facts, problems) = read_all(
        "C:\\>w32tm /query /source\nThe following error occurred: The service has not been started. (0x80070426)\n",
    );
    assert_eq!((facts.len(), problems.len()), (0, 1));
}
