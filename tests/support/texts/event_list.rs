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
        let message: Vec<String> = values(event)
            .into_iter()
            .map(|(n, v)| format!(" {n}: {v}"))
            .collect();
        let _ = write!(
            text,
            "{level},{},{},{},None,{}\r\n",
            event.time.strftime("%-m/%-d/%Y %-I:%M:%S %p"),
            event.provider.name,
            event.id,
            quoted(&format!(
                "A Kerberos error message was received:\r\n{}",
                message.join("\r\n")
            ))
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
