//! The template definitions of a record: the `Event` element in both shapes, and the element with the event's values.
//!
//! A definition is a small tree; [`binxml`](super::binxml) writes it down. Dependency ids (the value an element depends
//! on: it disappears when that value is null) are those of real logs (`evtx.md` 4.1).

use super::spec::{EventSpec, Payload, Shape};
use super::value::{Value, guid_text};

/// No dependency.
const ALWAYS: u16 = 0xffff;

/// A child or an attribute value: literal text, or the nth value of the instance.
#[derive(Clone, Debug, Hash)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// Value by index, with its declared type.
    Slot(u16, u8),
    /// A child element.
    Element(Element),
}

/// An element of a definition.
#[derive(Clone, Debug, Hash)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Value it depends on, or `0xffff`.
    pub depends_on: u16,
    /// Attributes in order.
    pub attributes: Vec<(String, Part)>,
    /// Children in order.
    pub children: Vec<Part>,
}

fn element(
    name: &str,
    depends_on: u16,
    attributes: Vec<(&str, Part)>,
    children: Vec<Part>,
) -> Part {
    Part::Element(Element {
        name: name.to_owned(),
        depends_on,
        attributes: attributes
            .into_iter()
            .map(|(name, part)| (name.to_owned(), part))
            .collect(),
        children,
    })
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

/// The `Event` element of a record.
pub fn root(event: &EventSpec) -> Element {
    let classic = event.provider.shape == Shape::Classic;
    let payload_slot = if classic { 19 } else { 17 };
    let mut provider = Vec::new();
    if classic {
        provider.push(("Name", text(event.provider.name)));
        if let Some(guid) = event.provider.guid {
            provider.push(("Guid", text(&guid_text(guid))));
        }
        if let Some(source) = event.provider.source {
            provider.push(("EventSourceName", text(source)));
        }
    } else {
        provider.push(("Name", Part::Slot(14, 0x01)));
        provider.push(("Guid", Part::Slot(15, 0x0f)));
    }
    let related = if classic { 18 } else { 13 };
    let channel = if classic {
        element("Channel", ALWAYS, vec![], vec![text(&event.channel)])
    } else {
        element("Channel", 16, vec![], vec![Part::Slot(16, 0x01)])
    };
    let qualifiers = vec![("Qualifiers", Part::Slot(4, 0x06))];
    let slot = |index, kind| vec![Part::Slot(index, kind)];
    let system = vec![
        element("Provider", ALWAYS, provider, vec![]),
        element("EventID", 3, qualifiers, slot(3, 0x06)),
        element("Version", 11, vec![], slot(11, 0x04)),
        element("Level", 0, vec![], slot(0, 0x04)),
        element("Task", 2, vec![], slot(2, 0x06)),
        element("Opcode", 1, vec![], slot(1, 0x04)),
        element("Keywords", 5, vec![], slot(5, 0x15)),
        element(
            "TimeCreated",
            ALWAYS,
            vec![("SystemTime", Part::Slot(6, 0x11))],
            vec![],
        ),
        element("EventRecordID", 10, vec![], slot(10, 0x0a)),
        element(
            "Correlation",
            ALWAYS,
            vec![
                ("ActivityID", Part::Slot(7, 0x0f)),
                ("RelatedActivityID", Part::Slot(related, 0x0f)),
            ],
            vec![],
        ),
        element(
            "Execution",
            ALWAYS,
            vec![
                ("ProcessID", Part::Slot(8, 0x08)),
                ("ThreadID", Part::Slot(9, 0x08)),
            ],
            vec![],
        ),
        channel,
        element("Computer", ALWAYS, vec![], vec![text(&event.computer)]),
        element(
            "Security",
            ALWAYS,
            vec![("UserID", Part::Slot(12, 0x13))],
            vec![],
        ),
    ];
    Element {
        name: "Event".into(),
        depends_on: if classic { payload_slot } else { ALWAYS },
        attributes: vec![(
            "xmlns".into(),
            text("http://schemas.microsoft.com/win/2004/08/events/event"),
        )],
        children: vec![
            element("System", ALWAYS, vec![], system),
            Part::Slot(payload_slot, 0x21),
        ],
    }
}

/// The System values, in the order of the root definition, without the payload that follows them.
pub fn root_values(event: &EventSpec, record_id: u64) -> Vec<Value> {
    let classic = event.provider.shape == Shape::Classic;
    // Classic sources log without a process; the others show the service that hosts them.
    let (process, thread) = if classic {
        (0, 0)
    } else {
        (692, 4_000 + u32::from(event.id) % 900)
    };
    let mut values = vec![
        Value::U8(event.level),
        Value::U8(event.opcode),
        Value::U16(event.task),
        Value::U16(event.id),
        event.qualifiers.map_or(Value::Null, Value::U16),
        Value::Hex64(event.keywords),
        Value::Time(event.time),
        Value::Null,
        Value::U32(process),
        Value::U32(thread),
        Value::U64(record_id),
        Value::U8(event.version),
        event.user.clone().map_or(Value::Null, Value::Sid),
        Value::Null,
    ];
    if classic {
        values.extend([
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
        ]);
    } else {
        values.push(Value::from(event.provider.name));
        values.push(event.provider.guid.map_or(Value::Null, Value::Guid));
        values.push(Value::from(&event.channel));
    }
    values
}

/// The element with the event's own values, and those values.
pub fn payload(event: &EventSpec) -> (Element, Vec<Value>) {
    let mut children = Vec::new();
    let mut values = Vec::new();
    match &event.payload {
        Payload::Named(fields) => {
            for (name, value) in fields {
                let slot = Part::Slot(next(&values), declared(value));
                children.push(element(
                    "Data",
                    ALWAYS,
                    vec![("Name", text(name))],
                    vec![slot],
                ));
                values.push(value.clone());
            }
        }
        Payload::Unnamed(texts) => {
            children.push(element("Data", 0, vec![], vec![Part::Slot(0, 0x81)]));
            values.push(if texts.is_empty() {
                Value::Null
            } else {
                Value::Texts(texts.clone())
            });
        }
        Payload::UserData {
            element: name,
            leaves,
        } => {
            let mut parts = Vec::new();
            for (leaf, value) in leaves {
                let slot = Part::Slot(next(&values), declared(value));
                parts.push(element(leaf, ALWAYS, vec![], vec![slot]));
                values.push(value.clone());
            }
            children.push(element(name, ALWAYS, vec![], parts));
        }
    }
    if event.provider.shape == Shape::Classic {
        // Its length stands before it as a value that no element shows.
        let bytes = event.binary.clone().unwrap_or_default();
        values.push(Value::U32(bytes.len().try_into().expect("short binary")));
        let at = next(&values);
        children.push(element("Binary", at, vec![], vec![Part::Slot(at, 0x0e)]));
        values.push(Value::Binary(bytes));
    }
    let name = match event.payload {
        Payload::UserData { .. } => "UserData",
        _ => "EventData",
    };
    let element = Element {
        name: name.into(),
        depends_on: ALWAYS,
        attributes: vec![],
        children,
    };
    (element, values)
}

fn next(values: &[Value]) -> u16 {
    u16::try_from(values.len()).expect("few values")
}

/// The type a definition declares for a value: that of the value, text where this instance has none.
fn declared(value: &Value) -> u8 {
    match value {
        Value::Null => 0x01,
        other => other.kind(),
    }
}
