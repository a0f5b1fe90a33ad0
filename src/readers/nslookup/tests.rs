use proptest::prelude::*;

use super::{Answered, NameLookup, read};
use crate::bundle::text::{self, Text};
use crate::evidence::{ArtifactId, Place};
use crate::readers::console::sections;

fn lookups(output: &str) -> Vec<NameLookup> {
    let text = text::decode(output.as_bytes());
    let reading = read(ArtifactId(0), &sections(&text));
    assert_eq!(reading.problems, [], "{output}");
    reading.records
}

/// Asked, the name behind it, aliases, addresses.
fn shown(lookup: &NameLookup) -> (&str, Option<&str>, String, String) {
    let joined = |values: &[crate::evidence::Cited<String>]| {
        let values: Vec<&str> = values.iter().map(|v| v.value.as_str()).collect();
        values.join(" ")
    };
    (
        &lookup.asked,
        lookup.canonical.as_ref().map(|c| c.value.as_str()),
        joined(&lookup.aliases),
        joined(&lookup.addresses),
    )
}

#[test]
fn several_questions_at_the_prompt_of_nslookup() {
    let found = lookups(
        "C:\\>nslookup\nStandardserver:  dc1.corp.example\nAddress:  192.0.2.10\n\n> set type=a\n> intranet.corp.example\nServer:  dc1.corp.example\nAddress:  192.0.2.10\n\nName:    web01.corp.example\nAddress:  192.0.2.20\nAliases:  intranet.corp.example\n\n> nowhere.corp.example\nServer:  dc1.corp.example\nAddress:  192.0.2.10\n\n*** nowhere.corp.example wurde von dc1.corp.example nicht gefunden: Non-existent domain.\n",
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        shown(&found[0]),
        (
            "intranet.corp.example",
            Some("web01.corp.example"),
            "intranet.corp.example".into(),
            "192.0.2.20".into()
        )
    );
    assert!(found[1].not_found);
    assert_eq!(found[1].from.place, Place::Line(14));
}

#[test]
fn several_commands_on_one_line() {
    let answer = |name: &str| {
        format!(
            "Server :   dc1.corp.example\nAddress:  192.0.2.10\n\nNom :    {name}\nAddress:  192.0.2.20\n\n"
        )
    };
    let found = lookups(&format!(
        "C:\\>nslookup a.corp.example & nslookup b.corp.example\n{}{}",
        answer("a.corp.example"),
        answer("b.corp.example")
    ));
    let names: Vec<_> = found.iter().map(|l| (shown(l).0, shown(l).1)).collect();
    assert_eq!(
        names,
        [
            ("a.corp.example", Some("a.corp.example")),
            ("b.corp.example", Some("b.corp.example"))
        ]
    );
}

#[test]
fn a_name_that_was_cut_is_none() {
    let (output, problems) = {
        let text = text::decode(
            "PS C:\\> Resolve-DnsName intranet\nintranet.corp.exa...  CNAME  3600  Answer  web01.corp.example\n".as_bytes(),
        );
        let reading = read(ArtifactId(0), &sections(&text));
        (reading.records, reading.problems)
    };
    assert_eq!((output.len(), problems.len()), (0, 1));
}

const CACHE: &str = "C:\\>ipconfig /displaydns

Configuration IP de Windows

    intranet.corp.example
    ----------------------------------------
    Nom d'enregistrement. : intranet.corp.example
    Type d'enregistrement : 5
    Dur\u{e9}e de vie  . . . . : 3599
    Longueur de donn\u{e9}es . : 8
    Section . . . . . . . : R\u{e9}ponse
    Enregistrement CNAME  : web01.corp.example


    Nom d'enregistrement. : web01.corp.example
    Type d'enregistrement : 1
    Dur\u{e9}e de vie  . . . . : 3599
    Longueur de donn\u{e9}es . : 4
    Section . . . . . . . : R\u{e9}ponse
    Enregistrement (h\u{f4}te) : 192.0.2.20


    other.corp.example
    ----------------------------------------
    Record Name . . . . . : other.corp.example
    Record Type . . . . . : 28
    Time To Live  . . . . : 3599
    Data Length . . . . . : 16
    Section . . . . . . . : Answer
    AAAA Record . . . . . : 2001:db8::20
";

#[test]
fn the_cache_of_the_client() {
    let found = lookups(CACHE);
    let all: Vec<_> = found.iter().map(shown).collect();
    assert_eq!(
        all,
        [
            (
                "intranet.corp.example",
                Some("web01.corp.example"),
                "intranet.corp.example".into(),
                "192.0.2.20".into()
            ),
            (
                "other.corp.example",
                Some("other.corp.example"),
                String::new(),
                "2001:db8::20".into()
            ),
        ]
    );
    assert!(found.iter().all(|l| l.source == Answered::Cache));
}

#[test]
fn a_hosts_file() {
    let found = lookups(
        "# Copyright (c) 1993-2009 Microsoft Corp.\n#\n# This is a sample HOSTS file used by Microsoft TCP/IP for Windows.\n#\n#      102.54.94.97     rhino.acme.com          # source server\n192.0.2.20\tintranet.corp.example intranet # moved\n::1 localhost\nnonsense here\n",
    );
    let all: Vec<_> = found.iter().map(|l| (shown(l).0, shown(l).3)).collect();
    assert_eq!(
        all,
        [
            ("intranet.corp.example", "192.0.2.20".to_owned()),
            ("intranet", "192.0.2.20".to_owned()),
            ("localhost", "::1".to_owned()),
        ]
    );
    assert!(
        found
            .iter()
            .all(|l| l.source == Answered::HostsFile && l.aliases.is_empty())
    );
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        picks in proptest::collection::vec((0usize..30, 0usize..90, "\\PC{0,4}"), 0..40),
    ) {
        let more = "> intranet.corp.example\nC:\\>nslookup a.b & nslookup c.d\nServer:  dc1\n# HOSTS file used by Microsoft TCP/IP\n192.0.2.1 web";
        let pieces: Vec<&str> = CACHE.lines().chain(more.lines()).collect();
        let lines: Vec<String> = picks
            .iter()
            .map(|(piece, cut, tail)| pieces[*piece % pieces.len()].chars().take(*cut).chain(tail.chars()).collect())
            .collect();
        let count = lines.len();
        let text = Text { lines, ..Text::default() };
        let reading = read(ArtifactId(0), &sections(&text));
        let inside = |place: &Place| matches!(place, Place::Line(line) if *line >= 1 && *line as usize <= count);
        prop_assert!(reading.records.iter().all(|l| inside(&l.from.place)));
        prop_assert!(reading.problems.iter().all(|p| inside(&p.place)));
    }
}
