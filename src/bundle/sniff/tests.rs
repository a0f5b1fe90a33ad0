//! Kinds told from small samples of each, and from every sample file where the collection is at hand.

mod output;

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn kind_of(text: &str) -> Kind {
    let kind = kind(text.as_bytes());
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        super::kind(&wide),
        kind,
        "UTF-16 is judged differently: {text}"
    );
    kind
}

#[test]
fn event_logs_and_other_bytes() {
    assert_eq!(nature(b""), Nature::Plain(Kind::Empty));
    assert_eq!(nature(b"ElfFile\0\0\0"), Nature::Plain(Kind::Evtx));
    assert_eq!(nature(b"ElfChnk\0\0\0"), Nature::Plain(Kind::Evtx));
    assert_eq!(nature(b"PK\x03\x04\x14"), Nature::Archive(Format::Zip));
    assert_eq!(nature(b"MSCF\0\0\0\0"), Nature::Archive(Format::Cabinet));
    assert_eq!(nature(&[0; 100]), Nature::Plain(Kind::Binary));
    let noise: Vec<u8> = (0u32..5000)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    assert_eq!(nature(&noise), Nature::Plain(Kind::Binary));
}

#[test]
fn what_is_sent_and_not_read_is_named() {
    let at = |offset: usize, sign: &[u8]| {
        let mut bytes = vec![0; offset];
        bytes.extend(sign);
        bytes.extend([0; 100]);
        bytes
    };
    for (bytes, name) in [
        (at(4, b"LfLe\x01\0\0\0"), "evt"),
        (at(72, b"\x02\0\x02\xC0"), "etl-trace"),
        (at(0, b"regf"), "registry-hive"),
        (at(0, b"MDMP\x93\xA7"), "memory-dump"),
        (at(0, b"PAGEDU64"), "memory-dump"),
        (at(0, b"\xD4\xC3\xB2\xA1\x02\0\x04\0"), "packet-capture"),
        (
            at(0, b"\n\r\r\n\x1C\0\0\0\x4D\x3C\x2B\x1A"),
            "packet-capture",
        ),
        (at(0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "compound-file"),
        (
            b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n".to_vec(),
            "pdf",
        ),
        (at(0, b"\x89PNG\r\n\x1A\n"), "image"),
        (at(0, b"\xFF\xD8\xFF\xE0"), "image"),
        (at(0, b"Rar!\x1A\x07\x01\0"), "rar-archive"),
        (
            at(
                0,
                b"\0\0\x01\0\x08\0\0\0\0\x80\x3E\xD5\xDE\xB1\x9D\x01W\0E\0B\x000\x001\0",
            ),
            "binary-web-log",
        ),
    ] {
        assert_eq!(nature(&bytes), Nature::Plain(Kind::Unsupported(name)));
        assert!(!instead(name).contains("of a kind"), "{name}");
    }
    // An icon of eight pictures starts as a binary log does.
    let icon = at(0, b"\0\0\x01\0\x08\0\0\0\0\0\x01\0\x20\0\x10\x01\0\0");
    assert_eq!(nature(&icon), Nature::Plain(Kind::Binary));
    for text in [
        "regf\r\n\r\nGMBH\r\n",
        "BZh is no archive\r\n",
        "(LfLe)\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn events_as_xml() {
    let event =
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System/></Event>";
    let declaration = "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n";
    for text in [
        event.to_owned(),
        format!("{event}{event}"),
        format!("{declaration}<Events>{event}</Events>"),
        format!("{declaration}<!-- <configuration/> -->\r\n{event}"),
        format!("C:\\>wevtutil qe System /f:xml\r\n{event}"),
    ] {
        assert_eq!(kind_of(&text), Kind::EventXml, "{text}");
    }
    let freb = format!(
        "{declaration}<?xml-stylesheet type='text/xsl' href='freb.xsl'?>\r\n<failedRequest url=\"x\">{event}</failedRequest>"
    );
    assert_eq!(kind_of(&freb), Kind::RequestTrace);
}

#[test]
fn exported_objects() {
    let objects =
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">";
    for text in [
        format!("{objects}<Obj RefId=\"0\"/></Objs>"),
        format!("<?xml version=\"1.0\"?>\r\n{objects}\r\n  <S>x</S>"),
    ] {
        assert_eq!(kind_of(&text), Kind::Clixml, "{text}");
    }
    for text in [
        "<Objs Version=\"1.1.0.1\"><Obj RefId=\"0\"/></Objs>",
        "<Objects xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"/>",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn events_in_other_clothes() {
    let row =
        "Error,5/7/2024 8:00:00 AM,Microsoft-Windows-WAS,5059,None,\"Application pool\r\nweb\"\r\n";
    for text in [
        format!("Level,Date and Time,Source,Event ID,Task Category\r\n{row}"),
        format!("\u{feff}Keywords,Date and Time,Source,Event ID,Task Category\r\n{row}"),
        "Ebene;Datum und Uhrzeit;Quelle;Ereignis-ID;Aufgabenkategorie\r\nFehler;07.05.2024 08:00:00;WAS;5059;Keine;x\r\n".to_owned(),
        "レベル\t日付と時刻\tソース\tイベント ID\tタスクのカテゴリ\r\nエラー\t2024/05/07 8:00:00\tWAS\t5059\tなし\tx\r\n".to_owned(),
        "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\"Message\",\"Id\",\"TimeCreated\"\r\n".to_owned(),
        "\"EventID\",\"MachineName\",\"Source\",\"TimeGenerated\"\r\n".to_owned(),
        "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,Computer,Payload\r\n".to_owned(),
        "{\"Event\":{\"System\":{\"EventID\":4625}}}\n".to_owned(),
        "[\r\n  {\r\n \"Id\": 4,\r\n \"ProviderName\": \"x\",\r\n \"TimeCreated\": \"y\"".to_owned(),
    ] {
        assert_eq!(kind_of(&text), Kind::EventExport, "{text}");
    }
    for text in [
        "TimeCreated  : 5/7/2024 8:00:00 AM\r\nProviderName : Microsoft-Windows-WAS\r\nId           : 5059\r\nMessage      : x\r\n",
        "Message      : x\r\n               y\r\n\r\n               z\r\nId           : 5059\r\nTimeCreated  : 5/7/2024 8:00:00 AM\r\n",
        "Event[0]:\r\n  Log Name: System\r\n  Source: WAS\r\n  Date: 2024-05-07T08:00:00.123\r\n  Event ID: 5059\r\n",
        "Protokollname: System\r\nQuelle:        WAS\r\nDatum:         07.05.2024 08:00:00\r\nEreignis-ID:   5059\r\n",
        "TimeCreated                     Id LevelDisplayName Message\r\n-----------                     -- ---------------- -------\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
    for text in [
        "Name,Date,Source,Number,Category\r\na,5/7/2024 8:00:00 AM,b,many,c\r\n",
        "Level,Date and Time,Source,Event ID,Task Category\r\n",
        "{\"log\":{\"title\":\"x\"}}",
        "Message : hello\r\nId      : 5\r\n",
        "Date: 07.05.2024 08:00:00\r\nSubject: 401\r\n",
        "{\"Id\":4,\"Name\":\"x\"}",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
    let dumped = "Record 1\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\n  <System/>\n</Event>\n";
    assert_eq!(kind_of(dumped), Kind::EventXml);
    assert_eq!(
        nature(b"\x30\0\0\0LfLe\x01\0\0\0"),
        Nature::Plain(Kind::Unsupported("evt"))
    );
}

#[test]
fn recordings_of_http() {
    let har = "{\r\n  \"log\": {\r\n    \"version\": \"1.2\",\r\n    \"entries\" : [ {\"request\":{}} ] } }";
    for text in [
        har,
        "{\"log\":{\"entries\":[]}}",
        "GET http://web.corp.test/a?b=c HTTP/1.1\r\nHost: web.corp.test\r\n\r\n",
        "RPC_IN_DATA /rpc HTTP/1.1\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-IIS/10.0\r\n\r\n<html>",
        "HTTP/1.1 200\r\n\r\n",
        "<?xml version=\"1.0\"?>\r\n<Session SID=\"1\"><SessionTimers ClientConnected=\"\"/></Session>",
    ] {
        assert_eq!(kind_of(text), Kind::HttpRecording, "{text}");
    }
    let packed = [
        &b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08"[..],
        &[0, 0xFF, 1].repeat(5000),
    ]
    .concat();
    assert_eq!(
        kind(&packed),
        Kind::HttpRecording,
        "the body does not matter"
    );
    for text in [
        "{\"log\":{\"level\":\"debug\"}}",
        "{\"log\":{\"title\":\"\\\"entries\\\":[\"}}",
        "{\"Event\":{\"System\":{}}}",
        "GET / HTTP/1.1 was refused\r\n",
        "GET / HTTP/1.1\r\nis what the client sends\r\n",
        "HTTP/1.1 needs a Host header\r\n",
        "HTTP/1.1 401\r\nmeans that nobody is logged on\r\n",
        "<Session><User/></Session>",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn configuration_files() {
    let long = format!("<!-- {} -->", "sites <system.webServer> ".repeat(10_000));
    for (text, kind) in [
        ("<configuration><system.applicationHost/></configuration>".to_owned(), Kind::ApplicationHostConfig),
        (format!("{long}<configuration>{long}<system.applicationHost><sites/>"), Kind::ApplicationHostConfig),
        ("<configuration><configSections><sectionGroup name=\"system.applicationHost\">".into(), Kind::ApplicationHostConfig),
        ("<sites><site name=\"x\"/></sites>".into(), Kind::ApplicationHostConfig),
        ("<applicationPools>".into(), Kind::ApplicationHostConfig),
        ("<configuration><system.webServer><security/>".into(), Kind::WebConfig),
        ("<configuration>\n<location path=\"api\"><system.web/></location></configuration>".into(), Kind::WebConfig),
        ("<configuration><!-- <system.applicationHost> --><system.web/></configuration>".into(), Kind::WebConfig),
        ("<configuration xmlns:xdt=\"http://schemas.microsoft.com/XML-Document-Transform\"><system.web/>".into(), Kind::OtherConfig),
        ("<configuration><configSections><section name=\"moduleProviders\"/></configSections><moduleProviders/>".into(), Kind::OtherConfig),
        ("<configuration><configurationRedirection enabled=\"true\"/></configuration>".into(), Kind::OtherConfig),
        ("<configuration><configSections><section name=\"appSettings\" type=\"x\"/></configSections><system.web/>".into(), Kind::OtherConfig),
        ("<configuration><runtime/></configuration>".into(), Kind::OtherConfig),
        ("<!-- heading -->\n<configSchema><sectionSchema name=\"system.webServer/x\"/>".into(), Kind::OtherConfig),
        ("<html><body>setspn -L x</body></html>".into(), Kind::Text),
    ] {
        assert_eq!(kind_of(&text), kind, "{}", text.get(..80).unwrap_or(&text));
    }
}

#[test]
fn logs() {
    let iis = "10.0.0.7, -, 03/02/26, 7:55:20, W3SVC2, WEB01, 10.0.0.1, 2, 163, 3223, 401, 5, GET, /setspn, -,\r\n";
    let ncsa = "10.0.0.7 - - [02/Mar/2026:08:00:01 +0100] \"GET /klist HTTP/1.1\" 401 3401\r\n";
    let line = "2026-03-02 08:00:01 10.0.0.1 GET /a - 80 - 10.0.0.7 setspn 401 2 5 3\r\n";
    let dropped =
        "2026-03-02 08:00:01 10.0.0.7 5 10.0.0.1 80 HTTP/1.1 GET /a 400 - FieldLength -\r\n";
    for (text, kind) in [
        ("#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date cs-uri-stem\r\n2024-01-01 /setspn/HTTP 401\r\n".to_owned(), Kind::WebLog),
        (format!("#Date: 2026-03-02 08:00:00\r\n#Fields: date time cs-method sc-status\r\n{line}"), Kind::WebLog),
        ("#Software: Microsoft Internet Information Services 10.0\r\n".into(), Kind::WebLog),
        ("#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n".into(), Kind::HttpErrLog),
        (format!("#Software: x\r\n#Fields: date time cs-uri s-reason\r\n{dropped}"), Kind::HttpErrLog),
        (format!("{line}{line}"), Kind::WebLog),
        (format!("{line}#Fields: date time cs-uri-stem\r\n"), Kind::WebLog),
        (dropped.repeat(3), Kind::HttpErrLog),
        (iis.repeat(2), Kind::WebLog),
        (ncsa.repeat(9), Kind::WebLog),
        // Logs of other services and programs.
        ("#Version: 1.5\r\n#Software: Microsoft Windows Firewall\r\n#Fields: date time action protocol\r\n".into(), Kind::Text),
        ("#Software: Microsoft Exchange Server\r\n#Fields: date-time,client-ip\r\n".into(), Kind::Text),
        ("2026-03-02 08:00:01 INFO GET /a was served\r\n".into(), Kind::Text),
        ("2026-03-02 08:00:01 and later\r\n#Fields of the form are described below\r\n".into(), Kind::Text),
        ("10.0.0.7, 10.0.0.8, 10.0.0.9\r\n".into(), Kind::Text),
        (format!("Here is what we see in the log:\r\n{ncsa}"), Kind::Text),
    ] {
        assert_eq!(kind_of(&text), kind, "{text}");
    }
}

#[test]
fn every_sample_has_its_kind() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if !samples.is_dir() {
        println!("skipped: no sample collection beside the project");
        return;
    }
    let mut counts: BTreeMap<(String, Kind), u32> = BTreeMap::new();
    let mut wrong = Vec::new();
    for folder in std::fs::read_dir(&samples).expect("samples").flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        for file in std::fs::read_dir(folder.path())
            .into_iter()
            .flatten()
            .flatten()
        {
            let bytes = std::fs::read(file.path()).expect("sample");
            let kind = kind(bytes.get(..HEAD).unwrap_or(&bytes));
            *counts.entry((name.clone(), kind)).or_default() += 1;
            let file = file.file_name().to_string_lossy().into_owned();
            // Transforms are no configuration; see `configuration_files`.
            let transform = bytes.windows(22).any(|w| w == b"XML-Document-Transform");
            let expected = match name.as_str() {
                "evtx" => Kind::Evtx,
                "applicationhost" if transform => Kind::OtherConfig,
                "applicationhost" => Kind::ApplicationHostConfig,
                "administration" | "redirection" | "schema" => Kind::OtherConfig,
                "setspn" | "klist" => Kind::Console,
                "iislog" => Kind::WebLog,
                "httperr" => Kind::HttpErrLog,
                "freb" => Kind::RequestTrace,
                "misc" => Kind::Console,
                "powershell_clixml" => Kind::Clixml,
                _ => Kind::Text,
            };
            if kind != expected {
                wrong.push(format!("{name}/{file}: {kind:?}"));
            }
        }
    }
    println!("{counts:#?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert_eq!(nature(&bytes) == Nature::Plain(Kind::Empty), bytes.is_empty());
    }

    #[test]
    fn any_markup(text in "[<>/!\\-? a-c=\"'\\[\\]é:#0x@]{0,200}") {
        // Nothing in this alphabet spells a known element.
        prop_assert!(!matches!(kind(text.as_bytes()), Kind::Evtx | Kind::WebConfig | Kind::ApplicationHostConfig));
    }
}
