use proptest::prelude::*;

use super::read;
use crate::bundle::text::{self, Text};
use crate::evidence::{ArtifactId, Place};
use crate::readers::console::sections;

const TEMPLATE: &str = r"[Unicode]
Unicode=yes
[System Access]
MinimumPasswordAge = 1
[Privilege Rights]
SeNetworkLogonRight = *S-1-5-11,*S-1-5-32-544,CORP\svc_web
SeDenyBatchLogonRight =
[Registry Values]
MACHINE\System\CurrentControlSet\Control\Lsa\LmCompatibilityLevel=4,5
MACHINE\System\CurrentControlSet\Control\Lsa\MSV1_0\ClientAllowedNTLMServers=7,a.corp.example,b.corp.example
MACHINE\Software\Other\Secret=1,hunter2
[Version]
Revision=1
";

#[test]
fn rights_and_their_holders() {
    let text = text::decode(TEMPLATE.as_bytes());
    let sections = sections(&text);
    let reading = read(ArtifactId(0), &sections);
    assert_eq!(reading.problems, []);
    let rights: Vec<_> = reading
        .records
        .iter()
        .map(|r| (&*r.right, r.holders.join(" "), r.from.place.clone()))
        .collect();
    assert_eq!(
        rights,
        [
            (
                "SeNetworkLogonRight",
                r"S-1-5-11 S-1-5-32-544 CORP\svc_web".to_owned(),
                Place::Line(6)
            ),
            ("SeDenyBatchLogonRight", String::new(), Place::Line(7)),
        ]
    );
    let registry = crate::readers::registry::read(ArtifactId(0), &sections);
    assert!(!format!("{registry:?}").contains("hunter2"));
    let values: Vec<_> = registry
        .records
        .iter()
        .flat_map(|key| &key.values)
        .map(|value| value.name)
        .collect();
    assert_eq!(values, ["LmCompatibilityLevel", "ClientAllowedNTLMServers"]);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        picks in proptest::collection::vec((0usize..13, 0usize..90, "\\PC{0,4}"), 0..30),
    ) {
        let pieces: Vec<&str> = TEMPLATE.lines().collect();
        let lines: Vec<String> = picks
            .iter()
            .map(|(piece, cut, tail)| pieces[*piece].chars().take(*cut).chain(tail.chars()).collect())
            .collect();
        let count = lines.len();
        let text = Text { lines, ..Text::default() };
        let reading = read(ArtifactId(0), &sections(&text));
        let inside = |place: &Place| matches!(place, Place::Line(line) if *line >= 1 && *line as usize <= count);
        prop_assert!(reading.records.iter().all(|r| inside(&r.from.place)));
        prop_assert!(reading.problems.iter().all(|p| inside(&p.place)));
    }
}
