//! Consoles as people paste them: which command each stretch is the output of.

mod strangers;

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::evidence::Place;
use crate::readers::klist::Shown;
use crate::readers::setspn::{Mode, Outcome};

fn text(content: &str) -> Text {
    Text {
        lines: content
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect(),
        encodings: vec!["utf-8"],
        ..Text::default()
    }
}

fn read_text(content: &str) -> Reading<ConsoleRecords> {
    read(ArtifactId(7), &text(content))
}

#[test]
fn one_file_with_many_commands() {
    let reading = read_text(
        r"Microsoft Windows [Version 10.0.19044.2728]
(c) Microsoft Corporation. All rights reserved.

C:\Users\uma>hostname
WEB01

C:\Users\uma>ipconfig /all

Windows IP Configuration

   Host Name . . . . . . . . . . . . : WEB01

C:\Users\uma>setspn -L svc_web
Registered ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example:
        HTTP/web.corp.example

C:\Users\uma>setspn -Q HTTP/other.corp.example
Checking domain DC=corp,DC=example

No such SPN found.

C:\Users\uma>klist

Current LogonId is 0:0x4f1a2

Cached Tickets: (0)

C:\Users\uma>
",
    );
    assert_eq!(reading.problems, []);
    let records = reading.records;
    let modes: Vec<_> = records.setspn.iter().map(|run| run.mode).collect();
    assert_eq!(modes, [Mode::List, Mode::Query]);
    assert!(
        records
            .setspn
            .iter()
            .all(|run| run.host.as_deref() == Some("WEB01"))
    );
    assert_eq!(records.setspn[1].outcome, Outcome::NotFound);
    assert_eq!(records.klist.len(), 1);
    assert_eq!(records.klist[0].host.as_deref(), Some("WEB01"));
    let others: Vec<_> = records
        .other_commands
        .iter()
        .map(|name| name.value.as_str())
        .collect();
    assert_eq!(others, [""; 0]);
    assert_eq!(
        records.machine.len(),
        2,
        "hostname and ipconfig say its name"
    );
}

#[test]
fn a_remoting_prompt_names_the_host_and_two_hostnames_name_none() {
    let reading = read_text(
        "[WEB01]: PS C:\\> setspn -L a\nRegistered ServicePrincipalNames for CN=a,DC=x,DC=example:\n\
         [WEB02]: PS C:\\> setspn -L b\nRegistered ServicePrincipalNames for CN=b,DC=x,DC=example:\n",
    );
    let hosts: Vec<_> = reading
        .records
        .setspn
        .iter()
        .map(|run| run.host.as_deref())
        .collect();
    assert_eq!(hosts, [Some("WEB01"), Some("WEB02")]);
    let reading = read_text("C:\\>hostname\nWEB01\nC:\\>klist\nC:\\>hostname\nWEB02\nC:\\>klist\n");
    assert!(reading.records.klist.iter().all(|run| run.host.is_none()));
    let before = read_text("C:\\>klist\nC:\\>hostname\nWEB01\nC:\\>klist\n");
    let hosts: Vec<_> = before
        .records
        .klist
        .iter()
        .map(|run| run.host.as_deref())
        .collect();
    assert_eq!(hosts, [None, Some("WEB01")]);
}

#[test]
fn headings_fences_and_transcripts() {
    let reading = read_text(
        r"**********************
Start der Windows PowerShell-Aufzeichnung
Computer: WEB01 (Microsoft Windows NT 10.0.17763.0)
**********************
==== klist tickets ====

Current LogonId is 0:0x3e7

Cached Tickets: (0)
==================
Output of 'setspn -L svc':
Registered ServicePrincipalNames for CN=svc,DC=corp,DC=example:
```
setspn -X
Processing entry 0
found 0 group of duplicate SPNs.
```
",
    );
    assert_eq!(reading.problems, []);
    assert_eq!(reading.records.klist.len(), 1);
    let runs: Vec<_> = reading
        .records
        .setspn
        .iter()
        .map(|run| (run.mode, run.host.as_deref()))
        .collect();
    assert_eq!(
        runs,
        [
            (Mode::List, Some("WEB01")),
            (Mode::Duplicates, Some("WEB01"))
        ]
    );
    assert_eq!(reading.records.setspn[0].target.as_deref(), Some("svc"));
}

#[test]
fn a_command_between_two_rules_is_a_heading() {
    let reading = read_text(
        "====================\nklist tickets\n====================\n\nCurrent LogonId is 0:0x3e7\n\nCached Tickets: (0)\n\n\
         ====================\nsetspn -L svc\n--------------------\n\n\
         Registered ServicePrincipalNames for CN=svc,DC=corp,DC=example:\n\tHTTP/web\n\n=== WEB02 ===\nnothing to see\n",
    );
    assert_eq!(reading.problems, []);
    let records = reading.records;
    assert_eq!((records.klist.len(), records.setspn.len()), (1, 1));
    assert!(matches!(records.klist[0].shown, Shown::Cache(_)));
    assert_eq!(records.setspn[0].target.as_deref(), Some("svc"));
    assert_eq!(records.setspn[0].outcome, Outcome::Listed);
}

#[test]
fn errors_that_powershell_decorates() {
    let reading = read_text(
        "PS C:\\> setspn -L nobody 2>&1\n\
         setspn.exe : FindDomainForAccount: Call to DsGetDcNameWithAccountW failed with return value 0x00000525\n\
         At line:1 char:1\n+ setspn -L nobody 2>&1\n+ ~~~~~~~~~~~~~~~~~~~~~\n    + CategoryInfo          : NotSpecified: (:String) [], RemoteException\n\n\
         Could not find account nobody\n",
    );
    assert_eq!(reading.records.setspn.len(), 1);
    assert_eq!(reading.records.setspn[0].outcome, Outcome::Failed(0x525));
}

#[test]
fn output_without_any_echo_is_found_by_its_shape() {
    let reading = read_text(
        "some notes of the engineer\n\nRegistered ServicePrincipalNames for CN=svc,DC=corp,DC=example:\n\tHTTP/web\n\
         Current LogonId is 0:0x3e7\n\nCached Tickets: (0)\nChecking forest DC=corp,DC=example\n\nNo such SPN found.\n",
    );
    assert_eq!(reading.problems, []);
    assert_eq!(reading.records.setspn.len(), 2);
    assert_eq!(reading.records.klist.len(), 1);
}

#[test]
fn text_of_other_kinds_gives_nothing() {
    for content in [
        "",
        "CN=svc,DC=corp,DC=example\nCN=b,DC=corp,DC=example\n",
        "The server at http://web/ answers 401 (2)\nsee setspn and klist\n",
        "2026-03-02 08:01:10 W3SVC1 GET / 401 1 2148074254 (3)\n",
        "Attributes: (2)\n  a/b: c\n",
    ] {
        let reading = read_text(content);
        assert_eq!(
            format!("{:?}", reading.records),
            format!("{:?}", ConsoleRecords::default()),
            "{content}"
        );
        assert_eq!(reading.problems, [], "{content}");
        assert_eq!(reading.count, 0);
    }
}

#[test]
fn the_help_of_setspn_holds_no_runs() {
    let reading = read_text(
        "C:\\>setspn -?\nUsage: setspn [modifiers switch data] computername\n\nExamples:\nsetspn -R daserver1\n   \
         It will register SPN \"HOST/daserver1\"\nsetspn -X\n\nC:\\>setspn -L a\n\
         Registered ServicePrincipalNames for CN=a,DC=corp,DC=example:\n",
    );
    assert_eq!(
        reading.records.setspn.len(),
        1,
        "{:?}",
        reading.records.setspn
    );
    assert_eq!(reading.records.setspn[0].target.as_deref(), Some("a"));
}

#[test]
fn arguments_of_unknown_commands_are_not_kept() {
    let reading = read_text(
        "C:\\>net use \\\\srv\\x /user:uma Secret-1\nok\nC:\\>net use \\\\s Secret-2 & klist\n",
    );
    assert!(!format!("{reading:?}").contains("Secret"), "{reading:?}");
    assert_eq!(reading.records.other_commands[0].value, "net");
    assert_eq!(reading.records.klist[0].shown, Shown::NotCaptured);
    assert_eq!(reading.records.klist[0].from.text.as_ref(), "klist");
}

#[test]
fn beacon_frames_are_no_output() {
    let reading = read_text(
        "beacon> shell setspn -X\n[*] Tasked beacon to run: setspn -X\n[+] host called home, sent: 40 bytes\n\
         [+] received output:\nChecking domain DC=corp,DC=example\nProcessing entry 0\n\nfound 0 group of duplicate SPNs.\n",
    );
    assert_eq!(reading.problems, []);
    assert_eq!(
        reading.records.setspn[0].outcome,
        Outcome::DuplicateGroups(0)
    );
}

#[test]
fn lookups() {
    let reading = read_text(
        "PS C:\\> nslookup intranet\nServer:  dc1.corp.example\nAddress:  192.0.2.10\n\nName:    web01.corp.example\n\
         Addresses:  2001:db8::20\n          192.0.2.20\nAliases:  intranet.corp.example\n          www.corp.example\n\n\
         PS C:\\> nslookup nowhere.corp.example\nServer :   dc1.corp.example\nAddress:  192.0.2.10\n\n\
         *** dc1.corp.example ne parvient pas à trouver nowhere.corp.example : Non-existent domain\n\
         PS C:\\> nslookup slow.corp.example\nDNS request timed out.\n\
         PS C:\\> Resolve-DnsName intranet\n\n\
         Name                           Type   TTL   Section    NameHost\n\
         ----                           ----   ---   -------    --------\n\
         intranet.corp.example          CNAME  3600  Answer     web01.corp.example\n\n\
         Name       : web01.corp.example\nQueryType  : A\nTTL        : 3600\nIP4Address : 192.0.2.20\n",
    );
    let lookups = &reading.records.lookups;
    let values = |cited: &[Cited<String>]| {
        cited
            .iter()
            .map(|one| one.value.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(lookups.len(), 3, "{lookups:?}");
    for lookup in [&lookups[0], &lookups[2]] {
        assert_eq!(lookup.asked, "intranet");
        assert_eq!(
            lookup.canonical.as_ref().unwrap().value,
            "web01.corp.example"
        );
        assert_eq!(lookup.aliases[0].value, "intranet.corp.example");
        assert!(!lookup.not_found);
    }
    assert_eq!(
        values(&lookups[0].aliases),
        ["intranet.corp.example", "www.corp.example"]
    );
    assert_eq!(
        values(&lookups[0].addresses),
        ["2001:db8::20", "192.0.2.20"]
    );
    assert!(lookups[1].not_found && lookups[1].canonical.is_none());
    assert_eq!(reading.problems.len(), 1, "the timeout");
}

#[test]
fn real_captures() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if !samples.is_dir() {
        println!("skipped: no samples");
        return;
    }
    let mut read_any = false;
    for folder in ["setspn", "klist", "misc"] {
        let mut files: Vec<_> = fs::read_dir(samples.join(folder))
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in files {
            let content = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
            let reading = read_text(&content);
            let records = &reading.records;
            let spns: usize = records
                .setspn
                .iter()
                .flat_map(|run| &run.holders)
                .map(|holder| holder.spns.len())
                .sum();
            let tickets: usize = records
                .klist
                .iter()
                .map(|run| match &run.shown {
                    Shown::Cache(cache) => cache.tickets.len(),
                    _ => 0,
                })
                .sum();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            println!(
                "{folder}/{name}: setspn runs {}, SPNs {spns}, klist runs {}, tickets {tickets}, problems {} {:?}",
                records.setspn.len(),
                records.klist.len(),
                reading.problems.len(),
                records
                    .setspn
                    .iter()
                    .map(|run| (run.mode, &run.outcome, &run.scopes))
                    .collect::<Vec<_>>(),
            );
            match folder {
                "setspn" => assert_eq!(records.setspn.len(), 1, "{name}"),
                "klist" => assert!(!records.klist.is_empty(), "{name}"),
                _ => assert!(
                    records.setspn.is_empty() && records.klist.is_empty(),
                    "{name}"
                ),
            }
            assert_eq!(reading.problems, [], "{name}");
            read_any = true;
        }
    }
    assert!(read_any);
}
