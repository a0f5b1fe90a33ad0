//! What single forms do: other languages, damage, times, machines.

use proptest::prelude::*;

use super::*;
use crate::readers::events::Body;

const GERMAN: [&str; 28] = [
    "Fehler beim Anmelden eines Kontos.",
    "Antragsteller",
    "Sicherheits-ID",
    "Kontoname",
    "Kontodomäne",
    "Anmelde-ID",
    "Anmeldetyp",
    "Konto, für das die Anmeldung fehlgeschlagen ist",
    "Fehlerinformationen",
    "Fehlerursache",
    "Status",
    "Unterstatus",
    "Prozessinformationen",
    "Aufrufprozess-ID",
    "Aufrufprozessname",
    "Netzwerkinformationen",
    "Arbeitsstationsname",
    "Quellnetzwerkadresse",
    "Quellport",
    "Detaillierte Authentifizierungsinformationen",
    "Anmeldeprozess",
    "Authentifizierungspaket",
    "Übertragene Dienste",
    "Paketname (nur NTLM)",
    "Schlüssellänge",
    "Dieses Ereignis wird beim Fehlschlagen einer Anmeldeanforderung generiert.",
    "Die Antragstellerfelder: das Konto.",
    ":",
];

fn german() -> Vec<Story> {
    let mut story = stories::failed();
    story.message = stories::failed_logon(
        &GERMAN,
        "Unbekannter Benutzername oder ungültiges Kennwort.",
    );
    vec![story]
}

#[test]
fn a_labelled_message_of_another_language_is_read_by_position() {
    let reading = read_file(&written::viewer(&german(), ','));
    assert_eq!(reading.problems, []);
    let [event] = reading.records.events.as_slice() else {
        panic!("{reading:?}");
    };
    let Body::LogonFailed(logon) = &event.body else {
        panic!("{event:?}");
    };
    assert_eq!(logon.target.name.as_deref(), Some("uma"));
    assert_eq!(
        (logon.status, logon.sub_status),
        (Some(0xC000_006D), Some(0xC000_006A))
    );
    assert_eq!(logon.ip.as_deref(), Some("10.1.2.3"));
}

#[test]
fn a_change_that_failed_changes_nothing() {
    let values = [("TargetUserName", "svc_web"), ("TargetDomainName", "CORP")];
    let reset = [written::story(
        "Microsoft-Windows-Security-Auditing",
        4724,
        "Security",
        &values,
        "An attempt was made to reset an account's password.\n\nSubject:\n\tSecurity ID:\t\tS-1-5-18\n\tAccount Name:\t\tada\n\t\
         Account Domain:\t\tCORP\n\tLogon ID:\t\t0x3E7\n\nTarget Account:\n\tSecurity ID:\t\tS-1-5-21-1-2-3-1104\n\t\
         Account Name:\t\tsvc_web\n\tAccount Domain:\t\tCORP",
    )];
    let forms = [
        (written::wevtutil(&reset), "Classic", "Audit Failure"),
        (written::viewer(&reset, ','), "Information", "Audit Failure"),
        (
            written::evtx_e_cmd_json(&reset),
            "\"RecordNumber\":1",
            "\"Keywords\":\"Audit failure\",\"RecordNumber\":1",
        ),
        (
            written::evtx_dump(&reset),
            "\"EventID\"",
            "\"Keywords\":\"0x8010000000000000\",\"EventID\"",
        ),
        (
            written::power_shell_json(&reset),
            "\"Version\":",
            "\"Keywords\": -9218868437227405312, \"Version\":",
        ),
    ];
    for (form, before, after) in forms {
        let changes = |form: &str| {
            let reading = match form.starts_with("Event[") {
                true => read_console(form),
                false => read_file(form),
            };
            let [event] = reading.records.events.as_slice() else {
                panic!("{form}: {reading:?}");
            };
            matches!(event.body, Body::AccountChanged(_))
        };
        assert!(changes(&form), "{form}");
        let failed = form.replacen(before, after, 1);
        assert_ne!(failed, form);
        assert!(!changes(&failed), "{failed}");
    }
}

#[test]
fn what_is_not_certain_is_counted_and_said() {
    let mut shorter = german();
    shorter[0].message = shorter[0]
        .message
        .replace("\tKontodomäne:\t\tCORP\n\n", "\n");
    let mut sentence = stories::all().split_off(9);
    sentence.truncate(1);
    sentence[0].message =
        "Der Kerberos-Client hat einen Fehler vom Server web01$ empfangen.".to_owned();
    let mut twice = vec![stories::failed()];
    twice[0].message = twice[0].message.replace(
        "Account Name:\t\tuma",
        "Account Name:\t\tx\n\tAccount Name:\t\tuma",
    );
    for (stories, why) in [
        (shorter, "language"),
        (sentence, "language"),
        (twice, "twice"),
    ] {
        let reading = read_file(&written::viewer(&stories, ','));
        assert!(reading.records.events.is_empty(), "{reading:?}");
        assert_eq!(reading.count, 1);
        let [problem] = reading.problems.as_slice() else {
            panic!("{reading:?}");
        };
        assert!(
            problem.says.contains(why) && problem.says.contains(".evtx"),
            "{problem:?}"
        );
        assert_eq!(problem.place, Place::Line(2));
    }
}

#[test]
fn unwanted_events_count_and_say_nothing() {
    let form = "Niveau;Date et heure;Source;ID de l’événement;Catégorie\nInformation;22/03/2026 08:00:01;Service Control Manager;7036;Aucun;Le service est arrêté.\n";
    let reading = read_file(form);
    assert_eq!((reading.count, reading.records.events.len()), (1, 0));
    assert_eq!(reading.problems, []);
}

#[test]
fn the_order_of_day_and_month_is_said_where_it_is_assumed() {
    let stories = stories::all();
    let form = written::viewer(&stories, ',').replace("3/22/2026", "3/2/2026");
    let reading = read_file(&form);
    let [problem] = reading.problems.as_slice() else {
        panic!("{:?}", reading.problems);
    };
    assert!(
        problem.says.contains("the month was assumed"),
        "{problem:?}"
    );
    assert_eq!(
        reading.records.events[0].time.to_string(),
        "2026-03-02T08:00:01Z"
    );
}

#[test]
fn damage_costs_its_own_event() {
    let stories = stories::all();
    let all = stories.len();
    // JSON lines: one malformed, the last cut.
    let whole = written::evtx_dump(&stories);
    let broken = whole.replacen("{\"Event\":", "{\"Event\"", 1);
    let cut = broken.trim_end().strip_suffix("}}}").unwrap();
    let reading = read_file(cut);
    assert_eq!(reading.records.events.len(), all - 2);
    let says: Vec<&str> = reading.problems.iter().map(|p| p.says.as_str()).collect();
    assert_eq!(says.len(), 2, "{says:?}");
    // A list with one malformed item.
    let list =
        written::power_shell_json(&stories).replacen("\"Version\":  0", "\"Version\":  ,", 1);
    let reading = read_file(&list);
    assert_eq!(
        (reading.records.events.len(), reading.problems.len()),
        (all - 1, 1)
    );
    // A table with an open quote in its second row, and without its end.
    let table = written::viewer(&stories, ',');
    let open = table.replacen(
        ",None,\"An account was",
        ",None,\"An \"\"\"account\" was\"",
        1,
    );
    let reading = read_file(&open);
    assert!(
        reading.records.events.len() >= all - 2,
        "{}",
        reading.records.events.len()
    );
    let reading = read_file(table.get(..table.len() - 30).unwrap());
    assert_eq!(
        (reading.records.events.len(), reading.problems.len()),
        (all - 1, 1)
    );
}

#[test]
fn joined_values_are_taken_apart_only_where_their_number_fits() {
    let line = |data: &str| {
        format!(
            "{{\"Payload\":{},\"Channel\":\"System\",\"Provider\":\"LsaSrv\",\"EventId\":6037,\"EventRecordId\":\"5\",\"Computer\":\"web01\",\
             \"TimeCreated\":\"2026-03-22T08:00:01+00:00\"}}\n",
            serde_json::to_string(&format!("{{\"EventData\":{{\"Data\":\"{data}\"}}}}")).unwrap()
        )
    };
    let reading = read_file(&line("4242, w3wp.exe, HTTP/web"));
    let Body::Lsa(event) = &reading.records.events[0].body else {
        panic!("{reading:?}");
    };
    assert_eq!(
        (event.target.as_deref(), event.program.as_deref()),
        (Some("HTTP/web"), Some("w3wp.exe"))
    );
    let reading = read_file(&line("4242, w3wp.exe, of, HTTP/web"));
    assert!(
        reading.records.events.is_empty() && reading.problems.len() == 1,
        "{reading:?}"
    );
}

#[test]
fn get_event_log_as_a_list_and_the_machine_of_the_prompt() {
    let form = "[web01]: PS C:\\> Get-EventLog System -Newest 1 | fl\n\n\
        Index              : 812\nEntryType          : Error\nInstanceId         : 3221230531\n\
        Message            : Application pool web has been disabled. Windows Process Activation Service (WAS) encountered a\n                     \
        failure when it started a worker process to serve the application pool.\n\
        Category           : (0)\nCategoryNumber     : 0\nReplacementStrings : {web}\nSource             : Microsoft-Windows-WAS\n\
        TimeGenerated      : 22.03.2026 08:00:01\nTimeWritten        : 22.03.2026 08:00:01\nUserName           :\n\n\n[web01]: PS C:\\> whoami\n";
    let reading = read_console(form);
    assert_eq!(reading.problems, []);
    let [event] = reading.records.events.as_slice() else {
        panic!("{reading:?}");
    };
    assert_eq!(
        (event.id, &*event.computer, event.record_id),
        (5059, "web01", 812)
    );
    let Body::Pool(pool) = &event.body else {
        panic!("{event:?}");
    };
    assert_eq!(pool.pool.as_deref(), Some("web"));
    assert_eq!(event.citation.place, Place::Line(3));
}

#[test]
fn a_table_on_the_console_counts_and_is_said_to_be_cut() {
    let form = "PS C:\\> Get-WinEvent -LogName System\n\n\n   ProviderName: Microsoft-Windows-WAS\n\n\
        TimeCreated                     Id LevelDisplayName Message\n-----------                     -- ---------------- -------\n\
        3/22/2026 8:00:01 AM          5059 Error            Application pool web has been disabled. Windows Process Ac...\n\
        3/22/2026 7:00:01 AM          5186 Information      A worker process with process id of '4242' serving applic...\n";
    let reading = read_console(form);
    assert_eq!((reading.count, reading.records.events.len()), (2, 0));
    assert_eq!(reading.problems.len(), 2, "{:?}", reading.problems);
}

#[test]
fn a_wrapped_table_has_whole_messages() {
    let form = "PS C:\\> Get-WinEvent -LogName System | ft -Wrap\n\n\n   ProviderName: Microsoft-Windows-Security-Kerberos\n\n\
        TimeCreated                     Id LevelDisplayName Message                                   \n\
        -----------                     -- ---------------- -------                                   \n\
        3/22/2026 8:00:01 AM             4 Error            The Kerberos client received a            \n\
        \x20                                                   KRB_AP_ERR_MODIFIED error from the server \n\
        \x20                                                   svc_web. The target name used was         \n\
        \x20                                                   HTTP/portal.corp.example. This indicates  \n\
        \x20                                                   that the target server failed to decrypt. \n\
        3/22/2026 7:00:01 AM             3 Error            A Kerberos error message was received:    \n\
        \x20                                                    on logon session                         \n\
        \x20                                                    Client Time:                             \n\
        \x20                                                    Server Time: 7:0:1.0000 3/22/2026 Z      \n\
        \x20                                                    Error Code: 0x7                          \n\
        \x20                                                   KDC_ERR_S_PRINCIPAL_UNKNOWN               \n\
        \x20                                                    Extended Error:                          \n\
        \x20                                                    Client Realm:                            \n\
        \x20                                                    Client Name:                             \n\
        \x20                                                    Server Realm: CORP.EXAMPLE               \n\
        \x20                                                    Server Name: HTTP/portal.corp.example    \n\
        \x20                                                    Target Name:                             \n\
        \x20                                                   HTTP/portal.corp.example@CORP.EXAMPLE     \n\
        \x20                                                    Error Text:                              \n\
        \x20                                                                                             \n\
        \x20                                                    File: 9                                  \n\
        \x20                                                    Line: 12be                               \n\
        \n\
        3/22/2026 6:00:01 AM             4 Error            The Kerberos client received a KRB_AP_E...\n\n\nPS C:\\>\n";
    let reading = read_console(form);
    let [modified, unknown] = reading.records.events.as_slice() else {
        panic!("{reading:?}");
    };
    let Body::KeyMismatch(e) = &modified.body else {
        panic!("{modified:?}");
    };
    assert_eq!(e.target_name.as_deref(), Some("HTTP/portal.corp.example"));
    assert_eq!(modified.citation.place, Place::Line(8));
    let Body::KerberosError(e) = &unknown.body else {
        panic!("{unknown:?}");
    };
    assert_eq!(e.code, Some(7));
    let target = "HTTP/portal.corp.example";
    assert_eq!(e.target_name.as_deref(), Some(target));
    // The third was cut all the same.
    assert_eq!((reading.count, reading.problems.len()), (3, 1));
    // Without blanks at the ends of the rows nothing tells a line of the message from a row: no value is half a value.
    let trimmed: Vec<&str> = form.lines().map(str::trim_end).collect();
    let reading = read_console(&trimmed.join("\n"));
    for event in &reading.records.events {
        if let Body::KerberosError(e) = &event.body {
            assert_eq!(e.target_name.as_deref(), Some(target));
        }
    }
}

#[test]
fn the_event_below_its_description_is_read_instead() {
    let stories: Vec<Story> = stories::all().into_iter().take(1).collect();
    let form = written::copied(&stories).trim_end().to_owned()
        + "\nEreignis-XML:\n"
        + &written::xml(&stories);
    let reading = read_console(&form);
    assert_eq!(reading.problems, []);
    assert_eq!(reading.records.events.len(), 1);
    assert!(!reading.records.local_clock);
    assert_eq!(reading.records.events[0].record_id, 5625);
}

#[test]
fn nulls_and_marks_do_no_harm() {
    let stories = stories::all();
    let form = format!("\0\u{feff}{}\0\0", written::viewer(&stories, ';'));
    let reading = read_file(&form);
    assert_eq!(
        reading.records.events.len(),
        stories.len(),
        "{:?}",
        reading.problems
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_table(text in "(Level,Date and Time,Source,Event ID,Task Category\n)?(Error,|\"|\n|5/7/2024 8:00:00 AM,|4625,|x,|é|Subject:|\tAccount Name: a|\0){0,60}") {
        let _ = read(FILE, &text::decode_uncut(text.as_bytes()));
    }

    #[test]
    fn any_json(text in "(\\{\"Event\":\\{\"System\":|\"EventID\":4|\\{|\\}|\\[|\\]|,|\n|\"a\":|1|\"TimeCreated\":\"x\"|é){0,60}") {
        let _ = read(FILE, &text::decode_uncut(text.as_bytes()));
    }

    #[test]
    fn any_wrapped_table(text in "(TimeCreated  Id LevelDisplayName Message\n|-----------  -- ---------------- -------\n|3/22/2026 8:00:01 AM 4 Error x|            |  |é|word|\n){0,60}") {
        let _ = read_console(&format!("PS C:\\> Get-WinEvent System\n\n{text}"));
    }

    #[test]
    fn any_list(text in "(TimeCreated : 5/7/2024 8:00:00 AM\n|Id : 4\n|Message : x\n|Log: a\n|Source: b\n|Date: 2024-05-07T08:00:00\n|Event ID: 4\n|C: c\n|D:\n|<Event |</Event>|\n|é| ){0,40}") {
        let reading = read_console(&text);
        let lines = u32::try_from(text.lines().count()).unwrap();
        for event in &reading.records.events {
            prop_assert!(matches!(event.citation.place, Place::Line(line) if line >= 1 && line <= lines));
        }
    }
}
