use proptest::prelude::*;

use super::super::read;
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Place};
use crate::readers::console::sections;

/// Lines of every grammar, to be shuffled, cut and mangled.
const PIECES: &[&str] = &[
    "C:\\>nltest /sc_verify:corp.example",
    "C:\\>systeminfo",
    "C:\\>tasklist /v",
    "Host Name:                 WEB01",
    "OS Name:                   Microsoft Windows Server 2019 Standard",
    "OS Version:                10.0.17763 N/A Build 17763",
    "Time Zone:                 (UTC+01:00) Amsterdam",
    "                           [01]: KB5012170",
    "   Nom de l'hôte . . . . . . : WEB01",
    "   Serveurs DNS. . . . . . . : 192.0.2.10",
    "                               192.0.2.11",
    "Carte Ethernet Ethernet0 :",
    "Flags: b0 HAS_IP",
    "Trusted DC Name \\\\DC1",
    "Trusted DC Connection Status Status = 5 0x5 ERROR_ACCESS_DENIED",
    "    0: CORP corp.example (NT 5) (Primary Domain)",
    "    DC1 [PDC]  [DS] Site: HQ",
    "Leap Indicator: 0(no warning)",
    "Stratum: 3",
    "Precision: -23 (119ns)",
    "Tracking DC1 [192.0.2.10:123].",
    "10:20:00, +00,0206779s",
    "10:20:00, d:+00.0010000s o:+00.0206779s  [ * ]",
    "Source        Description      HotFixID      InstalledOn",
    "WEB01         Update           KB5012170     2/14/2026",
    "x 2026/03/02 09:00:00 <UTC+01:00>",
    "========= ==== ==== ==== ==== ==== =====",
    "w3wp.exe                      4712 Services                   0     52,340 K Unknown         CORP\\svc",
    "\"w3wp.exe\",\"4712\",\"Services\",\"0\",\"1 K\",\"x\",\"CORP\\svc\",\"0:00\",\"N/A\"",
    "COMPUTERNAME=WEB01",
    "AzureAdJoined : NO",
    "",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_shape_is_read_without_panic(
        picks in proptest::collection::vec((0..PIECES.len(), 0usize..120, "[\u{0}-\u{3000}]{0,2}"), 0..40),
    ) {
        let lines: Vec<String> = picks
            .iter()
            .map(|(piece, cut, tail)| PIECES[*piece].chars().take(*cut).chain(tail.chars()).collect())
            .collect();
        let text = Text { lines: lines.clone(), encodings: vec![], ..Default::default() };
        let reading = read(ArtifactId(0), &sections(&text));
        let inside = |place: &Place| matches!(place, Place::Line(line) if *line >= 1 && *line as usize <= lines.len());
        prop_assert!(reading.records.iter().all(|fact| inside(&fact.from.place)));
        prop_assert!(reading.problems.iter().all(|problem| inside(&problem.place)));
    }
}
