mod stretches;

use proptest::prelude::*;

use super::*;
use jiff::civil::date;

const LOG: &str = r"03/02 08:00:01 [LOGON] [1234] CORP: SamLogon: Transitive Network logon of CORP\uma from PC7 (via WEB01) Entered
03/02 08:00:01 [LOGON] [1234] CORP: SamLogon: Transitive Network logon of CORP\uma from PC7 (via WEB01) Returns 0xC000006A
03/02 08:00:02 [LOGON] SamLogon: Network logon of CORP\bob from PC8 Entered
03/02 08:00:02 [LOGON] SamLogon: Network logon of CORP\bob from PC8 Returns 0x0
03/02 08:00:03 [MISC] [99] CORP: DsGetDcName function called: client PID=700
    goes on here
03/02 08:01:01 [LOGON] [1234] CORP: SamLogon: Transitive Network logon of CORP\uma from PC7 (via WEB01) Entered
03/02 08:01:02 [LOGON] [1234] CORP: SamLogon: Transitive Network logon of CORP\uma from PC7 (via WEB01) Returns 0xC000006A
03/02 08:02:00 [SESSION] [99] CORP: NlSessionSetup: Try Session setup
03/02 08:02:01 [SESSION] [99] CORP: NlSessionSetup: Session setup: cannot I_NetServerAuthenticate 0xC0000022
03/02 08:02:02 [CRITICAL] [99] CORP: NlDiscoverDc: Cannot find DC.
03/02 08:03:00 [LOGON] [1234] CORP: SamLogon: Network logon of CORP\eve from PC9 Entered
";

#[test]
fn logons_and_failures_of_the_channel() {
    let reading = read(ArtifactId(0), &mut Lines::of(LOG.as_bytes()).unwrap(), 1).unwrap();
    assert_eq!(reading.problems, []);
    let log = &reading.records;
    let logons: Vec<_> = log
        .logons
        .iter()
        .map(|l| {
            (
                &*l.user,
                &*l.workstation,
                l.via.as_deref(),
                l.status,
                l.count,
            )
        })
        .collect();
    assert_eq!(
        logons,
        [
            (r"CORP\bob", "PC8", None, 0, 1),
            (r"CORP\uma", "PC7", Some("WEB01"), 0xC000_006A, 2),
        ]
    );
    assert_eq!(log.logons[1].from.place, Place::Line(2));
    let (first, last) = log.logons[1].span;
    assert_eq!(first.in_year(2026), Some(date(2026, 3, 2).at(8, 0, 1, 0)));
    assert_eq!(last.in_year(2026), Some(date(2026, 3, 2).at(8, 1, 2, 0)));
    let failed: Vec<_> = log
        .channel
        .iter()
        .map(|f| (f.domain.as_deref(), &*f.function, f.status))
        .collect();
    assert_eq!(
        failed,
        [
            (Some("CORP"), "NlDiscoverDc", 1311),
            (Some("CORP"), "NlSessionSetup", 0xC000_0022),
        ]
    );
    assert_eq!(log.unanswered, 1);
    assert_eq!(reading.count, 5);
}

#[test]
fn a_user_cannot_forge_the_answer() {
    let line = r"03/02 08:00:01 [LOGON] [1] CORP: SamLogon: Network logon of CORP\x Returns 0x0 from PC (via DC) (via WEB01) Returns 0xC0000064";
    let reading = read(ArtifactId(0), &mut Lines::of(line.as_bytes()).unwrap(), 1).unwrap();
    let logon = &reading.records.logons[0];
    assert_eq!(
        (logon.status, logon.via.as_deref()),
        (0xC000_0064, Some("WEB01"))
    );
}

#[test]
fn the_state_stays_bounded() {
    let lines: Vec<String> = (0..20_000)
        .map(|n| format!(r"03/02 08:00:01 [LOGON] [1] CORP: SamLogon: Network logon of CORP\u{n} from PC Returns 0x0"))
        .collect();
    let text = lines.join("\n");
    let reading = read(ArtifactId(0), &mut Lines::of(text.as_bytes()).unwrap(), 1).unwrap();
    assert_eq!(reading.records.logons.len(), groups::GROUPS);
    assert_eq!(reading.problems.len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        picks in proptest::collection::vec((0usize..12, 0usize..120, "\\PC{0,4}"), 0..40),
    ) {
        let pieces: Vec<&str> = LOG.lines().collect();
        let lines: Vec<String> = picks
            .iter()
            .map(|(piece, cut, tail)| pieces[*piece].chars().take(*cut).chain(tail.chars()).collect())
            .collect();
        let count = lines.len();
        let text = lines.join("\n");
        let reading = read(ArtifactId(0), &mut Lines::of(text.as_bytes()).unwrap(), 1).unwrap();
        let inside = |place: &Place| matches!(place, Place::Line(line) if *line >= 1 && *line as usize <= count);
        prop_assert!(reading.records.logons.iter().all(|l| inside(&l.from.place)));
        prop_assert!(reading.records.channel.iter().all(|f| inside(&f.from.place)));
    }
}
