//! MC-02 to MC-09 against small cases: found, not called beside a look-alike, not assessed.

use super::tests::{DC, WEB, logon, netlogon, refused, web};
use crate::causes::Status::{Confirmed, Likely, Possible};
use crate::causes::spn::tests::{MACHINE, PORTAL, WEB01, portal};
use crate::testkit::{Kit, kerberos_3, kerberos_4, query, security};

const PC: &str = "PC7.corp.example";

/// WEB01 whose computer account holds the site's name and opens its tickets, which clients cannot use.
fn own_key_refused() -> Kit {
    portal(MACHINE)
        .console("q.txt", &query(PORTAL, &[(WEB01, &[PORTAL])]))
        .events("PC7.corp.example", 2, || kerberos_4(PORTAL, "web01$"))
}

#[test]
fn mc_02() {
    let judgement = own_key_refused()
        .event(WEB, netlogon(3210, &["CORP", "\\\\DC1"]))
        .event(WEB, refused("0xc000018d"))
        .judge();
    judgement
        .assert_found("MC-02", Confirmed)
        .assert_not_found("MC-01");
    assert!(judgement.unexplained.is_empty());
    // Without a word about the channel the address, or the encryption type, may be at fault as well.
    let open = own_key_refused().judge();
    open.assert_found("MC-02", Possible);
    assert!(!open.of("MC-02")[0].finding.lacks.is_empty());
    // A channel that works shows the right password.
    let works = "C:\\>nltest /sc_verify:corp.example\nFlags: b0 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\DC1.corp.example\nTrusted DC Connection Status Status = 0 0x0 NERR_Success\nTrust Verification Status = 0 0x0 NERR_Success\nThe command completed successfully\n";
    own_key_refused()
        .console("WEB01/n.txt", works)
        .judge()
        .assert_ruled_out("MC-02");
    portal(MACHINE)
        .event(WEB, refused("0xc000006d"))
        .judge()
        .assert_not_assessed("MC-02");
}

#[test]
fn mc_03() {
    let down = || web().events(WEB, 3, || netlogon(5719, &["CORP", "%%1311"]));
    let judgement = down().events(WEB, 2, || refused("0xc000005e")).judge();
    judgement
        .assert_found("MC-03", Confirmed)
        .assert_not_found("MC-01")
        .assert_not_found("MC-04");
    assert!(judgement.unexplained.is_empty());
    down().judge().assert_found("MC-03", Likely);
    // Access denied is an answer: a domain controller was there.
    let denied = web()
        .events(WEB, 3, || netlogon(5719, &["CORP", "%%5"]))
        .judge();
    denied
        .assert_found("MC-01", Likely)
        .assert_not_found("MC-03");
    // Others let in within the same minutes: a queue looks the same.
    let between = web()
        .event(WEB, refused("0xc000005e"))
        .event(WEB, logon("NTLM"))
        .event(WEB, refused("0xc000005e"))
        .judge();
    between.assert_found("MC-03", Possible);
    assert_eq!(
        between.of("MC-03")[0].finding.open_look_alikes[0].0,
        "MC-04"
    );
    web()
        .event(WEB, logon("NTLM"))
        .judge()
        .assert_ruled_out("MC-03");
    web().judge().assert_not_assessed("MC-03");
}

/// One server that reaches a domain controller says nothing of another, and a local account needs none.
#[test]
fn mc_03_not_ruled_out_by_what_shows_no_controller() {
    let works = "C:\\>nltest /sc_verify:corp.example\nFlags: b0 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\DC1.corp.example\nTrusted DC Connection Status Status = 0 0x0 NERR_Success\nTrust Verification Status = 0 0x0 NERR_Success\nThe command completed successfully\n";
    let server = crate::causes::spn::tests::server(MACHINE, "*:80:portal.corp.example");
    let one = || web().silent(WEB, "System").console("WEB01/n.txt", works);
    one().judge().assert_ruled_out("MC-03");
    one()
        .config("WEB02/applicationHost.config", &server)
        .events("WEB02.corp.example", 3, || refused("0xc000006d"))
        .judge()
        .assert_not_assessed("MC-03");
    let mut local = logon("NTLM");
    local.values[1].1 = "WEBSERVERLONGNA".into();
    Kit::new()
        .config("WEBSERVERLONGNAME01/applicationHost.config", &server)
        .event("WEBSERVERLONGNAME01.corp.example", local)
        .judge()
        .assert_not_assessed("MC-03");
}

#[test]
fn mc_03_and_mc_01_from_a_netlogon_log() {
    let log = |status: &str| {
        let line = |second: u32| {
            format!(
                "03/02 08:00:{second:02} [SESSION] [99] CORP: NlSessionSetup: Session setup: cannot I_NetServerAuthenticate {status}\n"
            )
        };
        (10..16).map(line).collect::<String>()
    };
    let case = web()
        .silent(WEB, "Security")
        .netlogon_log("WEB01/netlogon.log", &log("0xC0000022"))
        .case();
    assert_eq!(case.symptoms.len(), 1, "{:?}", case.symptoms);
    crate::testkit::judge(&case).assert_found("MC-01", Likely);
    let far = web()
        .silent(WEB, "Security")
        .netlogon_log("WEB01/netlogon.log", &log("0xC000005E"))
        .judge();
    far.assert_not_found("MC-01");
    assert_eq!(far.of("MC-03").len(), 1);
}

#[test]
fn mc_04() {
    let late = || {
        web().event(
            WEB,
            netlogon(5816, &["uma", "CORP", "DC1", "corp.example", "30"]),
        )
    };
    let judgement = late()
        .event(WEB, netlogon(5817, &["12", "30", "DC1", "corp.example"]))
        .event(WEB, refused("0xc000005e"))
        .judge();
    judgement.assert_found("MC-04", Confirmed);
    assert!(judgement.of("MC-03").iter().all(|f| f.status >= Possible));
    let case = late().event(WEB, netlogon(5817, &["12", "30"])).case();
    assert_eq!(case.symptoms.iter().map(|s| s.count).sum::<u64>(), 13);
    // Slow is not failed.
    web()
        .event(WEB, netlogon(5819, &["10", "4"]))
        .judge()
        .assert_found("MC-04", Possible);
    web().judge().assert_not_assessed("MC-04");
}

#[test]
fn mc_06() {
    let gone = |id: u32| {
        security(
            id,
            &[("TargetUserName", "WEB01$"), ("TargetDomainName", "CORP")],
        )
    };
    let judgement = web()
        .event(DC, gone(4725))
        .event(WEB, netlogon(3210, &["CORP", "%%1787"]))
        .event(WEB, refused("0xc000018b"))
        .judge();
    judgement
        .assert_found("MC-06", Confirmed)
        .assert_not_found("MC-01");
    assert!(judgement.unexplained.is_empty());
    // Without what was done to the account, a new one that has not come everywhere gives the same answer.
    let told = web()
        .silent(WEB, "Security")
        .event(DC, netlogon(5723, &["WEB01", "WEB01$"]))
        .judge();
    told.assert_found("MC-06", Possible)
        .assert_not_found("MC-01");
    // Another machine's account is another matter.
    let other = security(
        4725,
        &[("TargetUserName", "PC99$"), ("TargetDomainName", "CORP")],
    );
    web()
        .event(DC, other)
        .event(WEB, refused("0xc000006d"))
        .judge()
        .assert_not_assessed("MC-06");
    let listed = "PS C:\\> Get-ADComputer WEB01\n\n\nDistinguishedName : CN=WEB01,CN=Computers,DC=corp,DC=example\nDNSHostName       : WEB01.corp.example\nEnabled           : True\nName              : WEB01\nObjectClass       : computer\nSamAccountName    : WEB01$\n\n";
    web()
        .silent(WEB, "Security")
        .console("ad.txt", listed)
        .judge()
        .assert_ruled_out("MC-06");
}

/// What failed before the account went, or after it was back, is another matter.
#[test]
fn mc_06_only_while_the_account_is_away() {
    let deed = |id: u32| {
        security(
            id,
            &[("TargetUserName", "WEB01$"), ("TargetDomainName", "CORP")],
        )
    };
    let own = "HTTP/web01.corp.example";
    let failing = |kit: Kit| {
        kit.event(PC, kerberos_3(own, "0x7"))
            .event(DC, netlogon(5723, &["WEB01", "WEB01$"]))
            .event(WEB, refused("0xc000018b"))
    };
    let away = || web().silent(WEB, "System").event(DC, deed(4743));
    let meanwhile = failing(away()).event(DC, deed(4741)).judge();
    meanwhile.assert_found("MC-06", Confirmed);
    let finding = &meanwhile.of("MC-06")[0].finding;
    assert!(finding.explanation.contains("was deleted"));
    assert_eq!(finding.current, crate::causes::Current::No);
    let later = || away().event(DC, deed(4741)).wait(60 * 24 * 40);
    failing(later()).judge().assert_found("MC-06", Possible);
    later()
        .events(PC, 3, || kerberos_3(own, "0x7"))
        .judge()
        .assert_not_found("MC-06");
    let before = failing(web().silent(WEB, "System")).event(DC, deed(4743));
    before.judge().assert_found("MC-06", Likely);
}

#[test]
fn mc_06_not_where_the_directory_shows_the_account() {
    let listed = "PS C:\\> Get-ADComputer WEB01\n\n\nDistinguishedName : CN=WEB01,CN=Computers,DC=corp,DC=example\nDNSHostName       : WEB01.corp.example\nEnabled           : True\nName              : WEB01\nObjectClass       : computer\nSamAccountName    : WEB01$\n\n";
    let kit = || web().silent(WEB, "System").console("ad.txt", listed);
    let mut foreign = refused("0xc000018b");
    foreign.values[1].1 = "FABRIKAM".into();
    // The account that is missed is that of a trust.
    kit()
        .event(WEB, foreign)
        .judge()
        .assert_ruled_out("MC-06")
        .assert_not_found("MC-01");
    let own = kit().event(WEB, refused("0xc000018b")).judge();
    own.assert_found("MC-06", Possible);
    let finding = &own.of("MC-06")[0].finding;
    assert!(!finding.explanation.contains("is not there"));
    assert!(!finding.contradicting.is_empty());
}

#[test]
fn mc_08() {
    let system = "C:\\>systeminfo\n\nHost Name:                 WEB01\nOS Name:                   Microsoft Windows Server 2019 Standard\nOS Version:                10.0.17763 N/A Build 17763\nOS Manufacturer:           Microsoft Corporation\nOS Configuration:          Standalone Server\nSystem Type:               x64-based PC\nTime Zone:                 (UTC+01:00) Berlin\nTotal Physical Memory:     16,383 MB\nAvailable Physical Memory: 9,902 MB\nVirtual Memory: Max Size:  18,815 MB\nVirtual Memory: Available: 11,640 MB\nVirtual Memory: In Use:    7,175 MB\nPage File Location(s):     C:\\pagefile.sys\nDomain:                    WORKGROUP\nLogon Server:              N/A\nHotfix(s):                 N/A\n";
    let outside = || {
        web()
            .silent("WEB01", "Security")
            .console("WEB01/s.txt", system)
    };
    outside()
        .events("WEB01", 2, || refused("0xc0000064"))
        .judge()
        .assert_found("MC-08", Confirmed);
    outside().judge().assert_found("MC-08", Likely);
    // A member writes of its domain controllers.
    outside()
        .event(WEB, netlogon(3210, &["CORP"]))
        .judge()
        .assert_ruled_out("MC-08");
    web()
        .event(WEB, refused("0xc0000064"))
        .judge()
        .assert_not_assessed("MC-08");
}

/// A domain may have a name of one label, and a server of it acts as a member.
#[test]
fn mc_08_not_for_a_member_of_a_single_label_domain() {
    // What systeminfo prints where its role is not in English.
    let system = "C:\\>systeminfo\n\nHostname:                                      WEB01\nBetriebssystemname:                            Microsoft Windows Server 2019 Standard\nBetriebssystemversion:                         10.0.17763 Nicht zutreffend Build 17763\nBetriebssystemhersteller:                      Microsoft Corporation\nBetriebssystemkonfiguration:                   Mitgliedsserver\nZeitzone:                                      (UTC+01:00) Berlin\nGesamter physischer Speicher:                  8.191 MB\nVerf\u{fc}gbarer physischer Speicher:               6.000 MB\nVirtueller Arbeitsspeicher: Maximale Gr\u{f6}\u{df}e:    9.471 MB\nVirtueller Arbeitsspeicher: Verf\u{fc}gbar:         7.000 MB\nVirtueller Arbeitsspeicher: Zurzeit verwendet: 2.471 MB\nAuslagerungsdateipfad(e):                      C:\\pagefile.sys\nDom\u{e4}ne:                                        corp\nAnmeldeserver:                                 \\\\DC1\n";
    let english = system.replace("Mitgliedsserver", "Member Server");
    let kit = |system: &str| {
        web()
            .console("WEB01/s.txt", system)
            .events("WEB01", 3, || refused("0xc000006a"))
    };
    kit(system).judge().assert_found("MC-08", Likely);
    kit(&english).judge().assert_ruled_out("MC-08");
    let works = "C:\\>nltest /sc_verify:corp\nFlags: b0 HAS_IP  HAS_TIMESERV\nTrusted DC Name \\\\DC1\nTrusted DC Connection Status Status = 0 0x0 NERR_Success\nTrust Verification Status = 0 0x0 NERR_Success\nThe command completed successfully\n";
    for member in [
        kit(system).console("WEB01/n.txt", works),
        kit(system).event("DC1", netlogon(5805, &["WEB01", "%%5"])),
        kit(system).event("WEB01", logon("NTLM")),
    ] {
        let judgement = member.judge();
        judgement.assert_ruled_out("MC-08");
    }
}

#[test]
fn mc_07_needs_two_controllers() {
    let failed = || {
        security(
            4769,
            &[
                ("TargetUserName", "uma@CORP.EXAMPLE"),
                ("ServiceName", PORTAL),
                ("Status", "0x7"),
                ("IpAddress", "::ffff:10.1.2.3"),
            ],
        )
    };
    web()
        .events(DC, 3, failed)
        .judge()
        .assert_not_found("MC-07");
    web()
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .judge()
        .assert_not_assessed("MC-07");
    web()
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .judge()
        .assert_not_assessed("MC-09");
}
