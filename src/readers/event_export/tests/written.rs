//! Writes the same events in every form, as the tools write them.

use std::fmt::Write;

use crate::readers::events::{Datum, RawEvent};

/// An event and the message that Windows makes of it.
pub(super) struct Story {
    pub(super) raw: RawEvent,
    pub(super) message: String,
}

pub(super) fn story(
    provider: &str,
    id: u32,
    channel: &str,
    values: &[(&str, &str)],
    message: &str,
) -> Story {
    let data = values.iter().map(|(name, value)| Datum {
        name: (!name.is_empty()).then(|| (*name).into()),
        value: (*value).to_owned(),
    });
    Story {
        raw: RawEvent {
            provider: provider.into(),
            id,
            version: 0,
            failed: false,
            channel: channel.into(),
            computer: "web01.corp.example".into(),
            time: "2026-03-22T08:00:01Z".parse().unwrap(),
            record_id: 1000 + u64::from(id),
            user_sid: None,
            data: data.collect(),
            binary: None,
        },
        message: message.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// `wevtutil qe /f:xml`.
pub(super) fn xml(stories: &[Story]) -> String {
    let mut text = String::new();
    for Story { raw, .. } in stories {
        let _ = write!(
            text,
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{}'/><EventID>{}</EventID>\
             <TimeCreated SystemTime='{}'/><EventRecordID>{}</EventRecordID><Channel>{}</Channel><Computer>{}</Computer></System><EventData>",
            raw.provider, raw.id, raw.time, raw.record_id, raw.channel, raw.computer
        );
        for datum in &raw.data {
            let name = datum
                .name
                .as_deref()
                .map_or(String::new(), |n| format!(" Name='{n}'"));
            let _ = write!(text, "<Data{name}>{}</Data>", escaped(&datum.value));
        }
        text.push_str("</EventData></Event>\n");
    }
    text
}

fn values_as_json(raw: &RawEvent) -> String {
    if raw.data.iter().any(|d| d.name.is_none()) {
        let all: Vec<String> = raw.data.iter().map(|d| json(&d.value)).collect();
        return format!("{{\"Data\":{{\"#text\":[{}]}}}}", all.join(","));
    }
    let all: Vec<String> = raw
        .data
        .iter()
        .map(|d| format!("{}:{}", json(d.name.as_deref().unwrap()), json(&d.value)))
        .collect();
    format!("{{{}}}", all.join(","))
}

/// `evtx_dump -o jsonl`.
pub(super) fn evtx_dump(stories: &[Story]) -> String {
    let line = |Story { raw, .. }: &Story| {
        format!(
            "{{\"Event\":{{\"#attributes\":{{\"xmlns\":\"http://schemas.microsoft.com/win/2004/08/events/event\"}},\"System\":{{\
             \"Provider\":{{\"#attributes\":{{\"Name\":{}}}}},\"EventID\":{{\"#attributes\":{{\"Qualifiers\":16384}},\"#text\":{}}},\
             \"TimeCreated\":{{\"#attributes\":{{\"SystemTime\":\"{}\"}}}},\"EventRecordID\":{},\"Channel\":{},\"Computer\":{},\
             \"Security\":null}},\"EventData\":{}}}}}\n",
            json(&raw.provider),
            raw.id,
            raw.time,
            raw.record_id,
            json(&raw.channel),
            json(&raw.computer),
            values_as_json(raw)
        )
    };
    stories.iter().map(line).collect()
}

fn payload(raw: &RawEvent) -> String {
    let item = |d: &Datum| match &d.name {
        Some(name) => format!("{{\"@Name\":{},\"#text\":{}}}", json(name), json(&d.value)),
        None => json(&d.value),
    };
    let all: Vec<String> = raw.data.iter().map(item).collect();
    format!("{{\"EventData\":{{\"Data\":[{}]}}}}", all.join(","))
}

/// EvtxECmd `--csv`.
pub(super) fn evtx_e_cmd(stories: &[Story]) -> String {
    let mut text = String::from(
        "\u{feff}RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,ThreadId,Computer,ChunkNumber,\
         UserId,MapDescription,UserName,RemoteHost,PayloadData1,PayloadData2,PayloadData3,PayloadData4,PayloadData5,PayloadData6,\
         ExecutableInfo,HiddenRecord,SourceFile,Keywords,ExtraDataOffset,Payload\r\n",
    );
    for Story { raw, .. } in stories {
        let _ = write!(
            text,
            "1,{},2026-03-22 08:00:01.0000000,{},Info,{},{},4,8,{},0,,,,,,,,,,,,False,C:\\x.evtx,Audit,0,{}\r\n",
            raw.record_id,
            raw.id,
            raw.provider,
            raw.channel,
            raw.computer,
            quoted(&payload(raw))
        );
    }
    text
}

/// EvtxECmd `--json`.
pub(super) fn evtx_e_cmd_json(stories: &[Story]) -> String {
    let line = |Story { raw, .. }: &Story| {
        format!(
            "{{\"Payload\":{},\"Channel\":{},\"Provider\":{},\"EventId\":{},\"EventRecordId\":\"{}\",\"Computer\":{},\
             \"TimeCreated\":\"2026-03-22T08:00:01.0000000+00:00\",\"RecordNumber\":1}}\r\n",
            json(&payload(raw)),
            json(&raw.channel),
            json(&raw.provider),
            raw.id,
            raw.record_id,
            json(&raw.computer)
        )
    };
    stories.iter().map(line).collect()
}

/// `Get-WinEvent | ConvertTo-Json -Depth 3` of Windows PowerShell.
pub(super) fn power_shell_json(stories: &[Story]) -> String {
    let item = |Story { raw, message }: &Story| {
        let values: Vec<String> = raw
            .data
            .iter()
            .map(|d| format!("{{ \"Value\":  {} }}", json(&d.value)))
            .collect();
        format!(
            "    {{\r\n        \"Id\":  {},\r\n        \"Version\":  0,\r\n        \"RecordId\":  {},\r\n        \"ProviderName\":  {},\r\n        \
             \"LogName\":  {},\r\n        \"MachineName\":  {},\r\n        \"TimeCreated\":  \"\\/Date({})\\/\",\r\n        \
             \"Properties\":  [ {} ],\r\n        \"Message\":  {}\r\n    }}",
            raw.id,
            raw.record_id,
            json(&raw.provider),
            json(&raw.channel),
            json(&raw.computer),
            raw.time.as_millisecond(),
            values.join(", "),
            json(message)
        )
    };
    let items: Vec<String> = stories.iter().map(item).collect();
    format!("[\r\n{}\r\n]", items.join(",\r\n"))
}

/// `Get-WinEvent | Export-Clixml`, so deep that it has the values, or not.
pub(super) fn clixml(stories: &[Story], deep: bool) -> String {
    let mut text = String::from(
        "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\r\n",
    );
    for Story { raw, message } in stories {
        let value = |d: &Datum| match deep {
            true => format!(
                "<Obj RefId=\"2\"><Props><S N=\"Value\">{}</S></Props></Obj>",
                escaped(&d.value)
            ),
            false => "<S>System.Diagnostics.Eventing.Reader.EventProperty</S>".to_owned(),
        };
        let values: String = raw.data.iter().map(value).collect();
        let message = escaped(message)
            .replace('\n', "_x000D__x000A_")
            .replace('\t', "_x0009_");
        let _ = write!(
            text,
            "  <Obj RefId=\"0\">\r\n    <TN RefId=\"0\"><T>System.Diagnostics.Eventing.Reader.EventLogRecord</T><T>System.Object</T></TN>\r\n    \
             <Props><I32 N=\"Id\">{}</I32><By N=\"Version\">0</By><I64 N=\"RecordId\">{}</I64><S N=\"ProviderName\">{}</S><S N=\"LogName\">{}</S>\
             <S N=\"MachineName\">{}</S><DT N=\"TimeCreated\">2026-03-22T10:00:01+02:00</DT><Obj N=\"Properties\" RefId=\"1\"><LST>{values}</LST>\
             </Obj></Props>\r\n    <MS><S N=\"Message\">{message}</S></MS>\r\n  </Obj>\r\n",
            raw.id, raw.record_id, raw.provider, raw.channel, raw.computer
        );
    }
    text + "</Objs>\r\n"
}

/// `Get-WinEvent | Format-List *`, without the properties that nobody asks.
pub(super) fn list(stories: &[Story]) -> String {
    let mut text =
        String::from("[web01.corp.example]: PS C:\\> Get-WinEvent -LogName Security | fl *\n\n");
    for Story { raw, message } in stories {
        let message = message.replace('\n', "\n               ");
        let _ = write!(
            text,
            "Message      : {message}\nId           : {}\nVersion      : 0\nRecordId     : {}\nProviderName : {}\nLogName      : {}\n\
             MachineName  : {}\nTimeCreated  : 3/22/2026 8:00:01 AM\n\n",
            raw.id, raw.record_id, raw.provider, raw.channel, raw.computer
        );
    }
    text
}

/// `Get-WinEvent | Export-Csv`.
pub(super) fn export_csv(stories: &[Story]) -> String {
    let mut text = String::from(
        "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\"Message\",\"Id\",\"Version\",\"RecordId\",\"ProviderName\",\"LogName\",\
         \"MachineName\",\"TimeCreated\",\"Properties\"\r\n",
    );
    for Story { raw, message } in stories {
        let _ = write!(
            text,
            "{},\"{}\",\"0\",\"{}\",\"{}\",\"{}\",\"{}\",\"22.03.2026 08:00:01\",\"System.Collections.Generic.List`1[…]\"\r\n",
            quoted(message),
            raw.id,
            raw.record_id,
            raw.provider,
            raw.channel,
            raw.computer
        );
    }
    text
}

/// Event Viewer, "Save all events as", CSV or text.
pub(super) fn viewer(stories: &[Story], delimiter: char) -> String {
    let d = delimiter;
    let mut text = format!("Level{d}Date and Time{d}Source{d}Event ID{d}Task Category\r\n");
    for Story { raw, message } in stories {
        let _ = write!(
            text,
            "Information{d}3/22/2026 8:00:01 AM{d}{}{d}{}{d}None{d}{}\r\n",
            raw.provider,
            raw.id,
            quoted(message)
        );
    }
    text
}

/// `wevtutil qe /f:text`.
pub(super) fn wevtutil(stories: &[Story]) -> String {
    let mut text = String::new();
    for (at, Story { raw, message }) in stories.iter().enumerate() {
        let _ = write!(
            text,
            "Event[{at}]:\n  Log Name: {}\n  Source: {}\n  Date: 2026-03-22T08:00:01.000\n  Event ID: {}\n  Task: N/A\n  Level: Error\n  \
             Opcode: N/A\n  Keyword: Classic\n  User: N/A\n  User Name: N/A\n  Computer: {}\n  Description: \n{message}\n\n",
            raw.channel, raw.provider, raw.id, raw.computer
        );
    }
    text
}

/// Event Viewer, "Copy details as text", of a German server.
pub(super) fn copied(stories: &[Story]) -> String {
    let mut text = String::new();
    for Story { raw, message } in stories {
        let _ = write!(
            text,
            "Protokollname: {}\nQuelle:        {}\nDatum:         22.03.2026 08:00:01\nEreignis-ID:   {}\nAufgabenkategorie:Keine\n\
             Ebene:         Fehler\nSchlüsselwörter:Klassisch\nBenutzer:      Nicht zutreffend\nComputer:      {}\nBeschreibung:\n{message}\n\n",
            raw.channel, raw.provider, raw.id, raw.computer
        );
    }
    text
}
