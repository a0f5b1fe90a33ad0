//! Each family against hand-made events: all versions, values with and without names, and the traps of the field.

use proptest::prelude::*;

use super::*;
use crate::evidence::{ArtifactId, Place};

const AUDITING: &str = "Microsoft-Windows-Security-Auditing";
const KERBEROS: &str = "Microsoft-Windows-Security-Kerberos";
const KDC: &str = "Microsoft-Windows-Kerberos-Key-Distribution-Center";
const NTLM: &str = "Microsoft-Windows-NTLM";

fn event(provider: &str, id: u32, data: Vec<Datum>) -> RawEvent {
    RawEvent {
        provider: provider.into(),
        id,
        version: 0,
        failed: false,
        channel: "System".into(),
        computer: "web01.corp.example".into(),
        time: "2024-05-07T08:00:00Z".parse().unwrap(),
        record_id: 812,
        user_sid: None,
        data,
        binary: None,
    }
}

fn named(pairs: &[(&str, &str)]) -> Vec<Datum> {
    pairs
        .iter()
        .map(|(name, value)| Datum {
            name: Some((*name).into()),
            value: (*value).to_owned(),
        })
        .collect()
}

fn unnamed(values: &[&str]) -> Vec<Datum> {
    values
        .iter()
        .map(|value| Datum {
            name: None,
            value: (*value).to_owned(),
        })
        .collect()
}

fn read(raw: RawEvent) -> (Body, String) {
    let event = understand(raw, ArtifactId(3)).expect("a wanted event");
    assert_eq!(event.citation.artifact, ArtifactId(3));
    assert_eq!(event.citation.place, Place::Record(812));
    assert_eq!(event.citation.time, Some(event.time));
    (event.body, event.citation.text.to_string())
}

macro_rules! body {
    ($raw:expr, $variant:ident) => {
        match $crate::readers::events::tests::read($raw) {
            ($crate::readers::events::Body::$variant(body), text) => (body, text),
            (other, _) => panic!("{other:?}"),
        }
    };
}

mod security;
mod system;

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn an_unwanted_event_is_not_understood() {
    assert!(understand(event(AUDITING, 4688, vec![]), ArtifactId(0)).is_none());
    assert!(
        understand(
            event("Service Control Manager", 7036, vec![]),
            ArtifactId(0)
        )
        .is_none()
    );
}

#[test]
fn facts_about_the_log_itself_keep_their_fields() {
    let (fields, text) = body!(
        event(
            "Microsoft-Windows-Eventlog",
            1102,
            named(&[("SubjectUserName", "adm")])
        ),
        Other
    );
    assert_eq!(fields.text("SubjectUserName"), some("adm"));
    assert_eq!(text, "Microsoft-Windows-Eventlog 1102: SubjectUserName adm");
}

#[test]
fn a_value_with_a_name_keeps_it_and_the_others_count_by_position() {
    let mut data = unnamed(&["HTTP/web"]);
    data.extend(named(&[("Type", "X"), ("Name", "")]));
    let fields = body!(event(KDC, 11, data), Kdc).0.fields;
    let names: Vec<_> = fields
        .pairs()
        .iter()
        .map(|(name, _)| name.to_string())
        .collect();
    assert_eq!(names, ["param1", "Type", "Name"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_values_in_any_wanted_event_no_panic(
        provider in proptest::sample::select(
            &[AUDITING, KERBEROS, KDC, NTLM, "LsaSrv", "NETLOGON", "WAS", "HTTP", "Microsoft-IIS-Configuration"][..],
        ),
        id in prop_oneof![0u32..60, 4616u32..4830, 4001u32..4040, 5000u32..5200, 5700u32..5830, 8000u32..8010],
        version in any::<u8>(),
        values in proptest::collection::vec(".{0,12}", 0..30),
        binary in proptest::option::of(".{0,12}"),
    ) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let raw = RawEvent { version, binary, ..event(provider, id, unnamed(&values)) };
        if let Some(event) = understand(raw, ArtifactId(0)) {
            prop_assert!(!event.citation.text.chars().any(char::is_control));
            prop_assert!(event.citation.text.chars().count() <= 301);
        }
    }
}
