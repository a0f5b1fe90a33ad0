//! The same events as XML: what `wevtutil qe /f:xml` prints, and what Event Viewer saves.

use super::Log;
use super::spec::{EventSpec, Payload, Shape};
use super::value::{Value, guid_text, system_time};

/// Which program wrote the XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XmlStyle {
    /// `wevtutil qe /f:xml`: single quotes, one event to a line, no root element.
    Wevtutil,
    /// Event Viewer, "save as XML": declaration, an `Events` root, and the rendered text in the given culture.
    EventViewer,
}

impl Log {
    /// The log as XML text.
    pub fn to_event_xml(&self, style: XmlStyle) -> String {
        let events = self.numbered().map(|(id, event)| render(event, id, style));
        match style {
            XmlStyle::Wevtutil => events.map(|event| event + "\r\n").collect(),
            XmlStyle::EventViewer => format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n<Events>{}</Events>",
                events.collect::<String>()
            ),
        }
    }
}

fn render(event: &EventSpec, record_id: u64, style: XmlStyle) -> String {
    let mut provider = format!(" Name='{}'", event.provider.name);
    if let Some(guid) = event.provider.guid {
        provider += &format!(" Guid='{}'", guid_text(guid));
    }
    if let Some(source) = event.provider.source {
        provider += &format!(" EventSourceName='{source}'");
    }
    let qualifiers = event
        .qualifiers
        .map_or(String::new(), |q| format!(" Qualifiers='{q}'"));
    let user = event
        .user
        .as_ref()
        .map_or(String::new(), |sid| format!(" UserID='{sid}'"));
    let (process, thread) = match event.provider.shape {
        Shape::Classic => (0, 0),
        Shape::Manifest => (692, 4_000 + event.id % 900),
    };
    let system = format!(
        "<System><Provider{provider}/><EventID{qualifiers}>{}</EventID><Version>{}</Version><Level>{}</Level>\
         <Task>{}</Task><Opcode>{}</Opcode><Keywords>0x{:x}</Keywords><TimeCreated SystemTime='{}'/>\
         <EventRecordID>{record_id}</EventRecordID><Correlation/>\
         <Execution ProcessID='{process}' ThreadID='{thread}'/><Channel>{}</Channel>\
         <Computer>{}</Computer><Security{user}/></System>",
        event.id,
        event.version,
        event.level,
        event.task,
        event.opcode,
        event.keywords,
        system_time(event.time),
        escaped(&event.channel),
        escaped(&event.computer),
    );
    let rendering = match style {
        XmlStyle::Wevtutil => String::new(),
        XmlStyle::EventViewer => {
            "<RenderingInfo Culture='en-US'><Level>Information</Level><Channel></Channel></RenderingInfo>".into()
        }
    };
    let text = format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>{system}{}{rendering}</Event>",
        payload(event)
    );
    match style {
        XmlStyle::Wevtutil => text,
        XmlStyle::EventViewer => text.replace('\'', "\""),
    }
}

fn payload(event: &EventSpec) -> String {
    let binary = match (&event.binary, event.provider.shape) {
        (Some(bytes), _) if !bytes.is_empty() => {
            format!("<Binary>{}</Binary>", Value::Binary(bytes.clone()).text())
        }
        (_, Shape::Classic) => "<Binary></Binary>".into(),
        _ => String::new(),
    };
    match &event.payload {
        Payload::Named(fields) => {
            let fields: String = fields
                .iter()
                .map(|(name, value)| {
                    format!(
                        "<Data Name='{}'>{}</Data>",
                        escaped(name),
                        escaped(&value.text())
                    )
                })
                .collect();
            format!("<EventData>{fields}{binary}</EventData>")
        }
        Payload::Unnamed(values) => {
            let values: String = values
                .iter()
                .map(|value| format!("<Data>{}</Data>", escaped(value)))
                .collect();
            format!("<EventData>{values}{binary}</EventData>")
        }
        Payload::UserData { element, leaves } => {
            let leaves: String = leaves
                .iter()
                .map(|(name, value)| format!("<{name}>{}</{name}>", escaped(&value.text())))
                .collect();
            format!("<UserData><{element}>{leaves}</{element}></UserData>")
        }
    }
}

/// XML text and attribute values, `'` included so that both quote styles are safe.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&apos;")
        .replace('"', "&quot;")
}
