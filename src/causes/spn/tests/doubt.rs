//! Inputs that do not decide: dumps that disagree about the holder, and the tickets beside the failures that decide between them; a
//! section that was damaged on its way.

use super::*;
use crate::causes::{Current, Ground, Judgement, Status};
use crate::testkit::{kerberos_4, query, security};

const PC: &str = "PC7.corp.example";
const DC: &str = "DC1.corp.example";

/// 4769 for an account.
fn issued(service: &str, ip: &str) -> Happening {
    security(
        4769,
        &[
            ("TargetUserName", "uma@CORP.EXAMPLE"),
            ("TargetDomainName", "CORP.EXAMPLE"),
            ("ServiceName", service),
            ("TicketOptions", "0x40810000"),
            ("TicketEncryptionType", "0x12"),
            ("IpAddress", ip),
            ("Status", "0x0"),
            ("TransmittedServices", "-"),
        ],
    )
}

/// The portal, and two answers that name two holders.
fn disputed() -> Kit {
    portal(MACHINE)
        .console("mail 1/spn.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .console("mail 2/spn.txt", &query(PORTAL, &[(WEB01, &[PORTAL])]))
}

/// A failure of the client, with these tickets in the same second.
fn failure(kit: Kit, tickets: &[(&str, &str)]) -> Kit {
    let kit = tickets.iter().fold(kit, |kit, (service, ip)| {
        kit.event(DC, issued(service, ip)).wait(-1)
    });
    kit.event(PC, kerberos_4(PORTAL, "web01$"))
}

fn failures(tickets: &[&[(&str, &str)]]) -> Judgement {
    let kit = disputed().event(DC, issued("krbtgt", "10.0.0.7"));
    let kit = tickets
        .iter()
        .fold(kit, |kit, tickets| failure(kit, tickets));
    kit.event(DC, issued("krbtgt", "10.0.0.7")).judge()
}

const BESIDE: &[(&str, &str)] = &[("svc_web", "::ffff:10.0.0.7")];

#[test]
fn tickets_beside_every_failure_decide_and_cap_at_likely() {
    let found = failures(&[BESIDE, BESIDE, BESIDE]);
    found.assert_found("SPN-05", Status::Likely);
    found.assert_not_found("SPN-06").assert_not_found("SPN-02");
    let told = &found.of("SPN-05")[0].finding;
    let ticket = |g: &Ground| g.says.contains("beside each of 3 failures");
    assert!(told.supporting.iter().any(ticket));
    assert_eq!(told.current, Current::Unknown);
}

#[test]
fn tickets_decide_nothing_where_they_may_be_chance() {
    let other: &[(&str, &str)] = &[("svc_web", "10.0.0.8")];
    let machine: &[(&str, &str)] = &[("svc_web", "10.0.0.7"), ("WEB01$", "10.0.0.7")];
    let of_machine: &[(&str, &str)] = &[("WEB01$", "10.0.0.7")];
    for tickets in [
        // Nothing beside a failure, or beside one of them; too few.
        &[&[] as &[_], &[], &[]],
        &[BESIDE, &[], BESIDE],
        // One client has one address.
        &[BESIDE, other, BESIDE],
        // The computer as well, which is asked for more names than these.
        &[BESIDE, machine, BESIDE],
        &[of_machine, of_machine, of_machine],
    ] {
        failures(tickets)
            .assert_not_found("SPN-05")
            .assert_not_found("SPN-06");
    }
    failures(&[BESIDE, BESIDE]).assert_not_assessed("SPN-05");
}

#[test]
fn tickets_that_come_all_the_time_are_beside_nothing() {
    let kit = disputed().event(DC, issued("krbtgt", "10.0.0.7"));
    let kit = (0..3).fold(kit, |kit, _| {
        failure(kit, BESIDE).events(DC, 5, || issued("svc_web", "10.0.0.7"))
    });
    kit.judge().assert_not_assessed("SPN-05");
}

/// Tickets for the other holder are written by the controllers of its own domain: without their log its silence says nothing.
#[test]
fn tickets_decide_nothing_where_the_other_holders_are_not_seen() {
    const ABROAD: &str = "CN=svc_web2,OU=Service,DC=emea,DC=corp,DC=example";
    let judged = |seen: bool| {
        let kit = portal(MACHINE)
            .console("mail 1/spn.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .console("mail 2/spn.txt", &query(PORTAL, &[(ABROAD, &[PORTAL])]))
            .event(DC, issued("krbtgt", "10.0.0.7"));
        let abroad = |kit: Kit| match seen {
            true => kit.event("DC5.emea.corp.example", issued("krbtgt", "10.0.0.99")),
            false => kit.event(DC, issued("krbtgt", "10.0.0.99")),
        };
        let kit = (0..3).fold(abroad(kit), |kit, _| failure(kit, BESIDE));
        abroad(kit).event(DC, issued("krbtgt", "10.0.0.7")).judge()
    };
    judged(true).assert_found("SPN-05", Status::Likely);
    judged(false)
        .assert_not_found("SPN-05")
        .assert_not_found("SPN-07");
}

/// Of a section whose tag was damaged on its way it is not known whether it has the switch.
#[test]
fn a_garbled_section_does_not_show_whose_key_opens_tickets() {
    let judge = |attributes: &str| {
        portal(attributes)
            .console("spn.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .event(PC, kerberos_4(PORTAL, "web01$"))
            .judge()
    };
    judge(MACHINE).assert_found("SPN-05", Status::Confirmed);
    let garbled = judge("enabled=\"true\" useAppPoo;Y1=\"true");
    garbled
        .assert_not_assessed("SPN-05")
        .assert_not_found("CFG-09");
}
