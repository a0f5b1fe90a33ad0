//! What becomes of causes, attributes and failures from one bundle to the next, on small cases.

use super::{Side, compare, end_of, reaches_beyond};
use crate::bundle::Bundle;
use crate::causes::{Scene, judge};
use crate::report::model::{
    AnswerStatus, AttributeFate, AttributeKind, CauseFate, Diff, SymptomFate,
};
use crate::report::{self};
use crate::testkit::{Happening, Kit, config, kerberos_4, pool, query, security, site, windows};

const SPN: &str = "HTTP/shop.corp.example";
const OWN: &str = "CN=svc_shop,OU=Service,DC=corp,DC=example";
const WEB: &str = "WEB01.corp.example";
const PC: &str = "PC7.corp.example";

fn server(attributes: &str) -> String {
    config(
        &pool("Shop", r"CORP\svc_shop"),
        &site("Shop", "*:80:shop.corp.example", "Shop"),
        &windows(attributes),
        "",
    )
}

/// A bundle in which the pool account holds the name and kernel mode opens the tickets, unless the attributes say otherwise.
fn shop(attributes: &str) -> Kit {
    Kit::new()
        .config("WEB01/applicationHost.config", &server(attributes))
        .console("setspn.txt", &query(SPN, &[(OWN, &[SPN])]))
        .event(WEB, filler())
}

fn filler() -> Happening {
    crate::testkit::system("Filler", 1, &[])
}

fn broken() -> Kit {
    shop(r#"enabled="true""#).events(PC, 12, || kerberos_4(SPN, "web01$"))
}

fn repaired() -> Kit {
    shop(r#"enabled="true" useAppPoolCredentials="true""#).wait(200)
}

fn side(bundle: &Bundle, kit: Kit) -> Side<'_> {
    let case = kit.case();
    let scene = Scene::of(&case);
    let judgement = judge(&scene);
    let report = report::build(bundle, &[], &scene, &judgement);
    Side {
        bundle,
        case,
        judgement,
        report,
    }
}

/// Compared without leaving out what both have: the kits tell what happened after the end of BEFORE.
fn diff(before: Kit, after: Kit) -> Diff {
    let bundle = Bundle::default();
    let (mut before, mut after) = (side(&bundle, before), side(&bundle, after));
    compare(&mut before, &mut after, None)
}

fn fate(diff: &Diff, cause: &str) -> CauseFate {
    let change = diff.causes.iter().find(|change| change.cause == cause);
    change
        .unwrap_or_else(|| panic!("{cause}: {:?}", diff.causes))
        .change
}

#[test]
fn a_bundle_and_itself_are_not_fixed() {
    let diff = diff(broken(), broken());
    assert_eq!(diff.answer.status, AnswerStatus::NotFixed);
    assert_eq!(fate(&diff, "SPN-05"), CauseFate::Unchanged);
    assert_eq!(diff.attributes, []);
    assert!(
        diff.symptoms
            .iter()
            .all(|s| s.change == SymptomFate::GoesOn)
    );
}

#[test]
fn what_was_repaired_is_gone_and_the_change_is_named() {
    let diff = diff(broken(), repaired());
    assert_eq!(fate(&diff, "SPN-05"), CauseFate::Gone, "{:?}", diff.causes);
    assert_eq!(diff.answer.status, AnswerStatus::Fixed, "{:?}", diff.answer);
    let change = &diff.attributes[0];
    assert_eq!(change.attribute, "useAppPoolCredentials");
    assert_eq!(change.change, AttributeFate::Changed);
    let value = |v: &Option<report::PlacedValue>| v.clone().unwrap().value;
    assert_eq!(value(&change.before), "false (default)");
    assert_eq!(value(&change.after), "true");
    assert!(
        diff.causes[0]
            .says
            .contains("useAppPoolCredentials of Shop on WEB01: false → true")
    );
    assert_eq!(diff.endpoints[0].after, Some(report::Outcome::Kerberos));
}

/// The configuration alone says that the setting is still the same; who holds the name is not there.
#[test]
fn without_the_input_that_showed_it_nothing_is_gone() {
    let after = Kit::new()
        .config("WEB01/applicationHost.config", &server(r#"enabled="true""#))
        .event(WEB, filler());
    let diff = diff(broken(), after);
    assert_eq!(
        fate(&diff, "SPN-05"),
        CauseFate::Undecided,
        "{:?}",
        diff.causes
    );
    assert_eq!(diff.answer.status, AnswerStatus::Undecided);
    let registration = diff
        .attributes
        .iter()
        .find(|a| a.kind == AttributeKind::Registration);
    assert_eq!(registration.unwrap().change, AttributeFate::NotKnownInAfter);
    assert!(
        diff.attributes
            .iter()
            .all(|a| a.change != AttributeFate::Removed)
    );
}

/// Another setting of the site changed: that ends nothing.
#[test]
fn a_change_beside_the_cause_is_no_repair() {
    let after = shop(r#"enabled="true" authPersistSingleRequest="true" useKernelMode="true""#)
        .console(
            "registry.txt",
            "C:\\>reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\n\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\n    LmCompatibilityLevel    REG_DWORD    0x5\n",
        );
    let diff = diff(broken(), after);
    assert_eq!(diff.answer.status, AnswerStatus::NotFixed);
    assert_eq!(fate(&diff, "SPN-05"), CauseFate::Unchanged);
    assert!(
        diff.attributes
            .iter()
            .all(|a| a.change != AttributeFate::Removed)
    );
}

#[test]
fn an_empty_second_bundle_decides_nothing() {
    let diff = diff(broken(), Kit::new());
    assert_eq!(diff.answer.status, AnswerStatus::Undecided);
    assert!(
        diff.causes.iter().all(|c| c.change == CauseFate::Undecided),
        "{:?}",
        diff.causes
    );
    assert!(
        diff.symptoms
            .iter()
            .all(|s| s.change == SymptomFate::NotCovered)
    );
    let unknown = |fate| fate == AttributeFate::NotKnownInAfter;
    assert!(
        diff.attributes.iter().all(|a| unknown(a.change)),
        "{:?}",
        diff.attributes
    );
}

#[test]
fn a_registration_is_removed_only_where_the_search_reaches() {
    let moved = Kit::new()
        .config("WEB01/applicationHost.config", &server(r#"enabled="true""#))
        .console(
            "setspn.txt",
            &query(SPN, &[("CN=WEB01,CN=Computers,DC=corp,DC=example", &[SPN])]),
        )
        .event(WEB, filler())
        .wait(200);
    let diff = diff(broken(), moved);
    let fates: Vec<(String, AttributeFate)> = diff
        .attributes
        .iter()
        .filter(|a| a.kind == AttributeKind::Registration)
        .map(|a| (a.subjects[0].to_lowercase(), a.change))
        .collect();
    assert!(
        fates
            .iter()
            .any(|(who, fate)| who.contains("svc_shop") && *fate == AttributeFate::Removed),
        "{fates:?}"
    );
    assert!(
        fates
            .iter()
            .any(|(who, fate)| who.contains("web01") && *fate == AttributeFate::Added),
        "{fates:?}"
    );
    assert_eq!(fate(&diff, "SPN-05"), CauseFate::Gone);
}

#[test]
fn a_cause_that_only_the_second_has_is_new() {
    let diff = diff(repaired(), broken());
    assert_eq!(diff.answer.status, AnswerStatus::NotFixed);
    assert_eq!(fate(&diff, "SPN-05"), CauseFate::New);
    assert!(diff.answer.headline.contains("SPN-05") && diff.answer.headline.contains("new"));
}

/// Eleven failures in as many minutes: silence tells after three minutes, in a log that is there.
#[test]
fn silence_counts_as_long_as_something_was_due() {
    let quiet = |minutes| {
        repaired()
            .event(PC, filler())
            .wait(minutes)
            .event(PC, filler())
    };
    let change = |kit| {
        let diff = diff(broken(), kit);
        (diff.symptoms[0].change, diff.symptoms[0].says.clone())
    };
    let (stopped, says) = change(quiet(60));
    assert_eq!(stopped, SymptomFate::Stopped, "{says}");
    let (short, says) = change(quiet(1));
    assert_eq!(short, SymptomFate::NotCovered, "{says}");
    assert!(says.contains("too short to tell"), "{says}");
    let (nothing, says) = change(repaired());
    assert_eq!(nothing, SymptomFate::NotCovered, "{says}");
}

#[test]
fn failures_that_go_on_keep_a_repair_from_being_one() {
    let still = repaired().events(PC, 12, || kerberos_4(SPN, "web01$"));
    let diff = diff(broken(), still);
    assert_eq!(
        diff.answer.status,
        AnswerStatus::NotFixed,
        "{:?}",
        diff.answer
    );
}

#[test]
fn sign_ins_are_counted_by_scheme() {
    let logon = |process: &'static str| {
        move || {
            security(
                4624,
                &[
                    ("TargetUserName", "uma"),
                    ("TargetDomainName", "CORP"),
                    ("LogonType", "3"),
                    ("LogonProcessName", process),
                    (
                        "AuthenticationPackageName",
                        if process == "Kerberos" {
                            "Kerberos"
                        } else {
                            "NTLM"
                        },
                    ),
                    (
                        "LmPackageName",
                        if process == "Kerberos" {
                            "-"
                        } else {
                            "NTLM V2"
                        },
                    ),
                    ("IpAddress", "10.1.2.3"),
                ],
            )
        }
    };
    let before = broken().events(WEB, 30, logon("NtLmSsp "));
    let after = repaired()
        .events(WEB, 10, logon("NtLmSsp "))
        .events(WEB, 30, logon("Kerberos"));
    let diff = diff(before, after);
    let change = &diff.sign_ins[0];
    assert_eq!(change.at, "WEB01");
    let share = |side: &Option<report::SignIns>| side.clone().unwrap().ntlm_share;
    assert_eq!(share(&change.before), Some(1.0));
    assert_eq!(share(&change.after), Some(0.25));
    assert_eq!(change.says, "");
}

#[test]
fn after_counts_from_where_before_ends() {
    let bundle = Bundle::default();
    let (first, second) = (side(&bundle, broken()), side(&bundle, repaired()));
    let since = end_of(&first.report).unwrap();
    assert!(!reaches_beyond(&first.report, since));
    assert!(reaches_beyond(
        &second.report,
        since
            .checked_sub(jiff::SignedDuration::from_mins(30))
            .unwrap()
    ));
}

/// The log of months, and failures of the last days: silence is held against those days.
#[test]
fn what_began_late_is_held_against_the_time_it_lasted() {
    const MONTH: i64 = 30 * 24 * 60;
    let before = shop(r#"enabled="true""#)
        .event(PC, filler())
        .wait(MONTH)
        .events(PC, 200, || kerberos_4(SPN, "web01$"));
    let after = repaired().event(PC, filler()).wait(120).event(PC, filler());
    let diff = diff(before, after);
    let stopped = &diff.symptoms[0];
    assert_eq!(stopped.change, SymptomFate::Stopped, "{}", stopped.says);
    assert!(stopped.before.as_ref().unwrap().per_hour.unwrap() < 0.3);
}

#[test]
fn sites_are_compared_by_their_legs() {
    let log = |day: &str, legs: &[&str]| {
        let mut text = "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n".to_owned();
        for minute in 0..40 {
            for (second, leg) in legs.iter().enumerate() {
                let client = minute + 10;
                text += &format!(
                    "{day} 08:{minute:02}:{second:02} 10.0.0.1 GET / - 80 {} 10.9.0.{client} Edge {} 3\n",
                    if leg.starts_with('2') {
                        "CORP\\uma"
                    } else {
                        "-"
                    },
                    leg
                );
            }
        }
        text
    };
    let ntlm = ["401 2 5", "401 1 2148074254", "200 0 0"];
    let before =
        shop(r#"enabled="true""#).web_log("WEB01/W3SVC7/u_ex260301.log", &log("2026-03-01", &ntlm));
    let after = repaired().web_log(
        "WEB01/W3SVC7/u_ex260303.log",
        &log("2026-03-03", &["401 2 5", "200 0 0"]),
    );
    let diff = diff(before, after);
    let change = diff.sign_ins.iter().find(|c| c.source.contains("IIS log"));
    let change = change.unwrap_or_else(|| panic!("{:?}", diff.sign_ins));
    let share = |side: &Option<report::SignIns>| side.clone().unwrap().ntlm_share;
    assert_eq!(
        (share(&change.before), share(&change.after)),
        (Some(1.0), Some(0.0))
    );
}

#[test]
fn every_form_holds_what_names_of_the_bundle_do_to_it() {
    let hostile = |attributes: &str| {
        let xml = server(attributes).replace(
            "\"Shop\"",
            "\"Sh|op `x` &lt;b&gt; and a name that goes on and on and on and on\"",
        );
        Kit::new()
            .config("WEB01/applicationHost.config", &xml)
            .console("setspn.txt", &query(SPN, &[(OWN, &[SPN])]))
            .event(WEB, filler())
    };
    let diff = diff(
        hostile(r#"enabled="true""#),
        hostile(r#"enabled="true" useAppPoolCredentials="true""#),
    );
    assert_eq!(diff.attributes.len(), 1);
    for width in [60, 80, 120] {
        let text = report::terminal::diff(&diff, width, false, true);
        for line in text.lines() {
            let wide = unicode_width::UnicodeWidthStr::width(line);
            assert!(
                wide <= width || line.starts_with("    ("),
                "{wide} > {width}: {line}"
            );
        }
    }
    let text = report::markdown::diff(&diff);
    assert!(!text.contains("<b>") && !text.contains("Sh|op"), "{text}");
}

#[test]
fn the_schemas_admit_what_is_written() {
    let diff = diff(broken(), repaired());
    let what_if = report::WhatIf::default();
    for (schema, written) in [
        (report::diff_schema(), report::diff_json(&diff)),
        (report::what_if_schema(), report::what_if_json(&what_if)),
    ] {
        jsonschema::meta::validate(&schema).expect("the schema is a schema");
        let validator = jsonschema::validator_for(&schema).expect("the schema compiles");
        let written = serde_json::from_str(&written).expect("valid JSON");
        let errors: Vec<String> = validator
            .iter_errors(&written)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}
