//! A log whose events are folded tells the same story as the whole one.

use proptest::prelude::*;

use crate::case::Case;
use crate::readers::events::Body;
use crate::testkit::{Happening, Kit, config, kerberos_4, pool, security, site, windows};

const WEB: &str = "WEB01.corp.example";
const PC: &str = "PC7.corp.example";

/// Somebody gets in, or is refused, from an address of his own.
fn signs_in(user: &str, refused: bool, port: usize) -> Happening {
    let port = (40_000 + port).to_string();
    let ip = format!("10.0.0.{}", user.len());
    let mut values = vec![
        ("TargetUserName", user),
        ("TargetDomainName", "CORP"),
        ("LogonType", "3"),
        ("IpAddress", ip.as_str()),
        ("IpPort", port.as_str()),
        ("ProcessName", "C:\\Windows\\System32\\inetsrv\\w3wp.exe"),
        ("AuthenticationPackageName", "NTLM"),
        ("LmPackageName", "NTLM V2"),
    ];
    if refused {
        values.extend([("Status", "0xc000006d"), ("SubStatus", "0xc000006a")]);
    }
    security(if refused { 4625 } else { 4624 }, &values)
}

/// A step of the story: who, refused or not, after how many minutes.
type Happens = (usize, bool, i64);

fn case(story: &[Happens], room: usize) -> Case {
    let xml = config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows("enabled=\"true\""),
        "",
    );
    let mut kit = Kit::new()
        .room(room)
        .config("WEB01/applicationHost.config", &xml);
    for (number, (who, refused, wait)) in story.iter().enumerate() {
        kit = match who {
            0 => kit.event(PC, kerberos_4("HTTP/portal.corp.example", "svc_web")),
            1 => kit.event(WEB, signs_in("uma", *refused, number)),
            _ => kit.event(WEB, signs_in("bobby", *refused, number)),
        }
        .wait(*wait);
    }
    kit.case()
}

/// What a reader is told: each symptom with its count, span and rate, and the noise.
fn told(case: &Case) -> Vec<String> {
    let symptoms = case.symptoms.iter().map(|s| {
        let (when, who) = (
            (s.first, s.last, &s.pace, s.turn),
            (&s.principals, &s.clients),
        );
        format!("{:?} {} {when:?} {who:?}", s.kind, s.count)
    });
    let noise = case.noise().into_iter();
    let noise = noise.map(|n| format!("{:?} {}", n.noise, n.count));
    symptoms.chain(noise).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn folding_changes_nothing_that_is_told(
        story in proptest::collection::vec((0..3_usize, any::<bool>(), 0..9_i64), 0..260)
    ) {
        let (whole, folded) = (case(&story, usize::MAX), case(&story, 90));
        prop_assert_eq!(told(&whole), told(&folded));
        let written = |case: &Case| case.events.iter().map(|event| event.count()).sum::<u64>();
        prop_assert_eq!(written(&whole), written(&folded));
    }
}

#[test]
fn what_is_folded_is_counted_and_not_kept() {
    let story: Vec<Happens> = (0..200).map(|_| (2, true, 0)).collect();
    let case = case(&story, 90);
    let kept: Vec<_> = case
        .events
        .iter()
        .filter(|e| matches!(e.body, Body::LogonFailed(_)))
        .collect();
    assert!(kept.len() <= 64, "{}", kept.len());
    assert_eq!(case.symptoms[0].count, 200);
    assert_eq!(case.met(kept.iter().map(|event| &event.citation)), 200);
}
