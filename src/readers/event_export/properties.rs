//! Events by the properties of PowerShell's event objects, which are never translated: those of `Get-WinEvent`
//! (`ProviderName`, `Id`, `TimeCreated`, …) and of `Get-EventLog` (`Source`, `EventID`, `TimeGenerated`, …).

use super::dates;
use super::exported::{Content, Exported};
use super::message;
use crate::readers::events::is_failure;

/// The values of an object, where the form has them.
pub(super) type Values = Option<(Vec<crate::readers::events::Datum>, Option<String>)>;

/// An event from its properties; why not, where one is missing.
pub(super) fn event(
    line: u32,
    get: &dyn Fn(&str) -> Option<String>,
    values: Values,
) -> Result<Exported, &'static str> {
    let text = |name: &str| {
        get(name)
            .map(|v| v.trim().to_owned())
            .filter(|v| !v.is_empty())
    };
    let number = |name: &str| text(name)?.parse::<i64>().ok();
    let first = |names: &[&str]| names.iter().find_map(|name| text(name));
    let id = number("Id")
        .or_else(|| number("EventID"))
        // The lower half is the number that the viewer shows.
        .or_else(|| number("InstanceId").map(|instance| instance & 0xFFFF))
        .and_then(|id| u32::try_from(id & 0xFFFF).ok())
        .ok_or("it has no event id")?;
    let time = first(&["TimeCreated", "TimeGenerated", "TimeWritten"]).ok_or("it has no time")?;
    let time = dates::shown(&time).ok_or("its time cannot be read")?;
    let provider = first(&["ProviderName", "Source"]).unwrap_or_default();
    let message = get("Message").filter(|message| !is_cut(message));
    let content = match (values, message) {
        // What its labels name is more than values of which nobody knows the order.
        (Some((data, _)), Some(message))
            if data.iter().all(|datum| datum.name.is_none())
                && message::alone_names(&provider, id, &message) =>
        {
            Content::Message(message)
        }
        (Some((data, binary)), _) => Content::Values(data, binary),
        (None, Some(message)) => Content::Message(message),
        (None, None) => Content::CutMessage,
    };
    Ok(Exported {
        line,
        provider,
        id,
        failed: first(&["KeywordsDisplayNames", "Keywords", "EntryType"])
            .is_some_and(|keywords| is_failure(&keywords)),
        version: number("Version")
            .and_then(|v| u8::try_from(v).ok())
            .unwrap_or_default(),
        channel: first(&["LogName", "Log"]).unwrap_or_default(),
        computer: first(&["MachineName"]).unwrap_or_default(),
        time,
        record_id: first(&["RecordId", "Index"])
            .and_then(|n| n.parse().ok())
            .unwrap_or_default(),
        user_sid: text("UserId").filter(|sid| sid.starts_with("S-1-")),
        content,
    })
}

/// Tables end a message that is too wide with dots.
fn is_cut(message: &str) -> bool {
    !message.contains('\n') && message.trim_end().ends_with("...")
}
