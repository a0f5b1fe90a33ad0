//! Kinds told from small samples of each, and from every sample file where the collection is at hand.

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
fn console_output_in_any_language() {
    for text in [
        "C:\\>setspn -L svc\r\n",
        "C:\\>nslookup web.corp.example\r\n",
        "PS C:\\> Resolve-DnsName web.corp.example\r\n",
        "[web01]: PS C:\\Users\\bob> & 'C:\\Windows\\System32\\klist.exe' tickets\r\n",
        "> klist\r\n",
        "PS > setspn.exe /q http/x\r\n",
        "klist tickets\r\n",
        "C:\\>nslookup portal.corp.test\r\nServer:  dc1.corp.test\r\n",
        "PS C:\\> Resolve-DnsName -Name portal -Type CNAME\r\n",
        "CN=svc,CN=Users,DC=corp,DC=test\r\n\r\n\tHTTP/web\r\n",
        "Noms ServicePrincipalName inscrits pour CN=svc,DC=corp,DC=test:\r\n        HTTP/web:80\r\n",
        "Die Domäne \"DC=corp,DC=test\" wird überprüft.\r\n\r\nEs wurde kein solcher SPN gefunden.\r\n",
        "Vérification du domaine DC=corp,DC=test\r\nTraitement de l'entrée 0\r\n0 groupe de SPN en double détectés.\r\n",
        "ドメイン DC=corp,DC=test を確認しています\r\n\r\n既存の SPN が見つかりました\r\n",
        "found 2 groups of duplicate SPNs.\r\n",
        "#0>     Клиент: bob @ CORP.TEST\r\n",
        "        Marcas de vale 0x40e10000 -> forwardable renewable\r\n",
        "Aktuelle Anmelde-ID ist 0:0x3e7\r\n",
        "klist failed with 0xc000018b/-1073741429: …\r\n",
        "Ticket cache: FILE:/tmp/krb5cc_0\r\n",
        "Credentials cache: API:501\r\n",
        "klist: No credentials cache found\r\n",
        "*   Trying 192.0.2.20:80...\r\n* Connected to web.corp.test (192.0.2.20) port 80 (#0)\r\n",
        "* Host web.corp.test:80 was resolved.\r\n",
        "> GET /a HTTP/1.1\r\n> Host: web.corp.test\r\n>\r\n< HTTP/1.1 401 Unauthorized\r\n",
        "< HTTP/1.1 401 Unauthorized\r\n< WWW-Authenticate: Negotiate\r\n",
        "C:\\>curl -v http://web.corp.test/\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
}

#[test]
fn the_state_of_machines_in_any_language() {
    for text in [
        "C:\\> ipconfig /all\r\n\r\n   IPv4 Address. . . : 10.0.0.1\r\n",
        "   Nom de l'hôte . . . . . . : WEB01\r\n   Suffixe DNS principal . . . : corp.test\r\n",
        "Hostname:      WEB01\r\nBetriebssystemname:   Microsoft Windows Server 2019\r\nBetriebssystemversion:  10.0.17763 Build 17763\r\n",
        "Indicateurs : 30 HAS_IP\r\nNom \\\\DC1\r\nÉtat = 0 0x0 NERR_Success\r\n",
        "10:20:00, +00,0206779s\r\n",
        "Source  Description  HotFixID  InstalledBy\r\n",
        "x: 2026/03/02 09:00:00 <UTC+01:00>\r\n",
        "w3wp.exe      4712 Services\r\n",
        "ALLUSERSPROFILE=C:\\ProgramData\r\nCOMPUTERNAME=WEB01\r\n",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\r\n    X    REG_DWORD    0x1\r\n",
        "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\r\n",
        "REGEDIT4\r\n",
        "X : 1\r\nPSPath : Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE\\SYSTEM\r\n",
        "[Unicode]\r\nUnicode=yes\r\n",
        "Kategorie/Unterkategorie        Einstellung\r\nSystem\r\n  Systemintegrität       Erfolg\r\n",
        "WEB01,System,Anmelden,{0CCE9215-69AE-11D9-BED3-505054503030},Erfolg,,\r\n",
        "    Name . . : web\r\n    Type : 5\r\n    TTL . : 3599\r\n    Length : 8\r\n",
        "# This is a sample HOSTS file used by Microsoft TCP/IP for Windows.\r\n192.0.2.1 web\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
    let entry = "03/02 08:00:01 [LOGON] [1234] CORP: SamLogon: Network logon of CORP\\uma from PC7 Entered\r\n";
    for text in [
        entry.to_owned(),
        entry.repeat(3),
        format!("{entry}    goes on\r\n{entry}"),
    ] {
        assert_eq!(kind_of(&text), Kind::NetlogonLog, "{text}");
    }
    for text in [
        "Summary:\r\n03/02 08:00:01 [LOGON] is what such a line looks like\r\n",
        "HKEY_LOCAL_MACHINE is a hive\r\n",
        "2026/03/02 09:00:00 all clocks show UTC\r\n",
        "w3wp.exe crashed again\r\n",
        "Category/Name    Value\r\nnothing of the kind\r\n",
        "Name: x\r\nKind: y z\r\nVersion: 10.0\r\n",
        "Source: WAS\r\nGenerated: 22.03.2026 08:00:01\r\nWritten: 22.03.2026 08:00:01\r\n",
        "set\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn other_text_is_not_console_output() {
    for text in [
        "Notes: run setspn on the DC, then look at the SPN.\r\n",
        "klist shows the tickets of this session\r\n",
        "nslookup of the alias answers with web01.corp.test\r\n",
        "Address 00:0c:29 and 12:0x1ffffffff0 are no sessions\r\n",
        "function f() { return a->b; }\r\n0x1 -> mapped\r\n",
        "\"ComputerName\",\"LogName\"\r\n\"WEB01\",\"Default Web Site\"\r\n",
        "* Trying harder\r\n> GET the file\r\n< HTTP is a protocol\r\n",
        "curl is not installed here\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn objects_of_the_directory_and_sessions() {
    for text in [
        "\r\nDistinguishedName : CN=svc,DC=corp,DC=test\r\nEnabled           : True\r\n",
        "AccountExpirationDate : \r\naccountExpires        : 0\r\nSamAccountName        : svc\r\n",
        "dn: CN=svc,DC=corp,DC=test\r\nchangetype: add\r\n",
        "dn:: Q049c3ZjLERDPWNvcnA=\r\nobjectClass: user\r\n",
        "DN,objectClass,sAMAccountName\r\n\"CN=svc,DC=corp,DC=test\",user,svc\r\n",
        "\"DistinguishedName\",\"Enabled\",\"SamAccountName\"\r\n",
        "  sAMAccountName    servicePrincipalName\r\n  svc               HTTP/web\r\n",
        "SamAccountName Enabled\r\n-------------- -------\r\nsvc            True\r\n",
        "DN: CN=svc,DC=corp,DC=test\r\n    1> cn: svc\r\n",
        "[\r\n    {\r\n        \"SamAccountName\":  \"svc\"\r\n",
        "PS C:\\> Get-ADUser svc\r\n",
        "Benutzername SID\r\n============ ========================\r\ncorp\\uma     S-1-5-21-1-2-3-1104\r\n",
        "Nom de privilège     Description\r\n==================== ===========\r\nSeShutdownPrivilege  Arrêter\r\n",
        "\"User Name\",\"SID\"\r\n\"corp\\uma\",\"S-1-5-21-1-2-3-1104\"\r\n",
        "Betriebssystem Microsoft (R) Windows (R) Gruppenrichtlinienergebnis-Tool v2.0\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
    for text in [
        "Name    : Default Web Site\r\nEnabled : True\r\nState   : Started\r\n",
        "dn: the distinguished name\r\n",
        "DN,street,city\r\n1,2,3\r\n",
        "Name State\r\n---- -----\r\nPool Started\r\n",
        "{\r\n  \"name\": \"web\",\r\n  \"enabled\": true\r\n}\r\n",
        "Title Text\r\n===== =====\r\nwords S-1-a\r\n",
        "\"a\",\"b\"\r\n\"c\",\"d\"\r\n",
        "the userPrincipalName : of a user\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
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

#[test]
fn the_state_of_iis_and_http_sys_in_any_encoding() {
    for text in [
        "SITE \"Web\" (id:1,bindings:http/*:80:,state:Started)\r\n",
        "WP \"12\" (apppool:Web)\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<appcmd>\r\n</appcmd>\r\n",
        "APPPOOL\r\n  APPPOOL.NAME:\"Web\"\r\n",
        "Name  ID  State  Physical Path  Bindings\r\n----  --  -----  -------------  --------\r\n",
        "SectionPath : /system.webServer/security/authentication/windowsAuthentication\r\n",
        "\"ComputerName\",\"LogName\",\"Product\",\"Location\",\"TypeInfo\"\r\n",
        "LogCatcherV3.5\r\n",
        "Name der Anforderungswarteschlange: Web\r\n    Version: 2.0\r\n",
        "    Reservierte URL : http://*:80/\r\n        Benutzer: CORP\\svc\r\n",
        "    IP:Port : 0.0.0.0:443\r\n    Hash : 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
}

#[test]
fn look_alikes_of_iis_state_are_none() {
    for text in [
        "SITE \"Web\" is down again, see (id: 12)\r\n",
        "SITE\r\n  is down\r\n",
        "Name  State\r\n----  -----\r\nx     y\r\n",
        "SectionPath is the name of a property\r\n",
        "Version: 2.0\r\n    Version: x\r\n",
        "see : http://www.example/\r\nno account here\r\n",
        "sitename;applicationpool\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}
