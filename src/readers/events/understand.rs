//! From an event as its container holds it to an event understood: the family's module reads the fields, and the
//! citation says in one line what the event says.

use std::iter;
use std::sync::Arc;

use super::says::Line;
use super::wanted::{self, Family};
use super::{
    Body, ConfigChanged, Event, Fields, HttpEvent, KdcEvent, LsaEvent, NetlogonEvent, PoolEvent,
    RawEvent, Times, kerberos, names, ntlm, security,
};
use crate::evidence::{ArtifactId, Certainty, Citation, Place};

/// Understands an event; `None` when the analysis does not want it ([`is_wanted`](super::is_wanted)). Never fails:
/// a field that is missing or unreadable is `None` in the record.
pub fn understand(raw: RawEvent, artifact: ArtifactId) -> Option<Event> {
    let place = Place::Record(raw.record_id);
    understand_at(raw, artifact, place)
}

/// Understands an event that stands at a place of its own: a line of an export.
pub(crate) fn understand_at(
    mut raw: RawEvent,
    artifact: ArtifactId,
    place: Place,
) -> Option<Event> {
    let mut event = understand_silently(&mut raw, artifact, place)?;
    event.tell();
    Some(event)
}

/// Understands an event, and does not say it yet: [`Event::tell`] is for those that are kept. What is left of its values is
/// room to be used again.
pub(super) fn understand_silently(
    raw: &mut RawEvent,
    artifact: ArtifactId,
    place: Place,
) -> Option<Event> {
    let family = wanted::family(&raw.provider, raw.id)?;
    // Most events name their values, so that nobody looks for names.
    let names = || names::of(family, raw.id, raw.version);
    let data = std::mem::take(&mut raw.data);
    let mut fields = Fields::name(data, iter::once_with(names).flatten());
    if family != Family::Security {
        // The events of most of these keep their fields.
        fields = fields.without_spare_room();
    }
    let id = raw.id;
    let binary = raw.binary.as_deref();
    let body = match family {
        Family::Security => {
            let body = security::read(id, raw.failed, &mut fields);
            raw.data = fields.into_data();
            body
        }
        Family::Kerberos => kerberos::read(id, is_operational(&raw.provider, &raw.channel), fields),
        Family::Kdc => Body::Kdc(KdcEvent::from_fields(id, fields)),
        Family::Lsa => Body::Lsa(LsaEvent::from_fields(id, fields)),
        Family::Netlogon => Body::Netlogon(NetlogonEvent::from_fields(id, fields, binary)),
        Family::SecurityNetlogon if id >= 9000 => {
            Body::Netlogon(NetlogonEvent::from_fields(id, fields, binary))
        }
        Family::Ntlm | Family::SecurityNetlogon => ntlm::read(id, fields),
        Family::Pool => Body::Pool(PoolEvent::from_fields(id, &fields, binary)),
        Family::IisConfig => Body::ConfigChanged(ConfigChanged::from_fields(id, &fields)),
        Family::Http => Body::Http(HttpEvent::from_fields(id, &fields)),
        Family::Facts => Body::Other(fields),
    };
    Some(Event {
        provider: Arc::clone(&raw.provider),
        id,
        channel: Arc::clone(&raw.channel),
        computer: Arc::clone(&raw.computer),
        time: raw.time,
        certainty: Certainty::Exact,
        record_id: raw.record_id,
        body,
        citation: Citation {
            artifact,
            place,
            time: Some(raw.time),
            text: Arc::default(),
        },
        folded: Times::default(),
    })
}

impl Event {
    /// Gives its citation the line that says what it says.
    pub(super) fn tell(&mut self) {
        self.citation.text = self.body.says(&self.provider, self.id).into();
    }
}

/// True for Kerberos/Operational, where the ids 3 and 4 of the System log do not exist with their meaning.
fn is_operational(provider: &str, channel: &str) -> bool {
    provider.eq_ignore_ascii_case("Microsoft-Windows-Kerberos")
        || channel.to_ascii_lowercase().ends_with("/operational")
}

impl Body {
    /// The event in one line, without control characters and secrets.
    fn says(&self, provider: &str, id: u32) -> String {
        match self {
            Body::Logon(logon) => logon.says(),
            Body::LogonFailed(logon) => logon.says(),
            Body::ExplicitCredentials(logon) => logon.says(),
            Body::LogonRightChanged(change) => change.says(),
            Body::AccountChanged(change) => change.says(),
            Body::TgtRequest(request) => request.says(),
            Body::ServiceTicketRequest(request) => request.says(),
            Body::PreauthFailed(failure) => failure.says(id),
            Body::NtlmValidation(validation) => validation.says(),
            Body::PolicyRefused(refusal) => refusal.says(),
            Body::DirectoryChanged(change) => change.says(id),
            Body::KerberosError(error) => error.says(id),
            Body::KeyMismatch(mismatch) => mismatch.says(),
            Body::Kerberos(event) => event.says(),
            Body::Kdc(event) => event.says(),
            Body::Lsa(event) => event.says(),
            Body::Netlogon(event) => event.says(),
            Body::NtlmUse(event) => event.says(),
            Body::NtlmBlocked(event) => event.says(),
            Body::Pool(event) => event.says(),
            Body::ConfigChanged(change) => change.says(),
            Body::Http(event) => event.says(),
            Body::Other(fields) => Line::new(format_args!("{provider} {id}"))
                .with_fields(fields)
                .finish(),
        }
    }
}
