//! Strangers' text: any, mangled, shuffled, and long.

use super::*;

#[test]
fn hostile_lengths_are_read_to_their_end() {
    let wide = format!("{}/x=\n", "a".repeat(77));
    // Work that grows with the square of these lengths takes minutes; the shapes of tools are held to `AHEAD` lines.
    for content in [
        format!("setspn -L a\n{}", wide.repeat(20_000)),
        format!("setspn -L a\n{}", "\n".repeat(50_000)),
        format!("klist\n#0> C: a@b\n\tx 0x1 ->\n{}", "y\n".repeat(50_000)),
        "$ nslookup a.b ".repeat(30_000),
        "0x1 DC=a,CN=".repeat(30_000),
    ] {
        lines_stay_inside(&read_text(&content), content.lines().count());
    }
}

/// Lines of every grammar, to be shuffled, cut and mangled.
const PIECES: &[&str] = &[
    "C:\\>setspn -L svc",
    "PS C:\\> setspn -T * -F -Q HTTP/web & klist get HTTP/web",
    "[WEB01]: PS C:\\> klist tgt",
    "setspn -X",
    "C:\\>",
    "=====",
    "",
    "Registered ServicePrincipalNames for CN=svc,DC=corp,DC=example:",
    "Registering ServicePrincipalNames for CN=svc,DC=corp,DC=example",
    "CN=svc,OU=Ä,DC=corp,DC=example",
    "    CN=svc,DC=corp,DC=example",
    "        HTTP/web.corp.example",
    "HTTP/web is registered on these accounts:",
    "Checking domain DC=corp,DC=example",
    "Die Domäne \"DC=corp,DC=example\" wird überprüft.",
    "Existing SPN found!",
    "No such SPN found.",
    "Updated object",
    "Processing entry 1000",
    "found 2 groups of duplicate SPNs.",
    "Failed to assign SPN on account 'CN=svc,DC=corp,DC=example', error 0x2098/8344 -> x",
    "Current LogonId is 0:0x3e7",
    "Cached Tickets: (2)",
    "#0>     Client: uma @ CORP.EXAMPLE",
    "        Server: HTTP/web @ CORP.EXAMPLE",
    "        Ticket Flags 0x40a10000 -> forwardable",
    "        Start Time: 3/2/2026 8:01:10 (local)",
    "[1] Session 2 0:0x24ba75 CORP\\uma Kerberos:Network",
    "klist failed with 0xc000018b/-1073741429: x",
    "Error calling API LsaCallAuthenticationPackage (GetTicket substatus): 1312",
    "Cached TGT:",
    "TimeSkew           :  - 0:05 minute(s)",
    "Ticket cache: FILE:/tmp/x",
    "Valid starting     Expires            Service principal",
    "05/10/17 08:38:01  05/11/17 08:38:01  krbtgt/W@W",
    "\trenew until 05/10/17 08:38:01, Etype (skey, tkt): a, b",
    "KDC binding cache entries: (1)",
    "#0>\tRealmName: CORP",
];

fn lines_stay_inside(reading: &Reading<ConsoleRecords>, lines: usize) {
    let inside = |place: &Place| match place {
        Place::Line(line) => *line >= 1 && *line as usize <= lines,
        _ => false,
    };
    assert!(
        reading
            .problems
            .iter()
            .all(|problem| inside(&problem.place))
    );
    for run in &reading.records.setspn {
        assert!(inside(&run.from.place));
        assert!(run.ended.iter().all(|ended| inside(&ended.place)));
        for holder in &run.holders {
            assert!(
                holder
                    .dn
                    .from
                    .iter()
                    .chain(holder.spns.iter().flat_map(|spn| &spn.from))
                    .all(|from| inside(&from.place))
            );
        }
    }
    for run in &reading.records.klist {
        assert!(inside(&run.from.place));
        if let Shown::Cache(cache) = &run.shown {
            assert!(
                cache
                    .tickets
                    .iter()
                    .all(|ticket| inside(&ticket.from.place))
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_read_without_panic(lines in proptest::collection::vec("\\PC{0,60}", 0..20)) {
        let reading = read(ArtifactId(0), &Text { lines: lines.clone(), encodings: vec![], ..Default::default() });
        lines_stay_inside(&reading, lines.len());
    }

    #[test]
    fn mangled_shapes_are_read_without_panic(
        picks in proptest::collection::vec((0..PIECES.len(), 0usize..100, "[\u{0}-\u{3000}]{0,2}"), 0..40),
    ) {
        let lines: Vec<String> = picks
            .iter()
            .map(|(piece, cut, tail)| PIECES[*piece].chars().take(*cut).chain(tail.chars()).collect())
            .collect();
        let reading = read(ArtifactId(0), &Text { lines: lines.clone(), encodings: vec![], ..Default::default() });
        lines_stay_inside(&reading, lines.len());
    }

    #[test]
    fn shuffled_shapes_are_read_without_panic(picks in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let lines: Vec<String> = picks.iter().map(|piece| PIECES[*piece].to_owned()).collect();
        let reading = read(ArtifactId(0), &Text { lines: lines.clone(), encodings: vec![], ..Default::default() });
        lines_stay_inside(&reading, lines.len());
    }
}
