//! WAS, IIS-Configuration and http.sys events (`causes.md` 7.7).

use super::netlogon::little_endian;
use super::says::Line;
use super::{Fields, secrets};

/// A WAS event about an application pool (5002, 5009, 5011, 5021, 5051, 5057, 5059, 5127, 5189, …).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PoolEvent {
    /// The event id.
    pub id: u32,
    /// The pool: `AppPoolID`, else the first value.
    pub pool: Option<String>,
    /// All values in order, the error code among them where the event has one.
    pub values: Vec<String>,
    /// The error (HRESULT) of the binary part, where there is one.
    pub code: Option<u32>,
}

/// Microsoft-IIS-Configuration/Operational 29 (an attribute changed) and 50 (changes committed).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConfigChanged {
    /// The event id.
    pub id: u32,
    /// `MACHINE/WEBROOT/APPHOST/…`.
    pub config_path: Option<String>,
    /// The location the change is for.
    pub location: Option<String>,
    /// `/system.webServer/…/@attribute`.
    pub configuration: Option<String>,
    /// Value before; `None` for passwords and keys.
    pub old_value: Option<String>,
    /// Value after; `None` for passwords and keys.
    pub new_value: Option<String>,
}

/// Microsoft-Windows-HttpEvent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HttpEvent {
    /// The event id: 15016 security package not initialised, 15005 to 15021, 15300 to 15302.
    pub id: u32,
    /// All values in order.
    pub values: Vec<String>,
}

impl PoolEvent {
    /// `binary` is the hexadecimal binary part: the HRESULT, lowest byte first.
    pub(super) fn from_fields(id: u32, fields: &Fields, binary: Option<&str>) -> Self {
        let values = fields.values();
        Self {
            id,
            pool: fields
                .text("AppPoolID")
                .or_else(|| fields.text(&fields.pairs().first()?.0)),
            values,
            code: binary.and_then(little_endian),
        }
    }

    pub(super) fn says(&self) -> String {
        let rest = self
            .values
            .iter()
            .filter(|value| Some(*value) != self.pool.as_ref());
        let line = Line::new(format_args!("WAS {}", self.id)).with("pool", self.pool.as_deref());
        rest.fold(line, |line, value| line.with("", Some(value)))
            .with_status("error", self.code)
            .finish()
    }
}

impl ConfigChanged {
    pub(super) fn from_fields(id: u32, fields: &Fields) -> Self {
        let configuration = fields.text("Configuration");
        let public = |value: &String| {
            !secrets::in_configuration(configuration.as_deref().unwrap_or_default(), value)
        };
        Self {
            id,
            config_path: fields.text("ConfigPath"),
            location: fields.text("EffectiveLocationPath"),
            old_value: fields.text("OldValue").filter(public),
            new_value: fields.text("NewValue").filter(public),
            configuration,
        }
    }

    pub(super) fn says(&self) -> String {
        Line::new(format_args!("IIS-Configuration {}", self.id))
            .with("", self.configuration.as_deref())
            .with(
                "at",
                self.location.as_deref().or(self.config_path.as_deref()),
            )
            .with("from", self.old_value.as_deref())
            .with("to", self.new_value.as_deref())
            .finish()
    }
}

impl HttpEvent {
    pub(super) fn from_fields(id: u32, fields: &Fields) -> Self {
        Self {
            id,
            values: fields.values(),
        }
    }

    pub(super) fn says(&self) -> String {
        let line = Line::new(format_args!("HTTP {}", self.id));
        self.values
            .iter()
            .fold(line, |line, value| line.with("", Some(value)))
            .finish()
    }
}
