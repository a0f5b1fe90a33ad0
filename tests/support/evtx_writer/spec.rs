//! One event as a fixture describes it: who wrote it, when, and its values in the order of its manifest.

use jiff::Timestamp;

use super::value::Value;

/// How the record's template is built (`evtx.md` 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Modern manifest: 18 root values; provider, GUID and channel are values.
    Manifest,
    /// 20 root values; provider, GUID, channel and computer are literals of the template; `EventSourceName` and
    /// `Qualifiers` are there. The shape of Kerberos, KDC, LsaSrv and NETLOGON.
    Classic,
}

/// Who writes an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Provider {
    /// `Provider/@Name`.
    pub name: &'static str,
    /// `Provider/@Guid`.
    pub guid: Option<u128>,
    /// `Provider/@EventSourceName`.
    pub source: Option<&'static str>,
    /// Where its events go by default.
    pub channel: &'static str,
    /// Shape of its records.
    pub shape: Shape,
    /// `EventID/@Qualifiers` (classic shape).
    pub qualifiers: Option<u16>,
    /// `Keywords`.
    pub keywords: u64,
}

/// What the event says: named values, unnamed ones, or leaves below `UserData`.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// `<EventData><Data Name="…">`, in order.
    Named(Vec<(String, Value)>),
    /// `<EventData><Data>` without names.
    Unnamed(Vec<String>),
    /// `<UserData><element xmlns="…"><name>…`, in order.
    UserData {
        /// The element below `UserData`.
        element: String,
        /// Its leaves.
        leaves: Vec<(String, Value)>,
    },
}

/// An event to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSpec {
    /// Who writes it.
    pub provider: Provider,
    /// Channel, the provider's own unless changed.
    pub channel: String,
    /// Event id.
    pub id: u16,
    /// Version of the event.
    pub version: u8,
    /// 0 always, 1 critical, 2 error, 3 warning, 4 information.
    pub level: u8,
    /// Task.
    pub task: u16,
    /// Opcode.
    pub opcode: u8,
    /// `Keywords`; the Security log's audit success or failure stands here.
    pub keywords: u64,
    /// `EventID/@Qualifiers` (classic shape).
    pub qualifiers: Option<u16>,
    /// When.
    pub time: Timestamp,
    /// Machine that writes it, as it calls itself (`WEB01.corp.example`).
    pub computer: String,
    /// `EventRecordID`; 0 lets the log number it.
    pub record_id: u64,
    /// `Security/@UserID`.
    pub user: Option<String>,
    /// What it says.
    pub payload: Payload,
    /// `EventData/Binary`.
    pub binary: Option<Vec<u8>>,
}

impl EventSpec {
    /// An event of a provider with named values; everything else as the provider has it.
    pub fn named(
        provider: Provider,
        id: u16,
        time: Timestamp,
        computer: &str,
        fields: Vec<(&str, Value)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        Self::new(provider, id, time, computer, Payload::Named(fields))
    }

    /// A classic event: values without names.
    pub fn unnamed(
        provider: Provider,
        id: u16,
        time: Timestamp,
        computer: &str,
        values: Vec<String>,
    ) -> Self {
        Self::new(provider, id, time, computer, Payload::Unnamed(values))
    }

    /// An event with any payload.
    pub fn new(
        provider: Provider,
        id: u16,
        time: Timestamp,
        computer: &str,
        payload: Payload,
    ) -> Self {
        Self {
            provider,
            channel: provider.channel.to_owned(),
            id,
            version: 0,
            level: if provider.channel == "Security" { 0 } else { 4 },
            task: 0,
            opcode: 0,
            keywords: provider.keywords,
            qualifiers: provider.qualifiers,
            time,
            computer: computer.to_owned(),
            record_id: 0,
            user: None,
            payload,
            binary: None,
        }
    }

    /// Another version of the event.
    pub fn version(mut self, version: u8) -> Self {
        self.version = version;
        self
    }

    /// Level: 2 error, 3 warning, 4 information.
    pub fn level(mut self, level: u8) -> Self {
        self.level = level;
        self
    }

    /// Task number.
    pub fn task(mut self, task: u16) -> Self {
        self.task = task;
        self
    }

    /// `EventID/@Qualifiers`.
    pub fn qualifiers(mut self, qualifiers: u16) -> Self {
        self.qualifiers = Some(qualifiers);
        self
    }

    /// The `Binary` part, for instance an NTSTATUS in little-endian bytes.
    pub fn binary(mut self, bytes: &[u8]) -> Self {
        self.binary = Some(bytes.to_vec());
        self
    }

    /// Marks the event as an audit failure.
    pub fn audit_failure(mut self) -> Self {
        self.keywords = 0x8010_0000_0000_0000;
        self
    }

    /// Replaces the value of a named field: `.with("Status", hex(0x12))`.
    ///
    /// # Panics
    /// When the event has no such field: a fixture with a typing error must not pass silently.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        let fields = match &mut self.payload {
            Payload::Named(fields) | Payload::UserData { leaves: fields, .. } => fields,
            Payload::Unnamed(_) => panic!("event {} has unnamed values", self.id),
        };
        let slot = fields
            .iter_mut()
            .find(|(name, _)| name == field)
            .unwrap_or_else(|| panic!("event {} has no field {field}", self.id));
        slot.1 = value.into();
        self
    }

    /// Removes named fields at the end, for an older version of the event that did not have them yet.
    pub fn without_fields_from(mut self, field: &str) -> Self {
        if let Payload::Named(fields) = &mut self.payload
            && let Some(at) = fields.iter().position(|(name, _)| name == field)
        {
            fields.truncate(at);
        }
        self
    }

    /// The value of a named field as text.
    pub fn field(&self, name: &str) -> Option<String> {
        match &self.payload {
            Payload::Named(fields) | Payload::UserData { leaves: fields, .. } => fields
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value.text()),
            Payload::Unnamed(_) => None,
        }
    }
}
