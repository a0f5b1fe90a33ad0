//! Events as lists: the CSV that Event Viewer saves, and that of EvtxECmd.

use std::fmt::Write as _;

use crate::support::evtx_writer::{EventSpec, Payload};

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn values(event: &EventSpec) -> Vec<(String, String)> {
    match &event.payload {
        Payload::Named(fields) => fields.iter().map(|(n, v)| (n.clone(), v.text())).collect(),
        Payload::Unnamed(values) => (1..)
            .zip(values)
            .map(|(n, v)| (format!("param{n}"), v.clone()))
            .collect(),
        Payload::UserData { leaves, .. } => {
            leaves.iter().map(|(n, v)| (n.clone(), v.text())).collect()
        }
    }
}

/// The message of an event of the Kerberos client, as Windows renders it in English.
fn kerberos_message(event: &EventSpec) -> String {
    let all = values(event);
    let of = |name: &str| all.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v);
    if event.id == 5 {
        return format!(
            "The Kerberos client received a KRB_AP_ERR_TKT_NYV error from the server {}. This indicates that the ticket \
             presented to that server is not yet valid (due to a discrepancy between ticket and server time). Contact your \
             system administrator to make sure the client and server times are synchronized, and that the time for the \
             Key Distribution Center (KDC) in realm {} is synchronized with the KDC in the client realm.",
            of("Server"),
            of("KDCRealm")
        );
    }
    assert_eq!(event.id, 3, "the message of this event is not written yet");
    let mut message = format!(
        "A Kerberos error message was received:\r\n on logon session {}\r\n",
        of("LogonSession")
    );
    let code = format!("{} {}", of("ErrorCode"), of("ErrorMessage"));
    for (label, value) in [
        ("Client Time", of("ClientTime")),
        ("Server Time", of("ServerTime")),
        ("Error Code", &code),
        ("Extended Error", of("ExtendedError")),
        ("Client Realm", of("ClientRealm")),
        ("Client Name", of("ClientName")),
        ("Server Realm", of("ServerRealm")),
        ("Server Name", of("ServerName")),
        ("Target Name", of("TargetName")),
        ("Error Text", of("ErrorText")),
        ("File", of("File")),
        ("Line", of("Line")),
    ] {
        let _ = write!(message, " {label}: {value}\r\n");
    }
    message + " Error Data is in record data."
}

/// "Save filtered log file as CSV": local times of the machine, the message over several lines inside quotation marks.
pub fn event_viewer_csv(events: &[EventSpec]) -> String {
    let mut text = String::from("Level,Date and Time,Source,Event ID,Task Category\r\n");
    for event in events {
        let level = match event.level {
            1 => "Critical",
            2 => "Error",
            3 => "Warning",
            _ => "Information",
        };
        let _ = write!(
            text,
            "{level},{},{},{},None,{}\r\n",
            event.time.strftime("%-m/%-d/%Y %-I:%M:%S %p"),
            event.provider.name,
            event.id,
            quoted(&kerberos_message(event))
        );
    }
    text
}

/// `EvtxECmd --csv`.
pub fn evtx_e_cmd(events: &[EventSpec]) -> String {
    let mut text = String::from(
        "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,ThreadId,Computer,ChunkNumber,UserId,MapDescription,UserName,RemoteHost,PayloadData1,PayloadData2,PayloadData3,PayloadData4,PayloadData5,PayloadData6,ExecutableInfo,HiddenRecord,SourceFile,Keywords,ExtraDataOffset,Payload\r\n",
    );
    for (number, event) in (1..).zip(events) {
        let data: Vec<serde_json::Value> = values(event)
            .into_iter()
            .map(|(name, value)| serde_json::json!({"@Name": name, "#text": value}))
            .collect();
        let payload = serde_json::json!({"EventData": {"Data": data}}).to_string();
        let _ = write!(
            text,
            "{number},{},{},{},Info,{},{},692,4400,{},0,,,,,,,,,,,,False,C:\\logs\\{}.evtx,Audit success,0,{}\r\n",
            number + 41_000,
            event.time.strftime("%Y-%m-%d %H:%M:%S%.7f"),
            event.id,
            event.provider.name,
            event.channel,
            event.computer,
            event.channel,
            quoted(&payload)
        );
    }
    text
}
