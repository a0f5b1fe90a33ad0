//! Grammar tests, and properties over any text.

use jiff::civil::date;
use proptest::prelude::*;

use super::{DomainRecords, Routing, read};
use crate::bundle::text;
use crate::evidence::{ArtifactId, Place, When};
use crate::readers::console::{Tool, sections};

fn shown(output: &str) -> DomainRecords {
    let text = text::decode(output.as_bytes());
    let reading = read(ArtifactId(0), &sections(&text));
    assert_eq!(reading.problems, [], "{output}");
    reading.records
}

const SHOWREPL: &str = "
Repadmin: running command /showrepl against full DC localhost
HQ\\DC1
DSA Options: IS_GC
Site Options: (none)
DSA object GUID: 0b7c4a1e-3c1d-4b6f-9a51-0d5c8a7a1f01
DSA invocationID: 4d21fa70-52a9-4f0e-8b35-65f9aa8a3f02

==== INBOUND NEIGHBORS ======================================

DC=corp,DC=example
    HQ\\DC2 via RPC
        DSA object GUID: 5a0e9c0f-7a64-4f53-b0f4-2a2a5b9c1f03
        Last attempt @ 2026-03-02 09:10:00 was successful.
    Bonn\\DC3 via RPC
        DSA object GUID: 91c9d9f1-0f4c-4f0e-91b0-5b3e8f4f1f04
        Last attempt @ 2026-03-02 09:12:44 failed, result 1722 (0x6ba):
            The RPC server is unavailable.
        12 consecutive failure(s).
        Last success @ 2026-02-27 09:00:00.

CN=Configuration,DC=corp,DC=example
    Bonn\\DC3 via RPC
        DSA object GUID: 91c9d9f1-0f4c-4f0e-91b0-5b3e8f4f1f04
        Last attempt @ (never) failed, result 8457 (0x2109):
            The destination server is currently rejecting replication requests.
        1 consecutive failure(s).
        Last success @ (never).
";

#[test]
fn replication_with_its_sources_and_statuses() {
    for output in [
        SHOWREPL.to_owned(),
        format!("[DC1]: PS C:\\> repadmin /showrepl\n{SHOWREPL}"),
        // Without English words: what is translated is translated.
        SHOWREPL
            .replace("Last attempt", "Letzter Versuch")
            .replace("was successful", "war erfolgreich")
            .replace("Last success", "Letzter Erfolg")
            .replace("INBOUND NEIGHBORS", "EINGEHENDE NACHBARN")
            .replace(" via ", " über ")
            .replace("failed, result", "ist fehlgeschlagen, Ergebnis"),
    ] {
        let found = shown(&output).replications;
        let rows: Vec<_> = found
            .iter()
            .map(|r| {
                (
                    r.destination.as_deref(),
                    r.source.as_str(),
                    r.result,
                    r.failures,
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                (Some("DC1"), "DC2", 0, None),
                (Some("DC1"), "DC3", 1722, Some(12)),
                (Some("DC1"), "DC3", 8457, Some(1)),
            ]
        );
        let at = |month, day, hour, minute, second| {
            Some(When::Local(
                date(2026, month, day).at(hour, minute, second, 0),
            ))
        };
        assert_eq!(found[0].succeeded, at(3, 2, 9, 10, 0));
        assert_eq!(
            (found[1].attempted, found[1].succeeded),
            (at(3, 2, 9, 12, 44), at(2, 27, 9, 0, 0))
        );
        assert_eq!((found[2].attempted, found[2].succeeded), (None, None));
        assert_eq!(found[1].partition.as_deref(), Some("DC=corp,DC=example"));
    }
}

#[test]
fn replication_as_csv() {
    let output = "showrepl_COLUMNS,Destination DSA Site,Destination DSA,Naming Context,Source DSA Site,Source DSA,Transport Type,Number of Failures,Last Failure Time,Last Success Time,Last Failure Status
showrepl_INFO,HQ,DC1,\"DC=corp,DC=example\",HQ,DC2,RPC,0,2026-02-01 08:00:00,2026-03-02 09:12:44,1722
showrepl_INFO,HQ,DC1,\"DC=corp,DC=example\",Bonn,DC3,RPC,7,2026-03-02 09:12:44,2026-02-27 09:00:00,8453
";
    let found = shown(output).replications;
    let rows: Vec<_> = found
        .iter()
        .map(|r| (r.source.as_str(), r.result, r.failures))
        .collect();
    assert_eq!(rows, [("DC2", 0, Some(0)), ("DC3", 8453, Some(7))]);
    assert_eq!(found[1].partition.as_deref(), Some("DC=corp,DC=example"));
}

#[test]
fn a_summary_of_replication() {
    let output = "Replication Summary Start Time: 2026-03-02 09:15:00

Beginning data collection for replication summary, this may take awhile:
  .....

Source DSA          largest delta    fails/total %%   error
 DC1                       15m:12s    0 /  10    0
 DC2                    >60 days      5 /  10   50  (1722) The RPC server is unavailable.

Destination DSA     largest delta    fails/total %%   error
 DC1                    >60 days      5 /  10   50  (1722) The RPC server is unavailable.
";
    let found = shown(output).summaries;
    let rows: Vec<_> = found
        .iter()
        .map(|r| (r.controller.as_str(), r.failed, r.total, r.error))
        .collect();
    assert_eq!(
        rows,
        [
            ("DC1", 0, 10, None),
            ("DC2", 5, 10, Some(1722)),
            ("DC1", 5, 10, Some(1722))
        ]
    );
}

#[test]
fn suffixes_and_whether_they_are_routed() {
    let output = "C:\\>netdom trust corp.example /namesuffixes:partner.example
Name, Type, Status, Notes

1. *.partner.example, Name Suffix, Enabled
2. *.lab.partner.example, Name Suffix, Conflicting, With corp.example
3. *.old.partner.example, Name Suffix, Admin-Disabled
4. *.neu.partner.example, Namenssuffix, Aktiviert
The command completed successfully.
";
    let found = shown(output).suffixes;
    let rows: Vec<_> = found
        .iter()
        .map(|s| {
            (
                s.name.as_str(),
                s.routed.present().map(|r| r.value),
                s.notes.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("*.partner.example", Some(Routing::Enabled), None),
            (
                "*.lab.partner.example",
                Some(Routing::Conflicting),
                Some("With corp.example")
            ),
            ("*.old.partner.example", Some(Routing::Disabled), None),
            ("*.neu.partner.example", None, None),
        ]
    );
    assert_eq!(found[0].of.as_deref(), Some("corp.example"));
    assert_eq!(found[0].trust.as_deref(), Some("partner.example"));
    let silent = output.split_once('\n').unwrap().1;
    assert_eq!(shown(silent).suffixes.len(), 4);
}

#[test]
fn the_pdc_emulator() {
    let output = "Schema master               DC1.corp.example
Domain naming master        DC1.corp.example
PDC                         DC2.corp.example
RID pool manager            DC1.corp.example
Infrastructure master       DC1.corp.example
The command completed successfully.
";
    let names = |output: &str| -> Vec<String> {
        shown(output)
            .pdcs
            .into_iter()
            .map(|pdc| pdc.value)
            .collect()
    };
    assert_eq!(names(output), ["DC2.corp.example"]);
    assert_eq!(
        names(&format!("C:\\>netdom query fsmo\n{output}")),
        ["DC2.corp.example"]
    );
}

#[test]
fn look_alikes_are_of_other_tools() {
    for text in [
        "CORP\\svc_web\nGroup: 0b7c4a1e-3c1d-4b6f-9a51-0d5c8a7a1f01\n",
        "Name, Vorname, Ort, Land\n1. Eintrag\n",
        "DC=corp,DC=example\n    HTTP/web.corp.example\n",
        "1. *.partner.example, one, two\n",
        "a  b.c\nd  e.f\n",
    ] {
        let decoded = text::decode(text.as_bytes());
        let tools: Vec<_> = sections(&decoded).iter().filter_map(|s| s.tool).collect();
        assert!(!tools.contains(&Tool::Domain), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_within_its_lines(pieces in prop::collection::vec(prop_oneof![
        "\\PC{0,60}",
        Just("HQ\\DC1".to_owned()),
        Just("DSA object GUID: 0b7c4a1e-3c1d-4b6f-9a51-0d5c8a7a1f01".to_owned()),
        Just("DC=corp,DC=example".to_owned()),
        Just("    HQ\\DC2 via RPC".to_owned()),
        Just("        Last attempt @ 2026-03-02 09:1é:44 failed, result 1722 (0x6ba):".to_owned()),
        Just("        Last success @ 2026-02-27 09:00:00.".to_owned()),
        Just("showrepl_INFO,HQ,DC1,\"DC=corp".to_owned()),
        Just("1. *.partner.example, a, b".to_owned()),
        Just("C:\\>netdom trust a /namesuffixes:b".to_owned()),
        Just(" DC2 >60 days 5 / 10 50 (1722)".to_owned()),
    ], 0..40)) {
        let joined = pieces.join("\n");
        let decoded = text::decode(joined.as_bytes());
        let reading = read(ArtifactId(0), &sections(&decoded));
        let last = decoded.lines.len();
        for problem in &reading.problems {
            if let Place::Line(line) = problem.place {
                prop_assert!((1..=last).contains(&(line as usize)));
            }
        }
    }
}
