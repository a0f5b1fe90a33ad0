//! WAS, IIS-Configuration and http.sys events (`causes.md` 7.7).

/// A WAS event about an application pool (5002, 5009, 5011, 5021, 5051, 5057, 5059, 5127, 5189, …).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolEvent {
    /// The event id.
    pub id: u32,
    /// The pool: `AppPoolID`, else the first value.
    pub pool: Option<String>,
    /// All values in order, the error code among them where the event has one.
    pub values: Vec<String>,
}

/// Microsoft-IIS-Configuration/Operational 29 (an attribute changed) and 50 (changes committed).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigChanged {
    /// The event id.
    pub id: u32,
    /// `MACHINE/WEBROOT/APPHOST/…`.
    pub config_path: Option<String>,
    /// The location the change is for.
    pub location: Option<String>,
    /// `/system.webServer/…/@attribute`.
    pub configuration: Option<String>,
    /// Value before.
    pub old_value: Option<String>,
    /// Value after.
    pub new_value: Option<String>,
}

/// Microsoft-Windows-HttpEvent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpEvent {
    /// The event id: 15016 security package not initialised, 15005 to 15021, 15300 to 15302.
    pub id: u32,
    /// All values in order.
    pub values: Vec<String>,
}
