//! Ticket caches as Windows prints them, in every language.

use super::*;

/// Logon line, cache header, the ten labels (the fourth without a colon), suffix.
pub(super) type Language = (&'static str, &'static str, [&'static str; 10], &'static str);

pub(super) const LANGUAGES: &[Language] = &[
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
pub(super) fn cached((logon, header, labels, suffix): &Language) -> String {
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
