//! Windows events as typed records, whichever container they came in.
//!
//! [`RawEvent`] is what a container yields (an `.evtx` record, an `<Event>` element): the System fields, and the
//! event's own values with or without names. [`Event`] is the same event understood: fields by meaning, absent fields
//! as `None`, unknown versions tolerated.
//!
//! ```text
//! Security 4625, TargetUserName uma, Status 0xc000006d, SubStatus 0xc000006a, IpAddress 10.0.0.7
//! ```
//!
//! becomes a refused logon: who, why in both codes, from where. Names and order of the fields are those that the providers
//! register in Windows (`wevtutil gp <provider> /ge`); `wanted` is the table of the events that matter.

mod element;
mod fields;
mod fold;
mod iis;
mod json_line;
mod kdc;
mod kerberos;
mod lsa;
mod names;
mod netlogon;
mod ntlm;
mod runs;
mod says;
mod secrets;
mod security;
mod selection;
mod spans;
mod statement;
#[cfg(test)]
mod tests;
mod times;
mod understand;
mod wanted;

pub(crate) use element::{AUDIT_FAILURE, EventParts, Inside, is_failure, parse_time};
pub(crate) use fold::{Folding, Said};
pub(crate) use json_line::{
    Between, Clock, Opening, quoted, seven_digits, write as write_json_line,
};
pub(crate) use names::value_names;
pub(crate) use selection::Ids;
pub(crate) use spans::{Again, Head, Spans, Stretch};
pub(crate) use understand::understand_at;
pub(crate) use wanted::{Family, family, provider_named, usual_channel};

pub use fields::Fields;
pub use iis::{ConfigChanged, HttpEvent, PoolEvent};
pub use kdc::KdcEvent;
pub use kerberos::{KerberosError, KerberosEvent, KeyMismatch};
pub use lsa::LsaEvent;
pub use netlogon::NetlogonEvent;
pub use ntlm::{NtlmBlocked, NtlmUse};
pub use runs::{Hole, Run, Runs};
pub use security::{
    AccountChanged, DirectoryChanged, ExplicitCredentials, Logon, LogonFailed, LogonRightChanged,
    NtlmValidation, PolicyRefused, PreauthFailed, Principal, RequestEtypes, ServiceTicketRequest,
    TgtRequest,
};
pub use selection::Selection;
pub use times::Times;
pub use understand::understand;
pub use wanted::is_wanted;

use std::sync::Arc;

use jiff::Timestamp;

use crate::evidence::{Certainty, Citation};

/// One value of an event: its name, where the container gave one, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datum {
    /// The `Name` attribute; `None` for the unnamed values of classic events.
    pub name: Option<Arc<str>>,
    /// The value as text: numbers in decimal or `0x…` as Windows renders them, GUIDs in braces, SIDs as `S-1-…`.
    pub value: String,
}

/// An event as its container holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawEvent {
    /// `System/Provider/@Name`; where that is absent, `@EventSourceName`.
    pub provider: Arc<str>,
    /// `System/EventID`.
    pub id: u32,
    /// `System/Version`; 0 where absent.
    pub version: u8,
    /// Whether `System/Keywords` says that what was audited failed.
    pub failed: bool,
    /// `System/Channel`.
    pub channel: Arc<str>,
    /// `System/Computer`: the machine that wrote the event, also in a log of forwarded events.
    pub computer: Arc<str>,
    /// `System/TimeCreated/@SystemTime`, UTC.
    pub time: Timestamp,
    /// `System/EventRecordID`.
    pub record_id: u64,
    /// `System/Security/@UserID`.
    pub user_sid: Option<String>,
    /// `EventData` (or the leaves of `UserData`) in order.
    pub data: Vec<Datum>,
    /// `EventData/Binary`, as lower-case hexadecimal.
    pub binary: Option<String>,
}

/// An event understood.
#[derive(Clone, Debug)]
pub struct Event {
    /// The provider's name.
    pub provider: Arc<str>,
    /// The event id.
    pub id: u32,
    /// The channel it was written to.
    pub channel: Arc<str>,
    /// The machine that wrote it; empty where the form it came in does not say, until the case knows.
    pub computer: Arc<str>,
    /// When, UTC.
    pub time: Timestamp,
    /// How sure that is: exports as text give local times.
    pub certainty: Certainty,
    /// Its number in the channel; 0 where the form it came in has none.
    pub record_id: u64,
    /// What it says.
    pub body: Body,
    /// Its place in the bundle; the text is a one-line rendering of the fields that matter.
    pub citation: Citation,
    /// When others were written that say the same and are not kept: those of a log that has too many of them. They came after
    /// this one, and before the next that says so.
    pub folded: Times,
}

impl Event {
    /// When it was written, and when those were that are folded into it.
    pub fn times(&self) -> impl Iterator<Item = Timestamp> + '_ {
        std::iter::once(self.time).chain(self.folded.iter())
    }

    /// How many events it stands for: itself, and those folded into it.
    pub fn count(&self) -> u64 {
        1 + self.folded.len()
    }

    /// The domain in the name of the machine that wrote it, lower case; `None` where the name is short.
    pub fn domain(&self) -> Option<String> {
        let (_, domain) = self.computer.split_once('.')?;
        Some(domain.to_lowercase())
    }

    /// The realm of the KDC whose answer about a ticket it tells of, lower case.
    pub fn kdc_realm(&self) -> Option<String> {
        match &self.body {
            Body::KerberosError(e) => e.server_realm.as_deref().map(str::to_lowercase),
            Body::ServiceTicketRequest(_) => self.domain(),
            _ => None,
        }
    }
}

/// What an event says, by family.
#[derive(Clone, Debug)]
pub enum Body {
    /// Security 4624.
    Logon(Logon),
    /// Security 4625.
    LogonFailed(LogonFailed),
    /// Security 4648.
    ExplicitCredentials(ExplicitCredentials),
    /// Security 4717, 4718.
    LogonRightChanged(LogonRightChanged),
    /// Security 4723, 4724, 4725, 4722, 4726, 4738, 4740, 4741, 4742, 4743, 4767.
    AccountChanged(AccountChanged),
    /// Security 4768.
    TgtRequest(TgtRequest),
    /// Security 4769, 4770, 4773.
    ServiceTicketRequest(ServiceTicketRequest),
    /// Security 4771, 4772.
    PreauthFailed(PreauthFailed),
    /// Security 4776.
    NtlmValidation(NtlmValidation),
    /// Security 4820 to 4823.
    PolicyRefused(PolicyRefused),
    /// Security 5136, 5141.
    DirectoryChanged(DirectoryChanged),
    /// System, Kerberos client 3 (and Kerberos/Operational 100, 101): an error with the name that was asked for.
    KerberosError(KerberosError),
    /// System, Kerberos client 4: KRB_AP_ERR_MODIFIED.
    KeyMismatch(KeyMismatch),
    /// The other events of the Kerberos client and its operational log.
    Kerberos(KerberosEvent),
    /// System, Key Distribution Center.
    Kdc(KdcEvent),
    /// System, LSA.
    Lsa(LsaEvent),
    /// System, NETLOGON, and its operational log.
    Netlogon(NetlogonEvent),
    /// NTLM/Operational 4020 to 4023, 8001 to 8006, 4030 to 4033: NTLM was used or considered.
    NtlmUse(NtlmUse),
    /// NTLM/Operational 4001 to 4006, 4010, 4011: NTLM was blocked.
    NtlmBlocked(NtlmBlocked),
    /// System, WAS: an application pool did not start or was stopped.
    Pool(PoolEvent),
    /// IIS-Configuration/Operational 29, 50.
    ConfigChanged(ConfigChanged),
    /// System, HttpEvent.
    Http(HttpEvent),
    /// Another event of causes.md section 7, with its fields by name.
    Other(Fields),
}

/// What one channel of one machine covers in an artifact, all records counted, wanted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSpan {
    /// The channel.
    pub channel: Arc<str>,
    /// The machine; empty where the form does not say.
    pub computer: Arc<str>,
    /// The earliest record's time, UTC.
    pub first_time: Timestamp,
    /// The latest record's time, UTC.
    pub last_time: Timestamp,
    /// The lowest record id.
    pub first_record: u64,
    /// The highest record id.
    pub last_record: u64,
    /// Which record ids.
    pub runs: Runs,
    /// How many records were read.
    pub records: u64,
    /// How many records of each (provider, id) were read, in that order.
    pub by_id: std::collections::BTreeMap<(Arc<str>, u32), u64>,
}

/// What a container of events held.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    /// The events that the analysis wants, in the order of the file.
    pub events: Vec<Event>,
    /// What the file covers.
    pub spans: Vec<ChannelSpan>,
    /// True when the times stand on a wall clock (exports of Event Viewer as text): they are kept as if they were UTC until
    /// the case knows the zone of the machine that exported them.
    pub local_clock: bool,
}
