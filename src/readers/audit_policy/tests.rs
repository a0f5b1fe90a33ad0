use proptest::prelude::*;

use super::{Subcategory, read};
use crate::bundle::text::{self, Text};
use crate::evidence::{ArtifactId, Place};
use crate::readers::console::sections;

/// A report of all categories, with as many rows each as Windows Server 2016 prints, in German.
fn german() -> String {
    let mut report = format!("{:42}{}\n", "Kategorie/Unterkategorie", "Einstellung");
    let settings = |category: usize, row: usize| match (category, row) {
        (0, 1) | (1, 0) => "Erfolg und Fehler",
        (8, 0) | (0, 4) => "Erfolg",
        (8, 3) | (0, 0) => "Fehler",
        _ => "Keine \u{dc}berwachung",
    };
    for (category, rows) in [5, 11, 14, 3, 6, 6, 6, 4, 4].into_iter().enumerate() {
        report.push_str(&format!("Kategorie {category}\n"));
        for row in 0..rows {
            let name = format!("  Unterkategorie {row}");
            report.push_str(&format!("{name:42}{}\n", settings(category, row)));
        }
    }
    report
}

fn settings(output: &str) -> Vec<(Subcategory, bool, bool)> {
    let text = text::decode(output.as_bytes());
    let reading = read(ArtifactId(0), &sections(&text));
    assert_eq!(reading.problems, [], "{output}");
    let records = reading.records.iter();
    records
        .map(|s| (s.subcategory, s.success, s.failure))
        .collect()
}

#[test]
fn english_names_tell_what_is_audited() {
    let report = format!(
        "System audit policy\n{:42}Setting\nLogon/Logoff\n{:42}Success and Failure\nAccount Logon\n{:42}No Auditing\n{:42}Failure\n",
        "Category/Subcategory",
        "  Logon",
        "  Kerberos Service Ticket Operations",
        "  Credential Validation",
    );
    let expected = [
        (Subcategory::Logon, true, true),
        (Subcategory::ServiceTickets, false, false),
        (Subcategory::CredentialValidation, false, true),
    ];
    assert_eq!(settings(&report), expected);
    let echoed = format!("C:\\>auditpol /get /category:*\n{report}");
    assert_eq!(settings(&echoed), expected);
}

#[test]
fn another_language_is_read_by_position() {
    assert_eq!(
        settings(&german()),
        [
            (Subcategory::Logon, true, true),
            (Subcategory::ServiceTickets, true, false),
            (Subcategory::FirstTickets, false, false),
            (Subcategory::CredentialValidation, false, true),
        ]
    );
    // With a category cut off, no position is sure: nothing is said, and the way out is.
    let cut = german().replace("Kategorie 3\n", "");
    let cut = cut.lines().take(40).collect::<Vec<_>>().join("\n");
    let reading = read(ArtifactId(0), &sections(&text::decode(cut.as_bytes())));
    assert!(reading.records.is_empty());
    assert_eq!(reading.problems.len(), 1);
}

#[test]
fn numbers_decide_in_csv() {
    let id = |start: &str| format!("{{{start}-69AE-11D9-BED3-505054503030}}");
    let report = format!(
        "Machine Name,Policy Target,Subcategory,Subcategory GUID,Inclusion Setting,Exclusion Setting\nWEB01,System,Ouvrir la session,{},Succ\u{e8}s et \u{e9}chec,\nWEB01,System,x,{},Succ\u{e8}s,\nWEB01,System,y,{},\u{c9}chec,\nWEB01,System,z,{},Pas d'audit,\n",
        id("0CCE9215"),
        id("0CCE9240"),
        id("0cce9242"),
        id("0CCE923F"),
    );
    assert_eq!(
        settings(&report),
        [
            (Subcategory::Logon, true, true),
            (Subcategory::ServiceTickets, true, false),
            (Subcategory::FirstTickets, false, true),
            (Subcategory::CredentialValidation, false, false),
        ]
    );
    let backup = format!("WEB01,System,Anmelden,{},Erfolg,,1\n", id("0CCE9215"));
    assert_eq!(settings(&backup), [(Subcategory::Logon, true, false)]);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        picks in proptest::collection::vec((0usize..60, 0usize..70, "\\PC{0,4}"), 0..80),
    ) {
        let report = german();
        let pieces: Vec<&str> = report.lines().collect();
        let lines: Vec<String> = picks
            .iter()
            .map(|(piece, cut, tail)| pieces[*piece].chars().take(*cut).chain(tail.chars()).collect())
            .collect();
        let count = lines.len();
        let text = Text { lines, ..Text::default() };
        let reading = read(ArtifactId(0), &sections(&text));
        let inside = |place: &Place| matches!(place, Place::Line(line) if *line >= 1 && *line as usize <= count);
        prop_assert!(reading.records.iter().all(|s| inside(&s.from.place)));
        prop_assert!(reading.problems.iter().all(|p| inside(&p.place)));
    }
}
