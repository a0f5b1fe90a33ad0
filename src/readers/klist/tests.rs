use jiff::civil::date;

use super::*;
use crate::bundle::text::Text;
use crate::evidence::{Citation, Place};
use crate::readers::console::sections;

fn reading(content: &str) -> Reading<Vec<KlistRun>> {
    let text = Text {
        lines: content
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect(),
        ..Text::default()
    };
    read(ArtifactId(3), &sections(&text))
}

/// What the runs of a text that leaves nothing unread show.
fn shown(content: &str) -> Vec<Shown> {
    let reading = reading(content);
    assert_eq!(reading.problems, [], "{content}");
    reading.records.into_iter().map(|run| run.shown).collect()
}

fn one(content: &str) -> Shown {
    let mut all = shown(content);
    assert_eq!(all.len(), 1, "{content}\n{all:#?}");
    all.remove(0)
}

fn cache(content: &str) -> Cache {
    match one(content) {
        Shown::Cache(cache) => cache,
        other => panic!("no cache: {other:#?}"),
    }
}

fn line_of(citation: &Citation) -> u32 {
    match citation.place {
        Place::Line(line) => line,
        _ => 0,
    }
}

/// Logon line, cache header, the ten labels (the fourth without a colon), suffix.
type Language = (&'static str, &'static str, [&'static str; 10], &'static str);

const LANGUAGES: &[Language] = &[
    (
        "Current LogonId is",
        "Cached Tickets:",
        [
            "Client:",
            "Server:",
            "KerbTicket Encryption Type:",
            "Ticket Flags",
            "Start Time:",
            "End Time:  ",
            "Renew Time:",
            "Session Key Type:",
            "Cache Flags:",
            "Kdc Called:",
        ],
        "(local)",
    ),
    (
        "LogonId est",
        "Tickets mis en cache :",
        [
            "Client :",
            "Serveur :",
            "Type de chiffrement KerbTicket :",
            "Indicateurs de tickets",
            "Heure de démarrage :",
            "Heure de fin :  ",
            "Heure de renouvellement :",
            "Type de clé de session :",
            "Indicateurs de cache :",
            "KDC appelé :",
        ],
        "(Local)",
    ),
    (
        "El id. de inicio de sesión actual es",
        "Vales almacenados en caché:",
        [
            "Cliente:",
            "Servidor:",
            "Tipo de cifrado de vale Kerberos:",
            "Marcas de vale",
            "Hora de inicio:",
            "Hora de finalización:  ",
            "Hora de renovación:",
            "Tipo de clave de sesión:",
            "Marcas de caché:",
            "KDC llamado:",
        ],
        "(local)",
    ),
    (
        "当前登录 ID 是",
        "缓存的票证:",
        [
            "客户端:",
            "服务器:",
            "Kerberos 票证加密类型:",
            "票证标志",
            "开始时间:",
            "结束时间:  ",
            "续订时间:",
            "会话密钥类型:",
            "缓存标志:",
            "调用的 KDC:",
        ],
        "(本地)",
    ),
    (
        "Текущим идентификатором входа является",
        "Кэшированные билеты:",
        [
            "Клиент:",
            "Сервер:",
            "Тип шифрования KerbTicket:",
            "флаги билета",
            "Время начала:",
            "Время окончания:  ",
            "Время продления:",
            "Тип ключа сеанса:",
            "Флаги кэша:",
            "Вызванный KDC:",
        ],
        "(локально)",
    ),
    (
        "Aktuelle Anmelde-ID ist",
        "Zwischengespeicherte Tickets:",
        [
            "Client:",
            "Server:",
            "KerbTicket (Verschlüsselungstyp):",
            "Ticketkennzeichen",
            "Startzeit:",
            "Endzeit:  ",
            "Erneuerungszeit:",
            "Sitzungsschlüsseltyp:",
            "Cachekennzeichen:",
            "Kdc aufgerufen:",
        ],
        "(lokal)",
    ),
];

/// A cache of two tickets in a language.
fn cached((logon, header, labels, suffix): &Language) -> String {
    let values = |server: &str| {
        [
            "uma @ CORP.EXAMPLE".to_owned(),
            format!("{server} @ CORP.EXAMPLE"),
            "AES-256-CTS-HMAC-SHA1-96".to_owned(),
            "0x40a10000 -> forwardable renewable pre_authent name_canonicalize".to_owned(),
            format!("3/2/2026 8:01:10 {suffix}"),
            format!("3/2/2026 18:00:58 {suffix}"),
            "0".to_owned(),
            "RSADSI RC4-HMAC(NT)".to_owned(),
            "0x1 -> PRIMARY".to_owned(),
            "DC1.corp.example".to_owned(),
        ]
    };
    let mut text = format!("{logon} 0:0x4F1a2\n\n{header} (2)\n");
    for (index, server) in ["krbtgt/CORP.EXAMPLE", "HTTP/web.corp.example"]
        .iter()
        .enumerate()
    {
        for (line, (label, value)) in labels.iter().zip(values(server)).enumerate() {
            let lead = if line == 0 {
                format!("\n#{index}>     ")
            } else {
                "        ".to_owned()
            };
            text.push_str(&format!("{lead}{label} {value}\n"));
        }
    }
    text
}

#[test]
fn a_cache_in_every_language_with_and_without_its_echo() {
    for language in LANGUAGES {
        for content in [
            cached(language),
            format!("C:\\>klist\n\n{}\nC:\\>\n", cached(language)),
        ] {
            let cache = cache(&content);
            assert_eq!(cache.logon_id.as_deref(), Some("0x4f1a2"), "{content}");
            assert_eq!(
                (cache.announced, cache.complete),
                (Some(2), true),
                "{content}"
            );
            let ticket = &cache.tickets[1];
            assert_eq!(
                (ticket.client.as_str(), ticket.client_realm.as_str()),
                ("uma", "CORP.EXAMPLE")
            );
            assert_eq!(
                (ticket.server.as_str(), ticket.server_realm.as_str()),
                ("HTTP/web.corp.example", "CORP.EXAMPLE")
            );
            assert_eq!(
                (ticket.etype.as_deref(), ticket.etype_id),
                (Some("AES-256-CTS-HMAC-SHA1-96"), Some(18))
            );
            assert_eq!(ticket.flags, Some(0x40a1_0000));
            assert_eq!(ticket.start, Some(date(2026, 3, 2).at(8, 1, 10, 0)));
            assert_eq!(ticket.end, Some(date(2026, 3, 2).at(18, 0, 58, 0)));
            assert_eq!(ticket.renew, None, "not renewable");
            assert_eq!(ticket.session_etype.as_deref(), Some("RSADSI RC4-HMAC(NT)"));
            assert_eq!(ticket.kdc.as_deref(), Some("DC1.corp.example"), "{content}");
            assert!(ticket.from.text.contains("HTTP/web.corp.example"));
        }
    }
}

#[test]
fn a_cache_in_every_language_with_the_blank_lines_of_a_double_conversion() {
    for language in LANGUAGES {
        let cache = cache(&cached(language).replace('\n', "\n\n"));
        assert_eq!((cache.tickets.len(), cache.complete), (2, true));
        assert_eq!(cache.tickets[0].kdc.as_deref(), Some("DC1.corp.example"));
    }
}

#[test]
fn windows_7_prints_eight_lines_and_an_injected_ticket_no_kdc() {
    let english = cached(&LANGUAGES[0]);
    let short: String = english
        .lines()
        .filter(|line| !line.contains("Cache Flags") && !line.contains("Kdc Called"))
        .map(|line| format!("{line}\n"))
        .collect();
    let cache_7 = cache(&short);
    assert!(cache_7.complete && cache_7.tickets.iter().all(|ticket| ticket.kdc.is_none()));
    let injected = cache(&english.replace("DC1.corp.example", ""));
    assert_eq!(
        (injected.tickets.len(), injected.tickets[1].kdc.as_deref()),
        (2, None)
    );
}

#[test]
fn a_cut_cache_is_not_complete() {
    let whole = cached(&LANGUAGES[0]);
    let at = whole.find("#1>").unwrap();
    let cut = cache(&whole[..at]);
    assert_eq!(
        (cut.announced, cut.tickets.len(), cut.complete),
        (Some(2), 1, false)
    );
    // Cut inside the second: its server is known, the count is right.
    let at = whole.rfind("        Start Time").unwrap();
    let cut = cache(&whole[..at]);
    assert_eq!((cut.tickets.len(), cut.tickets[1].start), (2, None));
    let headless = &whole[whole.find("#0>").unwrap()..];
    assert!(!cache(headless).complete, "nothing says how many there are");
    let reading = reading(&format!(
        "{}#2>     Client: x @ Y\n",
        cached(&LANGUAGES[0]).replace("(2)", "(3)")
    ));
    assert_eq!(reading.problems.len(), 1, "a ticket without its server");
    assert_eq!(line_of_place(&reading.problems[0].place), 26);
}

fn line_of_place(place: &Place) -> u32 {
    match place {
        Place::Line(line) => *line,
        _ => 0,
    }
}

#[test]
fn an_empty_cache_is_complete() {
    for content in [
        "C:\\>klist\n\nCurrent LogonId is 0:0x3e7\n\nCached Tickets: (0)\n",
        "C:\\>klist -li 0x3e7\n\nTíquetes em Cache: (0)\n",
    ] {
        let cache = cache(content);
        assert!(cache.complete && cache.tickets.is_empty(), "{content}");
    }
}

#[test]
fn targeted_sessions_and_several_runs() {
    let content = "C:\\>klist -li 0x3e7\n\nCurrent LogonId is 0:0x4f1a2\nTargeted LogonId is 0:0x3e7\n\nCached Tickets: (0)\n\
        Current LogonId is 0:0x4f1a2\nTargeted LogonId is 0:0x3e4\n\nCached Tickets: (0)\n";
    let caches = shown(content);
    let targets: Vec<_> = caches
        .iter()
        .map(|shown| match shown {
            Shown::Cache(cache) => (
                cache.logon_id.as_deref(),
                cache.targeted_logon_id.as_deref(),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        targets,
        [
            (Some("0x4f1a2"), Some("0x3e7")),
            (Some("0x4f1a2"), Some("0x3e4"))
        ]
    );
}

#[test]
fn wrapped_flags_and_what_a_filter_left() {
    let wrapped = cached(&LANGUAGES[0]).replace(" name_canonicalize", " name_can\nonicalize");
    let cache_80 = cache(&wrapped);
    assert_eq!(
        cache_80.tickets[1].start,
        Some(date(2026, 3, 2).at(8, 1, 10, 0))
    );
    assert_eq!(cache_80.tickets[1].kdc.as_deref(), Some("DC1.corp.example"));
    let filtered = cache(
        "C:\\>klist | findstr Server\n        Server: HTTP/web @ CORP.EXAMPLE\n        Server: krbtgt/A @ A\n",
    );
    assert_eq!((filtered.tickets.len(), filtered.complete), (2, false));
    let filtered = cache(&format!(
        "C:\\>klist | Select-String Http\n\n{}",
        cached(&LANGUAGES[0])
    ));
    assert!(!filtered.complete, "lines may be missing");
}

#[test]
fn get_that_succeeds_shows_the_ticket_and_the_cache() {
    let tail = cached(&LANGUAGES[0]);
    let (logon, tickets) = tail.split_once("\n\n").unwrap();
    let sentence = "A ticket to HTTP/web.corp.example has been retrieved successfully.";
    for content in [
        format!("C:\\>klist get HTTP/web.corp.example\n\n{logon}\n{sentence}\n\n{tickets}"),
        format!("{logon}\n{sentence}\n\n{tickets}"),
        format!(
            "C:\\>klist get HTTP/web.corp.example\n\n{logon}\nUn ticket pour HTTP/web.corp.example a été obtenu.\n\n{tickets}"
        ),
    ] {
        let runs = shown(&content);
        assert_eq!(runs.len(), 2, "{content}");
        let Shown::Get(get) = &runs[0] else {
            panic!("{runs:?}")
        };
        assert_eq!(
            (get.spn.as_deref(), get.result),
            (Some("HTTP/web.corp.example"), Ok(()))
        );
        assert!(matches!(&runs[1], Shown::Cache(cache) if cache.complete));
    }
}

#[test]
fn failures() {
    let pair = |sub: &str, status: &str| {
        format!(
            "Error calling API LsaCallAuthenticationPackage (GetTicket substatus): {sub}\n\nklist failed with {status}\n"
        )
    };
    for (sub, status, sub_code, code) in [
        (
            "0x6fb",
            "0xc000018b/-1073741429: The SAM database …",
            0x6fb,
            0xc000_018b,
        ),
        ("0x51f", "0xc000005e/-1073741730", 0x51f, 0xc000_005e),
        ("1312", "0xc000005f/-1073741729: x", 1312, 0xc000_005f),
        (
            "0x520",
            "0x8009030e/-2146893042: No credentials",
            0x520,
            0x8009_030e,
        ),
        (
            "0x80090342",
            "0xc00002fd/-1073741059: The encryption type",
            0x8009_0342,
            0xc000_02fd,
        ),
    ] {
        let failure = Failure {
            status: Some(code),
            sub_status: Some(sub_code),
        };
        let content = format!(
            "PS C:\\> klist get HTTP/web\n\nCurrent LogonId is 0:0x4f1a2\n{}",
            pair(sub, status)
        );
        let Shown::Get(get) = one(&content) else {
            panic!("{content}")
        };
        assert_eq!(
            (get.spn.as_deref(), get.result),
            (Some("HTTP/web"), Err(failure))
        );
        assert_eq!(line_of(&get.from), 6);
        let Shown::Get(get) = one(&pair(sub, status)) else {
            panic!()
        };
        assert_eq!((get.spn, get.result), (None, Err(failure)));
    }
    let shows = one(&format!("C:\\>klist\n{}", pair("0x51f", "0xc000005e/-1")));
    assert!(matches!(shows, Shown::Failed(_)));
    let Shown::Tgt(tgt) =
        one(&pair("0x520", "0x8009030e/-2146893042: x")
            .replace("GetTicket", "Ticket Granting Ticket"))
    else {
        panic!()
    };
    assert!(tgt.failure.is_some());
    // The sentence is translated, the numbers are not.
    let Shown::Get(get) = one(
        "C:\\>klist get HTTP/web\nError al llamar a LsaCallAuthenticationPackage (GetTicket): 0x6fb\nError de klist: 0xc000018b/-1073741429: texto\n",
    ) else {
        panic!()
    };
    assert_eq!(get.result.unwrap_err().status, Some(0xc000_018b));
}

#[test]
fn sessions() {
    let content = "C:\\>klist sessions\n\nCurrent LogonId is 0:0x24ba75\n[0] Session 2 0:0x24bae6 CORP\\Uma Maier Negotiate:RemoteInteractive\n\
        [1] Session 0 0:0x3e5 NT AUTHORITY\\LOCAL SERVICE Negotiate:Service\n[2] Session 0 0:0xa748 \\ NTLM:(0)\n[3] Sitzung 0 0:0xB1 CORP\\bo Kerberos:Network\n";
    let Shown::Sessions(sessions) = one(content) else {
        panic!()
    };
    let rows: Vec<_> = sessions
        .iter()
        .map(|session| {
            (
                session.logon_id.as_str(),
                session.account.as_deref(),
                session.package.as_str(),
                session.logon_type.as_str(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                "0x24bae6",
                Some("CORP\\Uma Maier"),
                "Negotiate",
                "RemoteInteractive"
            ),
            (
                "0x3e5",
                Some("NT AUTHORITY\\LOCAL SERVICE"),
                "Negotiate",
                "Service"
            ),
            ("0xa748", None, "NTLM", "(0)"),
            ("0xb1", Some("CORP\\bo"), "Kerberos", "Network"),
        ]
    );
    assert_eq!(reading(content).count, 4);
}

#[test]
fn tgt_keeps_the_skew_and_no_secret() {
    let body = "Cached TGT:\n\nServiceName        : krbtgt\nTargetName (SPN)   : krbtgt\nClientName         : uma\nDomainName         : CORP.EXAMPLE\n\
        TargetDomainName   : CORP.EXAMPLE\nAltTargetDomainName: CORP.EXAMPLE\nTicket Flags       : 0x40e10000 -> forwardable\n\
        Session Key        : KeyType 0x12 - AES-256-CTS-HMAC-SHA1-96\n                   : KeyLength 32 - c0 ff ee 11 22\n\
        StartTime          : 3/2/2026 8:01:10 (local)\nRenewUntil         : 3/9/2026 8:01:10 (local)\nTimeSkew           :  - 7:05 minute(s)\n\
        EncodedTicket      : (size: 1162)\n0000  61 82 04 86 30 82:04 82  c0:ff:ee/a b 0:0xc0ffee\n";
    for content in [
        format!("C:\\>klist tgt\n\nCurrent LogonId is 0:0x4f1a2\n\n{body}"),
        format!("C:\\>klist tgt\n{}", body.replace("Cached TGT:\n", "")),
        body.to_owned(),
    ] {
        let reading = reading(&content);
        assert!(
            !["c0 ff ee", "ff:ee", "c0ffee"]
                .iter()
                .any(|secret| format!("{reading:?}").contains(secret)),
            "{reading:#?}"
        );
        let tgts: Vec<_> = reading
            .records
            .iter()
            .filter_map(|run| match &run.shown {
                Shown::Tgt(tgt) => Some(tgt),
                _ => None,
            })
            .collect();
        assert_eq!(tgts.len(), 1, "{content}");
        assert_eq!(
            (tgts[0].client.as_deref(), tgts[0].domain.as_deref()),
            (Some("uma"), Some("CORP.EXAMPLE"))
        );
        assert_eq!(
            tgts[0].time_skew_seconds.as_ref().map(|skew| skew.value),
            Some(-425)
        );
    }
}

#[test]
fn bindings_purge_and_the_rest() {
    let content = "C:\\>klist query_bind\n\nCurrent LogonId is 0:0x4f1a2\nThe kerberos KDC binding cache has been queried successfully.\n\n\
        KDC binding cache entries: (2)\n\n#0>\tRealmName: CORP.EXAMPLE\n\tKDC Address: 192.0.2.10\n\tKDC Name: \\\\DC1.corp.example\n\tFlags: 0\n\tDC Flags: 0xe00 -> GC LDAP\n\tCache Flags: 0\n\n\
        #1>\tRealmName: OTHER.EXAMPLE\n\tKDC Address: \\\\192.0.2.11\n\tKDC Name:\n\tFlags: 0\n";
    let Shown::Bindings(bindings) = one(content) else {
        panic!()
    };
    let pairs: Vec<_> = bindings
        .iter()
        .map(|binding| (binding.0.as_str(), binding.1.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("CORP.EXAMPLE", "DC1.corp.example"),
            ("OTHER.EXAMPLE", "192.0.2.11")
        ]
    );

    for content in [
        "C:\\>klist purge\n\nCurrent LogonId is 0:0x4f1a2\n\tDeleting all tickets:\n\tTicket(s) purged!\n",
        "LogonId est 0:0x4f1a2\n        Suppression de tous les tickets :\n        ticket(s) supprimé(s) !\n",
        "C:\\>klist purge -li 0x3e7\nXyzzy 0:0x4f1a2\nPlugh\n",
    ] {
        let runs: Vec<_> = reading(content)
            .records
            .into_iter()
            .map(|run| run.shown)
            .collect();
        assert_eq!(runs, [Shown::Changed], "{content}");
    }
    assert_eq!(
        shown(
            "C:\\>klist cloud_debug\n\nCloud Kerberos Debug info:\n\nCloud Kerberos enabled by policy: 0\n"
        ),
        []
    );
    let unread = reading("C:\\>klist kcd_cache\n\nCurrent LogonId is 0:0x1\nfoo\n");
    assert_eq!((unread.records.len(), unread.problems.len()), (0, 1));
}

#[test]
fn commands_of_one_line_take_their_outputs_in_turn() {
    let runs = shown(
        "C:\\>klist purge & klist get HTTP/web\n\nCurrent LogonId is 0:0x1\n\tDeleting all tickets:\n\tTicket(s) purged!\n\n\
         Current LogonId is 0:0x1\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x6fb\n\nklist failed with 0xc000018b/-1073741429: x\n",
    );
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0], Shown::Changed);
    assert!(
        matches!(&runs[1], Shown::Get(get) if get.spn.as_deref() == Some("HTTP/web") && get.result.is_err())
    );
}

#[test]
fn nothing_after_the_echo_is_not_an_empty_cache() {
    for content in [
        "C:\\>klist\n\nC:\\>",
        "C:\\>klist get HTTP/web",
        "C:\\>klist > k.txt\n",
        "C:\\>klist tgt\n\nCurrent LogonId is 0:0x1\n",
    ] {
        assert_eq!(one(content), Shown::NotCaptured, "{content}");
    }
    let only_logon = cache("C:\\>klist\n\nCurrent LogonId is 0:0x1\n");
    assert!(!only_logon.complete);
    let unknown = reading(
        "C:\\>klist\n'klist' is not recognized as an internal or external command,\noperable program or batch file.\n",
    );
    assert_eq!(unknown.records[0].shown, Shown::NotCaptured);
    assert_eq!(unknown.problems.len(), 1);
}

#[test]
fn resource_kit() {
    let cache = cache(
        "\nServer: HTTP/web.corp.example@CORP.EXAMPLE\n      KerbTicket Encryption Type: Kerberos DES-CBC-MD5\n      End Time: 6/5/2007 19:12:47\n      Renew Time: 6/12/2007 9:12:47\n",
    );
    let ticket = &cache.tickets[0];
    assert_eq!(
        (ticket.server.as_str(), ticket.server_realm.as_str()),
        ("HTTP/web.corp.example", "CORP.EXAMPLE")
    );
    assert_eq!(
        (ticket.etype_id, ticket.end),
        (Some(3), Some(date(2007, 6, 5).at(19, 12, 47, 0)))
    );
    assert!(!cache.complete);
}

#[test]
fn mit() {
    let content = |dates: [&str; 3]| {
        let [start, end, renew] = dates;
        format!(
            "$ klist -ef\nTicket cache: FILE:/tmp/krb5cc_1000\nDefault principal: uma@CORP.EXAMPLE\n\n\
             Valid starting       Expires              Service principal\n{start}  {end}  krbtgt/CORP.EXAMPLE@CORP.EXAMPLE\n\
             \trenew until {renew}, Flags: FRIA\n\tEtype (skey, tkt): aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96 , AD types: \n\
             {start}  {end}  HTTP/web.corp.example@\n\tTicket server: HTTP/web.corp.example@CORP.EXAMPLE\n\
             config: pa_type(krbtgt/CORP.EXAMPLE@CORP.EXAMPLE) = 2\n"
        )
    };
    let run = reading(&content([
        "02/27/2026 08:01:10",
        "02/27/2026 18:00:58",
        "03/06/2026 08:00:58",
    ]));
    assert_eq!(run.problems, []);
    assert_eq!(run.records[0].flavour, Flavour::Mit);
    assert_eq!(run.records[0].from.text.as_ref(), "klist -ef");
    let Shown::Cache(listed) = &run.records[0].shown else {
        panic!()
    };
    assert_eq!(
        (
            listed.principal.as_deref(),
            listed.tickets.len(),
            listed.complete
        ),
        (Some("uma@CORP.EXAMPLE"), 2, true)
    );
    let tgt = &listed.tickets[0];
    assert_eq!((tgt.client.as_str(), tgt.flags), ("uma", Some(0x40e0_0000)));
    assert_eq!(
        (tgt.etype.as_deref(), tgt.etype_id),
        (Some("aes128-cts-hmac-sha1-96"), Some(17))
    );
    assert_eq!(
        tgt.session_etype.as_deref(),
        Some("aes256-cts-hmac-sha1-96")
    );
    assert_eq!(
        tgt.renew,
        Some(date(2026, 3, 6).at(8, 0, 58, 0)),
        "another date of the cache proves the order"
    );
    assert_eq!(listed.tickets[1].server_realm, "CORP.EXAMPLE");

    let dotted = cache(&content([
        "27.02.2026 09.03.06",
        "27.02.2026 17.03.06",
        "06.03.2026 09.03.01",
    ]));
    assert_eq!(
        dotted.tickets[0].renew,
        Some(date(2026, 3, 6).at(9, 3, 1, 0))
    );
    let unclear = cache(&content([
        "02/07/22 10:15:32",
        "02/07/22 20:15:32",
        "02/08/22 10:15:32",
    ]));
    assert_eq!(
        (unclear.tickets.len(), unclear.tickets[0].start),
        (2, None),
        "either order fits"
    );
    let one_line = cache(
        "Ticket cache: FILE:/tmp/x\nDefault principal: a/admin@W\n\nValid starting     Expires            Service principal\n\
         05/17/17 08:38:01  05/18/17 08:38:01  krbtgt/W@W\n\trenew until 05/17/17 08:38:01, Etype (skey, tkt): arcfour-hmac, arcfour-hmac\n",
    );
    assert_eq!(one_line.tickets[0].etype_id, Some(23));
    assert_eq!(
        one_line.tickets[0].start,
        Some(date(2017, 5, 17).at(8, 38, 1, 0))
    );
    for none in [
        "klist: No credentials cache found (filename: /tmp/krb5cc_0)\n",
        "$ klist\nklist: No ticket file: /tmp/krb5cc_501\n",
    ] {
        let cache = cache(none);
        assert!(cache.tickets.is_empty() && cache.complete, "{none}");
    }
}

#[test]
fn an_unreadable_row_of_mit_leaves_the_cache_open() {
    let reading = reading(
        "Ticket cache: FILE:/tmp/x\nDefault principal: a@W\n\nValid starting     Expires            Service principal\nxyzzy\n",
    );
    assert!(matches!(&reading.records[0].shown, Shown::Cache(cache) if !cache.complete));
    assert_eq!(reading.problems.len(), 1);
}

#[test]
fn heimdal() {
    let listed = cache(
        "Credentials cache: API:8B2C\n        Principal: uma@CORP.EXAMPLE\n\n  Issued                Expires               Principal\n\
         Sep 26 13:55:46 2025  Sep 26 23:55:42 2025  krbtgt/CORP.EXAMPLE@CORP.EXAMPLE\nSep  6 13:55:46 2025  >>>Expired<<<  HTTP/web@CORP.EXAMPLE\n",
    );
    assert_eq!(
        listed.tickets[0].end,
        Some(date(2025, 9, 26).at(23, 55, 42, 0))
    );
    assert_eq!(
        (listed.tickets[1].server.as_str(), listed.tickets[1].end),
        ("HTTP/web", None)
    );
    let verbose = cache(
        "uma@mac ~ % klist -v\nCredentials cache: API:8B2C\n        Principal: uma@CORP.EXAMPLE\n    Cache version: 0\n\n\
         Server: HTTP/web@CORP.EXAMPLE\nClient: uma@CORP.EXAMPLE\nTicket etype: aes256-cts-hmac-sha1-96, kvno 5\nTicket length: 2748\n\
         Auth time:  Jul 28 14:48:15 2024\nStart time: Jul 28 16:48:24 2024\nEnd time:   Jul 29 16:48:17 2024\nRenew till: Aug  4 14:48:08 2024\n\
         Ticket flags: enc-pa-rep, pre-authent, initial, renewable, proxiable, forwardable\nAddresses: addressless\n",
    );
    let ticket = &verbose.tickets[0];
    assert_eq!(
        (ticket.kvno, ticket.etype_id, ticket.flags),
        (Some(5), Some(18), Some(0x50e1_0000))
    );
    assert_eq!(ticket.start, Some(date(2024, 7, 28).at(16, 48, 24, 0)));
    assert_eq!(ticket.renew, Some(date(2024, 8, 4).at(14, 48, 8, 0)));
}
